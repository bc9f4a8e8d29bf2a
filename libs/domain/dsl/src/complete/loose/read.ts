import { sourceLengthMax } from '../../source/limits.js';
import type { ScalarNode, SourceNode, Span } from '../../source/tree.js';
import { readFlow } from './flow.js';
import { keyAt } from './keys.js';
import {
  addEntry,
  closeBlock,
  listAt,
  mapAt,
  nothingAt,
  type LooseCollection,
  type LooseEntry,
  type Read,
  type Slot,
} from './nodes.js';
import { readBlockScalar, readPlain, readQuoted } from './scalars.js';
import { isBlank, isLineRest, lineEndAt, lineStartAt, nextLineAt, skipBlanks } from './text.js';

/**
 * Reads a text that is being typed. Indentation alone says what belongs to what, so a mistake stays
 * in its line; nothing is reported, and every text gives a tree. Of a text without mistakes the tree
 * is the one that the definition has.
 *
 * L1  Time is linear in the text, and the stack does not grow with block nesting.
 * L2  Nodes lie inside of their parents, siblings one behind the other.
 */
export function readLoosely(source: string): SourceNode | undefined {
  if (source.length > sourceLengthMax) return undefined;
  return new BlockReader(source).read();
}

/** A block collection that later lines may still belong to. */
interface Open {
  readonly column: number;
  readonly node: LooseCollection;
}

/** What is left of a line. */
interface Rest {
  readonly lineStart: number;
  readonly at: number;
  readonly end: number;
}

class BlockReader {
  private readonly source: string;
  private readonly stack: Open[] = [];
  private root: SourceNode | undefined;
  /** Where the next line begins. */
  private at = 0;

  constructor(source: string) {
    this.source = source;
  }

  read(): SourceNode | undefined {
    if (this.source.charCodeAt(0) === 0xfeff) this.at = 1;
    while (this.at < this.source.length) this.line();
    for (const { node } of this.stack.reverse()) closeBlock(node);
    return this.root;
  }

  private line(): void {
    const lineStart = this.at;
    const end = lineEndAt(this.source, lineStart);
    let at = skipBlanks(this.source, lineStart, end);
    this.at = nextLineAt(this.source, end);
    if (isLineRest(this.source, at, end) || this.isMarker(lineStart, end)) return;
    while (this.isDash(at, end)) {
      this.dash(at, at - lineStart);
      at = skipBlanks(this.source, at + 1, end);
    }
    if (!isLineRest(this.source, at, end)) this.content({ lineStart, at, end });
  }

  private isMarker(start: number, end: number): boolean {
    return end - start >= 3 && /^(?:---|\.\.\.)\s*$/.test(this.source.slice(start, end));
  }

  private isDash(at: number, end: number): boolean {
    if (at >= end || this.source.charCodeAt(at) !== 0x2d) return false;
    return at + 1 === end || isBlank(this.source.charCodeAt(at + 1));
  }

  private dash(at: number, column: number): void {
    this.popTo(column);
    let list = this.openAt(column, 'list');
    if (list?.kind !== 'list') {
      list = listAt(at, this.slot(), false);
      if (!this.open(list, column)) return;
    }
    list.dashes.push(at);
    list.items.push(nothingAt(at + 1, { pointer: `${list.pointer}/${list.items.length}` }));
  }

