import { describe, expect, it } from '@jest/globals';
import { loadProgram } from './load-program.js';
import { advance } from './machine/advance.js';
import { initialState } from './state.js';
import { buildIr } from './testing/index.js';
import { waitsOf } from './waits.js';

describe('what a run waits for', () => {
  it('names of many calls the first ones, and everything else', () => {
    const ir = buildIr({
      all: {
        fork: {
          one: { call: 'http', with: {} },
          two: { call: 'http', with: {} },
          three: { call: 'http', with: {} },
          ask: { call: 'human', with: { title: 'Ok?' } },
        },
      },
    });
    const program = loadProgram(ir);
    if (!program.ok) throw new Error(program.error[0]?.message);
    const start = { kind: 'start', run: 'run_1', input: null } as const;
    const { state } = advance(program.value, initialState(), start, 0);
    expect(waitsOf(state).map(({ name }) => name)).toEqual(['one', 'two', 'three', 'ask']);
    expect(waitsOf(state, { most: { call: 2 } }).map(({ name }) => name)).toEqual([
      'one',
      'two',
      'ask',
    ]);
  });
});
