import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunStateAt, type ApplyOverlay, type OverlayOperation } from '@parley/contracts';
import { compileDefinition } from '@parley/dsl';
import { readExport, replayCheck } from '@parley/engine';
import { schemaCheck } from '@parley/json-schema';
import { parseJson, type AppError } from '@parley/kernel';
import type { Context, Services } from '@parley/nest-kit';
import { withTenant } from '@parley/postgres';
import type { Engine } from '../src/engine/engine.js';
import { PgArchiveStore } from '../src/journal/archive-store.pg.js';
import { Archiver } from '../src/journal/archiver.js';
import { passagesOf } from '../src/engine/relay.js';
import { OverlayStore } from '../src/overlays/overlay-store.pg.js';
import { RunOverlays } from '../src/overlays/run-overlays.js';
import { EntryReader } from '../src/payloads/entry-reader.js';
import { placeKey, placesOf } from '../src/replicas/places.js';
import { JournalReader } from '../src/runs/journal-reader.pg.js';
import { RunHistory } from '../src/runs/run-history.js';
import { RunReplays } from '../src/runs/run-replays.js';
import { allPartitions, EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;
let history: RunHistory;

beforeAll(async () => {
  harness = await EngineHarness.start();
  history = new RunHistory(
    harness.reader,
    new JournalReader(harness.app, new EntryReader(harness.objects)),
  );
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

const caller: Context = {
  kind: 'work',
  issuer: 'conversation',
  tenantId,
  principal: 'mem_test',
  name: 'Test',
  roles: ['owner'],
};
const call = (name: string) => `  - ${name}:
      call: http
      with: { method: get, endpoint: http://192.0.2.1/${name} }
`;
const task = (name: string) => ({
  call: 'http',
  with: { method: 'get', endpoint: `http://192.0.2.1/${name}` },
});
const document = (name: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
do:
`;

let published = 0;

/** A version of a workflow of its own, and what a start of it needs. */
async function publish(
  tasks: string,
  name = 'overlaid',
): Promise<Parameters<Engine['startRun']>[0]> {
  const source = document(name) + tasks;
  const request = await harness.define(source, { timezone: 'UTC' });
  const workflowId = `wf_test_${String((published += 1))}`;
  const now = new Date();
  await withTenant(harness.app, tenantId, async (client) => {
    await client.query(
      `INSERT INTO workflow (id, tenant_id, name, title, latest_version, created_at, updated_at)
       VALUES ($1, $2, $3, $3, 1, $4, $4)`,
      [workflowId, tenantId, name, now],
    );
    await client.query(
      `INSERT INTO workflow_version (tenant_id, workflow_id, version, source, timezone, ir_hash,
         side_effects, trigger, revision_hash, approved_by, created_at, namespace, name,
         document_version)
       VALUES ($1, $2, 1, $3, 'UTC', $4, '[]', '', '1', 'mem_test', $5, 'test', $6, '0.1.0')`,
      [tenantId, workflowId, source, request.irHash, now, name],
    );
  });
  return { ...request, workflowId };
}

function overlaysOf(engine: Engine): RunOverlays {
  const compiler = {
    call: (_route: unknown, { body }: { body: { source: string; timezone: string } }) =>
      Promise.resolve(compileDefinition(body.source, { timezone: body.timezone })),
  } as unknown as Services;
  const store = new OverlayStore(harness.app);
  const catalogue = () => Promise.resolve({ connectors: [] });
  return new RunOverlays({ engine, store, services: compiler, catalogue });
}

async function baseOf(engine: Engine, runId: string): Promise<string> {
  return (await engine.head(tenantId, runId)).ir.hash;
}

/** An overlay for what the run goes by now. */
async function apply(engine: Engine, runId: string, id: string, ...operations: OverlayOperation[]) {
  const overlay: ApplyOverlay = { id, base: await baseOf(engine, runId), operations };
  return overlaysOf(engine).apply(runId, overlay, caller);
}

async function rowOf(runId: string) {
  const { rows } = await harness.system.query<{ ir_hash: string; overlays: unknown }>(
    `SELECT ir_hash, (SELECT json_agg(json_build_array(ordinal, overlay_id, base, revision, position)
       ORDER BY ordinal) FROM run_overlay WHERE run_id = run.id) AS overlays
     FROM run WHERE id = $1`,
    [runId],
  );
  return rows[0];
}

/** How many definitions are kept. */
async function kept(): Promise<unknown> {
  const { rows } = await withTenant(harness.app, tenantId, (client) =>
    client.query(`SELECT (SELECT count(*) FROM compiled_definition) AS compiled,
      (SELECT count(*) FROM overlaid_definition) AS overlaid`),
  );
  return rows;
}

/** Moves all that has ended into archives, from where it may be removed. */
async function archiveAll(archives: PgArchiveStore): Promise<void> {
  const store = harness.store();
  for (;;) {
    const notable = await store.notableTurns(500, allPartitions);
    if (notable.length === 0) break;
    await store.passTurns(passagesOf(notable));
  }
  const archiver = new Archiver({
    store: archives,
    pause: () => Promise.resolve(),
    isStopped: () => false,
    onError: (error) => {
      throw error;
    },
  });
  await archiver.archiveOld(allPartitions, Date.now() + 60_000);
}

const nodesOf = ({ made }: ScriptedCalls) => made.map(({ node }) => node);

describe('an overlay', () => {
  it('changes the rest of a run, which is told in all that is told of it', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const { runId } = await engine.startRun(await publish(call('first') + call('second')));
    await calls.untilMade(1);
    const base = await baseOf(engine, runId);
    const one = await apply(engine, runId, 'ov_1', {
      op: 'add',
      path: '/do/between',
      value: task('between'),
      after: 'first',
    });
    expect(one).toMatchObject({ id: 'ov_1', base, by: 'mem_test' });
    const two = await apply(
      engine,
      runId,
      'ov_2',
      { op: 'replace', path: '/do/second/with/endpoint', value: 'http://192.0.2.1/other' },
      { op: 'add', path: '/do/last', value: { set: { done: true } } },
    );
    expect(two.base).toBe(one.revision);
    expect(await rowOf(runId)).toEqual({
      ir_hash: two.revision,
      overlays: [
        [1, 'ov_1', base, one.revision, 2],
        [2, 'ov_2', one.revision, two.revision, 3],
      ],
    });
    calls.release();
    const run = await harness.untilStatus(runId, 'completed');
    expect(run.output).toEqual({ done: true });
    expect(nodesOf(calls)).toEqual(['do/first', 'do/between', 'do/second']);

    const of = { tenantId, runId };
    const { items } = await history.page(of, { pageSize: 50 });
    const told = items.filter(({ kind }) => kind === 'overlaid');
    expect(told.map(({ summary, detail }) => [summary, detail.by])).toEqual([
      ['The rest of the run was changed: added "between"', 'mem_test'],
      ['The rest of the run was changed: added "last"; changed "second"', 'mem_test'],
    ]);
    const overlaysAt = async (at?: number) =>
      RunStateAt.parse(await history.stateAt(of, at)).overlays?.map(({ id }) => id);
    expect(await overlaysAt(told[0]!.entry - 1)).toBeUndefined();
    expect(await overlaysAt(told[0]!.entry)).toEqual(['ov_1']);
    expect(await overlaysAt()).toEqual(['ov_1', 'ov_2']);

    const file = readExport(parseJson(await text(Readable.from(await history.export(of)))));
    if (typeof file === 'string') throw new Error(file);
    expect(file.definition.hash).toBe(base);
    expect(file.revisions?.map(({ hash }) => hash)).toEqual([one.revision, two.revision]);
    const report = replayCheck(file, { schemas: schemaCheck });
    expect(report).toMatchObject({ repeated: file.turns.length, folded: [] });
    expect(report.difference).toBeUndefined();
  });

  it('is what a process that takes over goes on by, from the journal and from a snapshot', async () => {
    for (const snapshotBytesMin of [undefined, 1]) {
      const hold = new ScriptedCalls();
      hold.hold = true;
      const abandoned = await harness.engine(hold.perform, { snapshotBytesMin });
      const { runId } = await abandoned.startRun(await publish(call('first') + call('second')));
      await hold.untilMade(1);
      await apply(
        abandoned,
        runId,
        'ov_1',
        { op: 'remove', path: '/do/second' },
        { op: 'add', path: '/do/third', value: task('third') },
      );
      const calls = new ScriptedCalls();
      const engine = await harness.engine(calls.perform, { snapshotBytesMin });
      await harness.untilStatus(runId, 'completed');
      expect(nodesOf(calls)).toEqual(['do/first', 'do/third']);
      expect((await engine.head(tenantId, runId)).state.overlays).toHaveLength(1);
    }
  });

  it('is undone by another one, as far as the run has not come', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const { runId } = await engine.startRun(await publish(call('first') + call('second')));
    await calls.untilMade(1);
    const base = await baseOf(engine, runId);
    await apply(engine, runId, 'ov_1', { op: 'remove', path: '/do/second' });
    const back = await apply(engine, runId, 'ov_2', {
      op: 'add',
      path: '/do/second',
      value: task('second'),
    });
    expect(back.revision).toBe(base);
    expect((await rowOf(runId))?.ir_hash).toBe(base);
    calls.release();
    await harness.untilStatus(runId, 'completed');
    expect(nodesOf(calls)).toEqual(['do/first', 'do/second']);
  });

  it('is taken once by its id, and only for the revision that it was made for', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const { runId } = await engine.startRun(await publish(call('first') + call('second')));
    await calls.untilMade(1);
    const overlay: ApplyOverlay = {
      id: 'ov_1',
      base: await baseOf(engine, runId),
      operations: [{ op: 'remove', path: '/do/second' }],
    };
    const overlays = overlaysOf(engine);
    // Two that were made for the same: the run takes the first, and says so to the other.
    const both = await Promise.allSettled([
      overlays.apply(runId, overlay, caller),
      overlays.apply(runId, { ...overlay, id: 'ov_2' }, caller),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'stale-revision' },
    });
    const { position } = await harness.reader.run(tenantId, runId);
    const id = (await engine.head(tenantId, runId)).state.overlays?.[0]?.overlay ?? '';
    await overlays.apply(runId, { ...overlay, id }, caller);
    expect((await harness.reader.run(tenantId, runId)).position).toBe(position);
    await expect(overlays.apply(runId, { ...overlay, id: 'ov_3' }, caller)).rejects.toMatchObject({
      code: 'stale-revision',
    });
    // One that is sent twice at the same time is applied once, and both are told so.
    const again: ApplyOverlay = {
      id: 'ov_4',
      base: await baseOf(engine, runId),
      operations: [{ op: 'add', path: '/do/last', value: { set: { done: true } } }],
    };
    const [one, other] = await Promise.all([
      overlays.apply(runId, again, caller),
      overlays.apply(runId, again, caller),
    ]);
    expect(other).toEqual(one);
    calls.release();
    await harness.untilStatus(runId, 'completed');
  });

  it('is refused with the task, operation or place that it does not fit', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const { runId } = await engine.startRun(await publish(call('first') + call('second')));
    await calls.untilMade(1);
    const before = await kept();
    const refused = (...operations: OverlayOperation[]) =>
      apply(engine, runId, 'ov_1', ...operations).then(
        () => 'taken',
        (error: unknown) => {
          const { code, message, errors } = error as AppError;
          return [code, errors.length === 0 ? message : errors];
        },
      );
    expect(await refused({ op: 'replace', path: '/do/first/with/method', value: 'put' })).toEqual([
      'illegal-transition',
      'The task "first" (do/first) has begun.',
    ]);
    expect(
      await refused(
        { op: 'remove', path: '/do/second' },
        { op: 'add', path: '/do/early', value: { wait: { seconds: 1 } }, before: 'first' },
      ),
    ).toEqual([
      'illegal-transition',
      'The task "early" (do/early) can no longer be reached by this run.',
    ]);
    expect(await refused({ op: 'remove', path: '/do/third' })).toEqual([
      'invalid-input',
      [{ pointer: '/operations/0', message: 'there is no task "third"' }],
    ]);
    expect(
      await refused({ op: 'replace', path: '/do/second', value: { wait: 'x' } }),
    ).toMatchObject(['invalid-definition', [{ pointer: '/do/1/second/wait' }]]);
    const declared: OverlayOperation = {
      op: 'add',
      path: '/use',
      value: { secrets: ['key'] },
    };
    expect(await refused(declared, { op: 'remove', path: '/do/second' })).toMatchObject([
      'invalid-definition',
      [{ pointer: '/use/secrets/0' }],
    ]);
    expect((await engine.head(tenantId, runId)).state.overlays).toBeUndefined();
    calls.release();
    await harness.untilStatus(runId, 'completed');
    expect(await refused({ op: 'remove', path: '/do/second' })).toEqual([
      'illegal-transition',
      'A completed run cannot be changed by an overlay.',
    ]);
    expect(await kept()).toEqual(before); // Whoever asks again and again fills nothing.
  });

  it('leaves its definition to the runs that it was applied to, and goes with the last of them', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const archives = new PgArchiveStore(harness.system, harness.objects);
    const request = await publish(call('kept') + call('second') + call('third'));
    const revisions: string[] = [];
    const runOf = async (...removed: string[]) => {
      const { runId } = await engine.startRun(request);
      for (const path of removed) {
        const id = `ov_${path}`;
        const { revision } = await apply(engine, runId, id, { op: 'remove', path: `/do/${path}` });
        if (!revisions.includes(revision)) revisions.push(revision);
      }
      return runId;
    };
    const [one, other] = [await runOf('third', 'second'), await runOf('third')];
    calls.release();
    for (const runId of [one, other]) await harness.untilStatus(runId, 'completed');
    const ofTenant = <T extends object>(sql: string) =>
      withTenant(harness.app, tenantId, (client) => client.query<T>(sql, [revisions]));
    const there = async () => {
      const { rows } = await ofTenant<{ ir_hash: string }>(
        'SELECT ir_hash FROM overlaid_definition WHERE ir_hash = ANY ($1)',
      );
      return rows.map(({ ir_hash }) => ir_hash).sort();
    };
    const remove = async (runId: string) => {
      await archiveAll(archives);
      await archives.remove([runId], Date.now() + 60_000);
      expect(await rowOf(runId)).toBeUndefined();
    };
    const age = `UPDATE overlaid_definition SET kept_at = now() - interval '2 hours'
       WHERE ir_hash = ANY ($1)`;
    expect(await there()).toEqual([...revisions].sort());
    await ofTenant(age);
    await remove(one);
    expect(await there()).toEqual(revisions.slice(0, 1));
    // One that is about to take it has not said so yet: it was kept just now.
    calls.hold = true;
    const late = await runOf('third');
    calls.release();
    await harness.untilStatus(late, 'completed');
    await remove(late);
    await remove(other);
    expect(await there()).toEqual(revisions.slice(0, 1));
    calls.hold = true;
    const last = await runOf('third');
    calls.release();
    await harness.untilStatus(last, 'completed');
    await ofTenant(age);
    await remove(last);
    expect(await there()).toEqual([]);
  });

  it('leaves children to what they were started with', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const child = await publish(call('inside'), 'child');
    const nested = `  - nested:
      run:
        workflow: { namespace: test, name: child, version: 0.1.0 }
`;
    const { runId } = await engine.startRun(await publish(nested + call('after'), 'parent'));
    await calls.untilMade(1);
    await apply(engine, runId, 'ov_1', { op: 'remove', path: '/do/after' });
    const childId = calls.made[0]!.runId;
    expect((await rowOf(childId))?.ir_hash).toBe(child.irHash);
    calls.release();
    await harness.untilStatus(runId, 'completed');
    expect(nodesOf(calls)).toEqual(['do/inside']);
  });

  it('holds for a run that begins again where the overlay was in force', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const request = await publish(call('first') + call('second') + call('third'));
    const { runId: old } = await engine.startRun(request);
    await calls.untilMade(1);
    const { revision } = await apply(engine, old, 'ov_1', {
      op: 'add',
      path: '/do/between',
      value: task('between'),
      after: 'second',
    });
    calls.release();
    await harness.untilStatus(old, 'completed');
    const replays = new RunReplays(harness.reader);
    const query = { step: 'do/second', mode: 'freeze' } as const;
    const { from, pinned } = await replays.plan(tenantId, old, query);
    expect(pinned).toEqual({ irHash: revision });
    const early = await replays.plan(tenantId, old, { ...query, step: 'do/first' });
    expect(early.pinned).toBeUndefined();
    calls.made.length = 0;
    calls.hold = true;
    const { runId } = await engine.startRun({ ...request, ...pinned, rerunOf: old, from: from! });
    await calls.untilMade(1);
    expect(await rowOf(runId)).toMatchObject({
      ir_hash: revision,
      overlays: [[1, 'ov_1', request.irHash, revision, 1]],
    });
    const more = await apply(engine, runId, 'ov_2', { op: 'remove', path: '/do/third' });
    calls.release();
    await harness.untilStatus(runId, 'completed');
    expect(nodesOf(calls)).toEqual(['do/second', 'do/between']);
    const of = { tenantId, runId };
    const file = readExport(parseJson(await text(Readable.from(await history.export(of)))));
    if (typeof file === 'string') throw new Error(file);
    expect([file.definition.hash, file.revisions?.map(({ hash }) => hash)]).toEqual([
      revision,
      [more.revision],
    ]);
    expect(replayCheck(file, { schemas: schemaCheck }).difference).toBeUndefined();
  });

  it('goes to the owner of the run, like every command', () => {
    const places = placesOf(() => Promise.resolve(undefined));
    const place = places.get(placeKey('POST', '/internal/v1/runs/{run}/overlays'));
    expect(place?.where).toBe('owner');
  });
});
