import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compileDefinition } from '@parley/dsl';
import { baseLevel, journalLevel, levelOfKind } from '@parley/engine';
import type { Context, Services } from '@parley/nest-kit';
import type { ObjectStore } from '@parley/objects';
import { withTenant, type Pool } from '@parley/postgres';
import type { Engine } from '../src/engine/engine.js';
import { PgJournalStore } from '../src/engine/journal-store.pg.js';
import { OverlayStore } from '../src/overlays/overlay-store.pg.js';
import { RunOverlays } from '../src/overlays/run-overlays.js';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';
import { publishSchedule, scheduledDefinition } from './scheduling.js';

const times = { leaseMs: 2_000, aloneMs: 20, togetherMs: 20, graceMs: 0, onceGraceMs: 0 };

let harness: EngineHarness;

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

/** A process of a release that reads the journal up to this level. */
function replica(name: string, reads?: number): Promise<Engine> {
  return harness.engine(new ScriptedCalls().perform, {
    store: (pool: Pool, objects: ObjectStore) => new PgJournalStore(pool, objects, reads),
    replica: { url: `http://${name}.test:1`, times },
  });
}

/** One of an older release and one of this, each with its half of the partitions. */
async function bothAtWork(): Promise<Readonly<Record<'old' | 'current', Engine>>> {
  const [old, current] = await Promise.all([replica('old', baseLevel), replica('new')]);
  const isShared = () => [old, current].every(({ partitions }) => partitions.owned.length === 16);
  while (!isShared()) await new Promise((done) => setTimeout(done, 10));
  return { old, current };
}

const source = `document: { dsl: 1.0.3, namespace: test, name: levels, version: 0.1.0 }
do:
  - hold: { wait: { hours: 1 } }
  - last: { set: { a: 1 } }
`;

async function waitingRun(engine: Engine): Promise<string> {
  const request = await harness.define(source, { timezone: 'UTC' });
  await withTenant(harness.app, tenantId, async (client) => {
    await client.query(
      `INSERT INTO workflow (id, tenant_id, name, title, latest_version, created_at, updated_at)
       VALUES ($1, $2, 'levels', 'levels', 1, now(), now()) ON CONFLICT DO NOTHING`,
      [request.workflowId, tenantId],
    );
    await client.query(
      `INSERT INTO workflow_version (tenant_id, workflow_id, version, source, timezone, ir_hash,
         side_effects, trigger, revision_hash, approved_by, created_at, namespace, name, document_version)
       VALUES ($1, $2, 1, $3, 'UTC', $4, '[]', '', '1', 'mem_test', now(), 'test', 'levels', '0.1.0')
       ON CONFLICT DO NOTHING`,
      [tenantId, request.workflowId, source, request.irHash],
    );
  });
  return (await engine.startRun(request)).runId;
}

async function overlay(engine: Engine, runId: string): Promise<unknown> {
  const compiler = {
    call: (_route: unknown, { body }: { body: { source: string; timezone: string } }) =>
      Promise.resolve(compileDefinition(body.source, { timezone: body.timezone })),
  } as unknown as Services;
  const overlays = new RunOverlays({
    engine,
    store: new OverlayStore(harness.app),
    services: compiler,
    catalogue: () => Promise.resolve({ connectors: [] }),
  });
  const base = (await engine.head(tenantId, runId)).ir.hash;
  const operation = { op: 'replace' as const, path: '/do/last', value: { set: { a: 2 } } };
  const caller = { tenantId, principal: 'mem_test', roles: ['owner'] } as unknown as Context;
  return overlays.apply(runId, { id: 'ovl_1', base, operations: [operation] }, caller);
}

const levelOn = async (): Promise<number | undefined> =>
  (await harness.system.query<{ level: number }>('SELECT level FROM journal_level')).rows[0]?.level;

/** What the database says to a process that does not ask. */
const turnedAway = {
  cause: { message: expect.stringContaining('this version of Parley reads levels up to 1') },
};

