import { jsonEquals, type Json, type JsonObject } from '@parley/kernel';
import {
  indentLines,
  indentWidth,
  renderBlock,
  renderFlow,
  renderInline,
  renderKey,
} from '../render/render.js';
import type { ParsedSource } from '../source/parse.js';
import { toJson, type MapEntry, type MapNode, type SourceNode } from '../source/tree.js';
import { emptied, removalOf } from './list-edits.js';
import { columnOf, entryLines, startsItsLine, type Patch } from './text.js';

/** Sets a member of an object; a new one goes where `order` has it, else to the end. */
export function setMember(
  parsed: ParsedSource,
  map: MapNode,
  member: { readonly key: string; readonly value: Json },
  order: readonly string[] = [],
): Patch {
  const entry = map.entries.find((candidate) => candidate.key === member.key);
  if (entry !== undefined) return replaceValue(parsed, map, entry, member.value);
  const previous = predecessor(map, member.key, order);
  return map.flow
    ? insertFlow(parsed, map, previous, member)
    : insertBlock(parsed, map, previous, member);
}

/** Removes a member; the only one leaves an empty object. */
export function removeMember(parsed: ParsedSource, map: MapNode, key: string): Patch | undefined {
  const index = map.entries.findIndex((entry) => entry.key === key);
  const entry = map.entries[index];
  if (entry === undefined) return undefined;
  const next = map.entries[index + 1];
  const previous = map.entries[index - 1];
  if (next === undefined && previous === undefined) {
    return emptied(parsed, map, '{}');
  }
  const compact = !startsItsLine(parsed, entry.keySpan.start);
  if (map.flow || compact) {
    const start = next === undefined ? (previous?.value.span.end ?? 0) : entry.keySpan.start;
    return { start, end: next?.keySpan.start ?? entry.value.span.end, newText: '' };
  }
  return removalOf(parsed, entryLines(parsed, entry), next === undefined);
}

/**
 * The first step of turning an object into another one, or undefined when it is done. Members that
 * are equal are left alone, objects in both are entered; what is gone goes last, so that the object
 * is never empty on the way.
 */
export function nextChange(
  parsed: ParsedSource,
  map: MapNode,
  wanted: JsonObject,
  order: readonly string[] = [],
): Patch | undefined {
  for (const [key, value] of Object.entries(wanted)) {
    const entry = map.entries.find((candidate) => candidate.key === key);
    if (entry !== undefined && jsonEquals(toJson(entry.value), value)) continue;
    if (entry?.value.kind === 'map' && isNonEmptyObject(value) && entry.value.entries.length > 0) {
      return nextChange(parsed, entry.value, value);
    }
    return setMember(parsed, map, { key, value }, order);
  }
  const gone = map.entries.find((entry) => wanted[entry.key] === undefined);
  return gone && removeMember(parsed, map, gone.key);
}

function isNonEmptyObject(value: Json): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length > 0
  );
}

function replaceValue(parsed: ParsedSource, map: MapNode, entry: MapEntry, value: Json): Patch {
  const { value: node, keySpan } = entry;
  if (map.flow) {
    const indent = isBroken(parsed, node) ? lineIndent(parsed, keySpan.start) : undefined;
    return { start: node.span.start, end: node.span.end, newText: renderFlow(value, indent) };
  }
  const inline = renderInline(value);
  const written = parsed.source.slice(node.span.start, node.span.end);
  const isInline =
    written !== '' &&
    !written.includes('\n') &&
    node.keySpan !== undefined &&
    !parsed.source.slice(keySpan.end, node.span.start).includes('\n');
  if (inline !== undefined && isInline) {
    return { start: node.span.start, end: node.span.end, newText: inline };
  }
  const colon = parsed.source.indexOf(':', keySpan.end) + 1;
  return {
    start: colon,
    end: Math.max(colon, node.span.end),
    newText: blockValue(value, columnOf(parsed, keySpan.start)).replace(/\n$/, ''),
  };
}

