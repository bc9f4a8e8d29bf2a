import type { ParsedSource } from '../source/parse.js';
import type { ListNode, MapEntry } from '../source/tree.js';

/** One replacement in a text. */
export interface Patch {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/** Applies patches that do not overlap. */
export function applyPatches(source: string, patches: readonly Patch[]): string {
  const newline = source.includes('\r\n') ? '\r\n' : '\n';
  let result = source;
  for (const patch of patches.toSorted((a, b) => b.start - a.start || b.end - a.end)) {
    const text = newline === '\n' ? patch.newText : patch.newText.replaceAll(/\r?\n/g, newline);
    result = result.slice(0, patch.start) + text + result.slice(patch.end);
  }
  return result;
}

/** Where a block item or entry and its comments stand: whole lines. */
export interface Lines {
  readonly start: number;
  readonly end: number;
}

/**
 * The lines of item `index` of a block list: comment lines directly above it, the item, and comments
 * below that are indented deeper than its dash.
 */
export function itemLines(parsed: ParsedSource, list: ListNode, index: number): Lines {
  const dash = list.dashes[index] ?? 0;
  const item = list.items[index];
  const column = columnOf(parsed, dash);
  return {
    start: withCommentsAbove(parsed, parsed.reporter.lines.lineStart(dash)),
    end: withCommentsBelow(parsed, endOfLines(parsed, item?.extentEnd ?? dash + 1), column),
  };
}

/** The lines of an entry of a block map. */
export function entryLines(parsed: ParsedSource, entry: MapEntry): Lines {
  const { lines } = parsed.reporter;
  const column = columnOf(parsed, entry.keySpan.start);
  return {
    start: withCommentsAbove(parsed, lines.lineStart(entry.keySpan.start)),
    end: withCommentsBelow(parsed, endOfLines(parsed, entry.value.extentEnd), column),
  };
}

/** Characters between the start of its line and an offset. */
export function columnOf(parsed: ParsedSource, offset: number): number {
  return offset - parsed.reporter.lines.lineStart(offset);
}

/** Only white space stands before the offset on its line. */
export function startsItsLine(parsed: ParsedSource, offset: number): boolean {
  const start = parsed.reporter.lines.lineStart(offset);
  return parsed.source.slice(start, offset).trim() === '';
}

/** The end of the blank lines that begin at a line start. */
export function afterBlankLines(source: string, lineStart: number): number {
  const blank = /^(?:[ \t]*\r?\n)+/.exec(source.slice(lineStart));
  return lineStart + (blank?.[0].length ?? 0);
}

/** The start of the blank lines that end at a line start. */
export function beforeBlankLines(source: string, lineStart: number): number {
  let start = lineStart;
  for (;;) {
    const previous = previousLine(source, start);
    if (previous === undefined || previous.text.trim() !== '') return start;
    start = previous.start;
  }
}

/** Moves the lines of a text by `delta` columns, blank ones excepted. */
export function reindent(text: string, delta: number): string {
  if (delta === 0) return text;
  if (delta > 0) return text.replaceAll(/^(?=[^\r\n])/gm, ' '.repeat(delta));
  return text.replaceAll(new RegExp(`^ {1,${-delta}}`, 'gm'), '');
}

function endOfLines(parsed: ParsedSource, extentEnd: number): number {
  if (extentEnd > 0 && parsed.source.charAt(extentEnd - 1) === '\n') return extentEnd;
  return parsed.reporter.lines.nextLine(extentEnd);
}

function withCommentsAbove(parsed: ParsedSource, lineStart: number): number {
  let start = lineStart;
  const column = /^ */.exec(parsed.source.slice(lineStart, lineStart + 1000))?.[0].length ?? 0;
  for (;;) {
    const previous = previousLine(parsed.source, start);
    const comment = previous && /^( *)#/.exec(previous.text);
    // A comment that is indented deeper belongs to what is above it.
    if (previous === undefined || !comment || (comment[1]?.length ?? 0) > column) return start;
    start = previous.start;
  }
}

function withCommentsBelow(parsed: ParsedSource, lineStart: number, column: number): number {
  const { source } = parsed;
  const below = new RegExp(`^(?:[ \\t]*\\r?\\n)* {${column + 1},}#[^\\n]*(?:\\n|$)`);
  let end = lineStart;
  for (;;) {
    const match = below.exec(source.slice(end, end + 4000));
    if (match === null || match[0] === '') return end;
    end += match[0].length;
  }
}

function previousLine(
  source: string,
  lineStart: number,
): { readonly start: number; readonly text: string } | undefined {
  if (lineStart === 0) return undefined;
  const start = source.lastIndexOf('\n', lineStart - 2) + 1;
  return { start, text: source.slice(start, lineStart - 1) };
}
