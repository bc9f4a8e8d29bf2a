import { setTimeout as sleep } from 'node:timers/promises';

import type { Json } from '@parley/kernel';
import { hasEnded } from '@parley/sdk';

import { portOffsets } from '../../dev/ports.ts';
import { eventually } from '../../testbed/driver.ts';
import type { Line } from '../report.ts';
import type { Bench } from './bench.ts';
import * as definitions from './definitions.ts';
import type { Measured, Workload } from './workloads.ts';

/** Processes that share the engine's work, where one of several is killed. */
const replicas = 3;
const victim = 'workflow-2';

const batchMax = 500;
const pollMs = 50;
const startersAtOnce = 16;
/** Starts that are answered between one death of the database and the next, at least. */
const startsBetween = 64;
const pauseMsMax = 1_000;
/** After the last death everything that was accepted ends within this, or is stalled. */
const endMsMax = 120_000;
const historyPage = 200;
const readersAtOnce = 8;

/** What a death costs: every workload kills a process of the platform with SIGKILL. */
export const killWorkloads: Readonly<Record<string, Workload>> = {
  kill: {
    about: 'the engine is killed with 10,000 runs under way, each with a call',
    onDemand: true,
    run: (bench) => killEngine(bench, { name: 'workflow', budget: 10 }),
  },
  killReplica: {
    about: `one of ${replicas} processes of the engine is killed, with 10,000 runs under way`,
    env: { PARLEY_WORKFLOW_REPLICAS: String(replicas) },
    onDemand: true,
    run: (bench) => killEngine(bench, { name: victim, budget: 8 }),
  },
  killDatabase: {
    about: 'PostgreSQL is killed again and again while runs are started',
    onDemand: true,
    run: killDatabase,
  },
};

interface Death {
  readonly name: 'workflow' | typeof victim;
  /** Seconds until every run of the dead process has gone on. */
  readonly budget: number;
}

async function killEngine(bench: Bench, { name, budget }: Death): Promise<Measured> {
  const { admin, client, platform } = bench.installation;
  const count = bench.quick ? 2_000 : 10_000;
  const business = await bench.connector();
  const workflowId = await bench.workflow(definitions.threeCalls);
  business.hold();
  const items = Array.from({ length: batchMax }, () => ({ input: definitions.orderInput }));
  for (let made = 0; made < count; made += batchMax) {
    const params = { workflow: workflowId };
    const { started } = await client.call('startBatch', { params, body: { items } });
    if (started !== batchMax) throw new Error(`only ${started} of ${batchMax} runs were started`);
  }
  await bench.caughtUp();
  const url = `http://127.0.0.1:${platform.portBase + portOffsets[name]}`;
  const { rows } = await admin.query<{ id: string; position: number }>(
    `SELECT id, position FROM workflow.run
     WHERE workflow_id = $1 AND status = 'running' AND partition IN (
       SELECT p.id FROM workflow.partition p JOIN workflow.replica r ON r.id = p.owner
       WHERE r.url = $2)`,
    [workflowId, url],
  );
  if (rows.length === 0) throw new Error(`${name} has no run that it could lose`);
  const left = async () => {
    const { rows: still } = await admin.query<{ count: number }>(
      `SELECT count(*) FROM workflow.run JOIN unnest($1::text[], $2::int[]) AS seen(id, position)
         USING (id) WHERE run.position <= seen.position`,
      [rows.map(({ id }) => id), rows.map(({ position }) => position)],
    );
    return still[0]?.count ?? 0;
  };
  const mark = await bench.watch.mark();
  const since = performance.now();
  const passed = () => (performance.now() - since) / 1_000;
  if (!platform.kill(name, 'SIGKILL')) throw new Error(`${name} was not there to be killed`);
  business.release();
  let first: number | undefined;
  for (let waiting = rows.length; waiting > 0; waiting = await left()) {
    if (waiting < rows.length) first ??= passed();
    await sleep(pollMs);
  }
  const seconds = passed();
  const { cpuSeconds } = await bench.watch.costSince(mark);
  const cost = Object.entries(cpuSeconds)
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([process, used]) => `${process} ${used.toFixed(1)} s`);
  bench.say(
    `  ${name} had ${rows.length} of ${count} runs; the first went on after ${(first ?? seconds).toFixed(1)} s, the last after ${seconds.toFixed(1)} s`,
  );
  await ended(bench, workflowId);
  const line: Line = {
    name: `${name} killed with ${count.toLocaleString('en')} runs under way: each has a new entry`,
    value: seconds,
    unit: 's',
    budget,
    boundBy: `${(first ?? seconds).toFixed(1)} s until it was missed and taken over; processor ${cost.join(', ')}`,
  };
  return { figures: [], lines: [line] };
}

