import { setTimeout as sleep } from 'node:timers/promises';

import type { Line } from '../report.ts';
import type { Bench } from './bench.ts';
import * as definitions from './definitions.ts';
import { processorText, type Figures } from './figures.ts';

/** Starts under way at a time: enough to fill every batch, few enough to tell what a start costs. */
export const startsAtOnce = 64;

export const startsPerBatch = 500;

/** Every step is durable before the next one begins. */
export const durableSteps = { PARLEY_STEPS_PER_TURN: '1' };

/** Journals are archived after two minutes and runs removed after six: from then on as much goes as comes. */
const shortRetention = {
  PARLEY_ARCHIVE_AFTER_DAYS: String(2 / 1_440),
  PARLEY_REMOVE_AFTER_DAYS: String(6 / 1_440),
};
/** The end of this stretch is later than that, and leaves the database time to use what became free. */
const steadyFrom = 3;

export interface Measured {
  readonly figures: readonly object[];
  readonly lines: readonly Line[];
}

export interface Workload {
  readonly about: string;
  /** Variables that the services need for it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes so long that only those who ask for it get it. */
  readonly onDemand?: true;
  readonly run: (bench: Bench) => Promise<Measured>;
}

export const workloads: Readonly<Record<string, Workload>> = {
  W1t: { about: 'three local steps, one turn, one commit', run: threeStepsInATurn },
  W2: { about: 'three HTTP steps against a local server', run: threeCalls },
  W3: { about: 'a hundred calls at once', run: fanOut },
  W4: { about: 'a loop of 10,000 iterations', run: longLoop },
  W6: { about: 'payloads of 4 KiB and 1 MiB through three steps', run: payloads },
  W7: {
    about: 'W1t at 70 % of its rate for half an hour',
    env: shortRetention,
    onDemand: true,
    run: soak,
  },
  W1s: {
    about: 'three local steps, each durable before the next',
    env: durableSteps,
    run: threeDurableSteps,
  },
};

async function threeStepsInATurn(bench: Bench): Promise<Measured> {
  const { ports, serviceHead, gatewayHead } = bench.installation;
  const workflowId = await bench.workflow(definitions.threeSteps);
  const start = { path: pathOf(workflowId), input: definitions.orderInput };
  const service = { ...start, port: ports.workflow, head: serviceHead };
  const gateway = { ...start, port: ports.gateway, head: gatewayHead };
  const idle = await bench.idleLatency('W1t idle, in the service', service);
  const inService = await bench.sustained({
    name: 'W1t single starts, in the service',
    load: { ...service, connections: startsAtOnce },
    endsWithStart: true,
  });
  const throughGateway = await bench.sustained({
    name: 'W1t single starts, through the gateway',
    load: { ...gateway, connections: startsAtOnce },
    endsWithStart: true,
  });
  const batches = await bench.sustained({
    name: `W1t starts in batches of ${startsPerBatch}, in the service`,
    load: { ...service, connections: 4, batch: startsPerBatch },
    endsWithStart: true,
  });
  return {
    figures: [idle, inService, throughGateway, batches],
    lines: [
      atLeast('W1t batch starts', batches, 6_000),
      atLeast('W1t single starts through the gateway', throughGateway, 1_500),
      {
        name: 'W1t start to end, idle, in the service, median',
        value: idle.p50Ms,
        unit: 'ms',
        budget: 3,
        boundBy: 'one commit, the look-up of the version and of the key',
      },
    ],
  };
}

async function threeDurableSteps(bench: Bench): Promise<Measured> {
  const { ports, serviceHead } = bench.installation;
  const workflowId = await bench.workflow(definitions.threeSteps);
  const figures = await bench.sustained({
    name: 'W1s, in the service',
    load: {
      path: pathOf(workflowId),
      input: definitions.orderInput,
      port: ports.workflow,
      head: serviceHead,
      connections: startsAtOnce,
    },
  });
  return { figures: [figures], lines: [] };
}

async function threeCalls(bench: Bench): Promise<Measured> {
  const { ports, serviceHead } = bench.installation;
  const business = await bench.connector();
  const workflowId = await bench.workflow(definitions.threeCalls);
  const load = {
    path: pathOf(workflowId),
    input: {},
    port: ports.workflow,
    head: serviceHead,
    ended: (runId: string) => business.called(runId, 3),
  };
  const single = await bench.sustained({
    name: 'W2, single starts',
    load: { ...load, connections: 2 * startsAtOnce },
  });
  const batches = await bench.sustained({
    name: 'W2, starts in batches of 32',
    load: { ...load, connections: 8, batch: 32 },
  });
  return {
    figures: [single, batches],
    lines: [atLeast('W2 three HTTP steps, batch starts', batches, 1_000)],
  };
}

async function fanOut(bench: Bench): Promise<Measured> {
  const { ports, serviceHead } = bench.installation;
  const business = await bench.connector();
  const workflowId = await bench.workflow(definitions.fanOut);
  const items = 100;
  const figures = await bench.sustained({
    name: `W3, ${items} calls each`,
    load: {
      path: pathOf(workflowId),
      input: { items },
      port: ports.workflow,
      head: serviceHead,
      connections: 4,
      ended: (runId) => business.called(runId, items),
    },
  });
  return { figures: [figures], lines: [] };
}

