import { eventIdentity } from '@parley/engine';
import type { JsonObject } from '@parley/kernel';

/** An event on its way to the runs that want it. */
export interface ArrivedEvent {
  readonly tenantId: string;
  readonly source: string;
  readonly id: string;
  readonly type: string;
  /** Only this run may hear it: a signal. */
  readonly runId?: string;
  /** A CloudEvent. */
  readonly event: JsonObject;
}

/** @param event a complete CloudEvent */
export function arrivedEvent(tenantId: string, event: JsonObject, runId?: string): ArrivedEvent {
  const { type } = event;
  return {
    tenantId,
    ...eventIdentity(event),
    type: typeof type === 'string' ? type : '',
    ...(runId === undefined ? {} : { runId }),
    event,
  };
}
