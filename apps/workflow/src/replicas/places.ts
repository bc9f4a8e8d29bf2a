import { allRoutes, internalRoutes, type Route } from '@parley/contracts';
import { idempotencyKeyOf, type Context } from '@parley/nest-kit';
import type { FastifyRequest } from 'fastify';
import { partitionOfKey, partitionOfRun } from '../engine/run-id.js';

/** Where the requests of a route are answered. */
export interface Place {
  readonly where:
    /** By the owner of the run's partition alone. */
    | 'owner'
    /** By the owner, who hears of changes first; by anybody while there is none. */
    | 'rather-owner'
    /** By whoever may start runs; with a key rather by its owner, so that one process decides. */
    | 'start';
  readonly isStream: boolean;
  /** Undefined when it is about no partition: then anybody answers. */
  readonly partitionOf: (
    request: FastifyRequest,
    context: Context,
  ) => number | undefined | Promise<number | undefined>;
}

/** What any process reads from the database, as fresh as the owner would, or writes into inboxes. */
const anywhere = new Set([
  'getRun',
  'getTimeline',
  'getStepPayload',
  'getRunHistory',
  'getHistoryEntry',
  'getRunState',
  'exportRun',
  'previewReplay',
  'signalRun',
]);
const starts = new Set(['startRun', 'rerunRun', 'replayRun', 'startBatch']);

/**
 * The routes whose requests are not answered by everybody, by method and path of the router. Whatever
 * names a run in its path goes to the run's owner, unless it is known to need none.
 *
 * @param runOfApproval the run that asks, if there is such an approval
 */
export function placesOf(
  runOfApproval: (context: Context, approvalId: string) => Promise<string | undefined>,
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const { applyOverlay } = internalRoutes;
  for (const route of [...allRoutes(), { id: 'applyOverlay', ...applyOverlay }]) {
    const place = placeOf(route, runOfApproval);
    if (place !== undefined) places.set(placeKey(route.method, route.path), place);
  }
  return places;
}

/** As the router writes it, e.g. `GET /v1/runs/:run`. */
export function placeKey(method: string, path: string): string {
  return `${method} ${path.replaceAll(/\{([^}]+)\}/g, ':$1')}`;
}

function placeOf(
  { id, service, path, events }: Pick<Route, 'id' | 'service' | 'path' | 'events'>,
  runOfApproval: Parameters<typeof placesOf>[0],
): Place | undefined {
  if (service !== 'workflow' || anywhere.has(id)) return undefined;
  const isStream = events !== undefined;
  if (starts.has(id)) return { where: 'start', isStream, partitionOf: partitionOfStart };
  if (id === 'decideApproval') {
    const partitionOf = async (request: FastifyRequest, context: Context) =>
      partitionOfRun((await runOfApproval(context, paramOf(request, 'approval'))) ?? '');
    return { where: 'owner', isStream, partitionOf };
  }
  if (!path.includes('{run}')) return undefined;
  const partitionOf = (request: FastifyRequest) => partitionOfRun(paramOf(request, 'run'));
  return { where: id === 'getResult' ? 'rather-owner' : 'owner', isStream, partitionOf };
}

/** @throws AppError `malformed` */
export function partitionOfStart(
  { headers }: { readonly headers: Readonly<Record<string, unknown>> },
  { tenantId }: Pick<Context, 'tenantId'>,
): number | undefined {
  const key = idempotencyKeyOf(headers);
  return key === undefined ? undefined : partitionOfKey(tenantId, key);
}

function paramOf({ params }: FastifyRequest, name: string): string {
  const value = (params as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : '';
}
