import { nearest } from '../diagnostics/nearest.js';
import type { Finding } from '../diagnostics/reporter.js';
import { kindOf, type MapNode, type SourceNode } from '../source/tree.js';
import { keyPlace, nameOf, type Check } from './context.js';

/** Reports a value of the wrong type. */
export function wrongType(
  check: Check,
  node: SourceNode,
  expected: string,
  cure: Pick<Finding, 'fix' | 'suggestions'> = {},
): void {
  const actual = kindOf(node);
  const place = actual === 'nothing' && node.keySpan ? node.keySpan : node.span;
  const quotable = expected === 'a text' && node.kind === 'scalar' && node.value !== null;
  const text = check.source.slice(node.span.start, node.span.end);
  check.reporter.report(
    'PL1012',
    { span: place, pointer: node.pointer },
    {
      message: `${subject(node)} must be ${expected}, not ${actual}`,
      expected,
      actual,
      ...(quotable && {
        fix: { title: 'Put it in quotes', span: node.span, newText: `"${text}"` },
      }),
      ...cure,
    },
  );
}

/** Narrows to an object, or reports. */
export function expectMap(check: Check, node: SourceNode): node is MapNode {
  if (node.kind === 'map') return true;
  wrongType(check, node, 'an object');
  return false;
}

export function reportEmpty(check: Check, node: SourceNode): void {
  if (check.astray.has(node)) return;
  check.reporter.report('PL1017', keyPlace(node), { message: `${nameOf(node)} is empty` });
}

/** Reports a word that is none of those that are possible. */
export function wrongWord(
  check: Check,
  node: SourceNode,
  { text, words }: { readonly text: string; readonly words: readonly string[] },
): void {
  const near = nearest(text, words);
  const [best] = near;
  check.reporter.report('PL1013', node, {
    message: `${nameOf(node)} cannot be "${text}"`,
    expected: words.join(', '),
    actual: text,
    suggestions: near,
    ...(best !== undefined && {
      fix: { title: `Write "${best}"`, span: node.span, newText: best },
    }),
  });
}

/** What a message is about: the member, or the item of a list. */
function subject(node: SourceNode): string {
  const name = nameOf(node);
  return node.keySpan === undefined && /^"\d+"$/.test(name) ? 'An item of the list' : name;
}
