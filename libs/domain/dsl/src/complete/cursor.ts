import type { ListNode, MapEntry, MapNode, SourceNode, Span } from '../source/tree.js';
import { sourceLengthMax } from '../source/limits.js';
import { readLoosely } from './loose/read.js';
import { lineStartAt, nextContent } from './loose/text.js';

/** One step of the way from the root to the cursor. */
export interface Step {
  readonly node: MapNode | ListNode;
  /** The member or item through which the way goes on. */
  readonly key: string | number;
}

/** Where in a text the cursor stands, and what of the text a proposal there replaces. */
export interface Cursor {
  readonly source: string;
  readonly offset: number;
  readonly root: SourceNode | undefined;
  /**
   * `key`: a member's name in `map`. `value`: the value that `path` leads to. `item`: a new item,
   * dash included, of the list that `path` leads to.
   */
  readonly at: 'key' | 'value' | 'item';
  /** To the value under the cursor; for a key, to the map that it is in. */
  readonly path: readonly Step[];
  readonly from: number;
  readonly to: number;
  /** For keys: the map, when it has begun. */
  readonly map?: MapNode;
  /** For keys: the member under the cursor. */
  readonly entry?: MapEntry;
  /** For keys: the list at the same column, which a new item could be added to as well. */
  readonly list?: { readonly path: readonly Step[]; readonly node: ListNode };
  /** For values: what is written there. */
  readonly node?: SourceNode;
  /** The value stands on a line of its own, so that members or items can be written there. */
  readonly ownLine: boolean;
  /** Inside of brackets. */
  readonly flow: boolean;
  /** Column that a proposal begins at. */
  readonly column: number;
}

/** Far more levels than a definition may have. */
const depthMax = 300;

/** Finds the cursor in a text, which need not be finished; undefined in comments and between things. */
export function cursorAt(source: string, offset: number): Cursor | undefined {
  if (source.length > sourceLengthMax) return undefined;
  const root = readLoosely(source);
  return new Finder(source, Math.max(0, Math.min(offset, source.length)), root).find();
}

type Place = Pick<Cursor, 'at' | 'path' | 'from' | 'to'> &
  Partial<Pick<Cursor, 'map' | 'entry' | 'node' | 'list' | 'ownLine' | 'flow'>>;

/** A collection on the way to the cursor; `path` leads to it. */
interface Level {
  readonly node: MapNode | ListNode;
  readonly path: readonly Step[];
}

class Finder {
  private readonly source: string;
  private readonly offset: number;
  private readonly root: SourceNode | undefined;
  private readonly lineStart: number;

  constructor(source: string, offset: number, root: SourceNode | undefined) {
    this.source = source;
    this.offset = offset;
    this.root = root;
    this.lineStart = lineStartAt(source, offset);
  }

  find(): Cursor | undefined {
    const place = this.place();
    if (place === undefined) return undefined;
    const { source, offset, root } = this;
    const column = place.from - lineStartAt(source, place.from);
    return { source, offset, root, ownLine: false, flow: false, column, ...place };
  }

  private place(): Place | undefined {
    if (this.root === undefined) return this.onBlankLine([]);
    const levels: Level[] = [];
    let node = this.root;
    let path: readonly Step[] = [];
    while (path.length < depthMax) {
      if (node.kind === 'scalar') return this.inScalar(node, path) ?? this.around(levels, node);
      if (node.flow && this.isInside(node)) return this.inFlow(node, path);
      if (node.flow) return this.around(levels, node);
      levels.push({ node, path });
      const child = this.childBefore(node);
      if (child === undefined) return this.around(levels, undefined);
      if (child.entry !== undefined && this.hits(child.entry.keySpan)) {
        return this.onKey(child.entry, node as MapNode, path);
      }
      path = [...path, { node, key: child.key }];
      node = child.value;
    }
    return undefined;
  }

  /** The last child that begins before the cursor. */
  private childBefore(
    node: MapNode | ListNode,
  ): { key: string | number; value: SourceNode; entry?: MapEntry } | undefined {
    if (node.kind === 'map') {
      const entry = node.entries.findLast(({ keySpan }) => keySpan.start <= this.offset);
      return entry && { key: entry.key, value: entry.value, entry };
    }
    const starts = node.flow ? node.items.map(({ span }) => span.start) : node.dashes;
    const key = starts.findLastIndex((start) => start <= this.offset);
    const value = node.items[key];
    return value && { key, value };
  }

  private hits({ start, end }: Span): boolean {
    return start <= this.offset && this.offset <= end;
  }

  private onKey(entry: MapEntry, map: MapNode, path: readonly Step[]): Place {
    const { start: from, end: to } = entry.keySpan;
    return { at: 'key', path, from, to, map, entry, flow: map.flow };
  }

  private inScalar(node: SourceNode, path: readonly Step[]): Place | undefined {
    if (node.kind !== 'scalar' || node.span.start === node.span.end) return undefined;
    const isBlock = node.style === 'literal' || node.style === 'folded';
    const end = isBlock ? Math.max(node.span.end, node.extentEnd - 1) : node.span.end;
    if (!this.hits({ start: node.span.start, end })) return undefined;
    const from = node.span.start;
    const flow = path.at(-1)?.node.flow === true;
    return { at: 'value', path, from, to: node.span.end, node, flow, ownLine: this.isFirst(from) };
  }

