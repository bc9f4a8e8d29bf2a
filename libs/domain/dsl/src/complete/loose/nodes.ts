import { pointerTo, type ScalarStyle, type SourceNode, type Span } from '../../source/tree.js';

/** The tree of `source/tree.ts` while it is being built. */
export interface LooseSpan {
  start: number;
  end: number;
}

interface LooseBase {
  span: LooseSpan;
  extentEnd: number;
  readonly pointer: string;
  readonly keySpan?: Span;
}

export interface LooseMap extends LooseBase {
  readonly kind: 'map';
  readonly entries: LooseEntry[];
  readonly flow: boolean;
}

export interface LooseList extends LooseBase {
  readonly kind: 'list';
  readonly items: SourceNode[];
  readonly dashes: number[];
  readonly flow: boolean;
}

export interface LooseEntry {
  readonly key: string;
  readonly keySpan: Span;
  value: SourceNode;
}

export type LooseCollection = LooseMap | LooseList;

/** Where a node is put: its pointer, its key, and how far the collection around it is indented. */
export interface Slot {
  readonly pointer: string;
  readonly keySpan?: Span;
  /** Column of the key or dash before the value; −1 at the root. */
  readonly outer: number;
}

/** A node, and where reading goes on. */
export interface Read {
  readonly node: SourceNode;
  readonly next: number;
}

export function mapAt(start: number, { pointer, keySpan }: Slot, flow: boolean): LooseMap {
  const span = { start, end: start };
  const map: LooseMap = { kind: 'map', entries: [], flow, span, extentEnd: start, pointer };
  return keySpan === undefined ? map : { ...map, keySpan };
}

export function listAt(start: number, { pointer, keySpan }: Slot, flow: boolean): LooseList {
  const span = { start, end: start };
  const list: LooseList = {
    kind: 'list',
    items: [],
    dashes: [],
    flow,
    span,
    extentEnd: start,
    pointer,
  };
  return keySpan === undefined ? list : { ...list, keySpan };
}

/** Adds a member whose value is not read yet. */
export function addEntry(map: LooseMap, key: string, keySpan: Span): LooseEntry {
  const value = nothingAt(keySpan.end, { pointer: joined(map.pointer, key), keySpan });
  const entry = { key, keySpan, value };
  map.entries.push(entry);
  return entry;
}

export function nothingAt(at: number, { pointer, keySpan }: Omit<Slot, 'outer'>): SourceNode {
  const span = { start: at, end: at };
  if (keySpan === undefined) {
    return { kind: 'scalar', value: null, style: 'plain', span, extentEnd: at, pointer };
  }
  return { kind: 'scalar', value: null, style: 'plain', span, extentEnd: at, pointer, keySpan };
}

export function scalarAt(
  span: Span,
  { pointer, keySpan }: Slot,
  content: { readonly value: string; readonly style: ScalarStyle; readonly extentEnd?: number },
): SourceNode {
  const { style, extentEnd = span.end } = content;
  const value = style === 'plain' ? plainValue(content.value) : content.value;
  if (keySpan === undefined) return { kind: 'scalar', value, style, span, extentEnd, pointer };
  return { kind: 'scalar', value, style, span, extentEnd, pointer, keySpan };
}

/** A collection ends where its last child ends. */
export function closeBlock(node: LooseCollection): void {
  const last = node.kind === 'map' ? node.entries.at(-1)?.value : node.items.at(-1);
  if (last === undefined) return;
  node.span.end = last.span.end;
  node.extentEnd = last.extentEnd;
}

/** The pointer of a member; most names need no escapes. */
function joined(pointer: string, key: string): string {
  return key.includes('/') || key.includes('~') ? pointerTo(pointer, key) : `${pointer}/${key}`;
}

/** What YAML's core schema makes of a text without quotes. */
function plainValue(text: string): null | boolean | number | string {
  if (text === '') return null;
  return /^[-+.0-9tTfFnN~]/.test(text) ? wordValue(text) : text;
}

function wordValue(text: string): null | boolean | number | string {
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^(?:null|Null|NULL|~)$/.test(text)) return null;
  if (/^[-+]?\d+$|^0o[0-7]+$|^0x[0-9a-fA-F]+$/.test(text)) return Number(text);
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  return text;
}
