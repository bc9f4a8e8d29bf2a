import type { Route } from './routes.js';
import * as labels from './run-labels.js';
import * as search from './run-search.js';
import * as start from './run-start.js';
import { Run, RunPage } from './workflows.js';

const mebibyte = 1_048_576;
const service = 'workflow';

/** How runs begin, are found and give their result. */
export const runStartRoutes = {
  startRun: {
    service,
    method: 'POST',
    path: '/v1/workflows/{workflow}/runs',
    summary: 'Start a run; accepted means durable',
    permission: 'run',
    body: start.StartRun,
    status: 202,
    response: Run,
    gathers: true,
    idempotent: true,
    errors: ['not-found', 'invalid-input', 'in-flight', 'key-reused', 'overloaded'],
  },
  startBatch: {
    service,
    method: 'POST',
    path: '/v1/workflows/{workflow}/runs/batch',
    summary: 'Start up to 1,000 runs; one that is refused holds up no other',
    permission: 'run',
    body: start.StartBatch,
    bodyBytesMax: 16 * mebibyte,
    status: 200,
    response: start.BatchStarted,
    errors: ['not-found', 'overloaded'],
  },
  listRuns: {
    service,
    method: 'GET',
    path: '/v1/runs',
    summary: 'Runs, latest first',
    permission: 'read',
    query: search.RunListQuery,
    status: 200,
    response: RunPage,
  },
  countRuns: {
    service,
    method: 'GET',
    path: '/v1/runs/counts',
    summary: 'How many runs there are in each status',
    permission: 'read',
    query: search.RunCountQuery,
    status: 200,
    response: search.RunCounts,
  },
  getResult: {
    service,
    method: 'GET',
    path: '/v1/runs/{run}/result',
    summary: 'How a run ended; waits up to 60 s for its end',
    permission: 'read',
    query: start.RunResultQuery,
    status: 200,
    response: start.RunResult,
    waits: true,
    errors: ['not-found'],
  },
  updateRun: {
    service,
    method: 'PATCH',
    path: '/v1/runs/{run}',
    summary: 'Change the tags and search attributes of a run',
    permission: 'run',
    body: labels.UpdateRun,
    status: 200,
    response: Run,
    errors: ['not-found', 'invalid-input', 'illegal-transition'],
  },
} as const satisfies Record<string, Omit<Route, 'id'>>;
