import type { Route } from './routes.js';
import * as replay from './run-replay.js';
import { Run } from './workflows.js';

/** Running (a part of) a run again, on the version that it is pinned to. */
export const runReplayRoutes = {
  previewReplay: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/runs/{run}/replay',
    summary: 'What would repeat if the run were run again, from a step or from its beginning',
    permission: 'read',
    query: replay.ReplayQuery,
    status: 200,
    response: replay.ReplayPreview,
    errors: ['not-found', 'conflict'],
  },
  replayRun: {
    service: 'workflow',
    method: 'POST',
    path: '/v1/runs/{run}/replay',
    summary:
      'Start a new run from a step of this one, with what was recorded, or from its beginning',
    permission: 'run',
    body: replay.ReplayRun,
    status: 202,
    response: Run,
    idempotent: true,
    errors: ['not-found', 'invalid-input', 'conflict', 'in-flight', 'key-reused', 'overloaded'],
  },
} as const satisfies Record<string, Omit<Route, 'id'>>;
