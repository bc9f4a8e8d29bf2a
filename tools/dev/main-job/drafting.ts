import assert from 'node:assert/strict';

import { isParleyError } from '@parley/sdk';

import { latestOf, mainRequest, need, say, type Job } from './job.ts';
import type { Step } from './story.ts';

const roundsMax = 5;

/** What the main request calls, whatever the steps are named. */
const expectedEffects = [
  'kitchen getCapacity',
  'inventory checkStock',
  'human role manager',
  'kitchen schedulePreparation',
  'pos confirmOrder',
  'pos rejectOrder',
];

/** From an empty installation to an approved workflow. */
export const drafting: readonly Step<Job>[] = [
  { name: 'Load the demo business', run: loadDemo },
  { name: 'Describe the process', run: describe },
  { name: 'Answer what is asked', run: answerQuestions },
  { name: 'See the draft', run: seeDraft },
  { name: 'Approve what is no longer the latest', run: approveStale },
  { name: 'Approve what was seen', run: approve },
];

async function loadDemo({ owner }: Job): Promise<string> {
  const { connectors, approvedAddresses } = await owner.call('loadDemo');
  const open = connectors.flatMap(({ openQuestions }) => openQuestions);
  assert.deepEqual(open, [], 'a connector of the demo is not ready');
  return `${connectors.map(({ name }) => name).join(', ')}; ${approvedAddresses.join(', ')} approved`;
}

async function describe(job: Job): Promise<string> {
  const { id } = await job.owner.call('createConversation', { body: {} });
  job.conversationId = id;
  const { pieces, state } = await say(job.owner, id, { text: mainRequest });
  assert(pieces > 1, `the reply came in ${pieces} piece, not as it was produced`);
  job.draft = need(state.draft, 'draft');
  return `the reply arrived in ${pieces} pieces, with a draft`;
}

/** Takes the first offered answer of every blocking question, as a person in a hurry does. */
export async function answerQuestions(job: Job): Promise<string> {
  const conversation = need(job.conversationId, 'conversation');
  let answered = 0;
  for (let round = 0; round < roundsMax; round += 1) {
    const open = latestOf(job.draft).questions.filter(
      ({ blocking, answer }) => blocking && answer === undefined,
    );
    if (open.length === 0) return answered === 0 ? 'nothing was asked' : `${answered} answers`;
    const answers = open.map(({ number, options, text }) => ({
      question: number,
      value: need(options[0], `offered answer to "${text}"`).value,
    }));
    const text = answers.map(({ question, value }) => `${question}: ${value}`).join('\n');
    const { state } = await say(job.owner, conversation, { text, answers });
    job.draft = need(state.draft, 'draft');
    answered += answers.length;
  }
  throw new Error(`questions are still open after ${roundsMax} rounds`);
}

async function seeDraft(job: Job): Promise<string> {
  const revision = latestOf(job.draft);
  const found = revision.sideEffects.map(({ kind, target, connector, operation }) =>
    kind === 'human' ? `human ${target}` : `${connector ?? kind} ${operation ?? target}`,
  );
  assert.deepEqual([...found].sort(), [...expectedEffects].sort(), 'the draft does something else');
  assert(job.draft?.approvable, job.draft?.obstacles.join('; '));
  const { source } = revision;
  const { nodes, edges } = await job.owner.call('graphDefinition', { body: { source } });
  for (const kind of ['start', 'call', 'human', 'switch', 'end'] as const) {
    assert(
      nodes.some((node) => node.kind === kind),
      `the picture has no ${kind}`,
    );
  }
  const known = new Set(nodes.map(({ id }) => id));
  assert(
    edges.every(({ from, to }) => known.has(from) && known.has(to)),
    'an edge leads nowhere',
  );
  return `${found.length} effects; picture of ${nodes.length} nodes and ${edges.length} edges`;
}

/** Somebody edits by hand while somebody else still looks at the revision before. */
async function approveStale(job: Job): Promise<string> {
  const draft = need(job.draft, 'draft').id;
  const seen = latestOf(job.draft);
  const source = `# Looked through by hand.\n${seen.source}`;
  await job.owner.call('editDraft', { params: { draft }, body: { source }, ifMatch: seen.hash });
  const refusal = await job.owner
    .call('approveDraft', { params: { draft }, ifMatch: seen.hash })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  assert(isParleyError(refusal, 'stale-revision'), 'a stale revision was approved');
  job.draft = await job.owner.call('restoreDraft', {
    params: { draft },
    body: { revision: seen.number },
  });
  assert.equal(latestOf(job.draft).source, seen.source, 'restoring changed the text');
  return `refused with ${refusal.code}; the revision that was seen is restored`;
}

export async function approve(job: Job): Promise<string> {
  const { hash } = latestOf(job.draft);
  const approved = await job.owner.call('approveDraft', {
    params: { draft: need(job.draft, 'draft').id },
    ifMatch: hash,
  });
  job.workflowId = approved.workflowId;
  const workflow = await job.owner.call('getWorkflow', {
    params: { workflow: approved.workflowId },
  });
  assert.equal(workflow.tags['live'], approved.version, 'the approved version is not in use');
  return `${workflow.name} version ${approved.version} is in use`;
}