describe('what came with a newer release', () => {
  it('is refused while a replica is alive that could not read it, and then switched on for good', async () => {
    const { old, current } = await bothAtWork();
    const runId = await waitingRun(current);
    const refused = {
      code: 'unavailable',
      message: expect.stringContaining('a replica of an older version of Parley is still running'),
    };
    await expect(overlay(current, runId)).rejects.toMatchObject(refused);
    expect((await current.head(tenantId, runId)).state.overlays).toBeUndefined();
    await expect(current.levels.switchOn('collectedEvents')).rejects.toMatchObject(refused);
    const collecting = '{ on: { any: [ { with: { type: a } } ], until: "length == 2" } }';
    const publish = () =>
      publishSchedule(harness, harness.app, {
        name: 'levels',
        source: scheduledDefinition('levels', collecting),
        switchOn: (what) => current.levels.switchOn(what),
      });
    await expect(publish()).rejects.toMatchObject(refused);
    const fast = await harness.define(source.replace('}', ', metadata: { history: fast } }'));
    await expect(current.startRun(fast)).rejects.toMatchObject(refused);
    expect(await levelOn()).toBe(baseLevel);

    await old.stop({ graceMs: 0 });
    expect(await overlay(current, runId)).toMatchObject({ id: 'ovl_1' });
    expect(await publish()).toBe('wf_levels');
    expect(await levelOn()).toBe(levelOfKind.overlaid);
    expect((await current.startRun(fast)).repeated).toBe(false);

    await expect(replica('old', baseLevel)).rejects.toThrow(
      'this version of Parley reads levels up to 1: start the version that ran last, or a newer one',
    );
    const next = await replica('next');
    expect(next.partitions.peers).toEqual(['http://new.test:1']);
    await Promise.all([next.stop({ graceMs: 0 }), current.stop({ graceMs: 0 })]);
  });

  it('is written in another way meanwhile, where there is one', async () => {
    await harness.forge(`UPDATE journal_level SET level = ${baseLevel}`);
    const { old, current } = await bothAtWork();
    const growing =
      await harness.define(`document: { dsl: 1.0.3, namespace: test, name: grows, version: 0.1.0 }
do:
  - begin: { set: { all: '\${ [range(100)] }' } }
  - loop:
      for: { each: n, in: '\${ [range(100)] }' }
      do:
        - step: { set: { all: '\${ .all + [$n] }' } }
`);
    const grow = async () => {
      const { runId } = await current.startRun({ ...growing, input: {} });
      await harness.untilStatus(runId, 'completed');
      const { turns } = await harness.reader.journal(tenantId, runId);
      expect(turns.at(-1)?.entries.at(-1)).toMatchObject({
        kind: 'runCompleted',
        output: { all: [...Array(100).keys(), ...Array(100).keys()] },
      });
      const { rows } = await harness.system.query<{ isGrown: boolean }>(
        `SELECT bool_or(get_byte(entries, 0) = 3) AS "isGrown" FROM journal WHERE run_id = $1`,
        [runId],
      );
      return rows[0]?.isGrown;
    };
    expect(await grow()).toBe(false);
    expect(await levelOn()).toBe(baseLevel);
    await old.stop({ graceMs: 0 });
    await current.levels.switchOn('grownLists');
    expect(await levelOn()).toBe(journalLevel);
    expect(await grow()).toBe(true);
    await current.stop({ graceMs: 0 });
  });

  it('turns away processes of before levels, also one that comes back', async () => {
    const join = (url: string) =>
      harness.system.query(
        `INSERT INTO replica (url, id, renewed_at, lease_until) VALUES ($1, 'raw', now(), now())
         ON CONFLICT (url) DO UPDATE SET id = excluded.id`,
        [url],
      );
    await expect(join('http://before.test:1')).rejects.toMatchObject(turnedAway);
    const current = await replica('new');
    await expect(join('http://new.test:1')).rejects.toMatchObject(turnedAway);
    await current.stop({ graceMs: 0 });
    await harness.forge('UPDATE journal_level SET level = 1');
    await join('http://before.test:1');
    await harness.forge('UPDATE journal_level SET level = 2');
    const renewed = harness.system.query(
      `UPDATE replica SET lease_until = now() + interval '1 min' WHERE id = 'raw'`,
    );
    await expect(renewed).rejects.toMatchObject(turnedAway);
    await harness.system.query('DELETE FROM replica');
  });

  it('counts a process of before levels that has taken over an address', async () => {
    await harness.forge('UPDATE journal_level SET level = 1');
    const current = await replica('new');
    await harness.system.query(
      `INSERT INTO replica (url, id, renewed_at, lease_until)
       VALUES ('http://new.test:1', 'raw', now(), now() + interval '1 min')
       ON CONFLICT (url) DO UPDATE SET id = excluded.id, lease_until = excluded.lease_until`,
    );
    await expect(current.levels.switchOn('overlaid')).rejects.toMatchObject({
      code: 'unavailable',
    });
    await harness.system.query(`DELETE FROM replica WHERE id = 'raw'`);
    await current.stop({ graceMs: 0 });
  });
});
