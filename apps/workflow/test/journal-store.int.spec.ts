import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgJournalStore } from '../src/engine/journal-store.pg.js';
import { allPartitions, EngineHarness, ScriptedCalls } from './engine-harness.js';
import { PgArchiveStore } from '../src/journal/archive-store.pg.js';
import { ObjectRows } from '../src/payloads/object-rows.pg.js';
import { describeArchives } from './archive-contract.js';
import { describeJournal, everyPartition, newRun, takeAll, turn } from './journal-contract.js';
import { passagesOf } from '../src/engine/relay.js';

let harness: EngineHarness;

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

describe('what the relay reads', () => {
  it('is a share of every partition, in its order, from where it was last', async () => {
    let store: PgJournalStore | undefined;
    const engine = await harness.engine(new ScriptedCalls().perform, {
      store: (pool, objects) => (store = new PgJournalStore(pool, objects)),
    });
    if (store === undefined) throw new Error('the engine did not ask for its store');
    const start = await harness.define(`document:
  dsl: 1.0.3
  namespace: test
  name: nothing
  version: 0.1.0
do:
  - nothing: { set: { done: true } }
`);
    await Promise.all(Array.from({ length: 200 }, () => engine.startRun(start)));
    const published = new Set<string>();
    for (let turns = await store.notableTurns(2, allPartitions); turns.length > 0;) {
      const perPartition = new Map<number, number[]>();
      for (const { partition, seq, run } of turns) {
        perPartition.set(partition, [...(perPartition.get(partition) ?? []), seq]);
        expect(published.has(run.runId)).toBe(false);
        published.add(run.runId);
      }
      for (const seqs of perPartition.values()) {
        expect(seqs.length).toBeLessThanOrEqual(2);
        expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      }
      await store.passTurns(passagesOf(turns));
      turns = await store.notableTurns(2, allPartitions);
    }
    expect(published.size).toBe(200);
  });
});

describe('the row of a run', () => {
  let own: EngineHarness;

  beforeAll(async () => {
    own = await EngineHarness.start();
  }, 60_000);

  afterAll(() => own.stop());

  it('stays on its page while the run goes on, so that no index is touched', async () => {
    const store = own.store();
    const { epochs, lastSeq } = await takeAll(store);
    const runs = Array.from({ length: 100 }, (_, n) => {
      const partition = n % everyPartition.length;
      const seq = (lastSeq.get(partition) ?? 0) + Math.floor(n / everyPartition.length) * 3 + 1;
      return { runId: newRun(partition), partition, seq };
    });
    const pages = async () => {
      const { rows } = await own.system.query<{ id: string; page: number }>(
        'SELECT id, (ctid::text::point)[0] AS page FROM run ORDER BY id',
      );
      return rows;
    };
    const write = async (position: number) => {
      const turns = runs.map(({ runId, partition, seq }) =>
        turn(runId, { partition, seq: seq + position - 1, position }),
      );
      expect(await store.flush(epochs, turns)).toEqual([]);
    };
    await write(1);
    const first = await pages();
    expect(new Set(first.map(({ page }) => page)).size).toBeGreaterThan(1);
    await write(2);
    expect(await pages()).toEqual(first);
  });
});

describeJournal('in PostgreSQL', {
  open: async () => {
    const own = await EngineHarness.start();
    return {
      store: () => own.store(),
      workOf: async (runId) => {
        const { rows } = await own.system.query<{ id: string }>(
          'SELECT id FROM worker_task WHERE run_id = $1 ORDER BY id',
          [runId],
        );
        return rows.map(({ id }) => id);
      },
      close: () => own.stop(),
    };
  },
});

describeArchives('in PostgreSQL', {
  open: async () => {
    const own = await EngineHarness.start();
    const rows = new ObjectRows(own.system, own.objects);
    return {
      store: () => own.store(),
      archives: new PgArchiveStore(own.system, own.objects),
      collect: async () => {
        await rows.collect(new Date(Date.now() + 48 * 3_600_000));
        const { rows: left } = await own.system.query('SELECT FROM stored_object');
        return left.length;
      },
      close: () => own.stop(),
    };
  },
});
