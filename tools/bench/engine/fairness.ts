import type { Bench } from './bench.ts';
import * as definitions from './definitions.ts';
import { startLoad } from './load.ts';
import { pathOf, startsAtOnce, startsPerBatch, type Measured, type Workload } from './workloads.ts';

export const fairnessWorkloads: Readonly<Record<string, Workload>> = {
  W8: { about: 'W1t beside another tenant that starts as much as it can', run: besideAnother },
};

/** What a tenant notices of another one that offers far more than the engine can do. */
async function besideAnother(bench: Bench): Promise<Measured> {
  const { ports, serviceHead } = bench.installation;
  const aggressor = await bench.installation.neighbour();
  const victimPath = pathOf(await bench.workflow(definitions.threeSteps));
  const aggressorPath = pathOf(await aggressor.define(definitions.threeSteps));
  let sentAway = 0;
  const victim = (name: string) =>
    bench.sustained({
      name,
      load: {
        path: victimPath,
        input: definitions.orderInput,
        port: ports.workflow,
        head: serviceHead,
        connections: startsAtOnce,
        ratePerSecond: 50,
        onBehind: () => (sentAway += 1),
      },
      endsWithStart: true,
    });
  const solo = await victim('W8, alone');
  let started = 0;
  const flood = await startLoad({
    path: aggressorPath,
    input: definitions.orderInput,
    port: ports.workflow,
    head: aggressor.serviceHead,
    connections: 16,
    batch: startsPerBatch,
    onStarted: () => (started += 1),
  });
  const beside = await victim('W8, beside the other');
  await flood.stop();
  bench.say(`    the other one started ${started} runs meanwhile`);
  return {
    figures: [solo, beside],
    lines: [
      {
        name: 'W8 p99 beside an aggressor over alone',
        value: beside.p99Ms / solo.p99Ms,
        unit: '×',
        budget: 2,
        boundBy: 'the flush under way, and the processor that both share',
      },
      {
        name: 'W8 starts that were sent away beside an aggressor',
        value: sentAway,
        unit: 'requests',
        budget: 0,
        boundBy: 'shares of the queue',
      },
    ],
  };
}
