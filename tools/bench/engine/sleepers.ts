import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Bench } from './bench.ts';
import * as definitions from './definitions.ts';
import { processorText, quantile } from './figures.ts';
import type { SignedIn } from './installation.ts';
import { startLoad, type Load, type RunningLoad } from './load.ts';
import type { Cost } from './watch.ts';
import { pathOf, startsPerBatch, type Measured, type Workload } from './workloads.ts';

export const sleepWorkloads: Readonly<Record<string, Workload>> = {
  W5: { about: 'runs that sleep, and are all due at the same moment', run: sleeping },
};

/** Batches under way at a time. */
const batchesAtOnce = 4;
/** Runs that show how fast runs are made here; they sleep for long. */
const warmUpShare = 1 / 20;
const monthMs = 30 * 86_400_000;
/** The moment is chosen before the runs are made: other work on the machine may slow that down so much. */
const slowerMax = 2;
/**
 * From the last run to the figures of the idle engine: what making them left to be done is done when
 * no autovacuum has run for longer than one looks for work.
 */
const quietMs = 70_000;
const settleMsMax = 300_000;
const idleMs = 60_000;
/** Longer than any pause of the engine: runs that do not end by then never do. */
const stuckMsMax = 120_000;
const soloMs = 20_000;
const pollMs = 500;
/** Starts per second of each of the two tenants that are looked at while runs are woken. */
const probesPerSecond = 20;
const probesAtOnce = 16;

async function sleeping(bench: Bench): Promise<Measured> {
  const { ports, serviceHead } = bench.installation;
  const count = bench.quick ? 50_000 : 1_000_000;
  const what = `W5 ${count.toLocaleString('en')} sleeping runs`;
  const workflowId = await bench.workflow(definitions.sleeper);
  const probes = [
    await Probe.of(bench, bench.installation, 'the same tenant'),
    await Probe.of(bench, await bench.installation.neighbour(), 'another tenant'),
  ];
  const make = (runs: number, due: number) =>
    makeRuns(runs, {
      path: pathOf(workflowId),
      port: ports.workflow,
      head: serviceHead,
      input: { due },
      connections: batchesAtOnce,
      batch: startsPerBatch,
    });
  await bench.caughtUp();
  await sleep(10_000);
  const before = bench.watch.engineMib();

  const warmUp = Math.ceil((count * warmUpShare) / startsPerBatch) * startsPerBatch;
  const warmUpMs = await make(warmUp, Date.now() + monthMs);
  const allowedMs = (warmUpMs / warmUp) * count * slowerMax;
  const due =
    Math.ceil((Date.now() + allowedMs + settleMsMax + idleMs + soloMs) / 1_000) * 1_000 + 30_000;
  bench.watch.forgetPeak();
  const mark = await bench.watch.mark();
  const madeMs = await make(count, due);
  const making = await bench.watch.costSince(mark);
  const makingPeak = bench.watch.enginePeakMib();
  bench.say(
    `  W5: ${count} runs made in batches of ${startsPerBatch}, ${perSecond(count, madeMs)}/s, ${costText(making, count)}`,
  );

  await bench.caughtUp();
  const settledMs = await settle(bench);
  const after = bench.watch.engineMib();
  const idleMark = await bench.watch.mark();
  await sleep(idleMs);
  const idle = await bench.watch.costSince(idleMark);
  const idleCpu = (enginesSeconds(idle) / idle.seconds) * 100;
  bench.say(
    `    engine ${before.toFixed(0)} MiB before, ${makingPeak.toFixed(0)} at most while they were made, ${after.toFixed(0)} later; quiet after ${(settledMs / 1_000).toFixed(0)} s`,
  );

  for (const probe of probes) await probe.begin();
  await sleep(soloMs);
  for (const probe of probes) await probe.end('solo');
  if (Date.now() > due) throw new Error('the runs were made so slowly that they are due already');

  const gone = () => timersGone(bench);
  const goneBefore = await gone();
  await sleep(due - Date.now());
  bench.watch.forgetPeak();
  const drainMark = await bench.watch.mark();
  for (const probe of probes) await probe.begin();
  let moved = { gone: 0, at: Date.now() };
  while (moved.gone < count) {
    await Promise.race([sleep(pollMs), ...probes.map(({ failed }) => failed)]);
    const now = (await gone()) - goneBefore;
    if (now > moved.gone) moved = { gone: now, at: Date.now() };
    if (Date.now() - moved.at > stuckMsMax) throw new Error(`stuck at ${moved.gone} runs`);
  }
  const draining = await bench.watch.costSince(drainMark);
  for (const probe of probes) await probe.end('meanwhile');
  const drainPeak = bench.watch.enginePeakMib();
  const lag = await bench.watch.lag();
  const drained = await drainOf(bench, workflowId, due);
  if (drained.completed !== count) throw new Error(`${drained.completed} of ${count} runs ended`);
  bench.say(
    `    all due at once: ${perSecond(count, drained.ms)}/s, ${costText(draining, count)}; engine at most ${drainPeak.toFixed(0)} MiB`,
  );
  bench.say(
    `    behind at the end: relay ${lag.relay}, audit ${lag.audit}; load ${(loadavg()[0] ?? 0).toFixed(1)}`,
  );
  for (const probe of probes) bench.say(`    ${probe.text}`);
  await bench.caughtUp();
  return {
    figures: [
      { name: what, before, makingPeak, after, drainPeak, making, idle, draining, drained, lag },
    ],
    lines: [
      {
        name: `${what}, made in batches of ${startsPerBatch}`,
        value: (count / madeMs) * 1_000,
        unit: '/s',
        budget: 2_500,
        atLeast: true,
        boundBy: boundBy(making),
      },
      {
        name: `${what}, memory over idle`,
        value: after - before,
        unit: 'MiB',
        budget: 60,
        boundBy: 'pages that V8 has freed and keeps',
      },
      {
        name: `${what}, idle processor of engine and PostgreSQL`,
        value: idleCpu,
        unit: '%',
        budget: 1,
        boundBy: 'polls',
      },
      {
        name: `${what}, due at once, ended`,
        value: (count / drained.ms) * 1_000,
        unit: '/s',
        budget: 2_000,
        atLeast: true,
        boundBy: boundBy(draining),
      },
      ...probes.map((probe) => ({
        name: `${what}, due at once: p99 of W1t of ${probe.name} over solo`,
        value: probe.ratio,
        unit: '×' as const,
        budget: 3,
        boundBy: 'the flush under way, and the processor that both share',
      })),
    ],
  };
}

