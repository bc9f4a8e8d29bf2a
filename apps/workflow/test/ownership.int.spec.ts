import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ObjectStore } from '@parley/objects';
import { createPool, type Pool } from '@parley/postgres';
import type { Engine } from '../src/engine/engine.js';
import { PgJournalStore } from '../src/engine/journal-store.pg.js';
import { makeRunId, partitionOfRun } from '../src/engine/run-id.js';
import { systemClock } from '../src/engine/clock.js';
import { tenantLimits } from '../src/engine/tenant-limits.js';
import { assign } from '../src/replicas/assignment.js';
import { allPartitions, EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

/** Short enough for a test, long enough for a machine with much to do. */
const times = {
  leaseMs: 2_000,
  aloneMs: 50,
  togetherMs: 50,
  suspectMs: 200,
  graceMs: 2_000,
  onceGraceMs: 4_000,
};

let harness: EngineHarness;
let pool: Pool;
let running: Replica[] = [];

beforeAll(async () => {
  harness = await EngineHarness.start();
  pool = createPool(harness.database.urls('workflow').system, { applicationName: 'test looks' });
}, 60_000);

afterEach(async () => {
  await Promise.all(running.map(({ engine }) => engine.stop({ graceMs: 0 })));
  running = [];
});

afterAll(async () => {
  await pool.end();
  await harness.stop();
});

interface Replica {
  readonly engine: Engine;
  readonly url: string;
  readonly calls: ScriptedCalls;
  readonly errors: string[];
  /** It does nothing any more, as if its process had been killed or had fallen asleep. */
  freeze(): void;
  /** It goes on where it was. */
  wake(): void;
}

const dead = new Set<string>();

/** A replica whose time can be stopped: no timer of it fires, and its database does not answer. */
async function replica(name: string, calls = new ScriptedCalls()): Promise<Replica> {
  const url = `http://${name}.test:1`;
  const errors: string[] = [];
  const sleeping = new Sleeping();
  const store = (system: Pool, objects: ObjectStore) =>
    new PgJournalStore(sleeping.pool(system), objects);
  const engine = await harness.engine(calls.perform, {
    store,
    onError: (_error, message) => errors.push(message),
    replica: {
      url,
      times,
      hint: (urls) => {
        for (const one of running) if (urls.includes(one.url)) one.engine.lookAround();
      },
      isDead: (address) => Promise.resolve(dead.has(address)),
    },
  });
  const made = {
    engine,
    url,
    calls,
    errors,
    freeze: () => sleeping.freeze(),
    wake: () => sleeping.wake(),
  };
  running.push(made);
  return made;
}

/** Holds back what a process asks of the database, until it wakes up. */
class Sleeping {
  private held: (() => void)[] | undefined;

  pool(real: Pool): Pool {
    return new Proxy(real, {
      get: (target, name) => {
        if (name !== 'query') return Reflect.get(target, name) as unknown;
        return async (...args: Parameters<Pool['query']>) => {
          if (this.held !== undefined) {
            await new Promise<void>((resolve) => this.held?.push(resolve));
          }
          return target.query(...args);
        };
      },
    });
  }

  freeze(): void {
    this.held ??= [];
  }

  wake(): void {
    const { held = [] } = this;
    this.held = undefined;
    for (const go of held) go();
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((done) => setTimeout(done, 10));
}

const ownedBy = (...replicas: readonly Replica[]) =>
  replicas.map(({ engine }) => engine.partitions.owned.length).sort();

const everyOneIsOwned = (...replicas: readonly Replica[]) =>
  replicas.flatMap(({ engine }) => engine.partitions.owned).length === 32;

/** Each partition's numbers, read from its journal. */
async function gaps(): Promise<number[]> {
  const { rows } = await pool.query<{ partition: number }>(
    `SELECT partition FROM journal GROUP BY partition HAVING max(seq) <> count(*)`,
  );
  return rows.map(({ partition }) => partition);
}

const sets = `document: { dsl: 1.0.3, namespace: test, name: sets, version: 0.1.0 }
do:
  - done: { set: { done: true } }
`;

const calls = (name: string, method: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
do:
  - first:
      call: http
      with: { method: ${method}, endpoint: "http://192.0.2.1/first" }
  - second:
      call: http
      with: { method: ${method}, endpoint: "http://192.0.2.1/second" }
`;

const waits = `document: { dsl: 1.0.3, namespace: test, name: waits, version: 0.1.0 }
do:
  - pause: { wait: PT1S }
  - done: { set: { done: true } }
`;

describe('replicas', () => {
  it('share the partitions when one joins, leaves, or is killed', async () => {
    const a = await replica('a');
    expect(ownedBy(a)).toEqual([32]);
    const b = await replica('b');
    await until(() => ownedBy(a, b).join() === '16,16' && everyOneIsOwned(a, b));
    const c = await replica('c');
    await until(() => ownedBy(a, b, c).join() === '10,11,11' && everyOneIsOwned(a, b, c));
    await b.engine.stop();
    await until(() => ownedBy(a, c).join() === '16,16');
    c.freeze();
    dead.add(c.url);
    await until(() => ownedBy(a).join() === '32');
    c.wake();
    dead.delete(c.url);
    await until(() => everyOneIsOwned(a, c) && ownedBy(a, c).join() === '16,16');
    const theirs = c.engine.partitions.owned[0] ?? -1;
    await until(() => {
      const owner = a.engine.partitions.ownerOf(theirs);
      return !owner.own && owner.url === c.url;
    });
  }, 60_000);

  it('take over what one has that is silent, when its lease has ended', async () => {
    const a = await replica('a');
    const b = await replica('b');
    await until(() => everyOneIsOwned(a, b) && ownedBy(a, b).join() === '16,16');
    b.freeze();
    await until(() => ownedBy(a).join() === '32');
    b.wake();
    await until(() => everyOneIsOwned(a, b));
  }, 60_000);

  it('finish a call on its way before its partition moves, also one that nobody may repeat', async () => {
    const held = new ScriptedCalls();
    held.hold = true;
    const a = await replica('a', held);
    const start = await harness.define(calls('moves', 'post'));
    const runs = await Promise.all(Array.from({ length: 12 }, () => a.engine.startRun(start)));
    await held.untilMade(12);
    const b = await replica('b');
    setTimeout(() => held.release(), 300);
    for (const { runId } of runs) await harness.untilStatus(runId, 'completed');
    await until(() => everyOneIsOwned(a, b) && ownedBy(a, b).join() === '16,16');
    const made = [...held.made, ...b.calls.made];
    expect(made.filter(({ node }) => node === 'do/first')).toHaveLength(12);
    expect(made.filter(({ node }) => node === 'do/second')).toHaveLength(12);
  }, 60_000);

  it('go on with the runs and timers of one that is killed, and repeat no finished step', async () => {
    const a = await replica('a');
    const lost = new ScriptedCalls();
    const b = await replica('b', lost);
    await until(() => everyOneIsOwned(a, b) && ownedBy(a, b).join() === '16,16');
    lost.hold = true;
    const start = await harness.define(calls('killed', 'get'));
    const busy = await Promise.all(Array.from({ length: 8 }, () => b.engine.startRun(start)));
    const timed = await harness.define(waits);
    const waiting = await Promise.all(Array.from({ length: 8 }, () => b.engine.startRun(timed)));
    await lost.untilMade(8);
    b.freeze();
    dead.add(b.url);
    for (const { runId } of [...busy, ...waiting]) await harness.untilStatus(runId, 'completed');
    const ids = new Set(busy.map(({ runId }) => runId));
    const made = a.calls.made.filter(({ runId }) => ids.has(runId));
    expect(made.map(({ key }) => key)).toEqual(
      expect.arrayContaining(lost.made.map(({ key }) => key)),
    );
    expect(made).toHaveLength(16);
    dead.delete(b.url);
    b.wake();
    await until(() => everyOneIsOwned(a, b));
  }, 60_000);

  it('send the calls of one that is killed before those of their own that wait', async () => {
    const own = new ScriptedCalls();
    const lost = new ScriptedCalls();
    own.hold = true;
    lost.hold = true;
    const a = await replica('a', own);
    const b = await replica('b', lost);
    await until(() => everyOneIsOwned(a, b) && ownedBy(a, b).join() === '16,16');
    const start = await harness.define(calls('waits-for-its-turn', 'get'));
    const atOnce = tenantLimits.calls;
    await Promise.all(Array.from({ length: atOnce + 8 }, () => a.engine.startRun(start)));
    const theirs = await Promise.all(Array.from({ length: 4 }, () => b.engine.startRun(start)));
    await Promise.all([own.untilMade(atOnce), lost.untilMade(4)]);
    b.freeze();
    dead.add(b.url);
    const wanted = () => a.engine.limitUses().find(({ limit }) => limit === 'calls')?.wanted;
    await until(() => wanted() === atOnce + 8 + 4);
    own.release();
    await own.untilMade(atOnce + 4);
    expect(own.made.slice(atOnce, atOnce + 4).map(({ runId }) => runId)).toEqual(
      expect.arrayContaining(theirs.map(({ runId }) => runId)),
    );
    dead.delete(b.url);
    b.wake();
    await until(() => everyOneIsOwned(a, b));
  }, 60_000);

  it('answer a start under a key with the first run, whichever of them is asked', async () => {
    const a = await replica('a');
    const b = await replica('b');
    await until(() => everyOneIsOwned(a, b) && ownedBy(a, b).join() === '16,16');
    const start = await harness.define(sets);
    for (let n = 0; n < 10; n++) {
      const key = { key: `both ${String(n)}`, fingerprint: 'f' };
      const [first, second] = await Promise.all(
        [a, b].map(({ engine }) => engine.startRun({ ...start, key })),
      );
      expect(first?.runId).toBe(second?.runId);
      expect([first?.repeated, second?.repeated].sort()).toEqual([false, true]);
    }
  }, 60_000);

  it('refuse what another one has, and say so', async () => {
    const a = await replica('a');
    const b = await replica('b');
    await until(() => everyOneIsOwned(a, b) && ownedBy(a, b).join() === '16,16');
    const [theirs = 0] = b.engine.partitions.owned;
    const runId = makeRunId(theirs, Date.now(), systemClock);
    const cancelled = a.engine.apply(runId, { kind: 'cancel', by: 'mem_test' }, { tenantId });
    await expect(cancelled).rejects.toMatchObject({ code: 'unavailable' });
  }, 60_000);
});

describe('one that wakes up after its partitions were taken over', () => {
  it('writes nothing of them, and what it still has goes on', async () => {
    const a = await replica('a');
    const b = await replica('b');
    await until(() => everyOneIsOwned(a, b) && ownedBy(a, b).join() === '16,16');
    const start = await harness.define(sets);
    b.freeze();
    const late = Promise.allSettled(Array.from({ length: 20 }, () => b.engine.startRun(start)));
    await until(() => ownedBy(a).join() === '32');
    const before = await pool.query('SELECT count(*) AS count FROM journal');
    b.wake();
    const outcomes = await late;
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'rejected'));
    expect((await pool.query('SELECT count(*) AS count FROM journal')).rows).toEqual(before.rows);
    await until(() => everyOneIsOwned(a, b) && ownedBy(a, b).join() === '16,16');
    const started = await b.engine.startRun(start);
    expect(b.engine.partitions.owned).toContain(partitionOfRun(started.runId));
    await harness.untilStatus(started.runId, 'completed');
  }, 60_000);
});

describe('120 takeovers of a partition that is written to', () => {
  it('leave no gap and lose no accepted turn', async () => {
    const stores = [harness.store(), harness.store()];
    const a = await replica('a');
    const start = await harness.define(sets);
    const accepted: string[] = [];
    let racing = true;
    const load = Array.from({ length: 4 }, async () => {
      while (racing) {
        const started = await a.engine.startRun(start).catch(() => undefined);
        if (started === undefined) await new Promise((done) => setTimeout(done, 1));
        else accepted.push(started.runId);
      }
    });
    for (let race = 0; race < 120; race++) {
      const store = stores[race % 2];
      const view = await store?.replicas.view();
      const some = view?.partitions.filter(({ id }) => id % 4 === race % 4) ?? [];
      const taken = await store?.replicas.take(some);
      await store?.replicas.free([...(taken?.epochs ?? [])].map(([id, epoch]) => ({ id, epoch })));
    }
    racing = false;
    await Promise.all(load);
    expect(await gaps()).toEqual([]);
    const { rows } = await pool.query<{ id: string }>('SELECT id FROM run WHERE id = ANY ($1)', [
      accepted,
    ]);
    expect(rows).toHaveLength(accepted.length);
    expect(accepted.length).toBeGreaterThan(0);
    await until(() => everyOneIsOwned(a));
    for (const runId of accepted.slice(-20)) await harness.untilStatus(runId, 'completed');
  }, 60_000);
});

describe('the assignment', () => {
  it('is what the database ends up with', async () => {
    const a = await replica('a');
    const b = await replica('b');
    await until(() => everyOneIsOwned(a, b) && ownedBy(a, b).join() === '16,16');
    const { partitions, replicas } = await harness.store().replicas.view();
    const owners = new Map(partitions.map(({ id, owner }) => [id, owner]));
    expect([...owners.keys()]).toEqual(allPartitions);
    expect(
      assign(
        replicas.map(({ id }) => id),
        owners,
      ),
    ).toEqual(owners);
  }, 60_000);
});
