import { PageQuery } from './ids.js';
import type { Route } from './routes.js';
import * as queues from './task-queues.js';

const ofTask = {
  service: 'workflow',
  method: 'POST',
  permission: 'work',
  errors: ['not-found', 'conflict', 'gone'],
} as const;

/** `call: worker`: work waits in queues, and workers come for it. */
export const taskQueueRoutes = {
  listTaskQueues: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/task-queues',
    summary: 'Queues that have work, workers or limits, by name',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: queues.TaskQueuePage,
  },
  getTaskQueue: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/task-queues/{queue}',
    summary: 'A queue with its workers',
    permission: 'read',
    status: 200,
    response: queues.TaskQueueDetails,
    errors: ['not-found'],
  },
  setTaskQueue: {
    service: 'workflow',
    method: 'PUT',
    path: '/v1/task-queues/{queue}',
    summary: 'Limit how many tasks of a queue may be out at a time',
    permission: 'run',
    body: queues.SetTaskQueue,
    status: 200,
    response: queues.TaskQueueDetails,
    errors: ['overloaded'],
  },
  listQueuedTasks: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/task-queues/{queue}/tasks',
    summary: 'Tasks of a queue, oldest first',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: queues.QueuedTaskPage,
    errors: ['not-found'],
  },
  pollTasks: {
    service: 'workflow',
    method: 'POST',
    path: '/v1/task-queues/{queue}/poll',
    summary: 'Take work, or wait for it; what is taken is yours until its lease ends',
    permission: 'work',
    body: queues.PollTasks,
    status: 200,
    response: queues.LeasedTasks,
    waits: true,
    errors: ['overloaded'],
  },
  heartbeatTask: {
    ...ofTask,
    path: '/v1/worker-tasks/{task}/heartbeat',
    summary: 'Extend the lease of a task; gone when nobody waits for the task any more',
    body: queues.HeartbeatTask,
    status: 200,
    response: queues.TaskLease,
    errors: [...ofTask.errors, 'too-large'],
  },
  completeTask: {
    ...ofTask,
    path: '/v1/worker-tasks/{task}/complete',
    summary: 'Hand back what became of a task; its run goes on',
    body: queues.CompleteTask,
    status: 204,
  },
  failTask: {
    ...ofTask,
    path: '/v1/worker-tasks/{task}/fail',
    summary: 'Say that a task failed; the policy of its run decides whether it is given out again',
    body: queues.FailTask,
    status: 204,
  },
} as const satisfies Record<string, Omit<Route, 'id'>>;
