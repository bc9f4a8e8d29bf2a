import { z } from 'zod';
import { defineEvent } from './define-event.js';
import { idOf } from './ids.js';
import { RunError } from './workflows.js';

const member = z.string().describe('Member id, or the service itself');

const conversationFacts = { conversationId: idOf('conversation') };

export const conversationStarted = defineEvent('conversation.conversation.started', 1, {
  description: 'A person opened a conversation.',
  schema: z.object({ ...conversationFacts, by: member }),
  subject: (data) => `conversations.${data.conversationId}.started`,
});

export const messageReceived = defineEvent('conversation.message.received', 1, {
  description: 'A person said something in a conversation.',
  schema: z.object({ ...conversationFacts, messageId: idOf('message'), by: member }),
  subject: (data) => `conversations.${data.conversationId}.message`,
});

export const draftProposed = defineEvent('conversation.draft.proposed', 1, {
  description: 'A draft has a new revision.',
  schema: z.object({
    ...conversationFacts,
    draftId: idOf('draft'),
    revision: z.int(),
    hash: z.string(),
    by: member,
  }),
  subject: (data) => `drafts.${data.draftId}.proposed`,
});

export const draftApproved = defineEvent('conversation.draft.approved', 1, {
  description: 'A person approved exactly the revision with this hash.',
  schema: z.object({
    ...conversationFacts,
    draftId: idOf('draft'),
    revision: z.int(),
    hash: z.string(),
    by: member,
    workflowId: idOf('workflow'),
    version: z.int(),
  }),
  subject: (data) => `drafts.${data.draftId}.approved`,
});

export const dslGenerated = defineEvent('agent.dsl.generated', 1, {
  description: 'An agent produced a definition.',
  schema: z.object({ ...conversationFacts, turnId: idOf('turn'), agent: z.string() }),
  subject: (data) => `agents.${data.agent}.conversations.${data.conversationId}.definition`,
});

export const agentResponse = defineEvent('agent.response.completed', 1, {
  description: 'An agent finished its answer to a turn.',
  schema: z.object({
    ...conversationFacts,
    turnId: idOf('turn'),
    agent: z.string(),
    model: z.string().optional(),
  }),
  subject: (data) => `agents.${data.agent}.conversations.${data.conversationId}.response`,
});

export const workflowCreated = defineEvent('workflow.workflow.created', 1, {
  description: 'A workflow has its first version.',
  schema: z.object({ workflowId: idOf('workflow'), name: z.string(), by: member }),
  subject: (data) => `workflows.${data.workflowId}.created`,
});

export const versionPublished = defineEvent('workflow.version.published', 1, {
  description: 'A workflow has a new version.',
  schema: z.object({
    workflowId: idOf('workflow'),
    version: z.int(),
    irHash: z.string(),
    by: member,
  }),
  subject: (data) => `workflows.${data.workflowId}.versions.${data.version}.published`,
});

export const scheduleChanged = defineEvent('workflow.schedule.changed', 1, {
  description: 'A person paused or resumed a schedule, or asked for runs of a time of the past.',
  schema: z.object({
    workflowId: idOf('workflow'),
    by: member,
    change: z.enum(['paused', 'resumed', 'backfilled']),
    detail: z.string().optional(),
  }),
  subject: (data) => `audit.schedules.${data.workflowId}.${data.change}`,
});

const runFacts = { runId: idOf('run'), workflowId: idOf('workflow') };

