import { describe, expect, it } from '@jest/globals';
import type { Ir } from '@parley/ir';
import type { Json } from '@parley/kernel';
import {
  advance,
  effectsOfRun,
  fold,
  initialState,
  isStalled,
  loadProgram,
  planRerun,
  replayCheck,
  timeline,
  type CallEffect,
  type Entry,
  type LoadedIr,
  type RerunPlan,
  type RunState,
  type StimulusBody,
} from '../src/index.js';
import { runError } from '../src/errors.js';
import { buildIr, type Tasks } from '../src/testing/index.js';
import { exported } from './exported.js';

/** One run, told things one after the other. */
class Played {
  readonly turns: Entry[][] = [];
  readonly calls: CallEffect[] = [];
  state: RunState = initialState();
  private now = 1_000;

  constructor(private readonly program: LoadedIr) {}

  tell(...stimuli: StimulusBody[]): this {
    for (const stimulus of stimuli) {
      const turn = advance(this.program, this.state, stimulus, (this.now += 1_000));
      if (turn.rejection !== undefined) throw new Error(turn.rejection.message);
      this.state = turn.state;
      this.turns.push([...turn.entries]);
      for (const effect of turn.effects) if (effect.kind === 'call') this.calls.push(effect);
    }
    return this;
  }

  get entries(): Entry[] {
    return this.turns.flat();
  }

  get called(): string[] {
    return this.calls.map(({ occurrence }) => occurrence);
  }
}

function load(ir: Ir): LoadedIr {
  const program = loadProgram(ir);
  if (!program.ok) throw new Error(JSON.stringify(program.error));
  return program.value;
}

const start = (input: Json = {}): StimulusBody => ({ kind: 'start', run: 'run_old', input });
const done = (occurrence: string, output: Json, attempt = 1): StimulusBody => ({
  kind: 'completed',
  occurrence,
  attempt,
  output,
});
const failed = (occurrence: string, attempt = 1): StimulusBody => ({
  kind: 'failed',
  occurrence,
  attempt,
  error: runError('communication', 'Busy'),
  outcome: 'ambiguous',
});

/** Plays a run, and begins another one where it began a step. */
function rerun(
  tasks: Tasks,
  stimuli: readonly StimulusBody[],
  from: { readonly step: string; readonly input?: Json },
): { plan: RerunPlan; again: Played; ir: Ir } {
  const ir = buildIr(tasks);
  const program = load(ir);
  const first = new Played(program).tell(...stimuli);
  const plan = planRerun(first.entries, from.step, { input: from.input });
  if (!plan.ok) throw new Error(plan.error);
  const { state, step } = plan.value;
  for (const [cut] of first.entries.entries()) {
    const start = fold(initialState(), first.entries.slice(0, cut));
    const late = planRerun(first.entries.slice(cut), from.step, { input: from.input, start });
    if (late.ok) expect(late.value.state).toEqual(state);
    else expect(cut).toBeGreaterThan(0);
  }
  const again = new Played(program).tell({
    kind: 'startFrom',
    run: 'run_new',
    of: 'run_old',
    step,
    state,
    by: 'mem_a',
  });
  return { plan: plan.value, again, ir };
}

/** The live state is the fold, nothing is stalled, and the file of the run can be checked. */
function expectSound({ again, ir }: { again: Played; ir: Ir }): void {
  expect(fold(initialState(), again.entries)).toEqual(again.state);
  expect(isStalled(again.state)).toBe(false);
  const report = replayCheck(exported(ir, again.turns));
  expect(report).toMatchObject({ folded: [], repeated: again.turns.length });
  expect(report.difference).toBeUndefined();
}

const http = { call: 'http', with: { got: '${ . }' } } as const;
const ids = (steps: readonly { readonly id: string }[]) => steps.map(({ id }) => id);

