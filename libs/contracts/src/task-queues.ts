import { z } from 'zod';
import { idOf, JsonValue, pageOf, Timestamp } from './ids.js';

/** The name of a queue, of a kind of work, of a worker or of a pool of workers. */
export const WorkName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'at most 100 letters, digits, ".", "_" and "-", the first a letter or a digit',
  );

export const TaskPriority = z.enum(['high', 'medium', 'low']);

/** Longest wait of one poll. */
const pollSecondsMax = 30;
/** Tasks that one poll can take. */
export const pollTasksMax = 20;

/** Body of `POST /v1/task-queues/{queue}/poll`. */
export const PollTasks = z
  .strictObject({
    worker: WorkName.describe('Who asks: the same name in every poll of one process'),
    pool: WorkName.optional().describe('The group of workers that it belongs to'),
    tasks: z
      .array(WorkName)
      .min(1)
      .max(100)
      .optional()
      .describe('Kinds of work that it can do; default: all'),
    max: z.int().min(1).max(pollTasksMax).default(1),
    leaseSeconds: z
      .int()
      .min(5)
      .max(3_600)
      .default(60)
      .describe('For how long a task is its own without a heartbeat'),
    waitSeconds: z
      .int()
      .min(0)
      .max(pollSecondsMax)
      .default(20)
      .describe('How long it waits for work when there is none'),
  })
  .meta({ id: 'PollTasks' });
export type PollTasks = z.infer<typeof PollTasks>;

/** Work that a worker has taken. */
export const LeasedTask = z
  .object({
    id: idOf('workerTask'),
    leaseToken: z.string().describe('Proves that the task is yours; do not show it'),
    leaseUntil: Timestamp.describe('Then it counts as lost, unless there is a heartbeat before'),
    queue: WorkName,
    task: WorkName.describe('The kind of work'),
    input: JsonValue,
    key: z
      .string()
      .describe('Idempotency key: the same whenever the same work is given out once more'),
    attempt: z.int(),
    runId: idOf('run'),
    step: z.string().describe('Occurrence of the step'),
    queuedAt: Timestamp,
  })
  .meta({ id: 'LeasedTask' });
export type LeasedTask = z.infer<typeof LeasedTask>;

/** Empty when there was no work in time. */
export const LeasedTasks = z.object({ tasks: z.array(LeasedTask) }).meta({ id: 'LeasedTasks' });
export type LeasedTasks = z.infer<typeof LeasedTasks>;

const leaseToken = z.string().min(1).max(100);

/** Body of `POST /v1/worker-tasks/{task}/heartbeat`. */
export const HeartbeatTask = z
  .strictObject({
    leaseToken,
    progress: JsonValue.optional().describe('How far it is, for those who look on; at most 16 KiB'),
  })
  .meta({ id: 'HeartbeatTask' });
export type HeartbeatTask = z.infer<typeof HeartbeatTask>;

export const TaskLease = z.object({ leaseUntil: Timestamp }).meta({ id: 'TaskLease' });
export type TaskLease = z.infer<typeof TaskLease>;

/** Body of `POST /v1/worker-tasks/{task}/complete`. */
export const CompleteTask = z
  .strictObject({
    leaseToken,
    output: JsonValue.optional().describe('What the step hands on; default: null'),
  })
  .meta({ id: 'CompleteTask' });
export type CompleteTask = z.infer<typeof CompleteTask>;

/** Body of `POST /v1/worker-tasks/{task}/fail`: the policy of the run decides what follows. */
export const FailTask = z
  .strictObject({
    leaseToken,
    error: z.strictObject({
      type: z
        .url()
        .max(500)
        .optional()
        .describe('What `catch.errors.with.type` names; default: a runtime error'),
      status: z.int().min(400).max(599).default(500),
      title: z.string().min(1).max(500),
      detail: z.string().max(8_000).optional(),
    }),
    outcome: z
      .enum(['definitive', 'ambiguous'])
      .default('ambiguous')
      .describe(
        'definitive: nothing was done, and the next attempt has another key; ambiguous: some of it may have been done, and the key stays',
      ),
    retryAfterSeconds: z.number().min(0).max(86_400).optional(),
  })
  .meta({ id: 'FailTask' });
export type FailTask = z.infer<typeof FailTask>;

/** A group of workers of a queue that has a limit, or work. */
export const WorkerPool = z
  .object({
    name: WorkName,
    capacity: z.int().optional().describe('Tasks that may be out to it at a time; absent: any'),
    leased: z.int(),
  })
  .meta({ id: 'WorkerPool' });
export type WorkerPool = z.infer<typeof WorkerPool>;

/** A queue that has work, workers or limits. */
export const TaskQueue = z
  .object({
    name: WorkName,
    waiting: z.int().describe('Tasks that no worker has'),
    leased: z.int().describe('Tasks that workers have'),
    oldestAt: Timestamp.optional().describe('Since when the oldest of the waiting tasks waits'),
    capacity: z.int().optional().describe('Tasks that may be out at a time; absent: any number'),
    pools: z.array(WorkerPool),
    workers: z.int().describe('Workers that were heard of in the last 90 seconds'),
  })
  .meta({ id: 'TaskQueue' });
export type TaskQueue = z.infer<typeof TaskQueue>;
export const TaskQueuePage = pageOf('TaskQueuePage', TaskQueue);

/** A worker that has polled a queue within the last day. */
export const QueueWorker = z
  .object({
    name: WorkName,
    pool: WorkName.optional(),
    tasks: z.array(WorkName).optional().describe('Kinds of work that it can do; absent: all'),
    active: z.boolean().describe('It was heard of in the last 90 seconds'),
    lastSeenAt: Timestamp,
    leased: z.int(),
  })
  .meta({ id: 'QueueWorker' });
export type QueueWorker = z.infer<typeof QueueWorker>;

export const TaskQueueDetails = TaskQueue.extend({
  seen: z.array(QueueWorker).describe('At most 200, latest first'),
}).meta({ id: 'TaskQueueDetails' });
export type TaskQueueDetails = z.infer<typeof TaskQueueDetails>;

/** A task of a queue, as those see it who look on. */
export const QueuedTask = z
  .object({
    id: idOf('workerTask'),
    task: WorkName,
    status: z.enum(['waiting', 'leased', 'ended']).describe('ended: its run is just being told'),
    priority: TaskPriority,
    orderKey: z.string().optional(),
    runId: idOf('run'),
    workflowId: idOf('workflow'),
    workflowName: z.string(),
    step: z.string(),
    attempt: z.int(),
    queuedAt: Timestamp,
    worker: WorkName.optional(),
    leaseUntil: Timestamp.optional(),
    heartbeatAt: Timestamp.optional(),
    progress: JsonValue.optional(),
  })
  .meta({ id: 'QueuedTask' });
export type QueuedTask = z.infer<typeof QueuedTask>;
export const QueuedTaskPage = pageOf('QueuedTaskPage', QueuedTask);

const capacity = z.int().min(0).max(100_000);

/** Body of `PUT /v1/task-queues/{queue}`: what is left out has no limit; with 0 nothing is given out. */
export const SetTaskQueue = z
  .strictObject({
    capacity: capacity.optional(),
    pools: z
      .array(z.strictObject({ name: WorkName, capacity }))
      .max(100)
      .default([])
      .describe('Limits of pools of workers'),
  })
  .meta({ id: 'SetTaskQueue' });
export type SetTaskQueue = z.infer<typeof SetTaskQueue>;
