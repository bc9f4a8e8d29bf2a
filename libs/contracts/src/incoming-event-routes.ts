import * as incoming from './incoming-events.js';
import type { Route } from './routes.js';

const common = {
  service: 'workflow',
  method: 'POST',
  permission: 'run',
  status: 202,
  response: incoming.EventAccepted,
} as const;

/** Events from outside. */
export const incomingEventRoutes = {
  sendEvent: {
    ...common,
    path: '/v1/events',
    summary: 'Tell an event to the workflows that listen to it',
    body: incoming.SendEvent,
  },
  signalRun: {
    ...common,
    path: '/v1/runs/{run}/signals',
    summary: 'Tell an event to one run',
    body: incoming.SignalRun,
    errors: ['not-found', 'illegal-transition'],
  },
} as const satisfies Record<string, Omit<Route, 'id'>>;
