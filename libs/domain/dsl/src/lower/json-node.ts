import { isJsonObject, type Json } from '@parley/kernel';
import type { SourceNode } from '../source/tree.js';

const nowhere = { start: 0, end: 0 };

/**
 * A value of another document as a tree. All of it stands at one place of the definition: what is
 * said about it, is said there.
 */
export function jsonNode(value: Json, pointer: string): SourceNode {
  const base = { span: nowhere, extentEnd: 0, pointer };
  if (Array.isArray(value)) {
    const items = value.map((item) => jsonNode(item, pointer));
    return { ...base, kind: 'list', items, flow: true, dashes: [] };
  }
  if (!isJsonObject(value)) return { ...base, kind: 'scalar', value, style: 'double' };
  const entries = Object.entries(value).map(([key, member]) => ({
    key,
    keySpan: nowhere,
    value: jsonNode(member, pointer),
  }));
  return { ...base, kind: 'map', entries, flow: true };
}
