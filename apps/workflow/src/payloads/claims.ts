import { createHash } from 'node:crypto';
import { jsonSize, knownJsonSize, mayHoldGrown, type Entry } from '@parley/engine';
import { parseJson, type Json } from '@parley/kernel';
import { decodeText, encodeText } from '../engine/codec.js';
import { withGrown, withoutGrown, type ListPlace, type StoredList } from './grown-lists.js';
import { KnownClaims } from './known-claims.js';

/** Values of entries whose JSON text has more bytes are kept as objects, once for each content. */
export const inlineBytesMax = 16 * 1024;

/**
 * The same of what steps came to that are not recorded one by one: it stands for a whole turn, is never
 * the same again, and an object of its own for each turn would cost more than it is worth.
 */
const changeInlineBytesMax = 256 * 1024;

/** The first byte of a stored turn with values that are kept as objects; a payload follows. */
const claimed = 2;
/** The same of one with lists that grow; it may have such values, too. */
const grown = 3;

/** A value that is kept as an object. */
export interface Claim {
  /** SHA-256 of its JSON text. */
  readonly hash: string;
  /** Its JSON text. */
  readonly content: Buffer;
}

/** A turn's entries as they are stored, and what has to be durable before they are. */
export interface EncodedEntries {
  /** Of the JSON text of the entries, with all that is in them; of lists that grow, with what is new. */
  readonly length: number;
  readonly payload: Buffer;
  readonly claims: readonly Claim[];
}

/** Which member of which entry is kept under which hash. */
type Place = readonly [entry: number, member: string, hash: string];

interface Claimed {
  readonly entries: readonly Entry[];
  readonly places: readonly Place[];
  readonly lists?: readonly StoredList[];
  readonly grown?: readonly ListPlace[];
}

export interface Encoding {
  /** Learns what was taken out. */
  readonly known?: KnownClaims;
  /** Whether everybody who reads it knows of lists that grow. */
  readonly mayGrow?: () => boolean;
}

/** Entries as they are stored; what is large is taken out of them. */
export function encodeEntries(
  entries: readonly Entry[],
  { known = new KnownClaims(), mayGrow = () => false }: Encoding = {},
): EncodedEntries {
  const found: Found = { claims: new Map(), places: [], known, lifted: 0 };
  const ungrown = entries.some(hasGrown) && mayGrow() ? ungrownOf(entries, found) : undefined;
  let rest = withoutMeasured(ungrown?.entries ?? entries, found);
  let text = JSON.stringify(rest);
  const length = text.length + found.lifted;
  if (text.length * utf8BytesMax > inlineBytesMax && Buffer.byteLength(text) > inlineBytesMax) {
    const before = found.places.length;
    rest = rest.map((entry, index) =>
      mayBeLarge(entry) ? withoutLarge(entry, index, found) : entry,
    );
    if (found.places.length > before) text = JSON.stringify(rest);
  }
  const { places, claims } = found;
  if (ungrown !== undefined) {
    const more = JSON.stringify({ places, lists: ungrown.lists, grown: ungrown.places });
    const payload = marked(grown, `{"entries":${text},${more.slice(1)}`);
    return { length: length + more.length, payload, claims: [...claims.values()] };
  }
  if (places.length === 0) return { length, payload: encodeText(text), claims: [] };
  const payload = marked(claimed, `{"entries":${text},"places":${JSON.stringify(places)}}`);
  return { length, payload, claims: [...claims.values()] };
}

function marked(mark: number, text: string): Buffer {
  return Buffer.concat([Buffer.of(mark), encodeText(text)]);
}

/** Whether a member of it is a list that grows, or may hold one. */
function hasGrown(entry: Entry): boolean {
  for (const member in entry) {
    if (mayHoldGrown((entry as unknown as Record<string, Json | undefined>)[member])) return true;
  }
  return false;
}

function ungrownOf(entries: readonly Entry[], found: Found) {
  return withoutGrown(entries, found.known, (items, isWanted) => {
    const text = JSON.stringify(items);
    const claim = isWanted ? claimOfContent(Buffer.from(text)) : claimOfText(text);
    if (claim === undefined) return undefined;
    found.claims.set(claim.hash, claim);
    found.lifted += claim.content.length;
    return claim.hash;
  });
}

/** What is taken out of the entries of a turn. */
interface Found {
  /** What the run's journal does not refer to yet. */
  readonly claims: Map<string, Claim>;
  readonly places: Place[];
  readonly known: KnownClaims;
  /** Length of the JSON text of all that was taken out. */
  lifted: number;
}

/** Lengths of JSON texts of values that are kept as objects. */
const lengths = new WeakMap<object, number>();

/**
 * The entries without the values that the machine found to be large. One that is handed on from step
 * to step is the same object in all of their entries, and is written down and hashed once.
 */
