import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppError, jsonEquals, type Json } from '@parley/kernel';
import type { RunListQuery } from '@parley/contracts';
import { PgJournalStore } from '../src/engine/journal-store.pg.js';
import { RunFeed } from '../src/runs/run-feed.js';
import { RunResults } from '../src/runs/run-results.js';
import { batchOf, EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

const by = 'mem_test';
const document = (name: string, more = '') => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
${more}`;
const sets = `${document('sets')}do:\n  - keep: { set: { n: '\${ .n }' } }\n`;
const waits = `${document(
  'waits',
  `  metadata:
    tags: [evening, "no\\0"]
    searchAttributes: { team: sales, level: 3, "bad name": 1 }
`,
)}do:\n  - pause: { wait: PT1H }\n`;

type Query = Omit<RunListQuery, 'pageSize'>;
const idsOf = async (query: Query, limit = 100, before?: string) =>
  (await harness.reader.list(tenantId, { query, limit, before })).map(({ id }) => id);

describe('the labels of a run', () => {
  it('come from its definition and its start, change by command, and are found', async () => {
    const engine = await harness.engine(new ScriptedCalls().perform);
    const start = await harness.define(waits);
    const labels = { addTags: ['vip'], attributes: { total: 12.5, due: '2027-01-31T12:00:00Z' } };
    const first = await engine.startRun({ ...start, labels });
    const second = await engine.startRun(start);
    expect(first.change?.row.labels?.tags).toEqual(['evening', 'vip']);
    expect(await harness.reader.run(tenantId, first.runId)).toMatchObject({
      tags: ['evening', 'vip'],
      attributes: { team: 'sales', level: 3, total: 12.5, due: '2027-01-31T12:00:00Z' },
    });
    const change = {
      kind: 'label',
      by,
      removeTags: ['vip'],
      addTags: ['late'],
      attributes: { total: 99, paid: true, team: null },
    } as const;
    expect(await engine.apply(first.runId, change, { tenantId })).toBeUndefined();
    const { runId } = first;
    expect(await harness.reader.run(tenantId, runId)).toMatchObject({
      tags: ['evening', 'late'],
      attributes: { level: 3, total: 99, due: '2027-01-31T12:00:00Z', paid: true },
    });
    expect((await harness.reader.run(tenantId, runId)).attributes).not.toHaveProperty('team');

    const both = [second.runId, runId];
    expect(await idsOf({ tag: 'evening' })).toEqual(both);
    expect(await idsOf({ tag: ['evening', 'late'] })).toEqual([runId]);
    expect(await idsOf({ tag: 'vip' })).toEqual([]);
    expect(await idsOf({ attribute: 'team=sales' })).toEqual([second.runId]);
    expect(await idsOf({ attribute: 'level=3.0' })).toEqual(both);
    expect(await idsOf({ attribute: ['total>12.5', 'total<=99', 'paid=true'] })).toEqual([runId]);
    expect(await idsOf({ attribute: 'due<2027-01-31T13:30:00+01:00' })).toEqual([runId]);
    expect(await idsOf({ attribute: 'due>=2027-02-01T00:00:00Z' })).toEqual([]);
    await expect(idsOf({ attribute: 'team>sales' })).rejects.toMatchObject({ code: 'invalid' });
    await engine.apply(runId, { kind: 'terminate', by }, { tenantId });
    const { endedAt } = await harness.reader.run(tenantId, runId);
    await new Promise((done) => setTimeout(done, 2)); // For a clock that has moved on.
    await engine.apply(runId, { kind: 'label', by, addTags: ['over'] }, { tenantId });
    expect((await harness.reader.run(tenantId, runId)).endedAt).toBe(endedAt);
    expect(await idsOf({ tag: 'over', status: 'terminated' })).toEqual([runId]);
    const tooMany = Array.from({ length: 33 }, (_, n) => `t${String(n)}`);
    const refused = engine.startRun({ ...start, labels: { addTags: tooMany } });
    await expect(refused).rejects.toMatchObject({ code: 'invalid-input' });
  });
});

describe('a batch of starts', () => {
  class CountingStore extends PgJournalStore {
    flushes = 0;
    override flush(...args: Parameters<PgJournalStore['flush']>) {
      this.flushes += 1;
      return super.flush(...args);
    }
  }

  it('takes few flushes, keeps the order, and refuses items alone', async () => {
    let store: CountingStore | undefined;
    const engine = await harness.engine(new ScriptedCalls().perform, {
      store: (pool, objects) => (store = new CountingStore(pool, objects)),
    });
    const request = await harness.define(sets);
    const batch = batchOf(
      Array.from({ length: 1_000 }, (_, n) => {
        return { ...request, input: { n }, startedBy: 'mem_batch' };
      }),
    );
    const admit = (input: Json) => {
      if (jsonEquals(input, { n: 7 })) throw new AppError('invalid-input', 'n must not be 7');
    };
    const results = await engine.startRuns({ ...batch, admit });
    // At least what was begun in one breath goes into a flush.
    expect(store?.flushes).toBeLessThanOrEqual(20);
    expect(results.map(({ ok }) => ok).indexOf(false)).toBe(7);
    expect(results.filter(({ ok }) => !ok)).toHaveLength(1);
    for (const at of [0, 6, 8, 999]) {
      const result = results[at];
      if (result?.ok !== true) throw new Error(`item ${String(at)} was refused`);
      const run = await harness.reader.run(tenantId, result.value.runId);
      expect(run).toMatchObject({ status: 'completed', output: { n: at } });
    }
    const query = { startedBy: 'mem_batch', status: 'completed' } as const;
    expect(await harness.reader.counts(tenantId, query)).toEqual(new Map([['completed', 999]]));
    const page = await idsOf(query, 600);
    const rest = await idsOf(query, 600, page.at(-1));
    expect(new Set([...page, ...rest]).size).toBe(999);
  });

  it('knows the keys of its items, also from before and from the batch itself', async () => {
    const engine = await harness.engine(new ScriptedCalls().perform);
    const request = await harness.define(sets);
    const keyed = (key: string, fingerprint = 'a') => ({
      ...request,
      key: { key, fingerprint },
    });
    const before = await engine.startRun(keyed('k-1'));
    const under = engine.startRun(keyed('k-2'));
    const results = await engine.startRuns(
      batchOf([
        keyed('k-1'),
        keyed('k-1', 'b'),
        keyed('k-2'),
        keyed('k-3'),
        keyed('k-3'),
        keyed('k-3', 'b'),
      ]),
    );
    await under;
    const told = results.map((result) => (result.ok ? result.value.repeated : result.error.code));
    expect(told).toEqual([true, 'key-reused', 'in-flight', false, true, 'key-reused']);
    expect(results[0]).toMatchObject({ value: { runId: before.runId } });
    const [third, fourth] = [results[3], results[4]];
    expect(third?.ok === true && fourth?.ok === true).toBe(true);
    if (third?.ok === true && fourth?.ok === true) {
      expect(fourth.value.runId).toBe(third.value.runId);
    }
    expect((await engine.startRuns(batchOf([keyed('k-2')])))[0]).toMatchObject({
      value: { repeated: true },
    });
  });
});

describe('runs are found', () => {
  it('by version, time, starter and error', async () => {
    const engine = await harness.engine(() =>
      Promise.resolve({
        kind: 'failed',
        outcome: 'definitive',
        error: { type: 'https://example.com/errors/sold-out', status: 409 },
      }),
    );
    const source = `${document('fails')}do:\n  - ask: { call: http, with: { method: get, endpoint: http://192.0.2.1/ } }\n`;
    const start = { ...(await harness.define(source)), startedBy: 'mem_other', version: 4 };
    const { runId } = await engine.startRun(start);
    const failed = await harness.untilStatus(runId, 'failed');
    const other = { startedBy: 'mem_other' };
    expect(await idsOf({ ...other, errorType: 'sold-out', version: 4 })).toEqual([runId]);
    expect(await idsOf({ ...other, errorType: 'timeout' })).toEqual([]);
    expect(await idsOf({ ...other, version: 5 })).toEqual([]);
    const at = failed.createdAt;
    expect(await idsOf({ ...other, startedFrom: at })).toEqual([runId]);
    expect(await idsOf({ ...other, startedBefore: at })).toEqual([]);
  });
});

describe('the result of a run', () => {
  it('is waited for', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const feed = new RunFeed();
    const engine = await harness.engine(calls.perform, { onChange: (c) => feed.publish(c) });
    const results = new RunResults({ reader: harness.reader, feed });
    const source = `${document('one')}do:\n  - ask: { call: http, with: { method: get, endpoint: http://192.0.2.1/ } }\n`;
    const { runId } = await engine.startRun(await harness.define(source));
    expect(await results.of(tenantId, runId, 0)).toEqual({
      runId,
      ended: false,
      status: 'running',
    });
    expect(await results.of(tenantId, runId, 20)).toMatchObject({ ended: false });
    const waiting = results.of(tenantId, runId, 60_000);
    await calls.untilMade(1);
    calls.release();
    expect(await waiting).toEqual({
      runId,
      ended: true,
      status: 'completed',
      output: { late: true },
    });
    expect(await results.of(tenantId, runId, 60_000)).toMatchObject({ ended: true });
    const none = results.of(tenantId, 'run_none', 0);
    await expect(none).rejects.toMatchObject({ code: 'not-found' });
  });
});
