import { closingQuote, fold, keyAt, unquoted } from './keys.js';
import { scalarAt, type Read, type Slot } from './nodes.js';
import { isBlank, lineEndAt, nextContent, nextLineAt, skipBlanks } from './text.js';

/** A text without quotes; deeper lines below it are more of it, unless they begin with a key. */
export function readPlain(source: string, at: number, slot: Slot): Read {
  let end = plainEnd(source, at, lineEndAt(source, at));
  let lineEnd = lineEndAt(source, at);
  for (;;) {
    if (skipBlanks(source, end, lineEnd) < lineEnd) break;
    const line = nextContent(source, nextLineAt(source, lineEnd));
    if (line === undefined || line.at - line.start <= slot.outer) break;
    if (source.slice(lineEnd, line.start).includes('#')) break;
    if (keyAt(source, line.at, line.end) !== undefined) break;
    end = plainEnd(source, line.at, line.end);
    lineEnd = line.end;
  }
  const written = source.slice(at, end);
  const value = written.includes('\n') ? fold(written) : written;
  const node = scalarAt({ start: at, end }, slot, { value, style: 'plain' });
  return { node, next: nextLineAt(source, lineEnd) };
}

function plainEnd(source: string, at: number, lineEnd: number): number {
  let end = lineEnd;
  for (let next = at + 1; next < lineEnd; next += 1) {
    if (source.charCodeAt(next) !== 0x23 || !isBlank(source.charCodeAt(next - 1))) continue;
    end = next;
    break;
  }
  while (end > at && isBlank(source.charCodeAt(end - 1))) end -= 1;
  return end;
}

/** A text in quotes; when they are not closed, it ends with its line. */
export function readQuoted(source: string, at: number, slot: Slot): Read {
  const lineEnd = lineEndAt(source, at);
  const close = closingQuote(source, at, lineEnd) ?? laterQuote(source, at, slot.outer);
  const end = close === undefined ? lineEnd : close + 1;
  const style = source.charAt(at) === '"' ? 'double' : 'single';
  const value = unquoted(source.slice(at, end));
  const node = scalarAt({ start: at, end }, slot, { value, style });
  return { node, next: nextLineAt(source, end) };
}

/** Lines that a text in quotes may go on for. */
const quotedLinesMax = 100;

/** The closing quote on a later line, as long as lines are indented and look like text. */
function laterQuote(source: string, at: number, outer: number): number | undefined {
  let end = lineEndAt(source, at);
  for (let lines = 0; lines < quotedLinesMax; lines += 1) {
    const line = nextContent(source, nextLineAt(source, end));
    if (line === undefined || line.at - line.start <= outer) return undefined;
    const close = closingQuote(source, at, line.end);
    if (close !== undefined)
      return /^\s*(?:#|$)/.test(source.slice(close + 1, line.end)) ? close : undefined;
    end = line.end;
  }
  return undefined;
}

/** A text below `|` or `>`: every line that is indented deeper than what it belongs to. */
export function readBlockScalar(source: string, at: number, slot: Slot): Read {
  const header = source.slice(at, lineEndAt(source, at));
  let next = nextLineAt(source, at);
  let end = lineEndAt(source, at);
  let indent = 0;
  const lines: string[] = [];
  while (next < source.length) {
    const lineEnd = lineEndAt(source, next);
    const text = skipBlanks(source, next, lineEnd);
    if (text < lineEnd) {
      if (text - next <= slot.outer) break;
      if (indent === 0) indent = text - next;
      end = lineEnd;
    }
    lines.push(source.slice(Math.min(next + indent, lineEnd), lineEnd));
    next = nextLineAt(source, lineEnd);
  }
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  const literal = header.startsWith('|');
  const text = literal ? lines.join('\n') : fold(lines.join('\n'));
  const value = /^.-/.test(header) || lines.length === 0 ? text : `${text}\n`;
  const style = literal ? 'literal' : 'folded';
  const node = scalarAt({ start: at, end }, slot, { value, style, extentEnd: next });
  return { node, next };
}
