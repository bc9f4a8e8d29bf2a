import type { z } from 'zod';
import {
  AgentTurn,
  AgentTurnEvent,
  Directory,
  Executors,
  Principal,
  RegisterVersion,
  ReplicaNews,
  ResolvePrincipal,
  VersionRegistered,
} from './internal.js';
import { ApplyOverlay } from './overlays.js';
import type { Route, ServiceName } from './routes.js';
import { RunOverlay } from './run-history.js';

/** A call between services; only work tokens are accepted, never a request from outside. */
export interface InternalRoute extends Omit<Route, 'id' | 'permission' | 'events'> {
  readonly service: Exclude<ServiceName, 'gateway'>;
  /** The answer is NDJSON: one value of this shape per line. */
  readonly lines?: z.ZodType;
  /** The call precedes a tenant, so the token names none. */
  readonly tenantless?: boolean;
}

/** Calls between services (`/internal/v1/…`). */
export const internalRoutes = {
  resolvePrincipal: {
    service: 'platform',
    method: 'POST',
    path: '/internal/v1/principals/resolve',
    summary: 'Whom a verified bearer belongs to',
    body: ResolvePrincipal,
    status: 200,
    response: Principal,
    tenantless: true,
    errors: ['forbidden'],
  },
  directory: {
    service: 'platform',
    method: 'GET',
    path: '/internal/v1/directory',
    summary: 'Who can be asked in this tenant',
    status: 200,
    response: Directory,
  },
  registerVersion: {
    service: 'workflow',
    method: 'POST',
    path: '/internal/v1/versions',
    summary: 'Register an approved revision; idempotent by its hash',
    body: RegisterVersion,
    bodyBytesMax: 7 * 1_048_576,
    status: 200,
    response: VersionRegistered,
    idempotent: true,
    errors: ['not-found', 'invalid-definition', 'stale-revision'],
  },
  executors: {
    service: 'workflow',
    method: 'GET',
    path: '/internal/v1/executors',
    summary: 'What may run processes on this installation',
    status: 200,
    response: Executors,
  },
  applyOverlay: {
    service: 'workflow',
    method: 'POST',
    path: '/internal/v1/runs/{run}/overlays',
    summary: 'Change what a run has not reached; idempotent by the id of the overlay',
    body: ApplyOverlay,
    bodyBytesMax: 7 * 1_048_576,
    status: 200,
    response: RunOverlay,
    idempotent: true,
    errors: [
      'not-found',
      'invalid-input',
      'invalid-definition',
      'stale-revision',
      'illegal-transition',
    ],
  },
  replicaNews: {
    service: 'workflow',
    method: 'POST',
    path: '/internal/v1/replicas/news',
    summary: 'Another process of the service says what is worth a look',
    body: ReplicaNews,
    status: 204,
    tenantless: true,
    idempotent: true,
  },
  agentTurn: {
    service: 'agent',
    method: 'POST',
    path: '/internal/v1/turns',
    summary: 'One turn of a conversation; idempotent by turnId',
    body: AgentTurn,
    bodyBytesMax: 10 * 1_048_576,
    status: 200,
    lines: AgentTurnEvent,
    idempotent: true,
  },
} as const satisfies Record<string, InternalRoute>;
