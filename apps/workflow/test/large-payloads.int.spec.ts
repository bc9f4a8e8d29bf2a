import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { timeline, type Entry } from '@parley/engine';
import type { Json } from '@parley/kernel';
import { hashOfObject, type ObjectKey, type ObjectStore } from '@parley/objects';
import { PgJournalStore } from '../src/engine/journal-store.pg.js';
import { EntryReader } from '../src/payloads/entry-reader.js';
import { ObjectRows } from '../src/payloads/object-rows.pg.js';
import { JournalReader } from '../src/runs/journal-reader.pg.js';
import { RunHistory } from '../src/runs/run-history.js';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

const asking = (name: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
do:
  - fetch:
      call: http
      with:
        method: get
        endpoint: http://192.0.2.1/large
  - ask:
      call: human
      with:
        title: Go on?
        assignee:
          role: owner
  - last:
      set:
        length: '\${ $input | .approved }'
`;

const large = (seed: string): Json => ({ seed, text: seed.repeat(50_000) });
const answering = (output: Json) => () => Promise.resolve({ kind: 'completed' as const, output });
const day = 24 * 3_600_000;

function filesOf(key: Pick<ObjectKey, 'hash'>): string[] {
  const folder = join(harness.objectsFolder, tenantId);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith(key.hash),
  );
}

const hashOf = (value: Json) => hashOfObject(Buffer.from(JSON.stringify(value)));

async function rowOf(hash: string): Promise<{ touched_at: Date } | undefined> {
  const { rows } = await harness.system.query<{ touched_at: Date }>(
    'SELECT touched_at FROM stored_object WHERE tenant_id = $1 AND hash = $2',
    [tenantId, hash],
  );
  return rows[0];
}

async function age(hash: string, ms: number): Promise<void> {
  await harness.system.query(
    'UPDATE stored_object SET touched_at = $3 WHERE tenant_id = $1 AND hash = $2',
    [tenantId, hash, new Date(Date.now() - ms)],
  );
}

describe('a run with large values', () => {
  it('keeps them outside the journal and knows them everywhere', async () => {
    const output = large('a');
    const first = await harness.engine(answering(output));
    const { runId } = await first.startRun(await harness.define(asking('large-a')));
    await harness.untilApproval(runId, ({ status }) => status === 'pending');
    const { rows } = await harness.system.query<{ bytes: number }>(
      'SELECT max(length(entries))::int AS bytes FROM journal WHERE run_id = $1',
      [runId],
    );
    expect(rows[0]?.bytes).toBeLessThan(4_000);
    expect(filesOf({ hash: hashOf(output) })).toHaveLength(1);

    // Another process folds the journal, the values included, and goes on.
    await first.stop();
    const second = await harness.engine(new ScriptedCalls().perform);
    const [{ step } = { step: '' }] = await harness.approvals(runId);
    const decided = { kind: 'decided', occurrence: step, decision: 'approved', by: 'm' } as const;
    await second.apply(runId, decided, { tenantId });
    await harness.untilStatus(runId, 'completed');

    const { turns } = await harness.reader.journal(tenantId, runId);
    const steps = timeline(turns.flatMap(({ entries }): readonly Entry[] => entries));
    expect(steps.find(({ name }) => name === 'fetch')?.output).toEqual(output);
    const journal = new JournalReader(harness.app, new EntryReader(harness.objects));
    const history = new RunHistory(harness.reader, journal);
    const file = await text(Readable.from(await history.export({ tenantId, runId })));
    expect(file).toContain('a'.repeat(50_000));
  });

  it('writes a list that grows as it grows, and another process goes on with it', async () => {
    const source = `document: { dsl: 1.0.3, namespace: test, name: grows, version: 0.1.0 }
do:
  - begin: { set: { all: [] } }
  - first:
      for: { each: n, in: '\${ [range(200)] }' }
      do:
        - step: { set: { all: '\${ .all + [{ n: $n, text: ("a" * 100) }] }' } }
  - ask:
      call: human
      with: { title: Go on?, assignee: { role: owner } }
      output: { as: '\${ $input }' }
  - second:
      for: { each: n, in: '\${ [range(200)] }' }
      do:
        - step: { set: { all: '\${ .all + [{ n: $n, text: ("b" * 100) }] }' } }
`;
    const small = { stepsPerTurn: 40 };
    const first = await harness.engine(new ScriptedCalls().perform, small);
    await first.levels.switchOn('grownLists');
    const { runId } = await first.startRun(await harness.define(source));
    await harness.untilApproval(runId, ({ status }) => status === 'pending');
    await first.stop();
    const second = await harness.engine(new ScriptedCalls().perform, small);
    const [{ step } = { step: '' }] = await harness.approvals(runId);
    const decided = { kind: 'decided', occurrence: step, decision: 'approved', by: 'm' } as const;
    await second.apply(runId, decided, { tenantId });
    await harness.untilStatus(runId, 'completed');

    const all = ['a', 'b'].flatMap((letter) =>
      Array.from({ length: 200 }, (_, n) => ({ n, text: letter.repeat(100) })),
    );
    const { turns } = await harness.reader.journal(tenantId, runId);
    const outputs = turns.flatMap(({ entries }) =>
      entries.flatMap((entry) =>
        entry.kind === 'ran' && entry.parent !== '' ? [entry.output] : [],
      ),
    );
    expect(outputs).toEqual(all.map((_, at) => ({ all: all.slice(0, at + 1) })));
    const { rows } = await harness.system.query<{ bytes: number }>(
      `SELECT (SELECT sum(length(entries)) FROM journal WHERE run_id = $1)::int
         + (SELECT sum(bytes) FROM stored_object JOIN object_use USING (tenant_id, hash)
            WHERE run_id = $1)::int AS bytes`,
      [runId],
    );
    // Each output whole would be eight million bytes.
    expect(rows[0]?.bytes).toBeLessThan(10 * JSON.stringify(all).length);
  });

  it('is published whole', async () => {
    const source = `document:
  dsl: 1.0.3
  namespace: test
  name: tells
  version: 0.1.0
do:
  - tell:
      emit:
        event:
          with:
            type: com.example.large
            source: https://example.com
            data: '\${ .text }'
`;
    const seen: string[] = [];
    const relay = harness.relay({
      publish: async (events) => {
        seen.push(...events.map((event) => JSON.stringify(event)));
      },
    });
    const engine = await harness.engine(new ScriptedCalls().perform);
    const start = await harness.define(source);
    const { runId } = await engine.startRun({ ...start, input: { text: 'b'.repeat(50_000) } });
    await harness.untilStatus(runId, 'completed');
    relay.hint();
    while (!seen.some((event) => event.includes(runId) && event.includes('b'.repeat(50_000)))) {
      await new Promise((done) => setTimeout(done, 10));
    }
    await relay.stop();
  });

  it('is not journaled before they are durable', async () => {
    const output = large('c');
    let refuse = true;
    let journaledThen = -1;
    const { objects } = harness;
    const full: ObjectStore = {
      get: (key) => objects.get(key),
      delete: (key) => objects.delete(key),
      put: async (key, content) => {
        if (refuse) {
          refuse = false;
          throw new Error('the disk is full');
        }
        const { rows } = await harness.system.query<{ turns: number }>(
          'SELECT count(*)::int AS turns FROM journal WHERE run_id = $1',
          [runId],
        );
        journaledThen = rows[0]?.turns ?? 0;
        await objects.put(key, content);
      },
    };
    const engine = await harness.engine(answering(output), {
      store: (pool) => new PgJournalStore(pool, full),
    });
    const { runId } = await engine.startRun(await harness.define(asking('large-c')));
    // The first time the answer cannot be kept; it is not lost, and kept the second time.
    await harness.untilApproval(runId, ({ status }) => status === 'pending');
    expect(refuse).toBe(false);
    expect(journaledThen).toBe(1);
    expect(filesOf({ hash: hashOf(output) })).toHaveLength(1);
  });
});

describe('collection', () => {
  const rowsOf = () => new ObjectRows(harness.system, harness.objects);
  const claimOf = (value: Json) => {
    const content = Buffer.from(JSON.stringify(value));
    return { tenantId, hash: hashOfObject(content), content };
  };

  it('keeps what a run refers to, however old it is', async () => {
    const output = large('d');
    const engine = await harness.engine(answering(output));
    const { runId } = await engine.startRun(await harness.define(asking('large-d')));
    await harness.untilApproval(runId, ({ status }) => status === 'pending');
    const hash = hashOf(output);
    await age(hash, 30 * day);
    await rowsOf().collect(new Date());
    expect(await rowOf(hash)).toBeDefined();
    expect(filesOf({ hash })).toHaveLength(1);
  });

  it('removes what nobody refers to, a day after it was touched and not before', async () => {
    const claim = claimOf(large('e'));
    await rowsOf().keep([claim]);
    await rowsOf().collect(new Date(Date.now() + day - 60_000));
    expect(await rowOf(claim.hash)).toBeDefined();
    expect(await rowsOf().collect(new Date(Date.now() + day + 60_000))).toBeGreaterThan(0);
    expect(await rowOf(claim.hash)).toBeUndefined();
    expect(filesOf(claim)).toEqual([]);
  });

  it('comes past what is needed to what is not, a few objects at a time', async () => {
    const output = large('j');
    const engine = await harness.engine(answering(output));
    const { runId } = await engine.startRun(await harness.define(asking('large-j')));
    await harness.untilApproval(runId, ({ status }) => status === 'pending');
    const claims = ['k', 'l', 'm', 'n', 'o'].map((seed) => claimOf(large(seed)));
    await rowsOf().keep(claims); // All touched at the same moment.
    const few = new ObjectRows(harness.system, harness.objects, { lookedAtOnce: 2 });
    await few.collect(new Date(Date.now() + day + 60_000));
    expect(await rowOf(hashOf(output))).toBeDefined();
    for (const { hash } of claims) expect(await rowOf(hash)).toBeUndefined();
  });

  it('is put off by whoever finds a value to be there already', async () => {
    const claim = claimOf(large('f'));
    await rowsOf().keep([claim]);
    await age(claim.hash, 2 * day);
    const before = await rowOf(claim.hash);
    await rowsOf().keep([claim, claim]);
    const after = await rowOf(claim.hash);
    expect(after!.touched_at.getTime()).toBeGreaterThan(before!.touched_at.getTime() + day);
    await rowsOf().collect(new Date());
    expect(filesOf(claim)).toHaveLength(1);
  });

  it('looks again once it holds the row: what was touched meanwhile stays', async () => {
    const claim = claimOf(large('g'));
    await rowsOf().keep([claim]);
    await age(claim.hash, 2 * day);
    // Whoever is about to refer to the value holds its row while the collector looks.
    const client = await harness.system.connect();
    await client.query('BEGIN');
    await client.query(
      'UPDATE stored_object SET touched_at = now() WHERE tenant_id = $1 AND hash = $2',
      [tenantId, claim.hash],
    );
    const collecting = rowsOf().collect(new Date());
    await harness.untilWaiting();
    await client.query('COMMIT');
    client.release();
    await collecting;
    expect(await rowOf(claim.hash)).toBeDefined();
    expect(filesOf(claim)).toHaveLength(1);
  });

  it('and keeping the same value at the same time leave it whole or gone', async () => {
    const claim = claimOf(large('h'));
    for (let round = 0; round < 4; round += 1) {
      await rowsOf().keep([claim]);
      await age(claim.hash, 2 * day);
      await Promise.all([rowsOf().collect(new Date()), rowsOf().keep([claim])]);
      expect(await rowOf(claim.hash)).toBeDefined();
      expect(await harness.objects.get(claim)).toEqual(claim.content);
    }
  }, 60_000);

  it('cannot take away what a turn is about to refer to: the database refuses the turn', async () => {
    const { hash } = claimOf(large('i'));
    const use = 'INSERT INTO object_use (tenant_id, hash, run_id) VALUES ($1, $2, $3)';
    await expect(harness.system.query(use, [tenantId, hash, 'run_1'])).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});
