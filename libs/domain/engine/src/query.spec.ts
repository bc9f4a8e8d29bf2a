import { describe, expect, it } from '@jest/globals';
import { advance, initialState, loadProgram, queryRun, type RunState } from './index.js';
import { buildIr } from './testing/index.js';

const ir = buildIr({
  note: { set: { n: 3 }, export: { seen: '${ .n }' } },
  each: {
    for: { in: '["a", "b"]' },
    do: {
      call: {
        call: 'http',
        with: { endpoint: 'http://x.example', headers: { authorization: 'Bearer s3cret' } },
      },
    },
  },
});

function begun(): RunState {
  const program = loadProgram(ir);
  if (!program.ok) throw new Error('loads');
  const start = { kind: 'start', run: 'run_1', input: { who: 'me' } } as const;
  return advance(program.value, initialState(), start, 1_000).state;
}

const answer = (source: string, state = begun()) => queryRun(state, source);

describe('a question to a run', () => {
  it('is answered from what the run is', () => {
    expect(answer('.status, $context.seen, $input.who')).toEqual({
      ok: true,
      value: ['running', 3, 'me'],
    });
    expect(answer('[.open[] | { step, kind, index }]')).toEqual({
      ok: true,
      value: [
        [
          { step: 'do/each', kind: 'for', index: 0 },
          { step: 'do/each[0]/do/call', kind: 'call', index: null },
        ],
      ],
    });
  });

  it('sees no credentials', () => {
    const all = answer('.');
    expect(JSON.stringify(all)).not.toContain('s3cret');
    expect(JSON.stringify(all)).toContain('http://x.example');
  });

  it('says where it cannot be read', () => {
    expect(answer('.a |\n  nosuch')).toMatchObject({
      ok: false,
      error: { line: 2, column: 3, message: expect.stringContaining('nosuch') },
    });
    expect(answer('$secrets')).toMatchObject({ ok: false, error: { line: 1, column: 1 } });
  });

  it.each([
    ['takes too long', 'reduce range(1000000) as $i (0; . + $i)', 'steps'],
    ['says too much', '[range(300)] | map(. as $n | [range(100)])', 'outputs'],
    ['says too much in few words', '"x" * 200000, "y" * 200000', 'characters'],
    ['never ends', 'repeat(.)', ''],
    ['cannot be computed', '.status + 1', 'cannot be added'],
  ])('is refused when it %s', (_what, source, message) => {
    const refused = answer(source);
    expect(refused.ok).toBe(false);
    expect(refused.ok ? '' : refused.error.message).toContain(message);
  });
});
