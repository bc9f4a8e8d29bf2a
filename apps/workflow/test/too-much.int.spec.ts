import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError, parseJson } from '@parley/kernel';
import type { Engine } from '../src/engine/engine.js';
import { HeavyTurns } from '../src/engine/heavy-turns.js';
import type { TurnRequest } from '../src/engine/turn-taking.js';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;
let engine: Engine;
let calls: ScriptedCalls;
let errors: string[];
/** Turns that were taken on another thread. */
let elsewhere: TurnRequest[];
/** What that thread says to them instead of taking them. */
let refusal: Error | undefined;

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

beforeEach(async () => {
  calls = new ScriptedCalls();
  errors = [];
  elsewhere = [];
  refusal = undefined;
  const threads = new HeavyTurns();
  const take = (turn: TurnRequest) => {
    elsewhere.push(turn);
    return refusal === undefined ? threads.take(turn) : Promise.reject(refusal);
  };
  engine = await harness.engine(calls.perform, {
    onError: (_error, message) => errors.push(message),
    heavyTurns: { take, end: () => threads.end() },
  });
});

afterEach(async () => {
  await engine.stop({ graceMs: 0 });
});

afterAll(async () => {
  await harness.stop();
});

const definition = (name: string, tasks: string) =>
  `document: { dsl: 1.0.3, namespace: test, name: ${name}, version: 0.1.0 }\ndo:\n${tasks}`;

const small = definition('small', '- done: { set: { done: true } }\n');

const twoCalls = definition(
  'two-calls',
  ['first', 'second']
    .map(
      (name) =>
        `- ${name}: { call: http, with: { method: get, endpoint: "http://192.0.2.1/${name}" } }\n`,
    )
    .join(''),
);

describe('a definition that asks for too much', () => {
  it('and goes on for ever holds nobody up, and can be ended', async () => {
    const endless = await harness.define(
      definition('endless', `- spin: { set: { n: '\${ (.n // 0) + 1 }' }, then: spin }\n`),
    );
    const spinning = await Promise.all(Array.from({ length: 4 }, () => engine.startRun(endless)));
    const { runId } = await engine.startRun(await harness.define(small));
    await harness.untilStatus(runId, 'completed');
    for (const spin of spinning) {
      expect((await harness.reader.run(tenantId, spin.runId)).status).toBe('running');
      await engine.apply(spin.runId, { kind: 'terminate', by: 'mem_test' }, { tenantId });
      expect((await harness.reader.run(tenantId, spin.runId)).status).toBe('terminated');
    }
  });

  const branches = Array.from({ length: 1_000 }, (_, n) => `b${String(n)}: { wait: P1D }`);
  it.each([
    [
      'a thousand branches for each of a thousand items',
      `- each:
    call: map
    with:
      in: '\${ [range(1000)] }'
      do:
        - all:
            fork:
              branches:
${branches.map((branch) => `                - ${branch}\n`).join('')}`,
      { type: expect.stringMatching(/live/), detail: expect.stringMatching(/5000/) },
    ],
    [
      'a list of a thousand million',
      `- grow: { set: { all: '\${ [range(1000000000)] }' } }\n`,
      { instance: '/do/0/grow', type: expect.stringMatching(/expression/) },
    ],
    [
      'a text that doubles fifty times',
      `- grow: { set: { all: '\${ reduce range(50) as $n ("x"; . + .) }' } }\n`,
      { instance: '/do/0/grow', type: expect.stringMatching(/expression/) },
    ],
    [
      'an expression that never ends',
      `- spin: { set: { never: '\${ last(repeat(1)) }' } }\n`,
      { instance: '/do/0/spin', type: expect.stringMatching(/expression/) },
    ],
  ])('%s fails with what is too much, where, and holds nobody up', async (_, tasks, error) => {
    const start = await harness.define(definition('greedy', tasks));
    const { runId } = await engine.startRun(start);
    const other = await engine.startRun(await harness.define(small));
    await harness.untilStatus(other.runId, 'completed');
    const run = await untilEnded(runId);
    expect(run).toMatchObject({ status: 'failed', error });
  });
});

