import type { Position } from '@parley/contracts';
import type { ScalarNode, Span } from './tree.js';

/** Turns offsets of one text into lines and columns, which count from 1. */
export class LineIndex {
  readonly source: string;
  /** Starts of the lines found so far: a text that is only read needs none. */
  private readonly starts: number[] = [0];
  private complete = false;

  constructor(source: string) {
    this.source = source;
  }

  position(wanted: number): Position {
    const offset = Math.min(wanted, this.source.length);
    const line = this.lineOf(offset);
    return { line: line + 1, column: offset - (this.starts[line] ?? 0) + 1 };
  }

  range(span: Span): { start: Position; end: Position } {
    return { start: this.position(span.start), end: this.position(span.end) };
  }

  /** Offset of a position; positions outside the text are clamped. */
  offset(position: Position): number {
    this.findLines(position.line);
    const start = this.starts[Math.max(0, position.line - 1)] ?? this.source.length;
    return Math.min(this.source.length, start + Math.max(0, position.column - 1));
  }

  /** Start of the line that `offset` stands on. */
  lineStart(offset: number): number {
    return this.starts[this.lineOf(offset)] ?? 0;
  }

  /** Start of the line after `offset`, or the end of the text. */
  nextLine(offset: number): number {
    const line = this.lineOf(offset);
    this.findLines(line + 2);
    return this.starts[line + 1] ?? this.source.length;
  }

  private lineOf(offset: number): number {
    while (!this.complete && (this.starts.at(-1) ?? 0) <= offset) {
      this.findLines(this.starts.length * 2);
    }
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Finds the starts of at least so many lines, where there are as many. */
  private findLines(count: number): void {
    while (!this.complete && this.starts.length < count) {
      const end = this.source.indexOf('\n', this.starts.at(-1) ?? 0);
      if (end === -1) this.complete = true;
      else this.starts.push(end + 1);
    }
  }
}

/** The place in the source of a piece of a scalar's value. */
export function spanInScalar(
  source: string,
  node: ScalarNode,
  offset: number,
  length: number,
): Span {
  const start = offsetInScalar(source, node, offset);
  if (length === 0) return { start, end: start };
  return { start, end: offsetInScalar(source, node, offset + length - 1) + 1 };
}

/**
 * The place in the source of the character `index` of a scalar's value. Walks value and source
 * together, because quotes, escapes, folding and block indentation make them differ.
 */
export function offsetInScalar(source: string, node: ScalarNode, index: number): number {
  const value = String(node.value);
  let at = contentStart(source, node);
  for (let done = 0; done < index && at < node.extentEnd; done += 1) {
    at = skipIndentation(source, at, value.charAt(done), node);
    at += lengthOfCharacter(source, at, node, value.charAt(done));
  }
  return Math.min(skipIndentation(source, at, value.charAt(index), node), node.extentEnd);
}

function contentStart(source: string, node: ScalarNode): number {
  switch (node.style) {
    case 'plain':
      return node.span.start;
    case 'single':
    case 'double':
      return node.span.start + 1;
    case 'literal':
    case 'folded':
      return source.indexOf('\n', node.span.start) + 1;
  }
}

/** Moves over a line break and the indentation behind it, unless the value has them too. */
function skipIndentation(source: string, from: number, wanted: string, node: ScalarNode): number {
  let at = from;
  const atLineStart = at > 0 && source.charAt(at - 1) === '\n';
  if (wanted === '\n' || (wanted === ' ' && source.charAt(at) !== '\n' && !atLineStart)) return at;
  if (wanted === ' ' && source.charAt(at) === '\n') return at;
  while (
    at < node.extentEnd &&
    /[ \t\r\n]/.test(source.charAt(at)) &&
    source.charAt(at) !== wanted
  ) {
    at += 1;
  }
  if (atLineStart) while (at < node.extentEnd && source.charAt(at) === ' ') at += 1;
  return at;
}

function lengthOfCharacter(
  source: string,
  at: number,
  node: ScalarNode,
  character: string,
): number {
  const written = source.charAt(at);
  if (node.style === 'single' && character === "'") return 2;
  if (node.style === 'double' && written === '\\') return lengthOfEscape(source.charAt(at + 1));
  if ((character === ' ' || character === '\n') && /[\r\n]/.test(written)) {
    const rest = /^[ \t]*\r?\n[ \t]*/.exec(source.slice(at, node.extentEnd));
    return rest === null ? 1 : rest[0].length;
  }
  return 1;
}

function lengthOfEscape(letter: string): number {
  if (letter === 'x') return 4;
  if (letter === 'u') return 6;
  return letter === 'U' ? 10 : 2;
}
