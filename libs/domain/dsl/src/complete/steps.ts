import { pathTo } from '../language/index.js';
import { escapeToken, unescapeToken, type SourceNode, type Span } from '../source/tree.js';
import { readLoosely } from './loose/read.js';

/** A step of a text, which need not be finished. */
export interface StepPlace {
  /** Name path, such as `do/retryIt/try/ask`. */
  readonly path: string;
  readonly pointer: string;
  readonly name: string;
  /** Where the name is written. */
  readonly from: number;
  readonly to: number;
}

/** The innermost step that the text at an offset belongs to. */
export function stepAt(source: string, offset: number): StepPlace | undefined {
  const root = readLoosely(source);
  const pointer = pointerBefore(root, offset);
  const path = pathTo(root, pointer);
  const index = path.findLastIndex(({ declared }) => declared.kind === 'select');
  const step = path[index];
  if (step?.node?.keySpan === undefined) return undefined;
  const names = path.slice(1, index + 1).filter((_, at) => path[at]?.shape.kind !== 'list');
  return {
    path: names.map(({ key }) => escapeToken(key)).join('/'),
    pointer: step.node.pointer,
    name: step.key,
    from: step.node.keySpan.start,
    to: step.node.keySpan.end,
  };
}

/** Where the value at a JSON Pointer is written; its key, when it has one. */
export function placeOf(source: string, pointer: string): Span | undefined {
  let node = readLoosely(source);
  for (const token of pointer.split('/').slice(1).map(unescapeToken)) {
    if (node?.kind === 'map') node = node.entries.find(({ key }) => key === token)?.value;
    else node = node?.kind === 'list' ? node.items[Number(token)] : undefined;
  }
  return node?.keySpan ?? node?.span;
}

/** The way to what is written last before an offset. */
function pointerBefore(root: SourceNode | undefined, offset: number): string {
  let node = root;
  let pointer = '';
  while (node !== undefined && node.kind !== 'scalar') {
    const next: SourceNode | undefined =
      node.kind === 'map'
        ? node.entries.findLast(({ keySpan }) => keySpan.start <= offset)?.value
        : itemBefore(node, offset);
    if (next === undefined) break;
    pointer = next.pointer;
    node = next;
  }
  return pointer;
}

function itemBefore(list: SourceNode & { kind: 'list' }, offset: number): SourceNode | undefined {
  const starts = list.flow ? list.items.map(({ span }) => span.start) : list.dashes;
  return list.items[starts.findLastIndex((start) => start <= offset)];
}