  /** Only space and dashes stand before `at` on its line. */
  private isFirst(at: number): boolean {
    const start = lineStartAt(this.source, at);
    return /^[ \t-]*$/.test(this.source.slice(start, at));
  }

  private isInside(node: MapNode | ListNode): boolean {
    if (this.offset <= node.span.start) return false;
    const closing = node.kind === 'map' ? '}' : ']';
    const isClosed = this.source.charAt(node.span.end - 1) === closing;
    return !isClosed || this.offset < node.span.end;
  }

  private inFlow(outer: MapNode | ListNode, outerPath: readonly Step[]): Place | undefined {
    let node: SourceNode = outer;
    let path = outerPath;
    for (;;) {
      if (node.kind === 'scalar') return this.inScalar(node, path) ?? this.inGap(path);
      if (!this.isInside(node)) return this.inGap(path);
      const child = this.childBefore(node);
      if (child === undefined) return this.inGap([...path, { node, key: '' }]);
      if (child.entry !== undefined && this.hits(child.entry.keySpan)) {
        return this.onKey(child.entry, node as MapNode, path);
      }
      path = [...path, { node, key: child.key }];
      node = child.value;
    }
  }

  /** Between the tokens in brackets: what was written last says what comes next. */
  private inGap(path: readonly Step[]): Place | undefined {
    const last = path.at(-1);
    if (last === undefined) return undefined;
    const before = this.source.slice(last.node.span.start, this.offset).trimEnd().at(-1) ?? '';
    const [from, to] = [this.offset, this.offset];
    const outer = path.slice(0, -1);
    if (before === ':' && last.node.kind === 'map') {
      return { at: 'value', path, from, to, flow: true };
    }
    if (before !== ',' && before !== '{' && before !== '[') return undefined;
    if (last.node.kind === 'map') {
      return { at: 'key', path: outer, from, to, map: last.node, flow: true };
    }
    const step = { node: last.node, key: last.node.items.length };
    return { at: 'value', path: [...outer, step], from, to, flow: true };
  }

  /** Not on anything that is written: behind a key or a dash, or on a blank line. */
  private around(levels: readonly Level[], last: SourceNode | undefined): Place | undefined {
    const before = this.source.slice(this.lineStart, this.offset);
    if (before.trim() === '') return this.onBlankLine(levels);
    const level = levels.at(-1);
    if (level === undefined || last?.kind !== 'scalar' || last.value !== null) return undefined;
    if (last.span.start !== last.span.end) return undefined;
    const child = this.childBefore(level.node);
    const start = child?.entry?.keySpan.end ?? last.span.start - 1;
    const gap = this.source.slice(start, this.offset);
    if (child === undefined || !/^\s*[:-][ \t]*$/.test(gap)) return undefined;
    const path = [...level.path, { node: level.node, key: child.key }];
    const ownLine = child.entry === undefined && /[ \t]$/.test(gap);
    return { at: 'value', path, from: this.offset, to: this.offset, node: last, ownLine };
  }

  /** On a blank line, the column of the cursor says what it belongs to. */
  private onBlankLine(levels: readonly Level[]): Place | undefined {
    const end = this.source.indexOf('\n', this.offset);
    const after = this.source.slice(this.offset, end === -1 ? undefined : end);
    if (after.trim() !== '') return undefined;
    const column = this.offset - this.lineStart;
    const next = nextContent(this.source, end === -1 ? this.source.length : end + 1);
    // What stands deeper below would become part of what is written here.
    if (next !== undefined && next.at - next.start > column) return undefined;
    const here = { from: this.offset, to: this.offset, ownLine: true };
    const open = levels.filter(({ node }) => this.columnOf(node) <= column);
    const top = open.at(-1);
    if (top === undefined) {
      return this.root === undefined ? { at: 'value', path: [], ...here } : undefined;
    }
    const { node, path } = top;
    const outer = open.at(-2);
    if (this.columnOf(node) === column) {
      if (node.kind === 'map') return { at: 'key', path, map: node, ...here };
      if (outer?.node.kind !== 'map' || this.columnOf(outer.node) !== column) {
        return { at: 'item', path, node, ...here };
      }
      const list = { path, node };
      const isBeforeItem = next !== undefined && next.at - next.start === column;
      if (isBeforeItem && this.source.charAt(next.at) === '-') {
        return { at: 'item', path, node, ...here };
      }
      return { at: 'key', path: outer.path, map: outer.node, list, ...here };
    }
    const child = this.childBefore(node);
    if (child?.value.kind !== 'scalar' || child.value.value !== null) return undefined;
    if (child.value.span.start !== child.value.span.end) return undefined;
    return { at: 'value', path: [...path, { node, key: child.key }], node: child.value, ...here };
  }

  private columnOf(node: MapNode | ListNode): number {
    const first = node.kind === 'map' ? node.entries[0]?.keySpan.start : node.dashes[0];
    const at = first ?? node.span.start;
    return at - lineStartAt(this.source, at);
  }
}
