import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import {
  advance,
  initialState,
  loadProgram,
  parseOccurrence,
  wasTaken,
  type Entry,
  type LoadedIr,
  type RunState,
  type Stimulus,
} from '../index.js';
import {
  buildIr,
  MockFailure,
  runInMemory,
  type Tasks,
  type WorkflowSpec,
} from '../testing/index.js';

const down = { type: 'https://serverlessworkflow.io/spec/1.0.0/errors/communication', status: 503 };

interface Case {
  readonly tasks: Tasks;
  readonly workflow?: WorkflowSpec;
  readonly input?: Json;
  readonly output: Json;
}

const cases: Readonly<Record<string, Case>> = {
  'an empty workflow gives its input back': { tasks: {}, input: { a: 1 }, output: { a: 1 } },
  'the workflow shapes its input and output': {
    tasks: { keep: { set: { got: '${ . }' } } },
    workflow: { from: '${ .inner }', as: '${ .got }' },
    input: { inner: 7 },
    output: 7,
  },
  'a skipped task passes its raw input on': {
    tasks: { skip: { if: '.on', from: '${ { on: false } }', set: { never: true } } },
    input: { kept: 1 },
    output: { kept: 1 },
  },
  'what a skipped task says about what is next counts for nothing': {
    tasks: {
      refuse: { if: '.age < 18', set: { refused: true }, then: 'end' },
      serve: { set: { served: true } },
    },
    input: { age: 30 },
    output: { served: true },
  },
  'no case matches: the next task': {
    tasks: {
      pick: { switch: { a: { when: '.x == 1', then: 'end' } } },
      rest: { set: { rest: true } },
    },
    output: { rest: true },
  },
  'a loop over nothing gives its input back': {
    tasks: { each: { for: { in: '[]' }, do: { a: { set: { never: true } } } } },
    input: { x: 1 },
    output: { x: 1 },
  },
  'while ends a loop early and sees the next item': {
    tasks: {
      each: {
        for: { in: '[1, 2, 3, 4]', each: 'n', at: 'i' },
        while: '$n < 3 and $i < 9',
        do: { add: { set: '${ { seen: ((.seen // []) + [$n]) } }' } },
      },
    },
    input: {},
    output: { seen: [1, 2] },
  },
  'a loop with an empty body passes its data through': {
    tasks: { each: { for: { in: '[1, 2]' }, do: {} } },
    input: { x: 1 },
    output: { x: 1 },
  },
  'loops nest and see the variables around them': {
    tasks: {
      outer: {
        for: { in: '["a", "b"]', each: 'x' },
        do: {
          inner: {
            for: { in: '[1, 2]', each: 'y' },
            do: { add: { set: '${ { all: ((.all // []) + ["\\($x)\\($y)"]) } }' } },
          },
        },
      },
    },
    input: {},
    output: { all: ['a1', 'a2', 'b1', 'b2'] },
  },
  'a fork without branches gives an empty list': { tasks: { none: { fork: {} } }, output: [] },
  'end in a branch ends the run': {
    tasks: {
      all: { fork: { a: { wait: 10 }, b: { set: { done: 'b' }, then: 'end' } } },
      never: { set: { never: true } },
    },
    output: { done: 'b' },
  },
  'exit leaves the scope only': {
    tasks: {
      inner: { do: { a: { set: { a: 1 }, then: 'exit' }, b: { set: { b: 1 } } } },
      after: { set: '${ . + { after: true } }' },
    },
    output: { a: 1, after: true },
  },
  'an error in a handler goes to the try around it': {
    tasks: {
      outer: {
        try: {
          inner: {
            try: { a: { raise: { type: 'https://x/a', status: 400 } } },
            catch: { do: { b: { raise: { type: 'https://x/b', status: 401 } } } },
          },
        },
        catch: { as: 'e', do: { note: { set: { type: '${ $e.type }', at: '${ $e.instance }' } } } },
      },
    },
    output: { type: 'https://x/b', at: '/do/0/outer/try/0/inner/catch/do/0/b' },
  },
  'an error that no filter wants goes further out': {
    tasks: {
      outer: {
        try: {
          inner: {
            try: { a: { raise: { type: 'https://x/a', status: 400 } } },
            catch: { when: '$error.status == 500', do: { b: { set: { wrong: true } } } },
          },
        },
        catch: { do: { note: { set: { right: true } } } },
      },
    },
    output: { right: true },
  },
  'a filter that cannot be evaluated is an error of the try': {
    tasks: {
      outer: {
        try: {
          inner: {
            try: { a: { raise: { type: 'https://x/a', status: 400 } } },
            catch: { when: '$error + 1' },
          },
        },
        catch: { as: 'e', do: { note: { set: { at: '${ $e.instance }' } } } },
      },
    },
    output: { at: '/do/0/outer/try/0/inner' },
  },
  'a raised error needs a status': {
    tasks: {
      safe: {
        try: { a: { raise: { type: 'https://x/a', status: '${ null }' } } },
        catch: { as: 'e', do: { note: { set: { status: '${ $e.status }' } } } },
      },
    },
    output: { status: 400 },
  },
  'an expression gives the time to wait': {
    tasks: { wait: { wait: '.pause' }, note: { set: { ok: true } } },
    input: { pause: 'PT90S' },
    output: { ok: true },
  },
};

