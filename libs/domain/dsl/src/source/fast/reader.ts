import { pointerTo, type ListNode, type MapEntry, type MapNode, type SourceNode } from '../tree.js';
import { readBlockScalar } from './block-scalar.js';
import { code, Cursor, giveUp, isBlank, NotSure, type Refusal } from './cursor.js';
import { FlowReader } from './flow.js';
import { Keys, Nodes, scalar, type LostDigits, type Slot } from './nodes.js';
import { continuePlain, expectPlain, scanPlain } from './plain.js';
import { readQuoted } from './quoted.js';

/** What the fast reader has read. */
export interface FastRead {
  readonly root: SourceNode;
  readonly lostDigits: readonly LostDigits[];
}

/** Where the fast reader gave up, and why if the text is surely wrong. */
export interface GivenUp {
  readonly root?: undefined;
  readonly at: number;
  readonly refusal: Refusal | undefined;
}

/**
 * Reads a definition in one pass over its characters, or gives up.
 *
 * F1  It accepts only what it surely reads as the complete reader does: every construct that is rare
 *     (anchors, tags, complex keys, tabs as indentation, …) and every mistake is given up, and the
 *     complete reader says what the text is.
 */
export function readFast(source: string): FastRead | GivenUp {
  const reader = new BlockReader(source);
  try {
    return { root: reader.document(), lostDigits: reader.nodes.lostDigits };
  } catch (caught) {
    if (!(caught instanceof NotSure)) throw caught;
    return { at: reader.at, refusal: caught.refusal };
  }
}

/** The key that was read last. */
interface Key {
  text: string;
  start: number;
  end: number;
}

class BlockReader {
  readonly nodes = new Nodes();
  private readonly cursor: Cursor;
  private readonly flow: FlowReader;
  private readonly found: Key = { text: '', start: 0, end: 0 };

  constructor(source: string) {
    this.cursor = new Cursor(source);
    this.flow = new FlowReader(this.cursor, this.nodes);
  }

  get at(): number {
    return this.cursor.at;
  }

  document(): SourceNode {
    const { cursor } = this;
    const { source } = cursor;
    // Byte order marks and lone carriage returns mean several things.
    if (source.includes('\ufeff') || (source.includes('\r') && /\r(?!\n)/.test(source))) giveUp();
    cursor.skip();
    if (source.startsWith('---', cursor.at) && cursor.isMarker()) {
      cursor.at += 3;
      cursor.skip();
      if (cursor.breaks === 0) giveUp();
    }
    if (cursor.over) giveUp({ code: 'PL1006', message: 'The text is empty' });
    const first = source.charCodeAt(cursor.at);
    cursor.tabs = first === code.openMap || first === code.openList;
    const root = this.block(-1, { pointer: '', keySpan: undefined });
    if (root.kind === 'scalar' || !cursor.over) giveUp();
    if (cursor.at < source.length) this.afterEnd();
    return root;
  }

  /** Behind `...` only comments may follow. */
  private afterEnd(): void {
    const { cursor } = this;
    if (!cursor.source.startsWith('...', cursor.at)) giveUp();
    cursor.at += 3;
    cursor.skip();
    if (cursor.at < cursor.source.length) giveUp();
  }

  /** A node that may be a block; the cursor stands on it, and ends at the next token. */
  private block(indent: number, slot: Slot): SourceNode {
    const { cursor } = this;
    const { source, at: start } = cursor;
    const first = source.charCodeAt(start);
    switch (first) {
      case code.openMap:
      case code.openList:
        return this.flowNode(indent, slot);
      case code.quote:
      case code.apostrophe: {
        const text = readQuoted(cursor, indent);
        const end = cursor.at;
        if (this.isKey(start, end)) return this.map(this.key(text, start, end), slot);
        cursor.skip();
        return scalar(text, first === code.quote ? 'double' : 'single', { start, end }, slot);
      }
      case code.bar:
      case code.greater:
        return this.blockScalar(indent, slot);
      case code.dash:
        if (isBlank(source.charCodeAt(start + 1))) return this.list(slot);
    }
    return this.plain(indent, slot);
  }

  private plain(indent: number, slot: Slot): SourceNode {
    const { cursor } = this;
    const { source, at: start } = cursor;
    const behindComment = cursor.commented && cursor.breaks > 0;
    expectPlain(source, start);
    const end = scanPlain(cursor);
    if (source.charCodeAt(cursor.at) === code.colon) {
      return this.map(this.plainKey(start, end), slot);
    }
    // The complete reader takes the indentation of the comment for that of the text.
    if (behindComment) giveUp();
    const plain = continuePlain(cursor, start, { end, indent, scan: scanPlain });
    return this.nodes.plain(plain.text, { start, end: plain.end }, slot);
  }

  private flowNode(indent: number, slot: Slot): SourceNode {
    const { cursor } = this;
    const node = this.flow.collection(indent, slot);
    cursor.skip();
    // Either a key or garbage follows.
    if (cursor.breaks === 0 && !cursor.over) giveUp();
    return node;
  }

