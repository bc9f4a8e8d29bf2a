import { describe, expect, it } from '@jest/globals';
import { sealIr, type Ir } from '@parley/ir';
import { ok, type Json } from '@parley/kernel';
import {
  advance,
  describeEntry,
  fold,
  initialState,
  loadProgram,
  readExport,
  replayCheck,
  RunExporter,
  type Entry,
  type LoadedIr,
  type LoadOptions,
  type RunExport,
  type RunState,
  type Stimulus,
} from '../src/index.js';
import { errorTypes } from '../src/errors.js';
import { turnHash } from '../src/history/run-export.js';
import { buildIr } from '../src/testing/index.js';
import { exported } from './exported.js';

const order = buildIr({
  look: {
    call: 'http',
    with: { endpoint: 'http://kitchen.example', headers: { authorization: 'Bearer s3cret' } },
    as: '${ { free: .free } }',
    export: '${ . }',
  },
  pick: { switch: { many: { when: '.free > 2', then: 'ask' } } },
  never: { raise: { type: 'https://example.com/full', status: 409 } },
  ask: { call: 'human', with: { title: 'Ok?' } },
  rest: { wait: 1_000 },
  done: { set: { free: '${ $context.free }' } },
});

/** Lets the machine take turns one after the other, a second apart. */
function turnsOf(ir: Ir, stimuli: readonly Stimulus[], options: LoadOptions = {}): Entry[][] {
  const program = loaded(ir, options);
  const turns: Entry[][] = [];
  let state: RunState = initialState();
  for (const [index, stimulus] of stimuli.entries()) {
    const turn = advance(program, state, stimulus, 1_000 * (index + 1));
    if (turn.rejection !== undefined) throw new Error(turn.rejection.message);
    turns.push([...turn.entries]);
    state = turn.state;
  }
  return turns;
}

function loaded(ir: Ir, options: LoadOptions): LoadedIr {
  const program = loadProgram(ir, options);
  if (!program.ok) throw new Error(JSON.stringify(program.error));
  return program.value;
}

const stimuli: readonly Stimulus[] = [
  { kind: 'start', run: 'run_1', input: { n: 1 }, by: 'mem_1' },
  { kind: 'completed', occurrence: 'do/look', attempt: 1, output: { free: 3, more: 'x' } },
  { kind: 'decided', occurrence: 'do/ask', decision: 'approved', by: 'mem_2', reason: 'fine' },
  { kind: 'timerFired', occurrence: 'do/rest', generation: 1 },
];

const file = exported(order, turnsOf(order, stimuli));

/** The file with something changed; whoever changes it may make the hashes fit again. */
function tampered(change: (file: RunExport) => void, { repaired = false } = {}): RunExport {
  const copy = structuredClone<RunExport>(file);
  change(copy);
  if (!repaired) return copy;
  const exporter = new RunExporter(copy.run, copy.definition);
  const turns = copy.turns.map((turn) => exporter.turn(turn));
  return { ...copy, turns, end: exporter.end() };
}

type Loose = Record<string, Json>;
const entryOf = (copy: RunExport, turn: number, kind: string) =>
  copy.turns[turn - 1]!.entries.find((entry) => entry.kind === kind) as unknown as Loose;

