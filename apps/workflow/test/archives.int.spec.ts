import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fold, initialState, readExport, replayCheck, timeline, type Entry } from '@parley/engine';
import type { HistoryEntry } from '@parley/contracts';
import { schemaCheck } from '@parley/json-schema';
import { parseJson } from '@parley/kernel';
import { PgArchiveStore } from '../src/journal/archive-store.pg.js';
import { Archiver, type ArchiverLimits } from '../src/journal/archiver.js';
import { askAsTenant, RunTurns } from '../src/journal/run-turns.pg.js';
import { EntryReader } from '../src/payloads/entry-reader.js';
import { ObjectRows } from '../src/payloads/object-rows.pg.js';
import { JournalReader } from '../src/runs/journal-reader.pg.js';
import { RunHistory } from '../src/runs/run-history.js';
import { allPartitions, EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';
import { passagesOf } from '../src/engine/relay.js';

let harness: EngineHarness;
let history: RunHistory;
let turns: RunTurns;

beforeAll(async () => {
  harness = await EngineHarness.start();
  const stored = new EntryReader(harness.objects);
  history = new RunHistory(harness.reader, new JournalReader(harness.app, stored));
  turns = new RunTurns(askAsTenant(harness.app), stored);
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

function archiver(limits: Partial<ArchiverLimits> = {}): Archiver {
  return new Archiver({
    ...{ store: new PgArchiveStore(harness.system, harness.objects), limits },
    pause: () => Promise.resolve(),
    isStopped: () => false,
    onError: (error) => {
      throw error;
    },
  });
}

/** As the relay does, for nobody. */
async function publishAll(): Promise<void> {
  const store = harness.store();
  for (;;) {
    const notable = await store.notableTurns(500, allPartitions);
    if (notable.length === 0) return;
    await store.passTurns(passagesOf(notable));
  }
}

async function archiveAll(): Promise<void> {
  await publishAll();
  await archiver().archiveOld(allPartitions, Date.now() + 60_000);
}

async function turnsInJournal(runId: string): Promise<number> {
  const { rows } = await harness.system.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM journal WHERE run_id = $1',
    [runId],
  );
  return rows[0]?.count ?? 0;
}

async function pages(runId: string, pageSize: number): Promise<HistoryEntry[]> {
  const items: HistoryEntry[] = [];
  let pageToken: string | undefined;
  do {
    const page = await history.page({ tenantId, runId }, { pageSize, pageToken });
    items.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return items;
}

/** Everything that is told of a run; its past page by page. */
async function told(runId: string, at: readonly number[], pageSize = 7) {
  const of = { tenantId, runId };
  const exported = await text(Readable.from(await history.export(of)));
  const read = readExport(parseJson(exported));
  if (typeof read === 'string') throw new Error(read);
  const { run, turns: journal } = await harness.reader.journal(tenantId, runId);
  return {
    ...{ run, journal: JSON.stringify(journal.map((turn) => turn.entries)), exported },
    difference: replayCheck(read, { schemas: schemaCheck }).difference,
    history: await pages(runId, pageSize),
    states: await Promise.all(at.map((entry) => history.stateAt(of, entry))),
    entries: await Promise.all(at.map((entry) => history.entry(of, entry))),
  };
}

const head = (name: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
do:
`;
const get = (name: string) =>
  `- ${name}: { call: http, with: { method: get, endpoint: "http://192.0.2.1/${name}" } }\n`;
const loop = `- each:
    for: { in: '\${ [range(300)] }' }
    do:
      - count: { set: { n: '\${ .n + 1 }' } }
`;

describe('the archive of a run that has ended', () => {
  it('tells the same as the journal told, large values included', async () => {
    const output = { text: 'x'.repeat(40_000) };
    const engine = await harness.engine(() => Promise.resolve({ kind: 'completed', output }));
    const definition = await harness.define(head('ended') + get('first') + get('second'));
    const { runId } = await engine.startRun(definition);
    const run = await harness.untilStatus(runId, 'completed');
    const numbers = [1, 2, 5, 8];
    const before = await told(runId, numbers);
    expect(before.difference).toBeUndefined();
    await archiveAll();
    expect(await turnsInJournal(runId)).toBe(0);
    expect(await told(runId, numbers)).toEqual(before);
    expect(await harness.reader.run(tenantId, runId)).toEqual(run);
    const missing = history.stateAt({ tenantId, runId }, 9);
    await expect(missing).rejects.toMatchObject({ code: 'not-found' });
    const foreign = history.page({ tenantId: 'ten_other', runId }, { pageSize: 5 });
    await expect(foreign).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is gone on from when the run had failed', async () => {
    const down = { type: 'https://serverlessworkflow.io/errors', status: 503, title: 'Down' };
    let isDown = true;
    const engine = await harness.engine(() =>
      Promise.resolve(
        isDown
          ? { kind: 'failed', outcome: 'definitive', error: down }
          : { kind: 'completed', output: { up: true } },
      ),
    );
    const { runId } = await engine.startRun(await harness.define(head('failing') + get('only')));
    await harness.untilStatus(runId, 'failed').catch(() => undefined);
    await archiveAll();
    expect(await turnsInJournal(runId)).toBe(0);
    isDown = false;
    const second = await harness.engine(() =>
      Promise.resolve({ kind: 'completed', output: { up: true } }),
    );
    await second.apply(runId, { kind: 'retryStep', by: 'mem_test' }, { tenantId });
    expect((await harness.untilStatus(runId, 'completed')).output).toEqual({ up: true });
    const before = await told(runId, [1, 6]);
    expect(before.difference).toBeUndefined();
    await archiveAll();
    expect(await turnsInJournal(runId)).toBe(0);
    expect(await told(runId, [1, 6])).toEqual(before);
  });
});

describe('the archives of a run that goes on', () => {
  const small = { stepsPerTurn: 3, snapshotBytesMin: 3_000 };
  /** Many pages, and no border between them at the same place as one between the parts. */
  const pageSize = 37;

  it('hold what it needs no more, and all is told as before', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform, small);
    const definition = await harness.define(head('going') + loop + get('last'));
    const { runId } = await engine.startRun({ ...definition, input: { n: 0 } });
    await calls.untilMade(1);
    const numbers = [1, 100, 300, 600, 700];
    const before = await told(runId, numbers, pageSize);
    await publishAll();
    const all = await turnsInJournal(runId);
    await archiver({ partLength: 10_000, longRunSnapshots: 3 }).shortenRuns(allPartitions);
    expect(await turnsInJournal(runId)).toBeLessThan(all / 2);
    expect(await told(runId, numbers, pageSize)).toEqual(before);

    const after = new ScriptedCalls();
    await harness.engine(after.perform, small);
    await harness.untilStatus(runId, 'completed');
    expect(after.made.map(({ key }) => key)).toEqual(calls.made.map(({ key }) => key));
    const { difference } = await told(runId, [], pageSize);
    expect(difference).toBeUndefined();

    // All of it is what is told of it when nobody wants to read it from its start.
    const of = { tenantId, runId };
    const entries: Entry[] = [];
    for await (const turn of turns.read(of)) entries.push(...turn.entries);
    for (const wanted of [20, 150, 240]) {
      const { state, position } = await turns.recent(of, wanted);
      expect(state.entries).toBeGreaterThan(0);
      expect(state).toEqual(fold(initialState(), entries.slice(0, state.entries)));
      const [{ position: next } = { position: 0 }] = await firstOf(
        turns.read(of, { from: position + 1 }),
      );
      expect(next).toBe(position + 1);
      const steps = timeline(entries.slice(state.entries), state);
      const whole = new Map(timeline(entries).map((step) => [step.id, step]));
      for (const step of steps) {
        const { status, endedAt, output } = whole.get(step.id) ?? {};
        expect({ status: step.status, endedAt: step.endedAt, output: step.output }).toEqual({
          ...{ status, endedAt, output },
        });
      }
      expect(steps.length).toBeGreaterThan(wanted / 4);
    }
  });
});

async function firstOf<T>(items: AsyncGenerator<T>): Promise<T[]> {
  for await (const item of items) return [item];
  return [];
}

describe('a run that nobody needs any more', () => {
  it('stays when it goes on at the last moment', async () => {
    const down = { type: 'https://serverlessworkflow.io/errors', status: 503, title: 'Down' };
    const engine = await harness.engine(() =>
      Promise.resolve({ kind: 'failed', outcome: 'definitive', error: down }),
    );
    const { runId } = await engine.startRun(await harness.define(head('late') + get('only')));
    await harness.untilStatus(runId, 'failed').catch(() => undefined);
    await archiveAll();
    // Whoever goes on with it holds its row while the archiver wants to remove it.
    const client = await harness.system.connect();
    await client.query('BEGIN');
    await client.query(`UPDATE run SET status = 'running' WHERE id = $1`, [runId]);
    const removing = archiver().removeEnded(allPartitions, Date.now() + 60_000);
    await harness.untilWaiting();
    await client.query('COMMIT');
    client.release();
    await removing;
    expect(await harness.reader.run(tenantId, runId)).toMatchObject({ status: 'running' });
  });

  it('goes with all that is its own, and its objects are collected', async () => {
    const output = { only: 'y'.repeat(40_000) };
    const engine = await harness.engine(() => Promise.resolve({ kind: 'completed', output }));
    const definition = await harness.define(head('removed') + get('first'));
    const key = { key: 'once', fingerprint: 'f' };
    const { runId } = await engine.startRun({ ...definition, key });
    await harness.untilStatus(runId, 'completed');
    await archiveAll();
    const rows = new ObjectRows(harness.system, harness.objects);
    const collect = () => rows.collect(new Date(Date.now() + 48 * 3_600_000));
    await collect();
    const before = await told(runId, [1]);
    expect(before.difference).toBeUndefined();
    await archiver().removeEnded(allPartitions, Date.now() + 60_000);
    await expect(harness.reader.run(tenantId, runId)).rejects.toMatchObject({ code: 'not-found' });
    expect(await collect()).toBeGreaterThan(1);
    const again = await engine.startRun({ ...definition, key });
    expect(again.repeated).toBe(false);
  });
});
