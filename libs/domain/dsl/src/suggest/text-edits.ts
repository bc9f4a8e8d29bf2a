import { columnOf, entryLines, itemLines, reindent, startsItsLine } from '../edit/text.js';
import type { ParsedSource } from '../source/parse.js';
import type { MapEntry, MapNode } from '../source/tree.js';
import type { Cure, WrittenTask } from './report.js';

/** A member to be written: as YAML on one line, and as JSON. */
export interface NewMember {
  readonly name: string;
  readonly yaml: string;
  readonly json: string;
}

/** Adds a member at the end of an object. */
export function addMember(
  parsed: ParsedSource,
  map: MapNode,
  { name, yaml, json }: NewMember,
): Omit<Cure, 'title'> | undefined {
  const last = map.entries.at(-1);
  if (last === undefined) {
    if (!map.flow) return undefined;
    const text =
      parsed.root?.kind === 'map' && parsed.root.flow ? `"${name}": ${json}` : `${name}: ${yaml}`;
    return { span: map.span, newText: `{ ${text} }` };
  }
  if (map.flow) {
    const isJson = parsed.source.charAt(last.keySpan.start) === '"';
    const text = isJson ? `"${name}": ${json}` : `${name}: ${yaml}`;
    const at = Math.max(last.value.span.end, last.keySpan.end);
    return { span: { start: at, end: at }, newText: `, ${text}` };
  }
  const { end } = entryLines(parsed, last);
  const indent = ' '.repeat(columnOf(parsed, last.keySpan.start));
  return {
    span: { start: end, end },
    newText: inserted(parsed, end, `${indent}${name}: ${yaml}\n`),
  };
}

/** Removes a member with its comments. */
export function removeMember(
  parsed: ParsedSource,
  map: MapNode,
  name: string,
): Omit<Cure, 'title'> | undefined {
  const index = map.entries.findIndex(({ key }) => key === name);
  const entry = map.entries[index];
  if (entry === undefined || map.entries.length < 2) return undefined;
  if (map.flow) {
    const next = map.entries[index + 1];
    const before = map.entries[index - 1];
    const span = next
      ? { start: entry.keySpan.start, end: next.keySpan.start }
      : { start: before?.value.span.end ?? entry.keySpan.start, end: entry.value.span.end };
    return { span, newText: '' };
  }
  if (!startsItsLine(parsed, entry.keySpan.start)) return undefined;
  return { span: entryLines(parsed, entry), newText: '' };
}

/** The lines of a task, when it stands on lines of its own in a block list. */
export function taskLines(
  parsed: ParsedSource,
  { entry, list, index }: WrittenTask,
): BlockTask | undefined {
  const dash = list.dashes[index];
  if (list.flow || dash === undefined || !startsItsLine(parsed, dash)) return undefined;
  const map = entry.value;
  if (map.kind !== 'map' || parsed.source.slice(dash + 1, entry.keySpan.start).trim() !== '')
    return undefined;
  const lines = itemLines(parsed, list, index);
  return {
    ...lines,
    map,
    dash,
    dashColumn: columnOf(parsed, dash),
    keyColumn: columnOf(parsed, entry.keySpan.start),
  };
}

export interface BlockTask {
  readonly start: number;
  readonly end: number;
  readonly map: MapNode;
  readonly dash: number;
  readonly dashColumn: number;
  readonly keyColumn: number;
}

/** The text of an entry, without its comments above, moved by `delta` columns. */
export function movedLines(parsed: ParsedSource, entry: MapEntry, delta: number): string {
  const { start, end } = entryLines(parsed, entry);
  return endWithBreak(reindent(parsed.source.slice(start, end), delta));
}

export function endWithBreak(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** Lines that are put in at `at`, which may be the end of a text without a line break. */
function inserted(parsed: ParsedSource, at: number, text: string): string {
  const { source } = parsed;
  const isFresh = at === 0 || source.charAt(at - 1) === '\n';
  return withBreaksOf(source, isFresh ? text : `\n${text.replace(/\n$/, '')}`);
}

/** Lines that take the place of others, up to `end`; the text ends as it ended before. */
export function replacing(parsed: ParsedSource, end: number, text: string): string {
  const { source } = parsed;
  return withBreaksOf(
    source,
    source.charAt(end - 1) === '\n' ? endWithBreak(text) : text.replace(/\n$/, ''),
  );
}

function withBreaksOf(source: string, text: string): string {
  return source.includes('\r\n') ? text.replaceAll(/\r?\n/g, '\r\n') : text;
}
