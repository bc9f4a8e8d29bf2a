import { randomBytes } from 'node:crypto';
import type { EventFacts } from '@parley/contracts';
import { makeId } from '@parley/kernel';
import { currentScope } from '../scope.js';

/** What an event carries besides its data: a new id, whose it is, its key, when, and in which trace. */
export function eventFacts(tenantId: string, key: string, timeMs = Date.now()): EventFacts {
  const traceparent = currentScope()?.traceparent;
  return {
    id: makeId('event', timeMs, randomBytes),
    tenantId,
    key,
    timeMs,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
