import assert from 'node:assert/strict';

import type { Run, RunTimeline } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import { followRun, isParleyError, type ParleyClient } from '@parley/sdk';

import { setKnobs } from '../../testbed/demo-client.ts';
import { need, type Job } from './job.ts';
import { inputOf, Restaurant, type Order } from './restaurant.ts';
import { until, type Step } from './story.ts';

/** Orders that a fresh demo holds (tools/demo/README.md). */
const orders = {
  small: 'ord-1001',
  large: 'ord-1004',
  refused: 'ord-1008',
  beyondStock: 'ord-1013',
  interrupted: 'ord-1002',
} as const;
const totalMax = 200;
const latencyMs = 1_500;

/** What runs of the approved workflow do to the business. */
export const running: readonly Step<Job>[] = [
  { name: 'Run an order under 200', run: runSmallOrder },
  { name: 'Start the same run again', run: startAgain },
  { name: 'Run an order above 200', run: runLargeOrder },
  { name: 'Run an order that the manager refuses', run: runRefusedOrder },
  { name: 'Run an order beyond the stock', run: runOrderBeyondStock },
  { name: 'Kill the workflow service during a run', run: surviveKill },
];

async function runSmallOrder(job: Job): Promise<string> {
  const restaurant = new Restaurant(job.platform);
  const order = await restaurant.order(orders.small);
  assert(order.total <= totalMax, `${order.orderId} has a total of ${order.total}`);
  const mark = await restaurant.mark();
  const { id } = await startOrder(job, order);
  const { seen, timeline } = await watch(job.owner, id);
  assert.equal(timeline.run.status, 'completed', whyOf(timeline.run));
  const calls = await restaurant.callsSince(mark);
  for (const name of ['getCapacity', 'checkStock', 'schedulePreparation', 'confirmOrder']) {
    assert.equal(calls.get(name)?.length, 1, `${name} was not called exactly once`);
  }
  assert.equal((await restaurant.order(order.orderId)).status, 'confirmed');
  assert.equal(await restaurant.preparationsOf(order.orderId), 1);
  const steps = timeline.steps.length;
  return `${order.orderId} (${order.total}) is confirmed and scheduled; ${seen} live events, ${steps} steps`;
}

/** One key, one run: the same request gives the first one, another request is refused. */
async function startAgain(job: Job): Promise<string> {
  const order = await new Restaurant(job.platform).order(orders.small);
  const { id } = await startOrder(job, order);
  assert.equal(id, job.runIds[0], 'the same key started a second run');
  const other = { ...order, total: order.total + 1 };
  const refusal = await startOrder(job, other).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert(isParleyError(refusal, 'key-reused'), 'the key was accepted for another request');
  return `the same key gives ${id}; with another body it is refused with ${refusal.code}`;
}

async function runLargeOrder(job: Job): Promise<string> {
  const restaurant = new Restaurant(job.platform);
  const order = await restaurant.order(orders.large);
  assert(order.total > totalMax, `${order.orderId} has a total of ${order.total}`);
  const { id } = await startOrder(job, order);
  const approval = await pendingApproval(job, id);
  const params = { approval: approval.id };
  const decide = { params, body: { decision: 'approved' as const } };
  const refusal = await job.viewer.call('decideApproval', decide).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert(isParleyError(refusal, 'forbidden'), 'somebody who was not asked could decide');
  assert.equal((await restaurant.order(order.orderId)).status, 'placed', 'it did not wait');
  await job.manager.call('decideApproval', {
    params,
    body: { decision: 'approved', reason: 'A regular guest.' },
  });
  const { timeline } = await watch(job.owner, id);
  assert.equal(timeline.run.status, 'completed', whyOf(timeline.run));
  assert.equal((await restaurant.order(order.orderId)).status, 'confirmed');
  return `${order.orderId} (${order.total}) waited for the manager, then was confirmed`;
}

async function runRefusedOrder(job: Job): Promise<string> {
  const restaurant = new Restaurant(job.platform);
  const order = await restaurant.order(orders.refused);
  const { id } = await startOrder(job, order);
  const approval = await pendingApproval(job, id);
  await job.manager.call('decideApproval', {
    params: { approval: approval.id },
    body: { decision: 'rejected', reason: 'Too much for tonight.' },
  });
  const { timeline } = await watch(job.owner, id);
  assert.equal(timeline.run.status, 'completed', whyOf(timeline.run));
  assert.equal((await restaurant.order(order.orderId)).status, 'rejected');
  return `${order.orderId} (${order.total}) was rejected`;
}