/** What stands behind the colon of a block entry; ends with a line break. */
function blockValue(value: Json, column: number): string {
  const inline = renderInline(value);
  if (inline !== undefined) return ` ${inline}\n`;
  const lines = renderBlock({ x: value }).slice('x:'.length);
  return indentLines(lines, column).replace(/^ +(?=[|>])/, ' ');
}

function insertBlock(
  parsed: ParsedSource,
  map: MapNode,
  previous: MapEntry | undefined,
  member: { readonly key: string; readonly value: Json },
): Patch {
  const [first] = map.entries;
  if (first === undefined) return fillEmptyMap(parsed, map, member);
  const column = columnOf(parsed, first.keySpan.start);
  const text = `${' '.repeat(column)}${renderKey(member.key)}:${blockValue(member.value, column)}`;
  if (previous === undefined && startsItsLine(parsed, first.keySpan.start)) {
    const start = entryLines(parsed, first).start;
    return { start, end: start, newText: text };
  }
  const { end } = entryLines(parsed, previous ?? first);
  if (parsed.source.charAt(end - 1) === '\n') return { start: end, end, newText: text };
  return { start: end, end, newText: `\n${text.replace(/\n$/, '')}` };
}

function insertFlow(
  parsed: ParsedSource,
  map: MapNode,
  previous: MapEntry | undefined,
  member: { readonly key: string; readonly value: Json },
): Patch {
  const [first] = map.entries;
  if (first === undefined) return fillEmptyMap(parsed, map, member);
  const quoted = /["']/.test(parsed.source.charAt(first.keySpan.start));
  const key = quoted ? JSON.stringify(member.key) : renderKey(member.key);
  const broken = startsItsLine(parsed, first.keySpan.start);
  const indent = columnOf(parsed, first.keySpan.start);
  const text = `${key}: ${renderFlow(member.value, broken ? indent : undefined)}`;
  const separator = broken ? `,\n${' '.repeat(indent)}` : ', ';
  if (previous === undefined) {
    return { start: first.keySpan.start, end: first.keySpan.start, newText: text + separator };
  }
  const end = previous.value.span.end;
  return { start: end, end, newText: separator + text };
}

/** `{}` becomes a block where blocks are possible. */
function fillEmptyMap(
  parsed: ParsedSource,
  map: MapNode,
  member: { readonly key: string; readonly value: Json },
): Patch {
  const value = { [member.key]: member.value };
  const { keySpan } = map;
  const json = parsed.source.trimStart().startsWith('{');
  if (keySpan === undefined || json || !startsItsLine(parsed, keySpan.start)) {
    const indent = json ? lineIndent(parsed, map.span.start) : undefined;
    return { start: map.span.start, end: map.span.end, newText: renderFlow(value, indent) };
  }
  const column = columnOf(parsed, keySpan.start);
  const lines = indentLines(renderBlock(value), column + indentWidth).replace(/\n$/, '');
  const colon = parsed.source.indexOf(':', keySpan.end) + 1;
  return { start: colon, end: map.span.end, newText: `\n${lines}` };
}

/** The member after which a new one goes; undefined: before all others. */
function predecessor(map: MapNode, key: string, order: readonly string[]): MapEntry | undefined {
  const rank = order.indexOf(key);
  if (rank === -1) return map.entries.at(-1);
  return map.entries.findLast((entry) => {
    const other = order.indexOf(entry.key);
    return other !== -1 && other < rank;
  });
}

function isBroken(parsed: ParsedSource, node: SourceNode): boolean {
  return parsed.source.slice(node.span.start, node.span.end).includes('\n');
}

function lineIndent(parsed: ParsedSource, offset: number): number {
  const start = parsed.reporter.lines.lineStart(offset);
  return /^ */.exec(parsed.source.slice(start, offset))?.[0].length ?? 0;
}
