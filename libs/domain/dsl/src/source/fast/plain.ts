import { code, giveUp, isBlank, type Cursor } from './cursor.js';
import { folding } from './folding.js';

/** Whether a plain text may begin here; everything else that begins with an indicator is not for us. */
function beginsPlain(source: string, at: number): boolean {
  const character = source.charCodeAt(at);
  if (character === code.dash) return !isBlank(source.charCodeAt(at + 1));
  return character >= indicators.length || indicators[character] === 0;
}

/** Gives up where no plain text begins. */
export function expectPlain(source: string, at: number): void {
  if (beginsPlain(source, at)) return;
  const character = source.charAt(at);
  if (character === '') giveUp();
  if ('&*!'.includes(character)) {
    const message = 'Anchors, aliases and tags are not part of the language: write the value out';
    giveUp({ code: 'PL1005', message });
  }
  giveUp();
}

/** One for each character that no plain text begins with, as far as we are concerned. */
const indicators = new Uint8Array(128);
for (const character of '?:,[]{}#&*!|>\'"%@`\t\r\n') indicators[character.charCodeAt(0)] = 1;

/**
 * Moves over the plain text of one line and returns where it ends; the cursor stands at what ended
 * it: a colon, a comment, a line break, the end of the text.
 */
export function scanPlain(cursor: Cursor): number {
  const { source } = cursor;
  let at = cursor.at;
  let end = at;
  for (; ; at += 1) {
    const character = source.charCodeAt(at);
    if (character > code.colon) {
      end = at + 1;
    } else if (character === code.colon) {
      if (isBlank(source.charCodeAt(at + 1))) break;
      end = at + 1;
    } else if (character === code.space) {
      if (source.charCodeAt(at + 1) === code.hash) break;
    } else if (character > code.space) {
      end = at + 1;
    } else if (isBlank(character)) {
      stopAtLineEnd(source, at);
      break;
    } else end = at + 1;
  }
  cursor.at = at;
  return end;
}

/** The same within brackets, where commas and brackets end a plain text too. */
export function scanFlowPlain(cursor: Cursor): number {
  const { source } = cursor;
  let at = cursor.at;
  let end = at;
  for (; ; at += 1) {
    const character = source.charCodeAt(at);
    if (isFlowIndicator(character)) break;
    if (character === code.colon) {
      const next = source.charCodeAt(at + 1);
      if (isBlank(next) || isFlowIndicator(next)) break;
      end = at + 1;
    } else if (character === code.space) {
      if (source.charCodeAt(at + 1) === code.hash) break;
    } else if (isBlank(character)) {
      stopAtLineEnd(source, at);
      break;
    } else end = at + 1;
  }
  cursor.at = at;
  return end;
}

/** Tabs, and carriage returns that end no line, are for the complete reader. */
function stopAtLineEnd(source: string, at: number): void {
  const character = source.charCodeAt(at);
  if (character === code.tab) giveUp();
  if (character === code.return && source.charCodeAt(at + 1) !== code.newline) giveUp();
}

export function isFlowIndicator(character: number): boolean {
  return (
    character === code.comma ||
    character === code.openList ||
    character === code.closeList ||
    character === code.openMap ||
    character === code.closeMap
  );
}

/** A plain text that may go on in lines indented deeper than `indent`. */
export interface PlainText {
  readonly text: string;
  readonly end: number;
}

/**
 * Reads the lines behind the first one of a plain text; the cursor ends at the next token. `first`
 * is where the line that `scan` has read ends.
 */
export function continuePlain(
  cursor: Cursor,
  start: number,
  first: { readonly end: number; readonly indent: number; readonly scan: typeof scanPlain },
): PlainText {
  const { source } = cursor;
  let { end } = first;
  let text = source.slice(start, end);
  for (;;) {
    cursor.skip();
    if (cursor.breaks === 0 || cursor.over || !goesOn(cursor, first)) return { text, end };
    const from = cursor.at;
    const { breaks } = cursor;
    end = first.scan(cursor);
    if (source.charCodeAt(cursor.at) === code.colon) giveUp();
    text += folding(breaks) + source.slice(from, end);
  }
}

function goesOn(
  cursor: Cursor,
  { indent, scan }: { readonly indent: number; readonly scan: typeof scanPlain },
): boolean {
  if (cursor.commented || cursor.column <= indent) return false;
  return scan !== scanFlowPlain || !isFlowIndicator(cursor.source.charCodeAt(cursor.at));
}
