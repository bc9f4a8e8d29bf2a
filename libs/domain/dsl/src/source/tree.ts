import { type Json, type JsonObject } from '@parley/kernel';

/** A half-open range of UTF-16 offsets in the source text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A definition as written: JSON values that know where they stand. This is all that the rest of the
 * library sees of YAML.
 */
export type SourceNode = ScalarNode | ListNode | MapNode;

interface NodeBase {
  /** From the first to the last visible character. */
  readonly span: Span;
  /** Where the text that belongs to the node ends; after `span.end` only for block scalars. */
  readonly extentEnd: number;
  /** JSON Pointer from the root. */
  readonly pointer: string;
  /** The key that the node is the value of. */
  readonly keySpan?: Span | undefined;
}

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly value: null | boolean | number | string;
  readonly style: ScalarStyle;
}

export interface ListNode extends NodeBase {
  readonly kind: 'list';
  readonly items: readonly SourceNode[];
  /** Written with brackets. */
  readonly flow: boolean;
  /** Offsets of the dashes; none in brackets. */
  readonly dashes: readonly number[];
}

export interface MapNode extends NodeBase {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
  /** Written with braces. */
  readonly flow: boolean;
}

export interface MapEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: SourceNode;
}

/** The member `key` of a map. */
export function memberOf(node: SourceNode | undefined, key: string): SourceNode | undefined {
  return entryOf(node, key)?.value;
}

/** The entry `key` of a map. */
function entryOf(node: SourceNode | undefined, key: string): MapEntry | undefined {
  return node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;
}

/** The string that a node is, or undefined. */
export function textOf(node: SourceNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/** The JSON value of a node. */
export function toJson(node: SourceNode): Json {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toJson);
    case 'map':
      return toJsonObject(node);
  }
}

/** The JSON object of a map; `Object.fromEntries` makes `__proto__` an ordinary key. */
export function toJsonObject(node: MapNode): JsonObject {
  return Object.fromEntries(node.entries.map((entry) => [entry.key, toJson(entry.value)]));
}

/** One more token on a JSON Pointer. */
export function pointerTo(pointer: string, token: string | number): string {
  return `${pointer}/${escapeToken(String(token))}`;
}

/** RFC 6901 escaping; task names use it in name paths too. */
export function escapeToken(token: string): string {
  // Hardly any token needs it, and every node of a definition asks.
  if (!token.includes('/') && !token.includes('~')) return token;
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The reverse of `escapeToken`. */
export function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** What a node is, in the words of diagnostics. */
export function kindOf(node: SourceNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'an object';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'string') return 'a text';
  return typeof node.value === 'number' ? 'a number' : 'true or false';
}