  private blockScalar(indent: number, slot: Slot): SourceNode {
    const { cursor } = this;
    const { source, at: start } = cursor;
    const { value, style, end } = readBlockScalar(cursor, indent);
    let visible = end;
    while (/\s/.test(source.charAt(visible - 1))) visible -= 1;
    cursor.skip();
    cursor.breaks += 1;
    const { pointer, keySpan } = slot;
    const span = { start, end: visible };
    return { kind: 'scalar', value, style, span, extentEnd: end, pointer, keySpan };
  }

  /** An object; its first key was read, and the cursor stands on the colon. */
  private map(key: Key, { pointer, keySpan }: Slot): MapNode {
    const { cursor } = this;
    const { start } = key;
    const column = start - cursor.lineStart;
    // `a: b: c` is no object in an object.
    if (keySpan !== undefined && keySpan.start >= cursor.lineStart) giveUp();
    this.nodes.enter();
    const entries: MapEntry[] = [];
    const keys = new Keys();
    do {
      const { text } = key;
      const span = { start: key.start, end: key.end };
      keys.add(entries, text, span);
      const slot = { pointer: pointerTo(pointer, text), keySpan: span };
      cursor.at += 1;
      entries.push({ key: text, keySpan: span, value: this.value(column, slot) });
    } while (this.hasNext(column) && this.nextKey());
    this.nodes.leave();
    const last = entries.at(-1)?.value;
    const end = last?.span.end ?? start;
    const extentEnd = last?.extentEnd ?? end;
    return { kind: 'map', entries, flow: false, span: { start, end }, extentEnd, pointer, keySpan };
  }

  /** A list; the cursor stands on the first dash. */
  private list({ pointer, keySpan }: Slot): ListNode {
    const { cursor } = this;
    const { source, at: start } = cursor;
    const column = cursor.column;
    if (keySpan !== undefined && keySpan.start >= cursor.lineStart) giveUp();
    this.nodes.enter();
    const items: SourceNode[] = [];
    const dashes: number[] = [];
    do {
      const slot = { pointer: pointerTo(pointer, items.length), keySpan: undefined };
      dashes.push(cursor.at);
      cursor.at += 1;
      items.push(this.item(column, slot));
    } while (this.hasNext(column) && isDash(source, cursor.at));
    this.nodes.leave();
    const last = items.at(-1);
    const end = last?.span.end ?? start;
    const extentEnd = last?.extentEnd ?? end;
    const span = { start, end };
    return { kind: 'list', items, dashes, flow: false, span, extentEnd, pointer, keySpan };
  }

  /** Whether the next token stands in this column, on a line of its own. */
  private hasNext(column: number): boolean {
    const { cursor } = this;
    if (cursor.over) return false;
    if (cursor.breaks === 0 || cursor.column > column) giveUp();
    return cursor.column === column;
  }

  /** What stands behind the colon of an object in `column`. */
  private value(column: number, slot: Slot): SourceNode {
    const { cursor } = this;
    cursor.skipSpaces();
    const nothingAt = cursor.at;
    cursor.skip();
    if (cursor.over) return this.nodes.nothing(nothingAt, slot);
    if (cursor.breaks > 0 && cursor.column <= column) {
      return cursor.column === column && isDash(cursor.source, cursor.at)
        ? this.list(slot)
        : this.nodes.nothing(nothingAt, slot);
    }
    return this.block(column, slot);
  }

  /** What stands behind a dash in `column`. */
  private item(column: number, slot: Slot): SourceNode {
    const { cursor } = this;
    cursor.skipSpaces();
    const nothingAt = cursor.at;
    cursor.skip();
    if (cursor.over || (cursor.breaks > 0 && cursor.column <= column)) {
      return this.nodes.nothing(nothingAt, slot);
    }
    return this.block(column, slot);
  }

  private nextKey(): boolean {
    const { cursor } = this;
    const { source, at: start } = cursor;
    const first = source.charCodeAt(start);
    if (first === code.quote || first === code.apostrophe) {
      const text = readQuoted(cursor, -1);
      const end = cursor.at;
      if (!this.isKey(start, end)) giveUp();
      this.key(text, start, end);
      return true;
    }
    if (isDash(source, start)) giveUp();
    expectPlain(source, start);
    const end = scanPlain(cursor);
    if (source.charCodeAt(cursor.at) !== code.colon) giveUp();
    this.plainKey(start, end);
    return true;
  }

  private plainKey(start: number, end: number): Key {
    const { cursor } = this;
    const text = cursor.source.slice(start, end);
    if (text === '<<' || end - start > keyLengthMax) giveUp();
    return this.key(text, start, end);
  }

  private key(text: string, start: number, end: number): Key {
    const { found } = this;
    found.text = text;
    found.start = start;
    found.end = end;
    return found;
  }

  /** Whether a quoted text is a key; the cursor then stands on the colon. */
  private isKey(start: number, end: number): boolean {
    const { cursor } = this;
    cursor.skipSpaces();
    const { source, at } = cursor;
    if (source.charCodeAt(at) !== code.colon) return false;
    const oneLine = start >= cursor.lineStart && end - start <= keyLengthMax;
    if (!oneLine || !isBlank(source.charCodeAt(at + 1))) giveUp();
    return true;
  }
}

/** The complete reader refuses longer ones. */
const keyLengthMax = 1000;

function isDash(source: string, at: number): boolean {
  return source.charCodeAt(at) === code.dash && isBlank(source.charCodeAt(at + 1));
}
