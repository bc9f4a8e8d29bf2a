import { describe, expect, it } from '@jest/globals';
import { loadJq } from 'jq-wasm';
import { compile } from '../../src/index.js';
import { FEATURES } from './programs.js';

/** Builtins of jq that reach outside of the evaluation: refused by name when compiling. */
const REFUSED = [
  ...['debug/0', 'debug/1', 'env/0', 'get_jq_origin/0', 'get_prog_origin/0', 'get_search_list/0'],
  ...['halt/0', 'halt_error/0', 'halt_error/1', 'input/0', 'input_filename/0', 'inputs/0'],
  ...['input_line_number/0', 'localtime/0', 'modulemeta/0', 'stderr/0', 'strflocaltime/1'],
];

/** The oracle lacks it; elsewhere jq has it. */
const UNTESTED = ['gamma/0'];

describe('the builtins of jq', () => {
  it('are all tested against jq, or refused by name', async () => {
    const jq = await loadJq();
    const theirs = jq.first<string[]>(null, 'builtins') ?? [];
    const features = FEATURES.map(([name]) => name);
    const known = new Set([...features, ...REFUSED, ...UNTESTED]);
    expect(theirs.filter((name) => !known.has(name))).toEqual([]);
    const builtins = features.filter((name) => /^\w+\/\d$/.test(name));
    expect(builtins.filter((name) => !theirs.includes(name))).toEqual([]);
  });

  it('are the ones that we have', async () => {
    const jq = await loadJq();
    const theirs = jq.first<string[]>(null, 'builtins') ?? [];
    const compiled = compile('builtins');
    const ours = compiled.ok ? (compiled.value.first(null) as string[]) : [];
    expect([...ours, ...REFUSED].sort()).toEqual([...theirs].sort());
  });

  it.each(REFUSED)('%s is refused where it stands', (name) => {
    const [word = '', arity] = name.split('/');
    const source = `1 | ${word}${arity === '1' ? '(1)' : ''}`;
    expect(compile(source)).toMatchObject({
      ok: false,
      error: { code: 'unsupported', offset: 4, length: word.length, message: expect.any(String) },
    });
  });
});
