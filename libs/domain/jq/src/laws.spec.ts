import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import fc from 'fast-check';
import { compile, JqError } from './index.js';

function evaluate(source: string, input: Json, variables: Record<string, Json> = {}): Json[] {
  const compiled = compile(source, { variables: Object.keys(variables) });
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.value.run(input, { variables });
}

function first(source: string, input: Json, variables?: Record<string, Json>): Json {
  return evaluate(source, input, variables)[0] ?? null;
}

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => value as Json);
const path = fc.array(fc.oneof(fc.string({ maxLength: 3 }), fc.nat({ max: 5 })), { maxLength: 4 });

describe('laws', () => {
  it('getpath finds what setpath put', () => {
    fc.assert(
      fc.property(path, json, (p, value) => {
        expect(first('setpath($p; $v) | getpath($p)', null, { p, v: value })).toEqual(value);
      }),
    );
  });

  it('sort orders, keeps every element and is idempotent', () => {
    fc.assert(
      fc.property(fc.array(json), (list) => {
        const source =
          'sort as $s | [([range(1; $s | length) | $s[. - 1] <= $s[.]] | all), ($s | length), ($s | sort == .)]';
        expect(first(source, list)).toEqual([true, list.length, true]);
      }),
    );
  });

  it('tojson and fromjson are inverse', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(first('(tojson | fromjson) == .', value)).toBe(true);
      }),
    );
  });

  it('every path leads to the value that iteration finds', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(first('[paths as $p | getpath($p)] == [..][1:]', value)).toBe(true);
        expect(first('fromstream(tostream) == .', value)).toBe(true);
      }),
    );
  });

  it('text survives every reversible format', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(first('[(@base64 | @base64d), (@uri | @urid), (explode | implode)]', text)).toEqual([
          text,
          text,
          text,
        ]);
      }),
    );
  });

  it('dates survive formatting', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2_000_000_000, max: 10_000_000_000 }), (seconds) => {
        expect(first('[(gmtime | mktime), (todate | fromdate)]', seconds)).toEqual([
          seconds,
          seconds,
        ]);
      }),
    );
  });

  it('never changes its input', () => {
    const sources = [
      '.[0].a = 1',
      '.[]? |= [.]',
      '(.. | numbers) += 1',
      'del(.[0])',
      'sort_by(.)',
      'to_entries | map(.value |= 1)',
      'add',
      'reduce .[]? as $x (.; .[0] = $x)',
      'walk(.)',
      '. * {a: {b: 1}}',
      'flatten | reverse | group_by(.)',
    ];
    fc.assert(
      fc.property(json, fc.constantFrom(...sources), (value, source) => {
        const before = JSON.stringify(value);
        attempt(() => evaluate(source, value));
        expect(JSON.stringify(value)).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with the regular expressions of JavaScript where both mean the same', () => {
    const piece = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(?:ab)', '^', '$', 'a?');
    const quantifier = fc.constantFrom('', '', '*', '+?', '{1,2}', '??');
    const part = fc.tuple(piece, quantifier).map(([p, q]) => (/[\^$?]$/.test(p) ? p : p + q));
    const pattern = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        const expected = [...subject.matchAll(new RegExp(source, 'g'))].map(([found]) => found);
        expect(first('[match($re; "g").string]', subject, { re: source })).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Some inputs do not fit some programs; that is not the point here. */
function attempt(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
  }
}