async function runOrderBeyondStock(job: Job): Promise<string> {
  const restaurant = new Restaurant(job.platform);
  const order = await restaurant.order(orders.beyondStock);
  const { id } = await startOrder(job, order);
  const { timeline } = await watch(job.owner, id);
  assert.equal(timeline.run.status, 'completed', whyOf(timeline.run));
  assert.equal((await restaurant.order(order.orderId)).status, 'rejected');
  assert.equal(await restaurant.preparationsOf(order.orderId), 0);
  return `${order.orderId} was rejected and not prepared`;
}

/** The service dies with one step journaled and one call in flight. */
async function surviveKill(job: Job): Promise<string> {
  const { platform, owner } = job;
  const restaurant = new Restaurant(platform);
  const order = await restaurant.order(orders.interrupted);
  const slow = { system: 'kitchen', operation: 'schedulePreparation' };
  await setKnobs(platform, { ...slow, latencyMs });
  const mark = await restaurant.mark();
  const { id } = await startOrder(job, order);
  await until(async () => {
    const calls = await restaurant.callsSince(mark);
    return calls.get(slow.operation)?.[0];
  });
  const before = await owner.call('getTimeline', { params: { run: id } });
  const journaled = before.steps.filter(({ status, calls }) => status === 'completed' && calls);
  assert(journaled.length > 0, 'no step was journaled before the kill');
  assert(platform.kill('workflow', 'SIGKILL'), 'the workflow service did not run');
  await setKnobs(platform, slow);
  const { timeline } = await watch(owner, id);
  assert.equal(timeline.run.status, 'completed', whyOf(timeline.run));
  const calls = await restaurant.callsSince(mark);
  for (const name of ['getCapacity', 'checkStock', 'confirmOrder']) {
    assert.equal(calls.get(name)?.length, 1, `${name} was not called exactly once`);
  }
  const scheduled = calls.get(slow.operation) ?? [];
  const keys = new Set(scheduled.map(({ idempotencyKey }) => idempotencyKey));
  assert(scheduled.length <= 2 && keys.size === 1, 'the call in flight was not repeated as it was');
  assert.equal(scheduled.filter(({ effect }) => effect).length, 1);
  assert.equal((await restaurant.order(order.orderId)).status, 'confirmed');
  await platform.waitReady('workflow');
  const repeats = scheduled.length - 1;
  return `it finished; ${journaled.length} journaled steps once, the call in flight repeated ${repeats}×`;
}

/** Starts a run for an order; the order's number is the key. */
export async function startOrder(job: Job, order: Order, key = order.orderId): Promise<Run> {
  const run = await job.owner.call('startRun', {
    params: { workflow: need(job.workflowId, 'workflow') },
    body: { input: inputOf(order) satisfies Json },
    idempotencyKey: key,
  });
  if (!job.runIds.includes(run.id)) job.runIds.push(run.id);
  return run;
}

/** Follows a run live until it has ended. */
export async function watch(
  client: ParleyClient,
  run: string,
): Promise<{ timeline: RunTimeline; seen: number }> {
  let timeline: RunTimeline | undefined;
  let seen = 0;
  for await (const now of followRun(client, run)) {
    timeline = now;
    seen += 1;
  }
  return { timeline: need(timeline, 'timeline'), seen };
}

/** The decision that a run waits for, as it appears in the manager's inbox. */
async function pendingApproval(job: Job, runId: string) {
  const approval = await until(async () => {
    const { items } = await job.manager.call('listApprovals', {
      query: { status: 'pending', runId },
    });
    return items[0];
  });
  assert(approval.mine, 'the manager is not the one who is asked');
  const run = await job.owner.call('getRun', { params: { run: runId } });
  assert.equal(run.status, 'waiting');
  assert.equal(
    run.waitingFor[0]?.approvalId,
    approval.id,
    'the run does not say what it waits for',
  );
  return approval;
}

export function whyOf({ id, error }: Run): string {
  return `${id} did not complete: ${JSON.stringify(error)}`;
}
