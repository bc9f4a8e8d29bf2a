import { setTimeout as sleep } from 'node:timers/promises';

import type { Bench } from './bench.ts';
import * as definitions from './definitions.ts';
import type { Measured, Workload } from './workloads.ts';

const items = 300_000;
/** Turns that the run has behind it when the engine dies, at least. */
const turnsMin = 30;
const pollMs = 20;

/** What a death costs a run that is long: it is read from its latest snapshot. */
export const killLongRun: Workload = {
  about: 'the engine is killed in the middle of a long loop',
  onDemand: true,
  run: killInLoop,
};

async function killInLoop(bench: Bench): Promise<Measured> {
  const { admin, client, platform } = bench.installation;
  const workflowId = await bench.workflow(definitions.loop);
  const { id } = await client.call('startRun', {
    params: { workflow: workflowId },
    body: { input: { items } },
    idempotencyKey: crypto.randomUUID(),
  });
  const look = async () => {
    const { rows } = await admin.query<{ status: string; position: number; entries: number }>(
      `SELECT status, position, coalesce((SELECT max(entries) FROM workflow.run_snapshot
         WHERE run_id = run.id), 0) AS entries FROM workflow.run WHERE id = $1`,
      [id],
    );
    const [row] = rows;
    if (row === undefined) throw new Error(`the run ${id} is not there`);
    return row;
  };
  while ((await look()).position < turnsMin) await sleep(pollMs);
  const since = performance.now();
  if (!platform.kill('workflow', 'SIGKILL')) throw new Error('workflow was not there to be killed');
  await sleep(pollMs);
  const before = await look();
  if (before.status === 'completed') throw new Error('the loop was too short');
  await platform.waitReady('workflow');
  const readyMs = performance.now() - since;
  while ((await look()).position <= before.position) await sleep(pollMs);
  const seconds = (performance.now() - since) / 1_000;
  while ((await look()).status !== 'completed') await sleep(10 * pollMs);
  const entries = before.entries.toLocaleString('en');
  bench.say(`  a loop of ${entries} entries went on ${seconds.toFixed(1)} s after the engine died`);
  const line = {
    name: `workflow killed in a loop with ${entries} entries behind it: the loop goes on`,
    value: seconds,
    unit: 's' as const,
    budget: 10,
    boundBy: `${(readyMs / 1_000).toFixed(1)} s until the process was there again`,
  };
  return { figures: [], lines: [line] };
}
