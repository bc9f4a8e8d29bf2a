import { err, ok, type Result } from './result.js';

/** The kinds of identified things and the prefix that their ids carry. */
export const idPrefixes = {
  tenant: 'ten',
  member: 'mem',
  key: 'key',
  connector: 'con',
  conversation: 'cnv',
  message: 'msg',
  turn: 'trn',
  draft: 'drf',
  workflow: 'wf',
  run: 'run',
  approval: 'apr',
  workerTask: 'tsk',
  event: 'evt',
} as const;

/** A kind of identified thing. */
export type IdKind = keyof typeof idPrefixes;

/** An id of one kind: `<prefix>_<26 characters>`; ids of a kind sort by the time they were made. */
export type Id<K extends IdKind> = string & { readonly __kind?: K };

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const timeLength = 10;
const randomLength = 16;

/** 10 random bytes or more, from the runtime's cryptographic source. */
export type RandomBytes = (count: number) => Uint8Array;

/**
 * Makes an id of `kind`. The sortable part is a time in milliseconds and 80 random bits (the layout
 * of a ULID in lower case), so ids made later sort later.
 */
export function makeId<K extends IdKind>(kind: K, nowMs: number, random: RandomBytes): Id<K> {
  return `${idPrefixes[kind]}_${encodeTime(nowMs)}${encodeRandom(random)}`;
}

/** Checks that `text` is an id of `kind`; the refusal says what it should look like. */
export function parseId<K extends IdKind>(kind: K, text: string): Result<Id<K>, string> {
  const pattern = new RegExp(`^${idPrefixes[kind]}_[${alphabet}]{8,40}$`);
  return pattern.test(text)
    ? ok(text as Id<K>)
    : err(`expected an id like ${idPrefixes[kind]}_… but got ${JSON.stringify(text.slice(0, 60))}`);
}

function encodeTime(nowMs: number): string {
  let rest = Math.max(0, Math.floor(nowMs));
  let text = '';
  for (let i = 0; i < timeLength; i++) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function encodeRandom(random: RandomBytes): string {
  const bytes = random(randomLength);
  let text = '';
  for (let i = 0; i < randomLength; i++) text += alphabet.charAt((bytes[i] ?? 0) & 31);
  return text;
}