describe('a command with an id', () => {
  const retry = { kind: 'retryStep', by: 'mem_1', command: 'c-1' } as const;
  const failed = { error: { ...down, title: 'down' }, outcome: 'definitive' } as const;

  /** A run whose only step has failed, and was then run again under an id. */
  function retried(): { program: LoadedIr; state: RunState; entries: readonly Entry[] } {
    const program = loadProgram(buildIr({ send: { call: 'http' } }));
    if (!program.ok) throw new Error(JSON.stringify(program.error));
    const stimuli: Stimulus[] = [
      { kind: 'start', run: 'run_1', input: {} },
      { kind: 'failed', occurrence: 'do/send', attempt: 1, ...failed },
      retry,
    ];
    let state = initialState();
    let entries: readonly Entry[] = [];
    for (const stimulus of stimuli) {
      const turn = advance(program.value, state, stimulus, 1);
      expect(turn.rejection).toBeUndefined();
      ({ state, entries } = turn);
    }
    return { program: program.value, state, entries };
  }

  it('is taken once, however often it comes and whatever became of the run meanwhile', () => {
    const { program, state, entries } = retried();
    expect(entries.map(({ kind }) => kind)).toEqual([
      'reopened',
      'commanded',
      'entered',
      'dispatched',
    ]);
    const again = advance(program, state, retry, 2);
    expect(again).toMatchObject({ entries: [], effects: [] });
    expect(again.rejection).toBeUndefined();
    const call = state.frames.values().find(({ kind }) => kind === 'call');
    const { occurrence = '', attempt = 0 } = call ?? {};
    const answer = { kind: 'failed', occurrence, attempt, ...failed } as const;
    const failedAgain = advance(program, state, answer, 3).state;
    expect(failedAgain.phase).toBe('failed');
    expect(advance(program, failedAgain, retry, 4).entries).toEqual([]);
    const another = advance(program, failedAgain, { ...retry, command: 'c-2' }, 4);
    expect(another.entries[0]?.kind).toBe('reopened');
  });

  it('is refused each time when it is refused', () => {
    const { program, state } = retried();
    const resume = { kind: 'resume', by: 'mem_1', command: 'c-3' } as const;
    for (const at of [2, 3]) {
      expect(advance(program, state, resume, at)).toMatchObject({
        entries: [],
        rejection: { reason: 'not-allowed' },
      });
    }
  });

  it('is remembered for the next thirty-one', () => {
    let { state } = retried();
    const { program } = retried();
    for (let at = 0; at < 32; at += 1) {
      expect(wasTaken(state, 'c-1')).toBe(true);
      const label = { kind: 'label', by: 'mem_1', attributes: { at } } as const;
      ({ state } = advance(program, state, { ...label, command: `label ${String(at)}` }, 5));
    }
    expect(wasTaken(state, 'c-1')).toBe(false);
    expect(wasTaken(state, 'label 0')).toBe(true);
    expect(state.commands).toHaveLength(32);
  });
});

