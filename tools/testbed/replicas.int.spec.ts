import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Run } from '@parley/contracts';
import type { Pool } from '@parley/postgres';
import { ParleyClient } from '@parley/sdk';
import { HeadlessBrowser } from '../dev/issuer/browser.ts';
import { startPlatform, type Platform } from '../dev/platform.ts';
import { portOffsets } from '../dev/ports.ts';
import { demoCalls, resetDemo } from './demo-client.ts';
import { approveDefinition, eventually, persistentClient } from './driver.ts';
import { adminPool } from './everything-stored.ts';
import { contextToken } from './forged-tokens.ts';

const replicas = ['workflow', 'workflow-2', 'workflow-3'] as const;

const head = (name: string) =>
  `document: { dsl: 1.0.3, namespace: replicas, name: ${name}, version: 0.1.0 }\ndo:\n`;
const asks = `${head('asks')}- ask: { call: human, with: { title: Go on?, assignee: { role: owner } } }
- done: { set: { n: '\${ $workflow.input.n }' } }
`;
const sets = `${head('sets')}- done: { set: { n: '\${ .n }' } }\n`;
const works = `${head('works')}- schedule:
    call: connector
    with:
      connector: kitchen
      operation: schedulePreparation
      input:
        orderId: \${ $workflow.input.orderId }
        items: [{ sku: margherita-pizza, quantity: 1 }]
- pause: { wait: { milliseconds: 300 } }
- done: { set: { orderId: '\${ $workflow.input.orderId }' } }
`;

let platform: Platform;
let client: ParleyClient;
let admin: Pool;
/** Each speaks to one process of the service, in the owner's name, as the gateway would. */
let direct: readonly ParleyClient[];

beforeAll(async () => {
  platform = await startPlatform({ quiet: true, env: { PARLEY_WORKFLOW_REPLICAS: '3' } });
  const issuer = `http://127.0.0.1:${String(platform.portBase + portOffsets.issuer)}`;
  const browser = new HeadlessBrowser(issuer, platform.url);
  const { accessToken } = await browser.signIn({ loginToken: platform.loginToken });
  client = persistentClient(platform.url, accessToken);
  admin = adminPool(platform);
  const { tenant, member } = await client.call('me');
  const claims = { tenantId: tenant.id, principal: member.id, name: member.name };
  const token = await contextToken(platform, 'gateway', {
    claims: { ...claims, roles: member.roles, aud: 'workflow' },
  });
  direct = replicas.map(
    (name) =>
      new ParleyClient({
        baseUrl: `http://127.0.0.1:${String(platform.portBase + portOffsets[name])}`,
        fetch: (input, init) => {
          const headers = new Headers(init?.headers);
          headers.set('parley-context', token);
          return fetch(input, { ...init, headers });
        },
      }),
  );
  await client.call('loadDemo');
  await resetDemo(platform, { scale: 100_000 });
}, 240_000);

afterAll(async () => {
  await admin.end();
  await platform.stop();
}, 60_000);

const replica = (at: number) => direct[at % direct.length] ?? client;

/** Partitions by the port of the process that has them. */
async function owners(): Promise<Map<number, string>> {
  const { rows } = await admin.query<{ id: number; url: string }>(
    `SELECT p.id, r.url FROM workflow.partition p JOIN workflow.replica r ON r.id = p.owner`,
  );
  return new Map(rows.map(({ id, url }) => [id, url]));
}

/** All partitions have an owner, and each process has its share of them. */
async function untilShared(): Promise<void> {
  await eventually(async () => {
    const urls = [...(await owners()).values()];
    const counts = [...Map.groupBy(urls, (url) => url).values()].map(({ length }) => length);
    return counts.toSorted().join() === '10,11,11' ? true : undefined;
  });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 20));
}

const completed = async (runId: string): Promise<Run> =>
  eventually(async () => {
    const run = await client.call('getRun', { params: { run: runId } });
    if (run.status === 'failed') throw new Error(`run failed: ${JSON.stringify(run.error)}`);
    return run.status === 'completed' ? run : undefined;
  });

