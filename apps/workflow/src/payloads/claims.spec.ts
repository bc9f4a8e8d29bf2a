import { describe, expect, it } from '@jest/globals';
import type { Entry } from '@parley/engine';
import { buildIr, runInMemory } from '@parley/engine/testing';
import { parseJson, type Json } from '@parley/kernel';
import { decodePayload } from '../engine/codec.js';
import {
  claimsOf,
  encodeEntries,
  entriesOf,
  inlineBytesMax,
  parseTurn,
  valueOfContent,
} from './claims.js';
import { KnownClaims } from './known-claims.js';

const entry = (input: Json, more: object = {}): Entry => ({
  kind: 'started',
  at: 1,
  run: 'run_1',
  input,
  ...more,
});

/** A value whose JSON text has that many bytes. */
const ofBytes = (bytes: number): Json => 'x'.repeat(bytes - 2);

function roundTrip(entries: readonly Entry[]) {
  const { payload, claims } = encodeEntries(entries);
  const values = new Map(claims.map(({ hash, content }) => [hash, valueOfContent(content)]));
  return {
    payload,
    claims,
    read: entriesOf(parseTurn(payload), (hash) => values.get(hash) ?? null),
  };
}

describe('entries as they are stored', () => {
  it.each([
    ['at the limit stays', inlineBytesMax, 0],
    ['above it is claimed', inlineBytesMax + 1, 1],
  ])('a value %s', (_what, bytes, claimed) => {
    const { claims, read } = roundTrip([entry(ofBytes(bytes))]);
    expect(claims).toHaveLength(claimed);
    expect(read).toEqual([entry(ofBytes(bytes))]);
  });

  it('small ones are stored as they were before there were objects', () => {
    const entries = [entry({ n: 1 }), entry({ n: 2 })];
    const { payload, claims } = encodeEntries(entries);
    expect(claims).toEqual([]);
    expect(decodePayload(payload)).toEqual(entries);
    expect(entriesOf(parseTurn(payload))).toEqual(entries);
  });

  it('counts bytes and not characters', () => {
    const { claims, read } = roundTrip([entry('ä'.repeat(inlineBytesMax / 2))]);
    expect(claims).toHaveLength(1);
    expect(read).toEqual([entry('ä'.repeat(inlineBytesMax / 2))]);
  });

  it('what a turn of the machine hands on is written once, and not again by a later turn', () => {
    const value: Json = { text: 'y'.repeat(20_000), twice: ['z'.repeat(20_000)] };
    const known = new KnownClaims();
    const ir = buildIr({ a: { set: '${ . }' }, b: { set: '${ . }' } });
    const { entries } = runInMemory(ir, { input: value });
    const { claims, payload, length } = encodeEntries(entries, { known });
    expect(claims).toHaveLength(1);
    expect(payload.length).toBeLessThan(2_000);
    expect(length).toBe(JSON.stringify(entries).length);
    const read = entriesOf(parseTurn(payload), () => value);
    expect(JSON.stringify(read)).toBe(JSON.stringify(entries));
    const later = encodeEntries(entries.slice(1), { known });
    expect(later.claims).toEqual([]);
    expect(later.length).toBe(JSON.stringify(entries.slice(1)).length);
    expect(claimsOf(parseTurn(later.payload))).toEqual(claims.map(({ hash }) => hash));
  });

  it('the same value is one object, however often it occurs', () => {
    const value = [ofBytes(20_000), 1];
    const { payload, claims, read } = roundTrip([
      entry(value, { data: [...value] }),
      entry(value),
      entry({ other: ofBytes(20_000) }),
    ]);
    expect(claims).toHaveLength(2);
    expect(claimsOf(parseTurn(payload)).sort()).toEqual(claims.map(({ hash }) => hash).sort());
    expect(payload.length).toBeLessThan(1_000);
    expect(read[0]?.kind === 'started' && read[0].input).toBe(
      read[1]?.kind === 'started' && read[1].input,
    );
  });

  it('keeps digits, the order of keys and of members, and data that looks like ours', () => {
    const text = `{"10":1,"9":12345678901234567890.000000000000000001,"entries":[],"places":[[0,"input","x"]],"long":${JSON.stringify(ofBytes(20_000))}}`;
    const entries = [entry(parseJson(text), { by: 'mem_1' })];
    const { claims, read } = roundTrip(entries);
    expect(claims).toHaveLength(1);
    expect(JSON.stringify(read)).toBe(JSON.stringify(entries));
    expect(claims[0]?.content.toString()).toBe(text);
  });

  it('are not read without the values that they refer to', () => {
    const { payload } = encodeEntries([entry(ofBytes(20_000))]);
    expect(() => entriesOf(parseTurn(payload))).toThrow(/was not read/);
  });
});