/** Waits until no run of the workflow is open. @returns how many still are when it is given up */
async function ended(bench: Bench, workflowId: string): Promise<number> {
  const deadline = Date.now() + endMsMax;
  for (;;) {
    const { rows } = await bench.installation.admin.query<{ count: number }>(
      `SELECT count(*) FROM workflow.run
       WHERE workflow_id = $1 AND status IN ('pending', 'running', 'waiting')`,
      [workflowId],
    );
    const open = rows[0]?.count ?? 0;
    if (open === 0 || Date.now() > deadline) return open;
    await sleep(4 * pollMs);
  }
}

async function killDatabase(bench: Bench): Promise<Measured> {
  const { client, platform } = bench.installation;
  const kills = bench.quick ? 4 : 20;
  await bench.connector();
  const workflowId = await bench.workflow(definitions.threeCalls);
  const accepted: string[] = [];
  let stopped = false;
  const work = async (worker: number) => {
    for (let n = 0; !stopped; n += 1) {
      const started = await eventually(() =>
        client.call('startRun', {
          params: { workflow: workflowId },
          body: { input: definitions.orderInput },
          idempotencyKey: `kill-${worker}-${n}`,
        }),
      );
      accepted.push(started.id);
    }
  };
  const working = Promise.all(Array.from({ length: startersAtOnce }, (_, at) => work(at)));
  const more = async () => {
    const wanted = accepted.length + startsBetween;
    while (accepted.length < wanted) await Promise.race([sleep(pollMs), working]);
  };
  await more();
  for (let kill = 1; kill <= kills; kill += 1) {
    await sleep(Math.random() * pauseMsMax);
    if (!platform.kill('postgres', 'SIGKILL')) throw new Error('PostgreSQL was not there');
    await platform.waitReady('postgres');
    await more();
    bench.say(`  killed ${kill} of ${kills} times, ${accepted.length} starts accepted`);
  }
  stopped = true;
  await working;
  const stalled = await ended(bench, workflowId);
  await bench.caughtUp();
  const found = await checkJournals(bench, accepted);
  const what = `PostgreSQL killed ${kills} times under load`;
  const boundBy = `${accepted.length} accepted starts, each journal read`;
  const none = (told: string, value: number): Line => ({
    ...{ name: `${what}: ${told}`, value, unit: 'runs', budget: 0, boundBy },
  });
  return {
    figures: [],
    lines: [
      none('accepted starts that are lost', found.lost),
      none('runs that completed twice, or did a step twice', found.twice),
      none('runs that are stalled', stalled + found.open),
      none('partitions with a gap in their journal', found.gaps),
    ],
  };
}

interface Found {
  lost: number;
  /** Of the accepted ones, those that have not come to an end. */
  open: number;
  twice: number;
  gaps: number;
}

/** Reads what is in the journal, of each accepted run. */
async function checkJournals(bench: Bench, accepted: readonly string[]): Promise<Found> {
  const found: Found = { lost: 0, open: 0, twice: 0, gaps: await gapsIn(bench) };
  const runs = [...new Set(accepted)];
  // Two starts with keys of their own are two runs.
  found.twice += accepted.length - runs.length;
  const reading = Array.from({ length: readersAtOnce }, async () => {
    for (let runId = runs.pop(); runId !== undefined; runId = runs.pop()) {
      const kinds = await kindsOf(bench, runId);
      if (kinds === undefined) found.lost += 1;
      else if (count(kinds, 'runCompleted') > 1 || count(kinds, 'completed') > steps) {
        found.twice += 1;
      } else if (count(kinds, 'runCompleted') === 0) found.open += 1;
    }
  });
  await Promise.all(reading);
  return found;
}

/** Steps of the workflow that is killed. */
const steps = 3;

const count = (kinds: readonly string[], wanted: string) =>
  kinds.filter((kind) => kind === wanted).length;

/** Kinds of a run's entries; undefined: there is no such run, or it is told to have ended and did not. */
async function kindsOf({ installation }: Bench, runId: string): Promise<string[] | undefined> {
  const { client, admin } = installation;
  const { rows } = await admin.query<{ status: Parameters<typeof hasEnded>[0]['status'] }>(
    'SELECT status FROM workflow.run WHERE id = $1',
    [runId],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { items } = await client.call('getRunHistory', {
    params: { run: runId },
    query: { pageSize: historyPage },
  });
  const kinds = items.map(({ kind }) => kind);
  return hasEnded(row) && !kinds.includes('runCompleted') ? undefined : kinds;
}

/** Partitions whose turns are not numbered one after the other. */
async function gapsIn({ installation }: Bench): Promise<number> {
  const { rows } = await installation.admin.query<{ gaps: Json }>(
    `SELECT partition AS gaps FROM workflow.journal GROUP BY partition
     HAVING max(seq) - min(seq) + 1 <> count(*)`,
  );
  return rows.length;
}