describe('an expression that takes long', () => {
  const counted = (steps: number) => `[range(${String(steps)})] | length`;
  const long = definition(
    'long',
    `- ask: { call: http, with: { method: get, endpoint: "http://192.0.2.1/" } }
- count: { set: { n: '\${ ${counted(300_000)} }', was: '\${ $workflow.input }' } }
- done: { set: '\${ . + { done: true } }' }
`,
  );
  const exact = '{"z":1.5,"a":12345678901234567890,"1":2}';

  it('is evaluated on another thread, to the same result and digit by digit', async () => {
    const start = await harness.define(long);
    const { runId } = await engine.startRun({ ...start, input: parseJson(exact) });
    const run = await harness.untilStatus(runId, 'completed');
    expect(JSON.stringify(run.output)).toBe(`{"n":300000,"was":${exact},"done":true}`);
    expect(elsewhere.map(({ stimulus }) => stimulus.kind)).toEqual(['continue']);
  });

  it('is the first thing that a run does, too', async () => {
    const first = definition('first', `- count: { set: { n: '\${ ${counted(200_000)} }' } }\n`);
    const { runId } = await engine.startRun(await harness.define(first));
    const { output } = await harness.untilStatus(runId, 'completed');
    expect(output).toEqual({ n: 200_000 });
    expect(elsewhere.map(({ stimulus }) => stimulus.kind)).toEqual(['continue']);
  });

  it('makes whatever else happens to its run wait, and nothing of it is lost', async () => {
    calls.hold = true;
    const { runId } = await engine.startRun(await harness.define(long));
    await calls.untilMade(1);
    calls.release();
    await until(() => elsewhere.length > 0);
    const signals = ['one', 'two'].map((tag) =>
      engine.apply(runId, { kind: 'label', by: 'mem_test', addTags: [tag] }, { tenantId }),
    );
    await Promise.all(signals);
    const run = await harness.untilStatus(runId, 'completed');
    expect(run.tags).toEqual(['one', 'two']);
    expect(elsewhere).toHaveLength(1);
  });

  it('and can never be evaluated suspends its run, which goes on when it is resumed', async () => {
    refusal = new AppError('too-large', 'the data is too large or too deeply nested');
    const { runId } = await engine.startRun(await harness.define(long));
    await harness.untilStatus(runId, 'suspended');
    const { turns } = await harness.reader.journal(tenantId, runId);
    expect(turns.flatMap(({ entries }) => entries)).toContainEqual(
      expect.objectContaining({
        kind: 'suspended',
        by: 'workflow',
        reason: expect.stringContaining('the data is too large or too deeply nested'),
      }),
    );
    refusal = undefined;
    await engine.apply(runId, { kind: 'resume', by: 'mem_test' }, { tenantId });
    await harness.untilStatus(runId, 'completed');
  });
});

describe('a database that takes nothing', () => {
  it.each([
    [
      'because it is read-only',
      `ALTER DATABASE CURRENT SET default_transaction_read_only = on`,
      `SET transaction_read_only = off; ALTER DATABASE CURRENT RESET default_transaction_read_only`,
    ],
    [
      'because its disk is full',
      `CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
       CREATE TRIGGER no_room BEFORE INSERT ON journal EXECUTE FUNCTION no_room()`,
      `DROP TRIGGER no_room ON journal; DROP FUNCTION no_room()`,
    ],
  ])('%s loses nothing, starts nothing twice, and goes on afterwards', async (_, spoil, mend) => {
    const start = await harness.define(twoCalls);
    calls.hold = true;
    const { runId } = await engine.startRun({ ...start, key: { key: 'before', fingerprint: 'a' } });
    await calls.untilMade(1);
    await spoiled(spoil);
    const refused = engine.startRun({ ...start, key: { key: 'meanwhile', fingerprint: 'b' } });
    const outcome = refused.catch((error: unknown) => error);
    calls.release(); // The answer of the first call comes while nothing can be written.
    await until(() => errors.length > 0);
    await spoiled(mend);
    await harness.untilStatus(runId, 'completed');
    await outcome;
    const again = await startedUnder({ ...start, key: { key: 'meanwhile', fingerprint: 'b' } });
    await harness.untilStatus(again, 'completed');
    const { rows } = await harness.system.query<{ runs: number }>(
      `SELECT count(*)::int AS runs FROM run WHERE workflow_name = 'two-calls' AND created_at >= (
         SELECT created_at FROM run WHERE id = $1)`,
      [runId],
    );
    expect(rows).toEqual([{ runs: 2 }]);
    expect(calls.made.filter((call) => call.runId === runId)).toHaveLength(2);
    await harness.forge(`DELETE FROM start_key`);
  });
});

/** Changes how the database is, for connections that are open, too. */
async function spoiled(change: string): Promise<void> {
  const name = new URL(harness.database.adminUrl).pathname.slice(1);
  await harness.forge(change.replaceAll('DATABASE CURRENT', `DATABASE "${name}"`));
  await harness.breakConnections();
}

/** As a client does that repeats what it was refused. */
async function startedUnder(start: Parameters<Engine['startRun']>[0]): Promise<string> {
  for (;;) {
    try {
      return (await engine.startRun(start)).runId;
    } catch {
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 10));
}

async function untilEnded(runId: string) {
  for (;;) {
    const run = await harness.reader.run(tenantId, runId);
    if (['failed', 'completed'].includes(run.status)) return run;
    await new Promise((done) => setTimeout(done, 10));
  }
}