export const runStarted = defineEvent('workflow.run.started', 1, {
  description: 'A run was accepted and is durable.',
  schema: z.object({ ...runFacts, version: z.int(), by: member }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.started`,
});

export const runCompleted = defineEvent('workflow.run.completed', 1, {
  description: 'A run ended with an output.',
  schema: z.object(runFacts),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.completed`,
});

export const runFailed = defineEvent('workflow.run.failed', 1, {
  description: 'A run ended with an error.',
  schema: z.object({ ...runFacts, error: RunError }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.failed`,
});

export const runCancelled = defineEvent('workflow.run.cancelled', 1, {
  description: 'A run was cancelled.',
  schema: z.object({ ...runFacts, by: member }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.cancelled`,
});

export const runTerminated = defineEvent('workflow.run.terminated', 1, {
  description: 'A run was ended at once.',
  schema: z.object({ ...runFacts, by: member }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.terminated`,
});

export const runStalled = defineEvent('workflow.run.stalled', 1, {
  description: 'An open run was found that nothing moves any more: something is broken.',
  schema: z.object(runFacts),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.stalled`,
});

export const runCompensating = defineEvent('workflow.run.compensating', 1, {
  description: 'A run undoes what it has done, before it ends.',
  schema: z.object({ ...runFacts, by: member.optional(), error: RunError.optional() }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.compensating`,
});

export const runCompensationFailed = defineEvent('workflow.run.compensation-failed', 1, {
  description: 'A run could not undo what it has done.',
  schema: z.object({ ...runFacts, error: RunError }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.compensation-failed`,
});

export const runSuspended = defineEvent('workflow.run.suspended', 1, {
  description: 'A run is kept from going on.',
  schema: z.object({ ...runFacts, by: member, reason: z.string().optional() }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.suspended`,
});

export const runResumed = defineEvent('workflow.run.resumed', 1, {
  description: 'A suspended run goes on.',
  schema: z.object({ ...runFacts, by: member }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.resumed`,
});

export const stepSkipped = defineEvent('workflow.step.skipped', 1, {
  description: 'Somebody took a step of a run as completed.',
  schema: z.object({
    ...runFacts,
    step: z.string().describe('The task'),
    by: member,
    reason: z.string().optional(),
  }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.step-skipped`,
});

/** An event of a workflow's author, complete as it is handed on. */
const CloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  time: z.string(),
});

export const eventEmitted = defineEvent('workflow.event.emitted', 1, {
  description: 'A run emitted an event; the same event may come more than once, under one id.',
  schema: z.object({ ...runFacts, step: z.string().describe('The task'), event: CloudEvent }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.emitted`,
});

export const eventReceived = defineEvent('workflow.event.received', 1, {
  description: 'A system outside told an event.',
  schema: z.object({ event: CloudEvent, by: z.string().describe('The member that told it') }),
  subject: () => 'workflows.events.received',
});

export const approvalRequested = defineEvent('workflow.approval.requested', 1, {
  description: 'A run waits for a decision.',
  schema: z.object({ ...runFacts, approvalId: idOf('approval') }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.approval-requested`,
});

export const approvalDecided = defineEvent('workflow.approval.decided', 1, {
  description: 'Somebody decided.',
  schema: z.object({
    ...runFacts,
    approvalId: idOf('approval'),
    decision: z.enum(['approved', 'rejected']),
    by: member,
    reason: z.string().optional(),
  }),
  subject: (data) => `workflows.${data.workflowId}.executions.${data.runId}.approval-decided`,
});

const connectorFacts = { connectorId: idOf('connector'), name: z.string(), by: member };

export const connectorImported = defineEvent('workflow.connector.imported', 1, {
  description: 'A connector was imported from an OpenAPI document.',
  schema: z.object({ ...connectorFacts, documentHash: z.string() }),
  subject: (data) => `connectors.${data.connectorId}.imported`,
});

export const connectorConfigured = defineEvent('workflow.connector.configured', 1, {
  description: 'Base URL, credential or approved address of a connector changed; never the secret.',
  schema: z.object({
    ...connectorFacts,
    change: z.enum(['base-url', 'credential', 'address-approved', 'removed']),
    detail: z.string().optional(),
  }),
  subject: (data) => `audit.connectors.${data.connectorId}.${data.change}`,
});

export const secretChanged = defineEvent('workflow.secret.changed', 1, {
  description: 'A secret was set or deleted; never its value.',
  schema: z.object({
    name: z.string(),
    change: z.enum(['set', 'deleted']),
    hosts: z.array(z.string()),
    by: member,
  }),
  subject: (data) => `audit.secrets.${data.name}.${data.change}`,
});

export const taskQueueChanged = defineEvent('workflow.task-queue.changed', 1, {
  description: 'The limits of a task queue were changed.',
  schema: z.object({
    queue: z.string(),
    capacity: z.int().optional(),
    pools: z.array(z.object({ name: z.string(), capacity: z.int() })),
    by: member,
  }),
  // A dot would begin another token.
  subject: (data) => `audit.task-queues.${data.queue.replaceAll('.', '-')}.changed`,
});

export const tenantCreated = defineEvent('platform.tenant.created', 1, {
  description: 'A tenant exists.',
  schema: z.object({ tenantId: idOf('tenant'), name: z.string() }),
  subject: (data) => `audit.tenants.${data.tenantId}.created`,
});

export const memberChanged = defineEvent('platform.member.changed', 1, {
  description: 'A member was added or has other roles.',
  schema: z.object({ memberId: idOf('member'), roles: z.array(z.string()), by: member }),
  subject: (data) => `audit.members.${data.memberId}.changed`,
});
