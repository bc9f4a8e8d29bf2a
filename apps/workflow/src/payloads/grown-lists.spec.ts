import { describe, expect, it } from '@jest/globals';
import type { Entry } from '@parley/engine';
import { buildIr, runInMemory } from '@parley/engine/testing';
import { parseJson, type Json } from '@parley/kernel';
import { claimsOf, encodeEntries, entriesOf, parseTurn, valueOfContent } from './claims.js';
import { KnownClaims } from './known-claims.js';

/** A loop that hands a list on, with one item more each time. */
function growing(items: number, output: string, begin: Json = []): readonly Entry[] {
  const ir = buildIr({
    begin: { set: { all: begin, items } },
    loop: {
      for: { each: 'n', in: '[range(.items)]' },
      do: { step: { set: output } },
    },
  });
  return runInMemory(ir, { input: {} }).entries;
}

const mayGrow = () => true;

/** What was stored, read by somebody who has only the objects. */
function read(stored: readonly ReturnType<typeof encodeEntries>[]) {
  const objects = new Map<string, Json>();
  for (const { claims } of stored) {
    for (const { hash, content } of claims) objects.set(hash, valueOfContent(content));
  }
  return stored.flatMap(({ payload }) =>
    entriesOf(parseTurn(payload), (hash) => objects.get(hash) ?? null),
  );
}

const kept = '${ { all: (.all + [{ n: $n, text: "a text that is about as long as one" }]) } }';

describe('lists that grow, as they are stored', () => {
  it('are written down once for a turn', () => {
    const entries = growing(300, '${ { all: (.all + [$n]) } }');
    const stored = encodeEntries(entries, { mayGrow });
    expect(JSON.stringify(read([stored]))).toBe(JSON.stringify(entries));
    const text = JSON.stringify(entries).length;
    expect(stored.length).toBeLessThan(text / 3);
  });

  it('are kept in parts as they grow, and later turns name these', () => {
    const entries = growing(800, kept);
    const known = new KnownClaims();
    const turns = Array.from({ length: 20 }, (_, at) => entries.slice(at * 80, (at + 1) * 80));
    const stored = turns.map((turn) => encodeEntries(turn, { known, mayGrow }));
    expect(JSON.stringify(read(stored))).toBe(JSON.stringify(turns.flat()));
    const written = stored.flatMap(({ claims }) => claims.map(({ content }) => content.length));
    const longest = Math.max(...entries.map((entry) => JSON.stringify(entry).length));
    expect(written.reduce((sum, length) => sum + length, 0)).toBeLessThan(2 * longest);
    expect(new Set(stored.flatMap(({ payload }) => claimsOf(parseTurn(payload)))).size).toBe(
      written.length,
    );
  });

  it.each([
    ['inside other values', '${ { deep: { list: (.deep.list // .all) + [$n] }, all, n: $n } }'],
    ['in two places', '${ { all: (.all + [$n]), copy: .all } }'],
    ['two of them', '${ { all: (.all + [$n]), other: ((.other // .all) + [{ n: $n }]) } }'],
    [
      'that is cut and grows anew',
      '${ { all: (if $n % 90 == 0 then .all[:70] else .all + [$n] end) } }',
    ],
    ['with another one from the same', '${ { all: (.all + [$n]), other: (.all + ["other"]) } }'],
    ['of texts', '${ { all: (.all + ["\\($n) \\u0000 ä"]), "10": 1, "9": 2 } }'],
  ])('are read as they were: %s', (_what, output) => {
    const entries = growing(
      200,
      output,
      Array.from({ length: 80 }, (_, at) => at),
    );
    const known = new KnownClaims();
    const stored = [
      encodeEntries(entries.slice(0, 250), { known, mayGrow }),
      encodeEntries(entries.slice(250), { known, mayGrow }),
    ];
    expect(JSON.stringify(read(stored))).toBe(JSON.stringify(entries));
  });

  it('keep the order and the digits of what is around them', () => {
    const begin = parseJson('[{"10":1,"9":12345678901234567890.5}]') as Json[];
    const many = Array.from({ length: 100 }, () => begin[0] ?? null);
    const entries = growing(100, '${ { all: (.all + [.all[0]]), same: .all[0] } }', many);
    expect(JSON.stringify(read([encodeEntries(entries, { mayGrow })]))).toBe(
      JSON.stringify(entries),
    );
  });

  it('are not written again and again when they grow no more', () => {
    const entries = growing(800, kept);
    const known = new KnownClaims();
    const first = entries.slice(0, 1_400);
    const more = entries.slice(1_400, 1_440);
    const last = more.slice(-3);
    const stored = [first, more].map((turn) => encodeEntries(turn, { known, mayGrow }));
    expect(stored.map(({ claims }) => claims.length)).toEqual([1, 0]);
    for (let turn = 0; turn < 4; turn += 1) stored.push(encodeEntries(last, { known, mayGrow }));
    expect(JSON.stringify(read(stored))).toBe(
      JSON.stringify([...first, ...more, ...last, ...last, ...last, ...last]),
    );
    expect(stored.at(-1)?.claims).toEqual([]);
    expect(stored.at(-1)?.payload.length).toBeLessThan(1_000);
    expect(stored.flatMap(({ claims }) => claims)).toHaveLength(2);
  });

  it('are read from what an earlier release stored', () => {
    const text = `{"entries":[{"kind":"runCompleted","output":{"all":null,"n":1},"at":5}],"places":[],"lists":[[["h"],[3]]],"grown":[[0,["output","all"],0,2]]}`;
    const stored = Buffer.concat([Buffer.of(3, 0), Buffer.from(text)]);
    const turn = parseTurn(stored);
    expect(claimsOf(turn)).toEqual(['h']);
    expect(entriesOf(turn, () => [1, 2])).toEqual([
      { kind: 'runCompleted', output: { all: [1, 2], n: 1 }, at: 5 },
    ]);
  });

  it('are written whole as long as somebody reads who does not know of them', () => {
    const entries = growing(200, '${ { all: (.all + [$n]) } }');
    const stored = encodeEntries(entries);
    expect(stored.payload[0]).not.toBe(3);
    expect(JSON.stringify(read([stored]))).toBe(JSON.stringify(entries));
  });
});
