import { z } from 'zod';
import { SideEffect } from './definitions.js';
import { AttributeValue } from './run-labels.js';
import { idOf, JsonValue, Ordinal, pageOf, PageQuery, Timestamp } from './ids.js';

/** A workflow: a name, its immutable versions and the tags that point to them. */
export const Workflow = z
  .object({
    id: idOf('workflow'),
    name: z.string(),
    title: z.string(),
    summary: z.string().optional(),
    latestVersion: z.int(),
    /** Tag name → version; `live` is the version that new runs use. */
    tags: z.record(z.string(), z.int()),
    conversationId: idOf('conversation').optional(),
    /** In words, as in DraftRevision. */
    trigger: z.string(),
    nextRunAt: Timestamp.optional().describe('Next firing of the schedule of the live version'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Workflow' });
export type Workflow = z.infer<typeof Workflow>;
export const WorkflowPage = pageOf('WorkflowPage', Workflow);

/** One immutable version of a workflow. */
export const WorkflowVersion = z
  .object({
    workflowId: idOf('workflow'),
    version: z.int(),
    source: z.string(),
    timezone: z.string(),
    irHash: z.string(),
    inputSchema: JsonValue.optional(),
    sideEffects: z.array(SideEffect),
    trigger: z.string(),
    /** The approval that made this version. */
    draftId: idOf('draft').optional(),
    revisionHash: z.string(),
    approvedBy: z.string(),
    createdAt: Timestamp,
  })
  .meta({ id: 'WorkflowVersion' });
export type WorkflowVersion = z.infer<typeof WorkflowVersion>;
export const WorkflowVersionPage = pageOf('WorkflowVersionPage', WorkflowVersion);

/** Body of `PUT /v1/workflows/{workflow}/tags/{tag}`. */
export const SetTag = z.strictObject({ version: Ordinal }).meta({ id: 'SetTag' });
export type SetTag = z.infer<typeof SetTag>;

export const RunStatus = z
  .enum([
    'pending',
    'running',
    'waiting',
    'suspended',
    'compensating',
    'completed',
    'failed',
    'cancelled',
    'terminated',
    'compensation-failed',
  ])
  .meta({ id: 'RunStatus' });
export type RunStatus = z.infer<typeof RunStatus>;

/** Of the runs of a tenant that wait for the same, those of a higher priority go first; none waits for ever. */
export const RunPriority = z.enum(['high', 'medium', 'low']).meta({ id: 'RunPriority' });
export type RunPriority = z.infer<typeof RunPriority>;

/** An error of a run in the form of the Open Workflow specification. */
export const RunError = z
  .object({
    type: z.string(),
    status: z.int(),
    title: z.string().optional(),
    detail: z.string().optional(),
    instance: z.string().optional().describe('JSON Pointer of the task that failed'),
  })
  .meta({ id: 'RunError' });
export type RunError = z.infer<typeof RunError>;

/** What a waiting run waits for. */
export const RunWait = z
  .object({
    kind: z.enum(['approval', 'timer', 'call', 'run', 'worker', 'event', 'resume']),
    step: z.string().describe('Occurrence of the step; empty for the run itself'),
    name: z.string(),
    since: Timestamp,
    until: Timestamp.optional(),
    approvalId: idOf('approval').optional(),
    /** The run that is waited for. */
    runId: idOf('run').optional(),
    queue: z.string().optional().describe('For `worker`: the queue that the work is in'),
    /** Who is asked, in words, e.g. "role manager"; for `resume` the member who suspended the run. */
    who: z.string().optional(),
  })
  .meta({ id: 'RunWait' });
export type RunWait = z.infer<typeof RunWait>;

export const Run = z
  .object({
    id: idOf('run'),
    workflowId: idOf('workflow'),
    workflowName: z.string(),
    version: z.int(),
    status: RunStatus,
    /** Who or what started it: a member, or a schedule. */
    startedBy: z.string(),
    priority: RunPriority.optional().describe('Absent: medium'),
    input: JsonValue.optional(),
    output: JsonValue.optional(),
    error: RunError.optional(),
    /** Occurrence of the step that failed. */
    failedStep: z.string().optional(),
    waitingFor: z
      .array(RunWait)
      .describe('Of each kind the first ones: 500 approvals, 20 of any other'),
    rerunOf: idOf('run').optional(),
    /** The run that started this one, and the step of it that did. */
    parent: z.object({ runId: idOf('run'), step: z.string() }).optional(),
    scheduledBy: idOf('workflow').optional().describe('The schedule that started it'),
    nominalTime: Timestamp.optional().describe('The time that the schedule started it for'),
    tags: z.array(z.string()),
    attributes: z.record(z.string(), AttributeValue).describe('Search attributes by name'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    endedAt: Timestamp.optional(),
    stalledSince: Timestamp.optional().describe('Nothing moves the run any more; found then'),
    /** Number of the last journal entry that this state includes. */
    position: z.int(),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof Run>;

/** A run as lists show it: without input and output. */
export const RunSummary = Run.omit({ input: true, output: true }).meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof RunSummary>;
export const RunPage = pageOf('RunPage', RunSummary);

/** Body of `POST /v1/runs/{run}/rerun`: a new run, with other input if given. */
export const RerunRun = z.strictObject({ input: JsonValue.optional() }).meta({ id: 'RerunRun' });
export type RerunRun = z.infer<typeof RerunRun>;

/** Body of `POST /v1/runs/{run}/cancel`. */
export const CancelRun = z
  .strictObject({
    reason: z.string().max(2000).optional(),
    compensate: z
      .boolean()
      .optional()
      .describe('Undo what the run has done, in reverse order, before it ends'),
  })
  .meta({ id: 'CancelRun' });
export type CancelRun = z.infer<typeof CancelRun>;

/** A value that may be too large to show: then it is cut and `href` downloads all of it. */
export const Payload = z
  .object({
    value: JsonValue.optional().describe('Absent when truncated'),
    /** The first characters of the JSON text, when truncated. */
    preview: z.string().optional(),
    truncated: z.boolean(),
    bytes: z.int().describe('Size of the JSON text in UTF-8'),
    href: z.string().optional(),
  })
  .meta({ id: 'Payload' });
export type Payload = z.infer<typeof Payload>;

/** Query of a step's payload: `at` gives it as it was right after that entry of the history. */
export const StepPayloadQuery = z.object({ at: z.coerce.number().pipe(Ordinal).optional() });
export type StepPayloadQuery = z.infer<typeof StepPayloadQuery>;

export const StepStatus = z
  .enum([
    'pending',
    'running',
    'waiting',
    'retrying',
    'completed',
    'failed',
    'skipped',
    'cancelled',
  ])
  .meta({ id: 'StepStatus' });
export type StepStatus = z.infer<typeof StepStatus>;

export const StepAttempt = z
  .object({
    attempt: z.int(),
    startedAt: Timestamp,
    endedAt: Timestamp.optional(),
    error: RunError.optional(),
  })
  .meta({ id: 'StepAttempt' });
export type StepAttempt = z.infer<typeof StepAttempt>;

/** One occurrence of a task in a run. */
export const RunStep = z
  .object({
    occurrence: z.string(),
    node: z.string().describe('Node id (name path)'),
    name: z.string(),
    kind: z.string(),
    status: StepStatus,
    startedAt: Timestamp.optional(),
    endedAt: Timestamp.optional(),
    attempts: z.array(StepAttempt),
    input: Payload.optional(),
    output: Payload.optional(),
    error: RunError.optional(),
    /** What the step calls, e.g. "kitchen · POST /preparations". */
    calls: z.string().optional(),
    wait: RunWait.optional().describe('When it is among the waits that the run names'),
    undoes: z.string().optional().describe('Occurrence of the step that this one undoes'),
    undone: z.boolean().optional().describe('What the step did has been undone'),
    unrecorded: z
      .boolean()
      .optional()
      .describe('Its end and its output were not recorded: the fast path'),
  })
  .meta({ id: 'RunStep' });
export type RunStep = z.infer<typeof RunStep>;

/** `GET /v1/runs/{run}/timeline`: steps in the order they were entered. */
export const RunTimeline = z
  .object({
    run: Run,
    steps: z.array(RunStep),
    /** Of a very long run: steps that had ended before this entry are not among `steps`. */
    fromEntry: z.int().optional(),
    unrecorded: z
      .int()
      .optional()
      .describe('Entries of steps that were not recorded one by one: the fast path'),
  })
  .meta({ id: 'RunTimeline' });
export type RunTimeline = z.infer<typeof RunTimeline>;

/**
 * Server-sent events of `GET /v1/runs/{run}/events`; `id` is the journal position. After connecting
 * without Last-Event-ID the first event is `timeline`; then only what changed.
 */
export const RunEvent = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('timeline'), data: RunTimeline }),
    z.object({
      event: z.literal('steps'),
      data: z.object({ steps: z.array(RunStep), unrecorded: z.int().optional() }),
    }),
    z.object({ event: z.literal('run'), data: Run }),
  ])
  .meta({ id: 'RunEvent' });
export type RunEvent = z.infer<typeof RunEvent>;

/** Who may decide: everybody who has a role, or one member. */
export const Assignee = z
  .union([z.object({ role: z.string() }), z.object({ member: z.string() })])
  .meta({ id: 'Assignee' });
export type Assignee = z.infer<typeof Assignee>;

export const ApprovalStatus = z
  .enum(['pending', 'approved', 'rejected', 'cancelled'])
  .meta({ id: 'ApprovalStatus' });
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

/** A decision that a run waits for. */
export const Approval = z
  .object({
    id: idOf('approval'),
    runId: idOf('run'),
    workflowId: idOf('workflow'),
    workflowName: z.string(),
    step: z.string().describe('Occurrence of the step'),
    title: z.string(),
    message: z.string().optional(),
    assignee: Assignee,
    /** Whether the caller may decide. */
    mine: z.boolean(),
    data: JsonValue.optional().describe('What the workflow shows to the approver'),
    form: JsonValue.optional().describe('JSON Schema of the data that the approver fills in'),
    status: ApprovalStatus,
    requestedAt: Timestamp,
    dueAt: Timestamp.optional(),
    decidedBy: z.string().optional(),
    decidedAt: Timestamp.optional(),
    reason: z.string().optional(),
  })
  .meta({ id: 'Approval' });
export type Approval = z.infer<typeof Approval>;
export const ApprovalPage = pageOf('ApprovalPage', Approval);

export const ApprovalListQuery = PageQuery.extend({
  status: ApprovalStatus.optional(),
  runId: idOf('run').optional(),
});
export type ApprovalListQuery = z.infer<typeof ApprovalListQuery>;

/** Body of `POST /v1/approvals/{approval}/decide`. */
export const DecideApproval = z
  .strictObject({
    decision: z.enum(['approved', 'rejected']),
    reason: z.string().max(2000).optional(),
    data: JsonValue.optional(),
  })
  .meta({ id: 'DecideApproval' });
export type DecideApproval = z.infer<typeof DecideApproval>;

/** Server-sent events of `GET /v1/approvals/events`; `pending` first and after every change. */
export const ApprovalEvent = z
  .discriminatedUnion('event', [
    z.object({
      event: z.literal('pending'),
      data: z.object({ count: z.int().describe('Pending approvals that the caller may decide') }),
    }),
    z.object({ event: z.literal('approval'), data: Approval }),
  ])
  .meta({ id: 'ApprovalEvent' });
export type ApprovalEvent = z.infer<typeof ApprovalEvent>;