describe('a step of a run is run again', () => {
  it('with what was done before it, and all that follows', () => {
    const made = rerun(
      { a: { ...http, export: '${ . }' }, b: http, c: { ...http, with: '${ $context }' } },
      [start({ n: 1 }), done('do/a', 'A'), done('do/b', 'B'), done('do/c', 'C')],
      { step: 'do/b' },
    );
    const { plan, again } = made;
    expect([ids(plan.reused), ids(plan.repeats), plan.input]).toEqual([
      ['do/a'],
      ['do/b', 'do/c'],
      'A',
    ]);
    expect(again.called).toEqual(['do/b!2']);
    again.tell(done('do/b!2', 'B2'), done('do/c', 'C2'));
    expect(again.state).toMatchObject({ phase: 'completed', output: 'C2', run: 'run_new' });
    expect(again.calls[1]?.args).toBe('A');
    expect(again.state.input).toEqual({ n: 1 });
    expectSound(made);
  });

  it('with another input', () => {
    const made = rerun({ a: http, b: http }, [start(), done('do/a', 1), done('do/b', 2)], {
      step: 'do/b',
      input: { other: true },
    });
    expect(made.again.calls[0]?.args).toEqual({ got: { other: true } });
    expectSound(made);
  });

  it('of a run that failed there, or is still under way', () => {
    const stimuli = [start(), done('do/a', 1), failed('do/b')];
    expect(rerun({ a: http, b: http }, stimuli, { step: 'do/b' }).again.called).toEqual(['do/b!2']);
    const open = rerun({ a: http, b: http }, stimuli.slice(0, 2), { step: 'do/a' });
    expect(open.again.called).toEqual(['do/a!2']);
    const raised = { raise: { type: 'https://example.com/e', status: 400 } };
    const gone = rerun({ a: http, b: raised }, [start(), done('do/a', 1)], { step: 'do/b' });
    expect(gone.again.state.phase).toBe('failed');
  });

  it('within a pass of a loop, with its variables', () => {
    const made = rerun(
      { each: { for: { in: '["x", "y", "z"]' }, do: { send: { ...http, with: '${ $item }' } } } },
      [start(), done('do/each[0]/do/send', 0), done('do/each[1]/do/send', 1)],
      { step: 'do/each[1]/do/send' },
    );
    const { again } = made;
    again.tell(done('do/each[1]/do/send!2', 'two'), done('do/each[2]/do/send', 'three'));
    expect(again.calls.map(({ args }) => args)).toEqual(['y', 'z']);
    expect(again.state).toMatchObject({ phase: 'completed', output: 'three' });
    expect(ids(timeline(again.entries))).toContain('do/each');
    expectSound(made);
  });

  it('in the attempt that came last', () => {
    const made = rerun(
      { safe: { try: { a: http, b: http }, catch: { retry: { attemptsMax: 5 } } } },
      [
        start(),
        done('do/safe/try/a', 'A1'),
        failed('do/safe/try/b'),
        { kind: 'timerFired', occurrence: 'do/safe', generation: 1 },
        done('do/safe/try/a', 'A2', 2),
        done('do/safe/try/b', 'B2', 2),
      ],
      { step: 'do/safe/try/b' },
    );
    expect(made.plan.input).toBe('A2');
    made.again.tell(done('do/safe/try/b!2', 'B3', 2));
    expect(made.again.state).toMatchObject({ phase: 'completed', output: 'B3' });
    expectSound(made);
  });

  it('beside branches that had not answered: they are called again', () => {
    const branch = { do: { first: http, second: http } };
    const made = rerun(
      { all: { fork: { l: branch, r: { ...http, delivery: 'once' }, w: { wait: 500 } } } },
      [start(), done('do/all[0]/fork/branches/l/do/first', 1)],
      { step: 'do/all[0]/fork/branches/l/do/second' },
    );
    const { again, plan } = made;
    expect(ids(plan.repeats).toSorted()).toEqual([
      'do/all[0]/fork/branches/l/do/second',
      'do/all[1]/fork/branches/r',
    ]);
    expect(again.called).toEqual([
      'do/all[0]/fork/branches/l/do/second!2',
      'do/all[1]/fork/branches/r!2',
    ]);
    const timer = again.entries.find((entry) => entry.kind === 'timerArmed');
    again.tell(
      done('do/all[0]/fork/branches/l/do/second!2', 'l'),
      done('do/all[1]/fork/branches/r!2', 'r'),
      {
        kind: 'timerFired',
        occurrence: 'do/all[2]/fork/branches/w',
        generation: timer?.kind === 'timerArmed' ? timer.generation : 0,
      },
    );
    expect(again.state).toMatchObject({ phase: 'completed', output: ['l', 'r', {}] });
    expectSound(made);
  });

  it('once more counts its visits on', () => {
    const made = rerun(
      {
        count: { ...http, export: '${ . }' },
        again: { switch: { more: { when: '. < 3', then: 'count' } } },
      },
      [start(), done('do/count', 1), done('do/count#2', 2), done('do/count#3', 3)],
      { step: 'do/count#2' },
    );
    made.again.tell(done('do/count#2!2', 2));
    expect(made.again.called).toEqual(['do/count#2!2', 'do/count#3']);
    expectSound(made);
  });

  it('undoes what it does itself, not what the earlier run did', () => {
    const stimuli = [
      start(),
      done('do/a', 1),
      done('do/b', 2),
      failed('do/c'),
      done('do/undo', {}),
    ];
    const tasks: Tasks = {
      a: { ...http, compensate: 'undo' },
      b: { ...http, compensate: 'undoB' },
      c: http,
      undo: http,
      undoB: { set: {} },
    };
    const made = rerun(tasks, stimuli, { step: 'do/b' });
    expect(ids(made.plan.repeats)).toEqual(['do/b', 'do/c']);
    expect(made.plan.reused).toMatchObject([{ id: 'do/a', undone: true }]);
    made.again.tell(done('do/b!2', 2), failed('do/c'));
    const undone = made.again.entries.filter(({ kind }) => kind === 'stepUndone');
    expect(undone).toMatchObject([{ occurrence: 'do/undoB' }]);
    expectSound(made);
  });

  it('not when it was never begun: says what was', () => {
    const tasks: Tasks = { a: http, all: { do: { inner: http } } };
    const first = new Played(load(buildIr(tasks))).tell(start(), done('do/a', 1));
    const why = (step: string) => planRerun(first.entries, step);
    expect(why('do/b')).toEqual({
      ok: false,
      error: 'The run has not begun a step do/b. It has begun do/a, do/all, do/all/do/inner.',
    });
    expect(why('inner')).toEqual({
      ok: false,
      error: 'The run has not begun a step inner. Did you mean do/all/do/inner?',
    });
  });

  it('not with a step that undoes', () => {
    const tasks: Tasks = { a: { ...http, compensate: 'undo' }, b: http, undo: http };
    const stimuli = [start(), done('do/a', 1), failed('do/b'), done('do/undo', {})];
    const first = new Played(load(buildIr(tasks))).tell(...stimuli);
    expect(planRerun(first.entries, 'do/undo')).toEqual({
      ok: false,
      error: 'The step do/undo undoes another one: a run cannot begin with it.',
    });
  });

  it('from its beginning repeats everything that reaches outside', () => {
    const tasks: Tasks = {
      a: http,
      told: { emit: { type: 'com.example.told' } },
      b: { set: {} },
      ask: { call: 'human', with: { title: 'Ok?' } },
    };
    const first = new Played(load(buildIr(tasks))).tell(start(), done('do/a', 1));
    expect(ids(effectsOfRun(first.entries))).toEqual(['do/a', 'do/told', 'do/ask']);
  });
});
