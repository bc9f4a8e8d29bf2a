import assert from 'node:assert/strict';

import { useCommandLine } from './command-line.ts';
import { answerQuestions, approve } from './drafting.ts';
import { latestOf, need, say, type Job } from './job.ts';
import { Restaurant } from './restaurant.ts';
import { startOrder, watch, whyOf } from './running.ts';
import { until, type Step } from './story.ts';

const message = 'An order was confirmed';
const changeRequest = `Also notify the chefs "${message}" after confirming.`;
const orderAfterChange = 'ord-1003';

/** A change of what is in use, and what stays on record of everything. */
export const changing: readonly Step<Job>[] = [
  { name: 'Ask for a change', run: askForChange },
  { name: 'See the difference', run: seeDifference },
  { name: 'Approve the change', run: approve },
  { name: 'Run the new version', run: runNewVersion },
  { name: 'Use the command line', run: useCommandLine },
  { name: 'Read the story in the audit stream', run: readAudit },
];

async function askForChange(job: Job): Promise<string> {
  const conversation = need(job.conversationId, 'conversation');
  const { state } = await say(job.owner, conversation, { text: changeRequest });
  job.draft = need(state.draft, 'draft');
  const asked = await answerQuestions(job);
  return `revision ${latestOf(job.draft).number}; ${asked}`;
}

async function seeDifference(job: Job): Promise<string> {
  const revision = latestOf(job.draft);
  const diff = await job.owner.call('diffDraft', {
    params: { draft: revision.draftId },
    query: { from: 'in-use', to: revision.number },
  });
  const added = diff.sideEffectsAdded.map(
    ({ connector, operation }) => `${connector}.${operation}`,
  );
  assert.deepEqual(added, ['staff.notifyStaff'], 'the change calls something else');
  assert.deepEqual(diff.sideEffectsRemoved, [], 'the change takes a call away');
  const touched = diff.changes.filter(({ kind, task }) => kind !== 'added' && task !== '');
  assert.deepEqual(touched, [], 'the change touches other steps');
  return diff.changes.map(({ summary }) => summary).join('; ');
}

async function runNewVersion(job: Job): Promise<string> {
  const restaurant = new Restaurant(job.platform);
  const order = await restaurant.order(orderAfterChange);
  const { id, version } = await startOrder(job, order);
  assert.equal(version, 2, 'the run does not use the new version');
  const { timeline } = await watch(job.owner, id);
  assert.equal(timeline.run.status, 'completed', whyOf(timeline.run));
  assert.equal((await restaurant.order(order.orderId)).status, 'confirmed');
  assert.equal((await restaurant.messages())[0], message, 'the chefs got no such message');
  return `${order.orderId} ran version ${version}; the chefs got a message`;
}

/** What has to be on record, and how often, after the steps before. */
function expectedEvents({ runIds }: Job): ReadonlyMap<string, number> {
  return new Map([
    ['parley.workflow.connector.imported.v1', 5],
    ['parley.conversation.conversation.started.v1', 1],
    ['parley.conversation.message.received.v1', 2],
    ['parley.agent.dsl.generated.v1', 2],
    ['parley.conversation.draft.proposed.v1', 4],
    ['parley.conversation.draft.approved.v1', 2],
    ['parley.workflow.workflow.created.v1', 1],
    ['parley.workflow.version.published.v1', 2],
    ['parley.workflow.run.started.v1', runIds.length],
    ['parley.workflow.approval.requested.v1', 2],
    ['parley.workflow.approval.decided.v1', 2],
    ['parley.workflow.run.completed.v1', runIds.length],
  ]);
}

async function readAudit(job: Job): Promise<string> {
  const expected = expectedEvents(job);
  const events = await until(async () => {
    const { items } = await job.owner.call('listEvents', {
      query: { subject: '>', pageSize: 200 },
    });
    const counts = Map.groupBy(items, ({ type }) => type);
    const isThere = ([type, count]: [string, number]) => (counts.get(type)?.length ?? 0) >= count;
    return [...expected].every(isThere) ? items : undefined;
  });
  const positions = events.map(({ position }) => position);
  assert.deepEqual(
    positions,
    positions.toSorted((a, b) => a - b),
    'the events are not in order',
  );
  const hashes = new Set(events.map(({ hash }) => hash));
  assert.equal(hashes.size, events.length, 'the chain of hashes repeats');
  const { items: oneRun } = await job.owner.call('listEvents', {
    query: { subject: `workflows.*.executions.${need(job.runIds[0], 'run')}.*` },
  });
  return `${events.length} events in one chain; ${oneRun.length} of the first run by subject`;
}