/** As the database has it: asking for each of so many would take longer than they did. */
async function untilCompleted(runIds: readonly string[]): Promise<void> {
  await eventually(async () => {
    const { rows } = await admin.query<{ status: string; count: number }>(
      'SELECT status, count(*)::int FROM workflow.run WHERE id = ANY ($1) GROUP BY status',
      [runIds],
    );
    const counts = new Map(rows.map(({ status, count }) => [status, count]));
    expect(counts.get('failed')).toBeUndefined();
    return counts.get('completed') === runIds.length ? true : undefined;
  });
}

describe('three processes of the workflow service', () => {
  it('answer for each other, whichever is asked', async () => {
    await untilShared();
    const workflow = await approveDefinition(client, asks);
    const inbox = new Inboxes();
    await until(() => inbox.counts().every((count) => count === 0));
    const runs = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        replica(n).call('startRun', {
          params: { workflow },
          body: { input: { n } },
          idempotencyKey: `asks-${String(n)}`,
        }),
      ),
    );
    // A start under a key is one run, wherever it is said.
    const again = await replica(1).call('startRun', {
      params: { workflow },
      body: { input: { n: 0 } },
      idempotencyKey: 'asks-0',
    });
    expect(again.id).toBe(runs[0]?.id);
    await until(() => inbox.counts().every((count) => count === 12));

    for (const [at, { id }] of runs.entries()) {
      const params = { run: id };
      const suspended = await replica(at + 1).call('suspendRun', { params, body: {} });
      expect(suspended.status).toBe('suspended');
      const resumed = await replica(at + 2).call('resumeRun', { params });
      expect(resumed.status).toBe('waiting');
      const labelled = await replica(at).call('updateRun', { params, body: { addTags: ['seen'] } });
      expect(labelled.tags).toEqual(['seen']);
    }
    const results = runs.map(({ id }, at) =>
      replica(at).call('getResult', { params: { run: id }, query: { waitSeconds: 60 } }),
    );
    const ends = replicas.map((_, at) => endOf(replica(at), runs[0]?.id ?? ''));
    for (const [at, { id }] of runs.entries()) {
      const { items } = await replica(at).call('listApprovals', { query: { runId: id } });
      const params = { approval: items[0]?.id ?? '' };
      const body = { decision: 'approved' } as const;
      expect((await replica(at + 1).call('decideApproval', { params, body })).status).toBe(
        'approved',
      );
      const late = replica(at + 2).call('decideApproval', { params, body });
      await expect(late).rejects.toMatchObject({ code: 'conflict' });
    }
    expect((await Promise.all(results)).map(({ output }) => output)).toEqual(
      runs.map((_, n) => ({ n })),
    );
    expect(await Promise.all(ends)).toEqual(['completed', 'completed', 'completed']);
    await until(() => inbox.counts().every((count) => count === 0));
    inbox.close();
    await checkPassedOn(runs);
  }, 120_000);

  it('share the runs of a batch, and answer in its order', async () => {
    await untilShared();
    const workflow = await approveDefinition(client, sets);
    const items = Array.from({ length: 90 }, (_, n) => ({
      input: { n },
      ...(n % 3 === 0 ? {} : { key: `batch-${String(n)}` }),
    }));
    const start = (at: number) =>
      replica(at).call('startBatch', { params: { workflow }, body: { items } });
    const first = await start(0);
    expect(first).toMatchObject({ started: 90, repeated: 0, refused: 0 });
    const again = await start(1);
    expect(again).toMatchObject({ started: 30, repeated: 60, refused: 0 });
    const ended = first.items.map(async (item, n) => {
      const runId = item.outcome === 'refused' ? '' : item.runId;
      const { output } = await completed(runId);
      expect(output).toEqual({ n });
      if (n % 3 !== 0) expect(again.items[n]).toEqual({ outcome: 'repeated', runId });
    });
    await Promise.all(ended);
  }, 60_000);

  it('lose nothing and do nothing twice when one is killed and each is replaced', async () => {
    const workflow = await approveDefinition(client, works);
    await untilShared();
    const load = new Load(workflow);
    /** As many starts as are certainly begun after this moment, by each of those who start. */
    const more = async () => {
      const wanted = load.accepted.length + 3 * loaders;
      await until(() => load.accepted.length >= wanted);
    };
    await more();
    platform.kill('workflow-2', 'SIGKILL');
    await more();
    await platform.waitReady('workflow-2');
    await more();
    for (const name of replicas) {
      const { restarts } = stateOf(name);
      platform.kill(name, 'SIGTERM');
      await until(() => stateOf(name).restarts > restarts);
      await more();
      await platform.waitReady(name);
    }
    await more();
    await load.stop();
    await untilShared();

    await untilCompleted(load.accepted);
    expect(new Set(load.accepted).size).toBe(load.accepted.length);
    const calls = await demoCalls(platform);
    const effects = calls.filter(({ operation, effect }) => {
      return operation === 'schedulePreparation' && effect;
    });
    expect(effects).toHaveLength(load.accepted.length);
    await checkEnds(load.accepted);
    const { rows: gaps } = await admin.query(
      `SELECT partition FROM workflow.journal GROUP BY partition
       HAVING max(seq) - min(seq) + 1 <> count(*)`,
    );
    expect(gaps).toEqual([]);
  }, 120_000);
});

