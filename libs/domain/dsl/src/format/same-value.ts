import type { MapNode, SourceNode } from '../source/tree.js';

/** Whether two nodes have the same JSON value; the order of members does not count. */
export function isSameValue(a: SourceNode, b: SourceNode): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && Object.is(a.value, b.value);
  if (a.kind === 'list') {
    return (
      b.kind === 'list' &&
      a.items.length === b.items.length &&
      a.items.every((item, index) => isSameValue(item, b.items[index] ?? item))
    );
  }
  return b.kind === 'map' && isSameObject(a, b);
}

function isSameObject(a: MapNode, b: MapNode): boolean {
  if (a.entries.length !== b.entries.length) return false;
  const members = new Map(b.entries.map(({ key, value }) => [key, value]));
  return a.entries.every(({ key, value }) => {
    const other = members.get(key);
    return other !== undefined && isSameValue(value, other);
  });
}