describe('advance', () => {
  it.each(Object.entries(cases))('%s', (_name, { tasks, workflow, input = {}, output }) => {
    const run = runInMemory(buildIr(tasks, workflow), { input });
    expect(run.error).toBeUndefined();
    expect(run.output).toEqual(output);
    for (const { occurrence } of run.steps) expect(parseOccurrence(occurrence).ok).toBe(true);
  });

  it('counts attempts on through nested retries, with one key for one intention', () => {
    const ir = buildIr({
      outer: {
        try: {
          inner: {
            try: { send: { call: 'http', with: { x: 1 } } },
            catch: { retry: { attemptsMax: 1 } },
          },
        },
        catch: { retry: { attemptsMax: 1 } },
      },
    });
    const http = () => new MockFailure(down, 'ambiguous');
    const run = runInMemory(ir, { handlers: { http } });
    expect(run.status).toBe('failed');
    expect(run.calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    expect(new Set(run.calls.map(({ key }) => key)).size).toBe(1);
    expect(run.steps.find(({ name }) => name === 'send')?.attempts).toHaveLength(4);
  });

  it('goes where the handler says once retries are used up', () => {
    const ir = buildIr({
      send: { try: { call: { call: 'http' } }, catch: { retry: { attemptsMax: 1 }, then: 'last' } },
      next: { set: { wrong: true } },
      last: { set: { right: true } },
    });
    const run = runInMemory(ir, { handlers: { http: () => new MockFailure(down) } });
    expect(run.output).toEqual({ right: true });
    expect(run.calls).toHaveLength(2);
  });

  it('uses a new key after a definitive refusal and for other arguments', () => {
    const ir = buildIr({
      each: {
        for: { in: '[1, 2]' },
        do: {
          safe: {
            try: { send: { call: 'http', with: { item: '${ $item }' }, as: '${ $input }' } },
            catch: { retry: { attemptsMax: 1 } },
          },
        },
      },
    });
    const http = (_args: Json, { attempt }: { attempt: number }) =>
      attempt === 1 ? new MockFailure({ ...down, status: 409 }) : {};
    const run = runInMemory(ir, { handlers: { http } });
    expect(run.status).toBe('completed');
    expect(new Set(run.calls.map(({ key }) => key)).size).toBe(4);
    expect(run.state.rejections).toEqual({});
  });

  it('has jitter from the stimulus alone, and writes it down', () => {
    const ir = buildIr({
      safe: {
        try: { send: { call: 'http' } },
        catch: { retry: { delayMs: 100, jitter: { fromMs: 0, toMs: 100 }, attemptsMax: 1 } },
      },
    });
    const run = runInMemory(ir, { handlers: { http: () => new MockFailure(down) } });
    const scheduled = run.entries.find(({ kind }) => kind === 'retryScheduled');
    expect(scheduled).toMatchObject({ delayMs: 150, random: 0.5, dueAt: 150 });
  });

  it('fails a run whose input cannot be shaped, with no step to retry', () => {
    const run = runInMemory(buildIr({ a: { set: {} } }, { from: '${ .x + 1 }' }), {
      input: { x: 'text' },
    });
    expect(run.status).toBe('failed');
    expect(run.steps).toEqual([]);
    const loaded = loadProgram(buildIr({ a: { set: {} } }));
    if (!loaded.ok) throw new Error('unreachable');
    const turn = advance(loaded.value, run.state, { kind: 'retryStep', by: 'mem_1' }, 0);
    expect(turn).toMatchObject({ entries: [], rejection: { reason: 'nothing-to-retry' } });
  });

  it('says where an expression cannot be compiled', () => {
    const loaded = loadProgram(buildIr({ a: { set: { x: '${ .a + }', y: '${ $item }' } } }));
    expect(loaded).toMatchObject({
      ok: false,
      error: [{ pointer: '/do/0/a' }, { pointer: '/do/0/a' }],
    });
  });
});
