import { describe, expect, it } from '@jest/globals';
import { sealIr, type Ir } from '@parley/ir';
import {
  advance,
  initialState,
  loadProgram,
  planRerun,
  replayCheck,
  revisionOf,
  type ApplyOverlay,
  type Entry,
  type LoadedIr,
  type Rejection,
  type RunState,
  type Stimulus,
} from '../index.js';
import { exported } from '../../test/exported.js';
import { buildIr, overlayBetween, type Tasks } from '../testing/index.js';

const call = (name: string) => ({ call: 'http', with: { name } }) as const;

/** One run, told things one after the other. */
class Told {
  readonly turns: Entry[][] = [];
  readonly first: Ir;
  state: RunState = initialState();
  program: LoadedIr;

  constructor(tasks: Tasks) {
    this.first = buildIr(tasks);
    this.program = load(this.first);
    this.tell({ kind: 'start', run: 'run_1', input: {} });
  }

  tell(stimulus: Stimulus): Rejection | undefined {
    const turn = advance(this.program, this.state, stimulus, 1_000 * (this.turns.length + 1));
    this.state = turn.state;
    this.program = turn.program ?? this.program;
    if (turn.entries.length > 0) this.turns.push([...turn.entries]);
    return turn.rejection;
  }

  overlay(to: Tasks | Ir, change: Partial<ApplyOverlay> & { command?: string } = {}) {
    const after = 'nodes' in to ? (to as Ir) : buildIr(to);
    const id = `ov_${this.turns.length}`;
    const made = overlayBetween(this.program.ir, after, { id, by: 'mem_1' });
    return this.tell({ ...made, program: load(after), ...change });
  }

  complete(occurrence: string): Rejection | undefined {
    return this.tell({ kind: 'completed', occurrence, attempt: 1, output: {} });
  }

  get kinds(): string[] {
    return this.turns.flat().map(({ kind }) => kind);
  }
}

function load(ir: Ir): LoadedIr {
  const loaded = loadProgram(ir);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}

describe('an overlay', () => {
  it('is refused when a task is not what it was made for', () => {
    const run = new Told({ a: call('a'), b: call('b') });
    const test = { task: 'do/b', pointer: '/do/0/b', digest: '' };
    const to = { a: call('a'), b: call('other') };
    const refused = run.overlay(to, { tests: [test] });
    expect(refused).toMatchObject({ reason: 'other-revision' });
    expect(refused?.message).toBe('The task "b" (do/b) is not what the overlay was made for.');
    expect(run.overlay(to)).toBeUndefined();
  });

  it('changes nothing that it does not name', () => {
    const run = new Told({ a: call('a'), b: call('b'), c: call('c') });
    const tasks = { added: [], removed: [], changed: ['do/b'], moved: [] };
    const refused = run.overlay({ a: call('a'), b: call('x'), c: call('y') }, { tasks });
    expect(refused).toEqual({
      reason: 'unfit',
      message: 'The task "c" (do/c) would change too, and the overlay does not name it.',
    });
  });

  it('moves nothing that it does not name, nor what is about to begin, nor behind the run', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(call);
    const moved = (...ids: string[]) => ({ added: [], removed: [], changed: [], moved: ids });
    const run = new Told({ a: a!, b: b!, c: c! });
    expect(run.overlay({ a: a!, c: c!, b: b! })).toMatchObject({ reason: 'unfit' });
    run.tell({ kind: 'suspend', by: 'mem_1' });
    run.complete('do/a');
    expect(run.overlay({ b: b!, a: a!, c: c! }, { tasks: moved('do/b') })).toEqual({
      reason: 'reached',
      message: 'The task "b" (do/b) is about to begin.',
    });
    expect(run.overlay({ a: a!, c: c!, b: b! }, { tasks: moved('do/c') })).toEqual({
      reason: 'reached',
      message: 'The task "c" (do/c) can no longer be reached by this run.',
    });
    expect(run.overlay({ b: b!, a: a!, c: c! }, { tasks: moved('do/a') })).toMatchObject({
      reason: 'reached',
    });
    const anew = { added: [], removed: [], changed: ['do/b'], moved: [] };
    expect(run.overlay({ b: b!, a: a!, c: c! }, { tasks: anew })).toMatchObject({
      reason: 'reached',
    });
    run.tell({ kind: 'resume', by: 'mem_1' });
    expect(run.overlay({ b: b!, a: a!, c: c! }, { tasks: anew })).toMatchObject({
      reason: 'reached',
    });
    expect(run.kinds.filter((kind) => kind === 'entered')).toHaveLength(2);
  });

  it('leaves alone what a run begins with', () => {
    const run = new Told({ a: call('a'), b: call('b') });
    const timed = buildIr({ a: call('a') }, { timeout: 5_000 });
    expect(run.overlay(timed)).toMatchObject({ reason: 'unfit' });
    const renamed = sealIr({ ...run.first, document: { ...run.first.document, name: 'x' } });
    expect(run.overlay(renamed)).toMatchObject({ reason: 'unfit' });
    const shaped = buildIr({ a: call('a'), b: call('b') }, { as: '${ { shaped: . } }' });
    expect(run.overlay(shaped)).toBeUndefined();
    run.complete('do/a');
    run.complete('do/b');
    expect(run.state.output).toEqual({ shaped: {} });
  });

  it('is taken once, by its id and by the id of the command', () => {
    const run = new Told({ a: call('a'), b: call('b') });
    const to = { a: call('a'), x: { set: 1 }, b: call('b') };
    expect(run.overlay(to, { overlay: 'ov', command: 'cmd' })).toBeUndefined();
    expect(run.kinds.slice(-2)).toEqual(['overlaid', 'commanded']);
    const { state } = run;
    expect(run.overlay({ a: call('a') }, { command: 'cmd' })).toBeUndefined();
    expect(run.overlay(to, { overlay: 'ov' })).toBeUndefined();
    expect(run.state).toEqual(state);
  });

  it('does not touch a loop over events or items that has begun', () => {
    const to = { mode: 'any', filters: [], until: 'false' } as const;
    const heard = { listen: to, foreach: { one: call('one'), two: call('two') } };
    const run = new Told({ heard });
    const other = { listen: to, foreach: { one: call('other'), two: call('two') } };
    const event = { specversion: '1.0', id: '1', source: '/s', type: 'com.example.e', data: 1 };
    run.tell({ kind: 'event', occurrence: 'do/heard', event });
    const refused = run.overlay({ heard: other });
    expect(refused?.message).toBe('The task "one" (do/heard/foreach/do/one) has begun.');
    run.complete('do/heard[0]/foreach/do/one');
    expect(run.overlay({ heard: other })).toBeUndefined();

    const map = { map: { in: [1, 2, 3] }, concurrency: 2 };
    const items = new Told({ all: { ...map, do: { one: call('one'), two: call('two') } } });
    const later = { all: { ...map, do: { one: call('one'), two: { set: 2 } } } };
    expect(items.overlay({ all: { ...later.all, concurrency: 3 } })).toMatchObject({
      message: 'The task "all" (do/all) has begun.',
    });
    items.complete('do/all[0]/with/do/one');
    expect(items.overlay(later)).toMatchObject({ reason: 'reached' });
    items.complete('do/all[0]/with/do/two');
    expect(items.overlay(later)).toBeUndefined();
  });

  it('is one of a hundred at most', () => {
    const run = new Told({ a: call('a'), b: { wait: 0 } });
    for (let count = 1; count <= 100; count += 1) {
      expect(run.overlay({ a: call('a'), b: { wait: count } })).toBeUndefined();
    }
    expect(run.overlay({ a: call('a'), b: { wait: 0 } })).toMatchObject({ reason: 'unfit' });
    expect(run.state.overlays).toHaveLength(100);
  });

  it('is refused when it is larger than a value may be, and the run goes on', () => {
    const run = new Told({ a: call('a'), b: call('b') });
    run.program = { ...run.program, limits: { ...run.program.limits, valueBytesMax: 400 } };
    const to = { a: call('a') };
    const long = [{ op: 'remove', path: '/do/1', note: 'x'.repeat(400) }];
    expect(run.overlay(to, { operations: long })).toMatchObject({ reason: 'unfit' });
    expect(run.state.phase).toBe('running');
    expect(run.overlay(to, { operations: [{ op: 'remove', path: '/do/1' }] })).toBeUndefined();
  });

  it('is refused while the run is undone, also when that is suspended', () => {
    const tasks: Tasks = {
      pay: { ...call('pay'), compensate: 'refund' },
      refund: call('refund'),
      ship: call('ship'),
      last: { set: 1 },
    };
    const run = new Told(tasks);
    run.complete('do/pay');
    run.tell({ kind: 'cancel', by: 'mem_1', compensate: true });
    run.tell({ kind: 'suspend', by: 'mem_1' });
    const refused = run.overlay({ ...tasks, last: { set: 2 } });
    expect(refused).toMatchObject({ reason: 'not-allowed' });
  });
});

