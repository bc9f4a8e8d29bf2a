import {
  pointerTo,
  type ListNode,
  type MapEntry,
  type MapNode,
  type SourceNode,
  type Span,
} from '../tree.js';
import { code, giveUp, isBlank, type Cursor } from './cursor.js';
import { Keys, scalar, type Nodes, type Slot } from './nodes.js';
import { continuePlain, expectPlain, isFlowIndicator, scanFlowPlain } from './plain.js';
import { readQuoted } from './quoted.js';

/** Reads collections in brackets and braces. */
export class FlowReader {
  private readonly cursor: Cursor;
  private readonly nodes: Nodes;
  private keyText = '';

  constructor(cursor: Cursor, nodes: Nodes) {
    this.cursor = cursor;
    this.nodes = nodes;
  }

  /** Reads the collection at the cursor, which ends behind its bracket. */
  collection(indent: number, slot: Slot): ListNode | MapNode {
    const { cursor, nodes } = this;
    nodes.enter();
    const isMap = cursor.source.charCodeAt(cursor.at) === code.openMap;
    const node = isMap ? this.map(indent, slot) : this.list(indent, slot);
    nodes.leave();
    return node;
  }

  private list(indent: number, { pointer, keySpan }: Slot): ListNode {
    const { cursor } = this;
    const start = cursor.at;
    const items: SourceNode[] = [];
    cursor.at += 1;
    while (!this.closes(code.closeList, indent)) {
      const slot = { pointer: pointerTo(pointer, items.length), keySpan: undefined };
      items.push(this.node(indent, slot));
      this.separator(code.closeList, indent);
    }
    const end = cursor.at;
    const span = { start, end };
    return { kind: 'list', items, dashes: [], flow: true, span, extentEnd: end, pointer, keySpan };
  }

  private map(indent: number, { pointer, keySpan }: Slot): MapNode {
    const { cursor } = this;
    const start = cursor.at;
    const entries: MapEntry[] = [];
    const keys = new Keys();
    cursor.at += 1;
    while (!this.closes(code.closeMap, indent)) {
      const span = this.key(indent);
      const key = this.keyText;
      keys.add(entries, key, span);
      const slot = { pointer: pointerTo(pointer, key), keySpan: span };
      entries.push({ key, keySpan: span, value: this.node(indent, slot) });
      this.separator(code.closeMap, indent);
    }
    const end = cursor.at;
    const span = { start, end };
    return { kind: 'map', entries, flow: true, span, extentEnd: end, pointer, keySpan };
  }

  /** Moves to the next item, or behind the closing bracket. */
  private closes(bracket: number, indent: number): boolean {
    this.skip(indent);
    const { cursor } = this;
    if (cursor.source.charCodeAt(cursor.at) !== bracket) return false;
    cursor.at += 1;
    return true;
  }

  private separator(bracket: number, indent: number): void {
    const { cursor } = this;
    this.skip(indent);
    const character = cursor.source.charCodeAt(cursor.at);
    if (character === code.comma) cursor.at += 1;
    else if (character !== bracket) giveUp();
  }

  private key(indent: number): Span {
    const { cursor } = this;
    const { source } = cursor;
    const start = cursor.at;
    const first = source.charCodeAt(start);
    const quoted = first === code.quote || first === code.apostrophe;
    let end: number;
    if (quoted) {
      this.keyText = readQuoted(cursor, indent);
      end = cursor.at;
    } else {
      expectPlain(source, start);
      end = scanFlowPlain(cursor);
      this.keyText = source.slice(start, end);
      if (this.keyText === '<<') giveUp();
    }
    cursor.skipSpaces();
    if (source.charCodeAt(cursor.at) !== code.colon || !isKeyLength(cursor, start)) giveUp();
    cursor.at += 1;
    const next = source.charCodeAt(cursor.at);
    if (!quoted && (!isBlank(next) || isFlowIndicator(next))) giveUp();
    this.skip(indent);
    return { start, end };
  }

  private node(indent: number, slot: Slot): SourceNode {
    const { cursor, nodes } = this;
    const { source, at: start } = cursor;
    const first = source.charCodeAt(start);
    if (first === code.openMap || first === code.openList) return this.collection(indent, slot);
    if (first === code.quote || first === code.apostrophe) {
      const value = readQuoted(cursor, indent);
      const style = first === code.quote ? 'double' : 'single';
      return scalar(value, style, { start, end: cursor.at }, slot);
    }
    if (isFlowDash(source, start)) giveUp();
    expectPlain(source, start);
    const end = scanFlowPlain(cursor);
    const scan = scanFlowPlain;
    const plain = continuePlain(cursor, start, { end, indent, scan });
    this.checkPlace(indent);
    return nodes.plain(plain.text, { start, end: plain.end }, slot);
  }

  private skip(indent: number): void {
    this.cursor.skip();
    this.checkPlace(indent);
  }

  private checkPlace(indent: number): void {
    const { cursor } = this;
    if (cursor.over || (cursor.breaks > 0 && cursor.column <= indent)) giveUp();
  }
}

/** Keys are on one line and have at most 1,024 characters. */
function isKeyLength(cursor: Cursor, start: number): boolean {
  return start >= cursor.lineStart && cursor.at - start < 1000;
}

function isFlowDash(source: string, at: number): boolean {
  return source.charCodeAt(at) === code.dash && isFlowIndicator(source.charCodeAt(at + 1));
}