  private content({ lineStart, at, end }: Rest): void {
    const column = at - lineStart;
    const key = keyAt(this.source, at, end);
    if (key !== undefined) {
      if (!this.entry(key.text, { start: at, end: key.end }, column)) return;
      const after = skipBlanks(this.source, key.colon + 1, end);
      if (!isLineRest(this.source, after, end)) this.value(after);
      return;
    }
    this.popTo(column);
    if (this.isFree(column)) {
      this.value(at);
      return;
    }
    const word = /^[^\s#]+/.exec(this.source.slice(at, end))?.[0] ?? '';
    this.popListAt(column);
    if (this.openAt(column, 'map') === undefined) return;
    this.entry(word, { start: at, end: at + word.length }, column);
  }

  /** One more member of the map at this column; begins the map when there is none. */
  private entry(key: string, span: Span, column: number): LooseEntry | undefined {
    this.popTo(column);
    this.popListAt(column);
    let map = this.openAt(column, 'map');
    if (map?.kind !== 'map') {
      const word = this.wordAt(column);
      map = mapAt(word?.span.start ?? span.start, this.slot(), false);
      if (!this.open(map, column)) return undefined;
      if (word !== undefined) addEntry(map, String(word.value), word.span);
    }
    return addEntry(map, key, span);
  }

  /** A word where a map turns out to stand was a key that is being typed. */
  private wordAt(column: number): ScalarNode | undefined {
    const last = this.last();
    if (last?.kind !== 'scalar' || last.style !== 'plain' || last.value === null) return undefined;
    const { start } = last.span;
    const lineStart = lineStartAt(this.source, start);
    const isFirst = /^[ \t-]*$/.test(this.source.slice(lineStart, start));
    return isFirst && start - lineStart === column ? last : undefined;
  }

  private value(at: number): void {
    const { node, next } = this.readValue(at);
    this.fill(node);
    this.at = Math.max(this.at, next);
  }

  private readValue(at: number): Read {
    const slot = this.slot();
    switch (this.source.charCodeAt(at)) {
      case 0x7c:
      case 0x3e:
        return readBlockScalar(this.source, at, slot);
      case 0x22:
      case 0x27:
        return readQuoted(this.source, at, slot);
      case 0x7b:
      case 0x5b:
        return readFlow(this.source, at, slot);
      default:
        return readPlain(this.source, at, slot);
    }
  }

  /** Where the next value goes. */
  private slot(): Slot {
    const top = this.stack.at(-1);
    if (top === undefined) return { pointer: '', outer: -1 };
    const outer = top.column;
    if (top.node.kind === 'list') return { pointer: this.last()?.pointer ?? '', outer };
    const entry = top.node.entries.at(-1);
    return { pointer: entry?.value.pointer ?? '', keySpan: entry?.keySpan, outer };
  }

  /** What was read last in the innermost collection. */
  private last(): SourceNode | undefined {
    const top = this.stack.at(-1)?.node;
    if (top === undefined) return this.root;
    return top.kind === 'map' ? top.entries.at(-1)?.value : top.items.at(-1);
  }

  /** Whether a value that begins at this column has a place that waits for it. */
  private isFree(column: number): boolean {
    const top = this.stack.at(-1);
    if (top === undefined) return this.root === undefined;
    return top.column < column && this.isEmptyHere();
  }

  /** Begins a collection, which must be indented deeper than the one around it. */
  private open(node: LooseCollection, column: number): boolean {
    const top = this.stack.at(-1);
    if (top !== undefined && top.column >= column) {
      const isCompact = node.kind === 'list' && top.node.kind === 'map' && this.isEmptyHere();
      if (!isCompact || top.column > column) return false;
    }
    if (!this.fill(node)) return false;
    this.stack.push({ column, node });
    return true;
  }

  private isEmptyHere(): boolean {
    const last = this.last();
    return last?.kind === 'scalar' && last.value === null;
  }

  /** Puts a node in the place that waits for it, or over a text that makes no sense there. */
  private fill(node: SourceNode): boolean {
    const last = this.last();
    if (last !== undefined && last.kind !== 'scalar') return false;
    const top = this.stack.at(-1)?.node;
    if (top === undefined) this.root = node;
    else if (top.kind === 'list') top.items[top.items.length - 1] = node;
    else {
      const entry = top.entries.at(-1);
      if (entry !== undefined) entry.value = node;
    }
    return true;
  }

  private openAt(column: number, kind: LooseCollection['kind']): LooseCollection | undefined {
    const top = this.stack.at(-1);
    return top?.column === column && top.node.kind === kind ? top.node : undefined;
  }

  /** Closes what is indented deeper than `column`; the outermost stays. */
  private popTo(column: number): void {
    while (this.stack.length > 1 && (this.stack.at(-1)?.column ?? 0) > column) this.pop();
  }

  /** A key at the column of a list belongs to the map around the list. */
  private popListAt(column: number): void {
    if (this.stack.length > 1 && this.openAt(column, 'list') !== undefined) this.pop();
  }

  private pop(): void {
    const top = this.stack.pop();
    if (top !== undefined) closeBlock(top.node);
  }
}