async function longLoop(bench: Bench): Promise<Measured> {
  const lines: Line[] = [];
  for (const [name, source] of [
    ['constant state', definitions.loop],
    ['growing list of results', definitions.growingMap],
    ['growing data', definitions.growingLoop],
  ] as const) {
    const perStep = await costPerStep(bench, source);
    bench.say(
      `  W4, ${name}: ${(perStep.short * 1000).toFixed(1)} µs per step around step 10, ${(perStep.long * 1000).toFixed(1)} µs around step 10,000`,
    );
    lines.push({
      name: `W4 cost per step, 10,000 over 10, ${name}`,
      value: perStep.long / perStep.short,
      unit: '×',
      budget: 1.3,
      boundBy: 'see the profile',
    });
  }
  return { figures: [], lines };
}

/** Milliseconds per step at the beginning and at the end of a long run, by runs of different length. */
async function costPerStep(bench: Bench, source: string): Promise<{ short: number; long: number }> {
  const workflowId = await bench.workflow(source);
  const took = async (items: number): Promise<number> => {
    const { client, admin } = bench.installation;
    const { id } = await client.call('startRun', {
      params: { workflow: workflowId },
      body: { input: { items } },
      idempotencyKey: crypto.randomUUID(),
    });
    for (;;) {
      const { rows } = await admin.query<{ status: string; ms: number }>(
        `SELECT status, (extract(epoch FROM ended_at - created_at) * 1000)::float8 AS ms
         FROM workflow.run WHERE id = $1`,
        [id],
      );
      const [row] = rows;
      if (row?.status === 'completed') return row.ms;
      if (row?.status === 'failed') throw new Error(`the run ${id} of ${items} items failed`);
      await sleep(20);
    }
  };
  const least = async (items: number, times: number) => {
    const all: number[] = [];
    for (let at = 0; at < times; at += 1) all.push(await took(items));
    return Math.min(...all);
  };
  const rounds = bench.quick ? 3 : 7;
  await least(1_000, rounds);
  // A turn of its own is most of what a short run costs: the difference leaves only the steps. Over
  // fewer of the late ones it would be chance how many snapshots are among them.
  const short = ((await least(1_200, rounds)) - (await least(200, rounds))) / 1_000;
  const long = ((await least(10_000, rounds)) - (await least(6_000, rounds))) / 4_000;
  return { short: Math.max(short, 0.000_1), long };
}

async function payloads(bench: Bench): Promise<Measured> {
  const { ports, serviceHead } = bench.installation;
  const workflowId = await bench.workflow(definitions.payloads);
  const figures: Figures[] = [];
  for (const [name, bytes, connections] of [
    ['W6, 4 KiB', 4 * 1024, startsAtOnce],
    ['W6, 1 MiB', 1_048_576 - 1_024, 4],
  ] as const) {
    figures.push(
      await bench.sustained({
        name,
        load: {
          path: pathOf(workflowId),
          input: { text: textOf(bytes) },
          port: ports.workflow,
          head: serviceHead,
          connections,
        },
      }),
    );
  }
  return { figures, lines: [] };
}

export function pathOf(workflowId: string): string {
  return `/v1/workflows/${workflowId}/runs`;
}

/** Text that compresses about as well as business data does. */
function textOf(bytes: number): string {
  const words = ['order', 'kitchen', 'table', 'invoice', 'customer', 'delivery', 'menu', 'total'];
  let text = '';
  for (let at = 0; text.length < bytes; at += 1) {
    text += `${words[(at * 7 + (at % 3)) % words.length] ?? ''} ${(at * 2_654_435_761) % 9_973} `;
  }
  return text.slice(0, bytes);
}

async function soak(bench: Bench): Promise<Measured> {
  const { ports, serviceHead } = bench.installation;
  const workflowId = await bench.workflow(definitions.threeSteps);
  const load = {
    path: pathOf(workflowId),
    input: definitions.orderInput,
    port: ports.workflow,
    head: serviceHead,
  };
  const full = await bench.sustained({
    name: 'W7, the full rate',
    load: { ...load, connections: startsAtOnce },
    endsWithStart: true,
  });
  const ratePerSecond = 0.7 * full.completedPerSecond;
  const stretchMs = bench.quick ? 20_000 : 300_000;
  const stretches: Figures[] = [];
  const tableMib: number[] = [];
  for (let at = 0; at < 6; at += 1) {
    stretches.push(
      await bench.sustained({
        name: `W7, stretch ${at + 1} of 6`,
        load: { ...load, connections: startsAtOnce, ratePerSecond },
        endsWithStart: true,
        warmUpMs: 1_000,
        measureMs: stretchMs,
      }),
    );
    tableMib.push(await bench.watch.tableMib());
    bench.say(`    tables of the engine ${tableMib.at(-1)?.toFixed(0) ?? ''} MiB`);
  }
  const rate = (at: number) => stretches.at(at)?.completedPerSecond ?? 0;
  return {
    figures: [full, ...stretches],
    lines: [
      {
        name: 'W7 last stretch over the first',
        value: rate(-1) / rate(0),
        unit: '×',
        budget: 0.9,
        atLeast: true,
        boundBy: 'the size of tables and indexes',
      },
      ...(bench.quick
        ? []
        : [
            {
              name: `W7 tables of the engine after the last stretch over those after stretch ${steadyFrom}`,
              value: (tableMib.at(-1) ?? 0) / (tableMib[steadyFrom - 1] ?? 0),
              unit: '×' as const,
              budget: 1.1,
              boundBy: 'how fast ended runs are archived and removed',
            },
          ]),
    ],
  };
}

function atLeast(name: string, figures: Figures, budget: number): Line {
  return {
    name,
    value: figures.completedPerSecond,
    unit: '/s',
    budget,
    atLeast: true,
    boundBy: processorText(figures.cpuPercent),
  };
}