/** Runs of three local steps that a tenant starts at a small rate. */
class Probe {
  readonly name: string;
  private readonly load: Omit<Load, 'onStarted'>;
  private readonly ms = { solo: [] as number[], meanwhile: [] as number[] };
  private taken: number[] = [];
  private running: RunningLoad | undefined;

  private constructor(name: string, load: Omit<Load, 'onStarted'>) {
    this.name = name;
    this.load = load;
  }

  static async of(bench: Bench, tenant: SignedIn, name: string): Promise<Probe> {
    return new Probe(name, {
      path: pathOf(await tenant.define(definitions.threeSteps)),
      input: definitions.orderInput,
      port: bench.installation.ports.workflow,
      head: tenant.serviceHead,
      connections: probesAtOnce,
      ratePerSecond: probesPerSecond,
    });
  }

  get failed(): Promise<never> | undefined {
    return this.running?.failed;
  }

  get ratio(): number {
    return quantile(this.ms.meanwhile, 0.99) / quantile(this.ms.solo, 0.99);
  }

  get text(): string {
    const of = (ms: readonly number[]) =>
      `p50 ${quantile(ms, 0.5).toFixed(1)} ms, p99 ${quantile(ms, 0.99).toFixed(1)} ms of ${ms.length}`;
    return `W1t of ${this.name}: solo ${of(this.ms.solo)}; meanwhile ${of(this.ms.meanwhile)}`;
  }

  async begin(): Promise<void> {
    this.taken = [];
    this.running = await startLoad({
      ...this.load,
      onBehind: () => this.taken.push(Number.POSITIVE_INFINITY),
      onStarted: ({ ms }) => this.taken.push(ms),
    });
  }

  async end(when: 'solo' | 'meanwhile'): Promise<void> {
    await this.running?.stop();
    this.ms[when] = this.taken;
  }
}

/** @returns how long it took, in milliseconds */
async function makeRuns(count: number, load: Omit<Load, 'onStarted'>): Promise<number> {
  const since = performance.now();
  let made = 0;
  const enough = Promise.withResolvers<undefined>();
  const running = await startLoad({
    ...load,
    total: count,
    onStarted: () => {
      made += 1;
      if (made === count) enough.resolve(undefined);
    },
  });
  await Promise.race([enough.promise, running.failed]);
  const ms = performance.now() - since;
  await running.stop();
  return ms;
}

/** Waits until PostgreSQL has cleaned up. @returns how long that took, without the last quiet stretch */
async function settle(bench: Bench): Promise<number> {
  const since = Date.now();
  let busyAt = since;
  while (Date.now() - busyAt < quietMs && Date.now() - since < settleMsMax) {
    const { rows } = await bench.installation.admin.query<{ workers: number }>(
      `SELECT count(*) AS workers FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'`,
    );
    if ((rows[0]?.workers ?? 0) > 0) busyAt = Date.now();
    await sleep(pollMs);
  }
  return busyAt - since;
}

/** Timers that have gone, as far as the database's own statistics say: to count them would cost more. */
async function timersGone(bench: Bench): Promise<number> {
  const { rows } = await bench.installation.admin.query<{ gone: number }>(
    `SELECT n_tup_del AS gone FROM pg_stat_all_tables WHERE relid = 'workflow.timer'::regclass`,
  );
  return rows[0]?.gone ?? 0;
}

async function drainOf(bench: Bench, workflowId: string, due: number) {
  const { rows } = await bench.installation.admin.query<{ completed: number; until: Date | null }>(
    `SELECT count(*) AS completed, max(ended_at) AS until FROM workflow.run
     WHERE workflow_id = $1 AND status = 'completed'`,
    [workflowId],
  );
  const { completed = 0, until } = rows[0] ?? {};
  return { completed, ms: (until?.getTime() ?? due) - due };
}

function enginesSeconds({ cpuSeconds }: Cost): number {
  return (cpuSeconds['workflow'] ?? 0) + (cpuSeconds['postgres'] ?? 0);
}

function perSecond(count: number, ms: number): string {
  return ((count / ms) * 1_000).toFixed(0);
}

function costText({ cpuSeconds, walBytes, seconds }: Cost, count: number): string {
  const each = Object.entries(cpuSeconds)
    .toSorted((a, b) => b[1] - a[1])
    .filter(([, used]) => used / seconds > 0.01)
    .map(([process, used]) => `${process} ${((used / count) * 1e6).toFixed(0)} µs`);
  return `each ${each.join(', ')}, ${(walBytes / count).toFixed(0)} bytes of WAL`;
}

function boundBy({ cpuSeconds, seconds }: Cost): string {
  const percent = Object.entries(cpuSeconds).map(([name, used]) => [name, (used / seconds) * 100]);
  return processorText(Object.fromEntries(percent) as Record<string, number>);
}
