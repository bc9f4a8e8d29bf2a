import type { Bench } from './bench.ts';
import * as definitions from './definitions.ts';
import { startLoad } from './load.ts';
import { pathOf, startsAtOnce, startsPerBatch, type Measured, type Workload } from './workloads.ts';

/** What a victim may notice of another tenant. */
const noticedMax = 2;

export const fairnessWorkloads: Readonly<Record<string, Workload>> = {
  W8: { about: 'W1t beside another tenant that starts as much as it can', run: besideFlood },
  W9: { about: 'W1t beside another tenant whose runs ask for too much', run: besideGreed },
};

/** A tenant that starts a few runs a second, alone and beside another one. */
async function victimOf(bench: Bench, name: string) {
  const { ports, serviceHead } = bench.installation;
  const path = pathOf(await bench.workflow(definitions.threeSteps));
  let sentAway = 0;
  const measured = (when: string, isBeside = false) =>
    bench.sustained({
      name: `${name}, ${when}`,
      isBeside,
      load: {
        path,
        input: definitions.orderInput,
        port: ports.workflow,
        head: serviceHead,
        connections: startsAtOnce,
        ratePerSecond: 50,
        onBehind: () => (sentAway += 1),
      },
      endsWithStart: true,
    });
  const alone = await measured('alone');
  return async (boundBy: string): Promise<Measured> => {
    const beside = await measured('beside the other', true);
    return {
      figures: [alone, beside],
      lines: [
        {
          name: `${name} p99 beside another tenant over alone`,
          value: beside.p99Ms / alone.p99Ms,
          unit: '×',
          budget: noticedMax,
          boundBy,
        },
        {
          name: `${name} starts that were sent away beside another tenant`,
          value: sentAway,
          unit: 'requests',
          budget: 0,
          boundBy: 'shares of the queue',
        },
      ],
    };
  };
}

/** The other one offers far more than the engine can do. */
async function besideFlood(bench: Bench): Promise<Measured> {
  const victim = await victimOf(bench, 'W8');
  const aggressor = await bench.installation.neighbour();
  const workflowId = await aggressor.define(definitions.threeSteps);
  const flood = await startLoad({
    path: pathOf(workflowId),
    input: definitions.orderInput,
    port: bench.installation.ports.workflow,
    head: aggressor.serviceHead,
    connections: 16,
    batch: startsPerBatch,
    onStarted: () => undefined,
  });
  const since = Date.now();
  const measured = await victim('the flush under way, and the processor that both share');
  const { rows } = await bench.installation.admin.query<{ runs: number }>(
    `SELECT count(*)::int AS runs FROM workflow.run WHERE workflow_id = $1 AND ended_at >= $2`,
    [workflowId, new Date(since)],
  );
  const perSecond = (1_000 * (rows[0]?.runs ?? 0)) / (Date.now() - since);
  await flood.stop();
  bench.say(`    the other one completed ${perSecond.toFixed(0)} runs/s meanwhile`);
  return measured;
}

/** Loops without an end, and starts of runs that fail because they ask for too much. */
async function besideGreed(bench: Bench): Promise<Measured> {
  const victim = await victimOf(bench, 'W9');
  const greedy = await bench.installation.neighbour();
  const endless = await greedy.define(definitions.endless);
  const spinning = await Promise.all(
    Array.from({ length: 8 }, () =>
      greedy.client.call('startRun', { params: { workflow: endless }, body: { input: {} } }),
    ),
  );
  let started = 0;
  const loads = await Promise.all(
    [definitions.hugeOutput, definitions.hugeFork].map(async (source) =>
      startLoad({
        path: pathOf(await greedy.define(source)),
        input: {},
        port: bench.installation.ports.workflow,
        head: greedy.serviceHead,
        connections: 2,
        onStarted: () => (started += 1),
      }),
    ),
  );
  const measured = await victim('the longest turn, and the processor that both share');
  await Promise.all(loads.map((load) => load.stop()));
  for (const { id } of spinning)
    await greedy.client.call('terminateRun', { params: { run: id }, body: {} });
  bench.say(`    the other one started ${started} runs meanwhile, beside 8 without an end`);
  return measured;
}
