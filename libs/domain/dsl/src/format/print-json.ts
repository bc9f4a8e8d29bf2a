import type { Settled } from '../language/index.js';
import { indentWidth } from '../render/render.js';
import type { SourceNode } from '../source/tree.js';
import { elementsOf, inOrder, isEmpty, shapeOfElement } from './elements.js';

/** Prints JSON with one member or item per line; texts and numbers stay as they are written. */
export function printJson(
  printed: { readonly source: string; readonly functions: ReadonlySet<string> },
  node: SourceNode,
  at: { readonly column: number; readonly shape: Settled | undefined },
): string {
  const { source, functions } = printed;
  if (node.kind === 'scalar') return source.slice(node.span.start, node.span.end);
  const [open, close] = node.kind === 'list' ? ['[', ']'] : ['{', '}'];
  if (isEmpty(node)) return open + close;
  const column = at.column + indentWidth;
  const lines = inOrder(elementsOf(node), at.shape).map((element) => {
    const { key, value } = element;
    const shape = shapeOfElement(at.shape, element, functions);
    const text = printJson(printed, value, { column, shape });
    const name = key === undefined ? '' : `${source.slice(key.span.start, key.span.end)}: `;
    return ' '.repeat(column) + name + text;
  });
  return `${open}\n${lines.join(',\n')}\n${' '.repeat(at.column)}${close}`;
}