describe('a run that an overlay was applied to', () => {
  const tasks: Tasks = { a: call('a'), b: call('b'), c: call('c') };
  const revised: Tasks = { a: call('a'), b: call('b'), c: call('other') };

  function played(): Told {
    const run = new Told(tasks);
    run.complete('do/a');
    run.overlay(revised);
    run.complete('do/b');
    run.complete('do/c');
    return run;
  }

  it('tells by its file which definition it went by, and when', () => {
    const run = played();
    const revisions = [run.program.ir];
    const report = replayCheck(exported(run.first, run.turns, revisions));
    expect(report).toMatchObject({ repeated: 5, folded: [] });
    expect(report.difference).toBeUndefined();
    expect(replayCheck(exported(run.first, run.turns)).difference).toMatchObject({
      position: 3,
      what: 'the file has not got the definition that the run goes by',
    });
    const forged = revisions.map((ir) => ({ ...ir, root: 'x' }));
    expect(replayCheck(exported(run.first, run.turns, forged)).difference?.what).toBe(
      'the definition was changed: its hash is another',
    );
  });

  it('is run again from a step by the revision that was in force when the step began', () => {
    const run = played();
    const revisionAt = (step: string) => {
      const plan = planRerun(run.turns.flat(), step);
      return plan.ok ? revisionOf(plan.value.state) : plan.error;
    };
    expect(revisionAt('do/b')).toBeUndefined();
    expect(revisionAt('do/c')).toBe(buildIr(revised).hash);
  });

  it('goes on from such a step by that revision, and takes overlays on it', () => {
    const plan = planRerun(played().turns.flat(), 'do/c');
    if (!plan.ok) throw new Error(plan.error);
    const program = load(buildIr(revised));
    const { state } = plan.value;
    const from = { kind: 'startFrom', run: 'run_2', of: 'run_1', step: 'do/c', state } as const;
    const begun = advance(program, initialState(), from, 1);
    expect(begun.state.overlays).toEqual(state.overlays);
    const longer = load(buildIr({ ...revised, d: { set: 'more' } }));
    const made = overlayBetween(program.ir, longer.ir, { id: 'ov_9', by: 'mem_1' });
    const turn = advance(program, begun.state, { ...made, program: longer }, 2);
    expect(turn.rejection).toBeUndefined();
    expect(turn.state.overlays?.map(({ overlay }) => overlay)).toEqual(['ov_2', 'ov_9']);
  });
});
