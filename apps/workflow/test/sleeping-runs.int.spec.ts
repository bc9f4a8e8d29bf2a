import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunChange } from '../src/engine/engine.js';
import type { StoredRun } from '../src/engine/journal-store.js';
import { PgJournalStore } from '../src/engine/journal-store.pg.js';
import { EngineHarness, ScriptedCalls } from './engine-harness.js';

let harness: EngineHarness;

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

const head = (name: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
do:
`;

const sleeper = (name: string) =>
  `${head(name)}- sleep: { wait: '\${ { milliseconds: (.due - now * 1000 | floor) } }' }\n`;

/** More than are kept in memory of one tenant. */
const many = 600;
const sleepMs = 2_000;

/** Counts the runs that are read at the same time. */
class CountingStore extends PgJournalStore {
  most = 0;
  private count = 0;

  override async loadRun(runId: string): Promise<StoredRun | undefined> {
    this.count += 1;
    this.most = Math.max(this.most, this.count);
    return super.loadRun(runId).finally(() => (this.count -= 1));
  }
}

/** The runs of a definition that have ended, and a promise of the first so many. */
function endings(name: string) {
  const ended: string[] = [];
  const waiting: { readonly count: number; readonly reached: () => void }[] = [];
  const onChange = ({ row }: RunChange) => {
    if (row.workflowName !== name || row.status !== 'completed') return;
    ended.push(row.runId);
    for (const { count, reached } of waiting) if (ended.length >= count) reached();
  };
  const first = (count: number) => new Promise<void>((reached) => waiting.push({ count, reached }));
  return { ended, onChange, first };
}

/** Each turn that the runs have had, and the timers that they have. */
async function turnsOf(runIds: readonly string[]) {
  const { rows } = await harness.system.query<{ turns: number; ended: boolean; timers: number }>(
    `SELECT (SELECT count(*)::int FROM journal WHERE run_id = run.id) AS turns,
       (SELECT count(*)::int FROM timer WHERE run_id = run.id) AS timers, status = 'completed' AS ended
     FROM run WHERE id = ANY ($1)`,
    [runIds],
  );
  return rows;
}

async function untilEnded(runIds: readonly string[]): Promise<void> {
  while ((await turnsOf(runIds)).some(({ ended }) => !ended)) {
    await new Promise((done) => setTimeout(done, 50));
  }
}

describe('many runs that are due at the same moment', () => {
  it('end once each, a few at a time, and a fresh start does not wait for them', async () => {
    const seen = endings('sleeper');
    let store: CountingStore | undefined;
    const engine = await harness.engine(new ScriptedCalls().perform, {
      idleRunsMax: 10,
      firingMax: 16,
      onChange: seen.onChange,
      store: (pool, objects) => (store = new CountingStore(pool, objects)),
    });
    const local = await harness.define(`${head('local')}- note: { set: { ok: true } }\n`);
    await engine.startRun(local);
    const first = seen.first(1);
    const all = seen.first(many);
    const start = await harness.define(sleeper('sleeper'));
    const input = { due: Date.now() + sleepMs };
    const runs = await Promise.all(
      Array.from({ length: many }, () => engine.startRun({ ...start, input })),
    );
    await first;
    const { change } = await engine.startRun(local);
    expect(change?.row.status).toBe('completed');
    expect(seen.ended.length).toBeLessThan(many);
    await all;
    const runIds = runs.map(({ runId }) => runId);
    expect(seen.ended.toSorted()).toEqual(runIds.toSorted());
    expect(store?.most).toBeGreaterThan(0);
    expect(store?.most).toBeLessThanOrEqual(16);
    expect(await turnsOf(runIds)).toEqual(
      Array.from({ length: many }, () => ({ turns: 2, timers: 0, ended: true })),
    );
  }, 60_000);

  it('all end when another process takes over in the middle', async () => {
    const before = endings('taken-over');
    const abandoned = await harness.engine(new ScriptedCalls().perform, {
      firingMax: 8,
      onChange: before.onChange,
    });
    const some = before.first(50);
    const start = await harness.define(sleeper('taken-over'));
    const input = { due: Date.now() + sleepMs };
    const runs = await Promise.all(
      Array.from({ length: many }, () => abandoned.startRun({ ...start, input })),
    );
    await some;
    await harness.engine(new ScriptedCalls().perform);
    const runIds = runs.map(({ runId }) => runId);
    await untilEnded(runIds);
    expect(await turnsOf(runIds)).toEqual(
      Array.from({ length: many }, () => ({ turns: 2, timers: 0, ended: true })),
    );
  }, 60_000);
});
