import type { Route } from './routes.js';
import * as control from './run-control.js';
import { Run } from './workflows.js';

const common = {
  service: 'workflow',
  method: 'POST',
  permission: 'run',
  status: 202,
  response: Run,
} as const;

/** What operators do with runs. */
export const runControlRoutes = {
  terminateRun: {
    ...common,
    path: '/v1/runs/{run}/terminate',
    summary: 'End a run at once: calls under way are given up, nothing is undone',
    body: control.TerminateRun,
    errors: ['not-found', 'illegal-transition'],
  },
  suspendRun: {
    ...common,
    path: '/v1/runs/{run}/suspend',
    summary: 'Keep a run from going on; what it waits for is still taken',
    body: control.SuspendRun,
    errors: ['not-found', 'illegal-transition'],
  },
  resumeRun: {
    ...common,
    path: '/v1/runs/{run}/resume',
    summary: 'Let a suspended run go on',
    errors: ['not-found', 'illegal-transition'],
  },
  queryRun: {
    ...common,
    path: '/v1/runs/{run}/query',
    summary: 'Evaluate an expression on what the run is right now; nothing is journaled',
    permission: 'read',
    status: 200,
    body: control.QueryRun,
    response: control.RunAnswer,
    errors: ['not-found'],
  },
  skipStep: {
    ...common,
    path: '/v1/runs/{run}/skip',
    summary: 'Take the failed step, or an open one, as completed with an output',
    body: control.SkipStep,
    errors: ['not-found', 'illegal-transition', 'invalid-input'],
  },
} as const satisfies Record<string, Omit<Route, 'id'>>;