const stateOf = (name: string) => {
  const state = platform.state().services[name];
  if (state === undefined) throw new Error(`there is no ${name}`);
  return state;
};

/** The number on the badge of the inbox, as each process tells it. */
class Inboxes {
  private readonly leaving = new AbortController();
  private readonly latest = new Map<number, number>();

  constructor() {
    for (const [at] of replicas.entries()) void this.follow(at);
  }

  counts(): number[] {
    return replicas.map((_, at) => this.latest.get(at) ?? -1);
  }

  close(): void {
    this.leaving.abort();
  }

  private async follow(at: number): Promise<void> {
    const { signal } = this.leaving;
    try {
      for await (const event of replica(at).events('approvalEvents', { signal })) {
        if (event.event === 'pending') this.latest.set(at, event.data.count);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

async function endOf(from: ParleyClient, runId: string): Promise<string> {
  for await (const event of from.events('runEvents', { params: { run: runId } })) {
    // A stream that begins after the end says so with its first event.
    const run = event.event === 'timeline' ? event.data.run : undefined;
    const { status } = event.event === 'run' ? event.data : (run ?? {});
    if (status === 'completed') return status;
  }
  return 'cut off';
}

/** Two of three commands went to a process that had to pass them on, under an id. */
async function checkPassedOn(runs: readonly Run[]): Promise<void> {
  const passed = runs.map(async ({ id }) => {
    const { items } = await client.call('getRunHistory', {
      params: { run: id },
      query: { pageSize: 200 },
    });
    const count = (kind: string) => items.filter((entry) => entry.kind === kind).length;
    expect(['suspended', 'resumed', 'labelled', 'decided'].map(count)).toEqual([1, 1, 1, 1]);
    return count('commanded');
  });
  // Suspend, resume and label went to each of the three; decide to one of them.
  for (const count of await Promise.all(passed)) expect([2, 3]).toContain(count);
}

/** Every run has told of its end once: what is told twice for two entries has two ids. */
async function checkEnds(runIds: readonly string[]): Promise<void> {
  await eventually(async () => {
    const { rows } = await admin.query<{ run: string; ends: number }>(
      `SELECT data ->> 'runId' AS run, count(*)::int AS ends FROM platform.event
       WHERE type LIKE 'parley.workflow.run.completed.%' GROUP BY 1`,
    );
    const ends = new Map(rows.map(({ run, ends: count }) => [run, count]));
    if (!runIds.every((id) => ends.has(id))) return undefined;
    expect(runIds.filter((id) => ends.get(id) !== 1)).toEqual([]);
    return true;
  });
}

const loaders = 4;

/** Starts runs through the gateway, each under a key, one after the other by each of a few. */
class Load {
  readonly accepted: string[] = [];
  private readonly workflow: string;
  private readonly working: Promise<unknown>;
  private stopped = false;

  constructor(workflow: string) {
    this.workflow = workflow;
    this.working = Promise.all(Array.from({ length: loaders }, (_, at) => this.work(at)));
    this.working.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.working;
  }

  private async work(worker: number): Promise<void> {
    for (let n = 0; !this.stopped; n += 1) {
      const orderId = `ord-${String(worker)}-${String(n)}`;
      const run = await client.call('startRun', {
        params: { workflow: this.workflow },
        body: { input: { orderId } },
        idempotencyKey: orderId,
      });
      this.accepted.push(run.id);
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}