describe('an exported run', () => {
  it('is the same turn by turn when the machine takes it again', () => {
    expect(replayCheck(file)).toEqual({ turns: 4, entries: 14, repeated: 4, folded: [] });
  });

  it('repeats what operators did, labels at its start and later among it', () => {
    const steered: readonly Stimulus[] = [
      {
        kind: 'start',
        run: 'run_1',
        input: {},
        by: 'mem_1',
        labels: { addTags: ['vip'], attributes: { n: 1 } },
      },
      { kind: 'suspend', by: 'mem_1', command: 'passed on' },
      { kind: 'label', by: 'mem_2', addTags: ['late'], removeTags: ['vip'] },
      { kind: 'label', by: 'mem_2', attributes: { n: null, paid: true } },
      { kind: 'resume', by: 'mem_1' },
      { kind: 'skipStep', by: 'mem_1', occurrence: 'do/look', output: { free: 1 } },
    ];
    const steeredFile = exported(order, turnsOf(order, steered));
    expect(replayCheck(steeredFile)).toMatchObject({ turns: 6, repeated: 6, folded: [] });
  });

  it('holds no credentials of calls, and is checked all the same', () => {
    expect(JSON.stringify(file.turns)).not.toContain('s3cret');
    expect(JSON.stringify(file.turns)).toContain('[redacted]');
  });

  it('is the same file whenever it is made', () => {
    expect(exported(order, turnsOf(order, stimuli))).toEqual(file);
  });

  const changes: [string, (file: RunExport) => void, object][] = [
    [
      'an answer',
      (copy) => (entryOf(copy, 2, 'completed')['result'] = { free: 9 }),
      { position: 2, what: expect.stringContaining('its hash is another') },
    ],
    [
      'the order of keys',
      (copy) => (entryOf(copy, 2, 'completed')['result'] = { more: 'x', free: 3 }),
      { position: 2, what: expect.stringContaining('its hash is another') },
    ],
    [
      'a state',
      (copy) => Object.assign(copy.turns[2]!, { state: copy.turns[1]!.state }),
      { position: 3, what: expect.stringContaining('its hash is another') },
    ],
    [
      'the run',
      (copy) => Object.assign(copy.run as object, { id: 'run_2' }),
      { position: 1, what: expect.stringContaining('its hash is another') },
    ],
    [
      'the definition',
      (copy) => delete (copy.definition.nodes as Record<string, unknown>)['do/never'],
      { what: expect.stringContaining('definition was changed') },
    ],
    [
      'the number of turns',
      (copy) => (copy.turns as unknown[]).pop(),
      { what: expect.stringContaining('does not end where it ended') },
    ],
    [
      'a turn in between',
      (copy) => (copy.turns as unknown[]).splice(1, 1),
      { position: 2, recorded: 3, replayed: 2 },
    ],
  ];

  it.each(changes)('shows that somebody changed %s', (_what, change, difference) => {
    expect(replayCheck(tampered(change)).difference).toMatchObject(difference);
  });

  const forgeries: [string, (file: RunExport) => void, object][] = [
    [
      'an output that the definition does not make of the answer',
      (copy) => (entryOf(copy, 2, 'completed')['output'] = { free: 9 }),
      { position: 2, entry: 4, what: 'the machine decides something else' },
    ],
    [
      'an answer that leads to another branch',
      (copy) => {
        Object.assign(entryOf(copy, 2, 'completed'), { result: { free: 1 }, output: { free: 1 } });
        entryOf(copy, 2, 'completed')['context'] = { free: 1 };
      },
      { position: 2, what: 'the machine decides something else' },
    ],
    [
      'another idempotency key',
      (copy) => (entryOf(copy, 1, 'dispatched')['key'] = 'k'),
      { position: 1, what: 'the machine decides something else' },
    ],
    [
      'a timer that fired early',
      (copy) => copy.turns[3]!.entries.forEach((entry) => Object.assign(entry, { at: 3_500 })),
      { position: 4, what: 'the machine decides something else' },
    ],
    [
      'another end',
      (copy) => (entryOf(copy, 4, 'runCompleted')['output'] = { free: 8 }),
      { position: 4, what: 'the machine decides something else' },
    ],
    [
      'another status of the run',
      (copy) => Object.assign(copy.run as object, { status: 'failed' }),
      { what: 'the run is in another state', recorded: 'failed', replayed: 'completed' },
    ],
  ];

  it.each(forgeries)('shows %s, even when the hashes were made to fit', (_what, change, shown) => {
    const { difference } = replayCheck(tampered(change, { repaired: true }));
    expect(difference).toMatchObject(shown);
  });

  it('is refused, not broken on, when an entry is of a kind that nobody knows', () => {
    const copy = tampered((it) => Object.assign(it.turns[3]!.entries[0]!, { kind: 'sorcery' }));
    expect(replayCheck(copy).difference).toEqual({
      position: 4,
      what: 'this version does not know entries of the kind "sorcery"',
    });
  });

  it('is refused, not broken on, when an entry is not what its kind is', () => {
    const copy = tampered((it) => {
      const [first] = it.turns[3]!.entries;
      delete (first as unknown as Loose)['occurrence'];
    });
    Object.assign(copy.turns[3]!, { hash: turnHash(copy.turns[2]!.hash, copy.turns[3]!) });
    expect(replayCheck(copy).difference?.position).toBe(4);
  });

  it.each<[string, Json, RegExp]>([
    ['something else', [1], /not an export/],
    ['a later format', { format: 'parley-run/2' }, /"parley-run\/2"/],
    ['a file that was cut off', { ...(file as object), end: null }, /cut off/],
    ['a turn that is none', { ...(file as object), turns: [{}] }, /number 1 of its turns/],
  ])('is refused when it is %s', (_what, json, reason) => {
    expect(readExport(json)).toMatch(reason);
  });

  it('is checked with the schemas of its definition', () => {
    const { hash: _hash, ...open } = order;
    const strict = sealIr({ ...open, input: { schema: { required: ['n'] } } });
    const schemas: LoadOptions['schemas'] = () => ok(() => 'must have n');
    const start: Stimulus = { kind: 'start', run: 'run_1', input: {} };
    const made = exported(strict, turnsOf(strict, [start], { schemas }));
    expect(made.turns[0]!.entries.map(({ kind }) => kind)).toEqual(['started', 'runFailed']);
    expect(replayCheck(made, { schemas }).difference).toBeUndefined();
    expect(replayCheck(made).difference).toMatchObject({ position: 1 });
  });
});