function withoutMeasured(entries: readonly Entry[], found: Found): readonly Entry[] {
  let rest: Entry[] | undefined;
  for (const [index, entry] of entries.entries()) {
    let left = entry;
    for (const member in entry) {
      const value = (entry as unknown as Record<string, Json | undefined>)[member];
      if (typeof value !== 'object' || value === null) continue;
      if ((knownJsonSize(value) ?? 0) <= inlineBytesMaxOf(entry)) continue;
      const hash = hashOfLarge(value, found);
      if (hash === undefined) continue;
      found.lifted += (lengths.get(value) ?? 0) - 'null'.length;
      found.places.push([index, member, hash]);
      left = { ...left, [member]: null };
    }
    if (left === entry) continue;
    rest ??= [...entries];
    rest[index] = left;
  }
  return rest ?? entries;
}

function inlineBytesMaxOf({ kind }: Entry): number {
  return kind === 'changed' ? changeInlineBytesMax : inlineBytesMax;
}

/** What a value is kept under, if its text turns out to be large. */
function hashOfLarge(value: object, { claims, known }: Found): string | undefined {
  const hash = known.hashOf(value);
  if (hash !== undefined && lengths.has(value)) return hash;
  const text = JSON.stringify(value);
  const claim = claimOfText(text);
  if (claim === undefined) return undefined;
  lengths.set(value, text.length);
  if (hash === undefined) claims.set(claim.hash, claim);
  known.learn(value, claim.hash);
  return claim.hash;
}

/** Bytes of a text over what it was measured to be, at most: a character can be written as \u0000. */
const measuredBytesMax = 6;

/** Whether a value in it could be; most entries of a long turn are small. */
function mayBeLarge(entry: Entry): boolean {
  return jsonSize(entry as unknown as Json) * measuredBytesMax > inlineBytesMax;
}

/** Bytes of a UTF-16 unit in UTF-8, at most. */
const utf8BytesMax = 3;

function withoutLarge(entry: Entry, index: number, found: Found): Entry {
  let rest = entry;
  for (const [member, value] of Object.entries(entry) as [string, Json | undefined][]) {
    if (typeof value !== 'string' && typeof value !== 'object') continue;
    const claim = claimOfText(JSON.stringify(value));
    if (claim === undefined || claim.content.length <= inlineBytesMaxOf(entry)) continue;
    const { hash } = claim;
    found.claims.set(hash, claim);
    if (typeof value === 'object' && value !== null) found.known.learn(value, hash);
    found.places.push([index, member, hash]);
    rest = { ...rest, [member]: null };
  }
  return rest;
}

/** The object that a value becomes when its JSON text is large; undefined when it stays where it is. */
export function claimOfText(text: string): Claim | undefined {
  if (text.length * utf8BytesMax <= inlineBytesMax) return undefined;
  const content = Buffer.from(text);
  return content.length <= inlineBytesMax ? undefined : claimOfContent(content);
}

function claimOfContent(content: Buffer): Claim {
  return { hash: createHash('sha256').update(content).digest('hex'), content };
}

/** A stored turn as it was parsed; what is kept as objects is not in it yet. */
export type ParsedTurn = readonly Entry[] | Claimed;

export function parseTurn(stored: Buffer): ParsedTurn {
  return parseTurnText(textOfTurn(stored));
}

export function parseTurnText(text: string): ParsedTurn {
  return parseJson(text) as unknown as ParsedTurn;
}

export function entryCountOf(turn: ParsedTurn): number {
  return isClaimed(turn) ? turn.entries.length : turn.length;
}

/** The JSON text that `ParsedTurn` is parsed from. */
export function textOfTurn(stored: Buffer): string {
  const isMarked = stored[0] === claimed || stored[0] === grown;
  return decodeText(isMarked ? stored.subarray(1) : stored);
}

/** The hashes of the values that a turn does not hold itself. */
export function claimsOf(turn: ParsedTurn): string[] {
  if (!isClaimed(turn)) return [];
  const parts = turn.lists?.flatMap(([hashes]) => hashes) ?? [];
  return [...new Set([...turn.places.map(([, , hash]) => hash), ...parts])];
}

/**
 * The entries of a turn as `encodeEntries` was given them, every digit of them.
 * @param valueOf the value of a claim: one object for each hash, as they were before
 */
export function entriesOf(
  turn: ParsedTurn,
  valueOf: (hash: string) => Json = refuse,
): readonly Entry[] {
  if (!isClaimed(turn)) return turn;
  const whole = [...turn.entries];
  for (const [index, member, hash] of turn.places) {
    whole[index] = { ...whole[index], [member]: valueOf(hash) } as Entry;
  }
  const { lists, grown: places } = turn;
  if (lists === undefined || places === undefined) return whole;
  return withGrown({ entries: whole, lists, places }, valueOf);
}

function isClaimed(turn: ParsedTurn): turn is Claimed {
  return !Array.isArray(turn);
}

function refuse(hash: string): Json {
  throw new Error(`the object ${hash} was not read`);
}

export function valueOfContent(content: Buffer): Json {
  return parseJson(content.toString());
}
