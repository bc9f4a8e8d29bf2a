import { interpolate } from '../expressions/interpolation.js';
import { isAbsoluteHttp, parseAddress } from '../values/address.js';
import type { Check } from './context.js';
import { nameOf } from './context.js';
import { checkTemplateText } from './template.js';
import type { WrittenText } from './text.js';

/** What the official schema takes as an address: a URI reference without white space. */
const pattern =
  /^(?!\s*\$\{)(?=\S)(([^:/?#]+):)?(\/\/([^/?#\s]*))?([^?#\s]*)(\?([^#\s]*))?(#(\S*))?$/u;

/**
 * An address, or an expression that yields one. Beyond the official schema, an address may have
 * expressions among its characters, as any other text: `https://a.example/pets?year=${ .year }`.
 */
export function checkAddress(check: Check, { node, text, shape, env }: WrittenText): void {
  const found = interpolate(text);
  if (found.kind === 'plain') {
    checkFixedAddress(check, { node, text: found.text, shape, env });
    return;
  }
  if (found.kind !== 'unclosed' && shape.literal === true) {
    check.reporter.report('PL1035', node, { message: `${nameOf(node)} must be a fixed address` });
    return;
  }
  if (!checkTemplateText(check, node, text, env) || found.kind !== 'text') return;
  const fixed = found.parts.map((part) => (typeof part === 'string' ? part : 'x'));
  const first = typeof found.parts[0] === 'string' ? found.parts[0] : undefined;
  const example = fixed.join('');
  if (!pattern.test(example)) reportNoAddress(check, node, text);
  else checkParts(check, { node, shape, first, fixed });
}

function checkFixedAddress(check: Check, { node, text, shape }: WrittenText): void {
  if (pattern.test(text)) checkParts(check, { node, shape, first: text, fixed: [text] });
  else reportNoAddress(check, node, text);
}

function reportNoAddress(check: Check, node: WrittenText['node'], text: string): void {
  check.reporter.report('PL1044', node, {
    message: text.trim() === '' ? `${nameOf(node)} is empty` : `"${text}" cannot be an address`,
    expected: 'an address without spaces',
    actual: text,
  });
}

interface Parts {
  readonly node: WrittenText['node'];
  readonly shape: WrittenText['shape'];
  /** The fixed beginning, if there is one. */
  readonly first: string | undefined;
  readonly fixed: readonly string[];
}

/** Where requests go must be absolute, and may have `{name}` places but no other templates. */
function checkParts(check: Check, { node, shape, first, fixed }: Parts): void {
  if (shape.absolute !== true) return;
  if (first !== undefined && !isAbsoluteHttp(first)) {
    check.reporter.report('PL1044', node, {
      message: `"${first}" is not an absolute http or https address`,
      expected: 'https://host/path',
      actual: first,
    });
    return;
  }
  for (const part of fixed) {
    const address = parseAddress(part);
    if (address.ok) continue;
    check.reporter.report('PL1044', node, { message: `The address ${address.error}` });
    return;
  }
}