describe('turns that a retry ends', () => {
  const flaky = buildIr({
    safe: {
      try: { send: { call: 'http', with: { x: 1 } } },
      catch: {
        retry: { delayMs: 10, attemptsMax: 2, jitter: { fromMs: 0, toMs: 50 } },
      },
    },
  });
  const error = { type: errorTypes.communication, status: 503, title: 'Down' };
  const failed = (attempt: number, more: object = {}): Stimulus => ({
    kind: 'failed',
    occurrence: 'do/safe/try/send',
    attempt,
    error,
    outcome: 'ambiguous',
    ...more,
  });

  it('are the same with what was drawn then, and with what the receiver asked for', () => {
    const turns = turnsOf(flaky, [
      { kind: 'start', run: 'run_1', input: {} },
      failed(1, { random: 0.125 }),
      { kind: 'timerFired', occurrence: 'do/safe', generation: 1 },
      failed(2, { random: 0.5, retryAfterMs: 700 }),
      { kind: 'timerFired', occurrence: 'do/safe', generation: 2 },
      { kind: 'cancel', by: 'mem_1', reason: 'enough' },
    ]);
    expect(replayCheck(exported(flaky, turns))).toMatchObject({ repeated: 6, folded: [] });
    expect(replayCheck(exported(flaky, turns)).difference).toBeUndefined();
  });

  it('differ when the delay is shorter than the policy says', () => {
    const turns = turnsOf(flaky, [{ kind: 'start', run: 'run_1', input: {} }, failed(1)]);
    const scheduled = turns[1]!.find(({ kind }) => kind === 'retryScheduled')!;
    Object.assign(scheduled, { delayMs: 1, dueAt: 2_001 });
    expect(replayCheck(exported(flaky, turns)).difference).toMatchObject({ position: 2 });
  });
});

describe('an entry in words', () => {
  it.each<[string, string]>([
    ['started', 'The run started'],
    ['dispatched', '"look" made its call'],
    ['ran', '"pick" chose "many"'],
    ['approvalOpened', '"ask" asked for a decision'],
    ['decided', '"ask" was approved'],
    ['timerArmed', '"rest" waits'],
    ['runCompleted', 'The run completed'],
  ])('says of %s: %s', (kind, summary) => {
    const entry = file.turns.flatMap(({ entries }) => entries).find((one) => one.kind === kind)!;
    expect(describeEntry(entry).summary).toBe(summary);
  });

  it('names the step as the timeline does', () => {
    const state = fold(initialState(), file.turns[0]!.entries);
    expect([...state.frames].map(([occurrence]) => occurrence)).toContain('do/look');
    const entered = file.turns[0]!.entries.find(({ kind }) => kind === 'entered')!;
    const again = { ...entered, occurrence: 'do/look!2' } as Entry;
    expect(describeEntry(again)).toEqual({
      step: 'do/look',
      name: 'look',
      summary: '"look" began',
    });
  });
});
