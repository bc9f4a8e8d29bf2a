import { code, giveUp, lineEnd, type Cursor } from './cursor.js';

/** A literal or folded text. */
export interface BlockScalar {
  readonly value: string;
  readonly style: 'literal' | 'folded';
  /** End of the last line that belongs to it, line break included. */
  readonly end: number;
}

interface Header {
  readonly folded: boolean;
  readonly chomp: '' | '-' | '+';
  /** Indentation relative to the parent, where it is written. */
  readonly indent: number;
}

interface Line {
  /** Spaces more than the indentation of the text. */
  readonly more: number;
  /** With `more` spaces; empty for a blank line. */
  readonly text: string;
  readonly end: number;
}

const headerPattern = /[|>](?:([-+])([1-9])?|([1-9])([-+])?)?(?: +#[^\n]*| *)\r?\n/y;

/** Reads a text that begins with `|` or `>`; `parent` is the column of what it is the value of. */
export function readBlockScalar(cursor: Cursor, parent: number): BlockScalar {
  const { source } = cursor;
  headerPattern.lastIndex = cursor.at;
  const match = headerPattern.exec(source);
  if (match === null) giveUp();
  const header: Header = {
    folded: source.charCodeAt(cursor.at) === code.greater,
    chomp: (match[1] ?? match[4] ?? '') as Header['chomp'],
    indent: Number(match[2] ?? match[3] ?? 0),
  };
  const start = cursor.at + match[0].length;
  const indent = indentOf(source, start, { parent: Math.max(parent, 0), header });
  const { lines, end } = linesOf(source, start, indent);
  const content = lines.findLastIndex((line) => line.text !== '') + 1;
  if (content === 0) giveUp();
  cursor.at = header.chomp === '+' ? end : (lines[content - 1]?.end ?? end);
  cursor.lineStart = cursor.at;
  const body = lines.slice(0, content);
  const text = header.folded ? fold(body) : body.map((line) => line.text).join('\n');
  return {
    value: text + ending(header, lines.length - content),
    style: header.folded ? 'folded' : 'literal',
    end: cursor.at,
  };
}

function ending(header: Header, blankLines: number): string {
  if (header.chomp === '-') return '';
  return header.chomp === '+' ? '\n'.repeat(blankLines + 1) : '\n';
}

/** The column of the text: written in the header, or that of the first line with content. */
function indentOf(
  source: string,
  start: number,
  { parent, header }: { readonly parent: number; readonly header: Header },
): number {
  if (header.indent > 0) return parent + header.indent;
  let lineStart = start;
  let blankMax = 0;
  while (lineStart < source.length) {
    const at = contentAt(source, lineStart);
    const column = at - lineStart;
    if (!isLineEnd(source, at)) {
      if (blankMax > column || column <= parent) giveUp();
      return column;
    }
    blankMax = Math.max(blankMax, column);
    lineStart = lineEnd(source, at) + 1;
  }
  return giveUp();
}

function linesOf(source: string, start: number, indent: number): { lines: Line[]; end: number } {
  const lines: Line[] = [];
  let lineStart = start;
  while (lineStart < source.length) {
    const at = contentAt(source, lineStart);
    const column = at - lineStart;
    const character = source.charCodeAt(at);
    const newline = lineEnd(source, at);
    const end = Math.min(newline + 1, source.length);
    if (isLineEnd(source, at)) {
      // White space that is deeper than the text would be part of it.
      if (column > indent || newline === source.length) giveUp();
      lines.push({ more: 0, text: '', end });
    } else if (column < indent) {
      if (character === code.tab) giveUp();
      break;
    } else {
      const stop = source.charCodeAt(newline - 1) === code.return ? newline - 1 : newline;
      const more = character === code.tab ? column - indent + 1 : column - indent;
      lines.push({ more, text: source.slice(lineStart + indent, stop), end });
    }
    lineStart = end;
  }
  return { lines, end: lineStart };
}

/** Lines at the indentation are joined by spaces; deeper ones keep their breaks. */
function fold(lines: readonly Line[]): string {
  let value = '';
  let blank = 0;
  let previous: Line | undefined;
  for (const line of lines) {
    if (line.text === '') {
      blank += 1;
      continue;
    }
    if (previous === undefined) value = '\n'.repeat(blank);
    else if (previous.more > 0 || line.more > 0) value += '\n'.repeat(blank + 1);
    else value += blank === 0 ? ' ' : '\n'.repeat(blank);
    value += line.text;
    blank = 0;
    previous = line;
  }
  return value;
}

function contentAt(source: string, lineStart: number): number {
  let at = lineStart;
  while (source.charCodeAt(at) === code.space) at += 1;
  return at;
}

function isLineEnd(source: string, at: number): boolean {
  const character = source.charCodeAt(at);
  return (
    at >= source.length ||
    character === code.newline ||
    (character === code.return && source.charCodeAt(at + 1) === code.newline)
  );
}
