import { interpolate } from '../expressions/interpolation.js';
import { isAbsoluteHttp, templateProblem } from '../values/address.js';
import type { Check } from './context.js';
import { nameOf } from './context.js';
import { checkTemplateText, computedPattern } from './template.js';
import type { WrittenText } from './text.js';

/**
 * What the official schema takes as an address: a URI reference without white space. Host and path
 * are one part here, because a pattern that tells them apart takes ages to refuse long texts.
 */
const pattern = /^(?!\s*\$\{)(?=\S)([^:/?#]+:)?[^?#\s]*(\?[^#\s]*)?(#\S*)?$/u;

/**
 * An address, or one expression that yields it. An address may have expressions among its
 * characters as any other text, but the official schema lets no space be in it.
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
  if (!checkTemplateText(check, node, text, env) || computedPattern.test(text)) return;
  if (!pattern.test(text)) {
    reportNoAddress(check, node, text);
    return;
  }
  const parts = found.kind === 'text' ? found.parts : [];
  const first = typeof parts[0] === 'string' ? parts[0] : undefined;
  const fixed = parts.filter((part) => typeof part === 'string');
  checkParts(check, { node, shape, first, fixed });
}

function checkFixedAddress(check: Check, { node, text, shape }: WrittenText): void {
  if (pattern.test(text)) checkParts(check, { node, shape, first: text, fixed: [text] });
  else reportNoAddress(check, node, text);
}

function reportNoAddress(check: Check, node: WrittenText['node'], text: string): void {
  const narrow = text.replaceAll(/\$\{\s*([^\s{}]+)\s*\}/g, '${$1}');
  const fixable = node.style === 'plain' && narrow !== text && pattern.test(narrow);
  check.reporter.report('PL1044', node, {
    message:
      text.trim() === ''
        ? `${nameOf(node)} is empty`
        : `"${text}" cannot be an address: ${why(text)}`,
    expected: 'an address without spaces, or one expression in ${ }',
    actual: text,
    ...(fixable && { fix: { title: `Write ${narrow}`, span: node.span, newText: narrow } }),
  });
}

function why(text: string): string {
  return text.trimStart().startsWith('${')
    ? 'it begins with an expression, so it must be one as a whole'
    : 'it has a space';
}

interface Parts {
  readonly node: WrittenText['node'];
  readonly shape: WrittenText['shape'];
  /** The fixed beginning, if there is one. */
  readonly first: string | undefined;
  readonly fixed: readonly string[];
}

/** Where requests go must be absolute; in loose mode the text may be an expression, though. */
function checkParts(check: Check, { node, shape, first, fixed }: Parts): void {
  if (shape.absolute !== true) return;
  const open = first === undefined || first.startsWith('{') || check.loose;
  if (!open && !isAbsoluteHttp(first)) {
    check.reporter.report('PL1044', node, {
      message: `"${first}" is not an absolute http or https address`,
      expected: 'https://host/path',
      actual: first,
    });
    return;
  }
  for (const part of fixed) {
    const problem = templateProblem(part);
    if (problem === undefined) continue;
    check.reporter.report('PL1044', node, { message: `The address ${problem}` });
    return;
  }
}
