import { Body, Controller, Inject, Param, Query, Res } from '@nestjs/common';
import {
  routes,
  WorkName,
  type CompleteTask,
  type FailTask,
  type HeartbeatTask,
  type LeasedTasks,
  type PageQuery,
  type PollTasks,
  type QueuedTask,
  type SetTaskQueue,
  type TaskLease,
  type TaskQueue,
  type TaskQueueDetails,
} from '@parley/contracts';
import { errorTypes } from '@parley/engine';
import { AppError } from '@parley/kernel';
import {
  Caller,
  currentScope,
  Endpoint,
  pageOf,
  pageTokenOf,
  type Context,
  type Page,
} from '@parley/nest-kit';
import type { FastifyReply } from 'fastify';
import type { CallOutcome } from '../engine/run-calls.js';
import { TaskQueueReader } from './task-queue-reader.pg.js';
import { WorkerTasks } from './worker-tasks.js';

/** What is said of how far a task is, at most. */
const progressBytesMax = 16 * 1024;

/** Workers come for work, and people look at it. */
@Controller()
export class TaskQueuesHttp {
  constructor(
    @Inject(TaskQueueReader) private readonly queues: TaskQueueReader,
    @Inject(WorkerTasks) private readonly tasks: WorkerTasks,
  ) {}

  @Endpoint(routes.listTaskQueues)
  async list(@Query() query: PageQuery, @Caller() caller: Context): Promise<Page<TaskQueue>> {
    const after = pageTokenOf(query.pageToken, nameForm);
    const items = await this.queues.list(caller.tenantId, {
      ...(after === undefined ? {} : { after }),
      limit: query.pageSize + 1,
    });
    return pageOf(items, query.pageSize, { tokenOf: ({ name }) => name });
  }

  @Endpoint(routes.getTaskQueue)
  get(@Param('queue') name: string, @Caller() caller: Context): Promise<TaskQueueDetails> {
    return this.queues.get(caller.tenantId, name);
  }

  @Endpoint(routes.setTaskQueue)
  set(
    @Param('queue') name: string,
    @Body() body: SetTaskQueue,
    @Caller() caller: Context,
  ): Promise<TaskQueueDetails> {
    return this.queues.set(caller, name, body);
  }

  @Endpoint(routes.listQueuedTasks)
  async listTasks(
    @Param('queue') queue: string,
    @Query() query: PageQuery,
    @Caller() caller: Context,
  ): Promise<Page<QueuedTask>> {
    const after = pageTokenOf(query.pageToken, /^\d{1,18}$/);
    const rows = await this.queues.tasks(caller.tenantId, {
      queue,
      ...(after === undefined ? {} : { after }),
      limit: query.pageSize + 1,
    });
    return pageOf(rows, query.pageSize, {
      tokenOf: ({ ordinal }) => ordinal,
      item: ({ task }) => task,
    });
  }

  @Endpoint(routes.pollTasks)
  async poll(
    @Param('queue') queue: string,
    @Body() body: PollTasks,
    @Caller() caller: Context,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LeasedTasks> {
    if (!WorkName.safeParse(queue).success) {
      throw new AppError('invalid', 'there cannot be a queue of this name');
    }
    const { worker, pool, tasks, max, leaseSeconds, waitSeconds } = body;
    const hungUp = new AbortController();
    onHangUp(reply, () => hungUp.abort());
    // A server that stops waits for whoever waits here.
    const stopping = currentScope()?.stopping;
    const ends = [hungUp.signal, ...(stopping === undefined ? [] : [stopping])];
    const place = { tenantId: caller.tenantId, queue };
    const taken = await this.tasks.poll({
      ...{ ...place, worker, max },
      ...(pool === undefined ? {} : { pool }),
      ...(tasks === undefined ? {} : { tasks: [...new Set(tasks)].sort() }),
      leaseMs: leaseSeconds * 1_000,
      waitMs: waitSeconds * 1_000,
      signal: AbortSignal.any(ends),
    });
    if (taken.length > 0) onHangUp(reply, () => this.tasks.giveBack(place, taken));
    return { tasks: taken };
  }

  @Endpoint(routes.heartbeatTask)
  async heartbeat(
    @Param('task') taskId: string,
    @Body() { leaseToken, progress }: HeartbeatTask,
    @Caller() { tenantId }: Context,
  ): Promise<TaskLease> {
    if (progress !== undefined && JSON.stringify(progress).length > progressBytesMax) {
      throw new AppError('too-large', 'progress has at most 16 KiB');
    }
    const leaseUntil = await this.tasks.heartbeat({ tenantId, taskId, leaseToken }, progress);
    return { leaseUntil: leaseUntil.toISOString() };
  }

  @Endpoint(routes.completeTask)
  complete(
    @Param('task') taskId: string,
    @Body() { leaseToken, output = null }: CompleteTask,
    @Caller() { tenantId }: Context,
  ): Promise<void> {
    return this.tasks.end({ tenantId, taskId, leaseToken }, { kind: 'completed', output });
  }

  @Endpoint(routes.failTask)
  fail(
    @Param('task') taskId: string,
    @Body() body: FailTask,
    @Caller() { tenantId }: Context,
  ): Promise<void> {
    const { leaseToken } = body;
    return this.tasks.end({ tenantId, taskId, leaseToken }, failureOf(body));
  }
}

/** When the client goes, or has gone, before it has the whole answer. */
function onHangUp({ raw }: FastifyReply, act: () => void): void {
  const { socket } = raw.req;
  if (socket.destroyed) return act();
  socket.once('close', act);
  raw.once('finish', () => socket.off('close', act));
}

const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

function failureOf({ error, outcome, retryAfterSeconds }: FailTask): CallOutcome {
  const { type = errorTypes.runtime, status, title, detail } = error;
  return {
    kind: 'failed',
    outcome,
    error: { type, status, title, ...(detail === undefined ? {} : { detail }) },
    ...(retryAfterSeconds === undefined
      ? {}
      : { retryAfterMs: Math.round(retryAfterSeconds * 1_000) }),
  };
}
