import type { SourceNode, Span } from '../../source/tree.js';
import { closingQuote, unquoted } from './keys.js';
import {
  addEntry,
  listAt,
  mapAt,
  nothingAt,
  scalarAt,
  type LooseCollection,
  type Read,
  type Slot,
} from './nodes.js';
import {
  isBlank,
  isLineRest,
  lineEndAt,
  lineStartAt,
  nextContent,
  nextLineAt,
  skipBlanks,
} from './text.js';

/** Deeper brackets are read as text, so that the stack of the process is safe. */
const nestingMax = 120;

/** A value in brackets, which may be JSON. Where it is not closed, it ends with its indentation. */
export function readFlow(source: string, at: number, slot: Slot): Read {
  const reader = new FlowReader(source, at, slot.outer);
  const node = reader.collection(slot, 0);
  return { node, next: nextLineAt(source, Math.max(at, reader.at)) };
}

class FlowReader {
  at: number;
  private readonly source: string;
  private readonly outer: number;
  /** Nothing of what follows belongs to the brackets any more. */
  private ended = false;
  /** The line looked at last: all of a long one may be in the brackets. */
  private line = { start: 0, end: -1 };

  constructor(source: string, at: number, outer: number) {
    this.source = source;
    this.at = at;
    this.outer = outer;
  }

  collection(slot: Slot, depth: number): SourceNode {
    const isMap = this.source.charCodeAt(this.at) === 0x7b;
    const node = isMap ? mapAt(this.at, slot, true) : listAt(this.at, slot, true);
    this.at += 1;
    while (this.toToken()) {
      const code = this.source.charCodeAt(this.at);
      if (code === 0x7d || code === 0x5d) {
        this.at += 1;
        break;
      }
      if (code === 0x2c) this.at += 1;
      else if (node.kind === 'map') this.entry(node, depth);
      else {
        const pointer = `${node.pointer}/${node.items.length}`;
        node.items.push(this.value({ pointer, outer: this.outer }, depth));
      }
    }
    this.end(node);
    return node;
  }

  private end(node: LooseCollection): void {
    node.span.end = this.at;
    node.extentEnd = this.at;
  }

  private entry(map: Extract<LooseCollection, { kind: 'map' }>, depth: number): void {
    const start = this.at;
    if (this.source.charCodeAt(start) === 0x3a) {
      this.at += 1;
      return;
    }
    const span = this.token(true);
    const written = this.source.slice(span.start, span.end);
    const key = /^["']/.test(written) ? unquoted(written) : written;
    const entry = addEntry(map, key, span);
    if (!this.toToken() || this.source.charCodeAt(this.at) !== 0x3a) return;
    this.at += 1;
    if (!this.toToken() || /[,}\]]/.test(this.source.charAt(this.at))) return;
    const { pointer, keySpan } = entry.value;
    entry.value = this.value({ pointer, ...(keySpan && { keySpan }), outer: this.outer }, depth);
  }

  private value(slot: Slot, depth: number): SourceNode {
    const code = this.source.charCodeAt(this.at);
    const isBracket = code === 0x7b || code === 0x5b;
    if (isBracket && depth < nestingMax) return this.collection(slot, depth + 1);
    const span = this.token(false);
    if (span.end === span.start) {
      this.at += 1;
      return nothingAt(span.start, slot);
    }
    const quote = this.source.charAt(span.start);
    if (quote !== '"' && quote !== "'") {
      return scalarAt(span, slot, {
        value: this.source.slice(span.start, span.end),
        style: 'plain',
      });
    }
    const value = unquoted(this.source.slice(span.start, span.end));
    return scalarAt(span, slot, { value, style: quote === '"' ? 'double' : 'single' });
  }

  /** One key or text. It ends with its line, whatever is missing. */
  private token(isKey: boolean): Span {
    const start = this.at;
    const lineEnd = this.lineAt(start).end;
    const first = this.source.charCodeAt(start);
    if (first === 0x22 || first === 0x27) {
      const close = closingQuote(this.source, start, lineEnd);
      this.at = close === undefined ? lineEnd : close + 1;
      return { start, end: this.at };
    }
    this.at = this.plainEnd(start, lineEnd, isKey);
    let end = this.at;
    while (end > start && isBlank(this.source.charCodeAt(end - 1))) end -= 1;
    return { start, end };
  }

  private plainEnd(start: number, lineEnd: number, isKey: boolean): number {
    let braces = 0;
    for (let at = start; at < lineEnd; at += 1) {
      const code = this.source.charCodeAt(at);
      if (code === 0x7b && (braces > 0 || this.source.charCodeAt(at - 1) === 0x24)) braces += 1;
      else if (code === 0x7d && braces > 0) braces -= 1;
      else if (braces > 0) continue;
      else if (code === 0x2c || code === 0x7d || code === 0x5d) return at;
      else if (code === 0x3a && (isKey || isBlank(this.source.charCodeAt(at + 1)))) {
        if (at + 1 >= lineEnd || /[\s,}\]{["']/.test(this.source.charAt(at + 1))) return at;
      } else if (code === 0x23 && at > start && isBlank(this.source.charCodeAt(at - 1))) return at;
    }
    return lineEnd;
  }

  /** Moves to the next token; false at the end of the text or of the indentation. */
  private toToken(): boolean {
    if (this.ended) return false;
    const lineEnd = this.lineAt(this.at).end;
    let at = skipBlanks(this.source, this.at, lineEnd);
    if (isLineRest(this.source, at, lineEnd)) {
      const line = nextContent(this.source, nextLineAt(this.source, lineEnd));
      if (line === undefined) return this.stop();
      at = line.at;
    }
    if (this.leaves(at)) return this.stop();
    this.at = at;
    return true;
  }

  private lineAt(at: number): { readonly start: number; readonly end: number } {
    if (at < this.line.start || at > this.line.end) {
      this.line = { start: lineStartAt(this.source, at), end: lineEndAt(this.source, at) };
    }
    return this.line;
  }

  private stop(): false {
    this.ended = true;
    return false;
  }

  /** Whether the token at `at` begins a line that is indented too little to belong here. */
  private leaves(at: number): boolean {
    if (this.outer < 0) return false;
    const lineStart = this.lineAt(at).start;
    if (skipBlanks(this.source, lineStart, at) < at) return false;
    return at - lineStart <= this.outer && !/[}\]]/.test(this.source.charAt(at));
  }
}
