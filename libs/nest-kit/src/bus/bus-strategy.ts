import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { errorRow, type EventEnvelope, eventType, type ServiceName } from '@parley/contracts';
import { assert, isAppError } from '@parley/kernel';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Log } from '../logging.js';
import { newScope, runInScope } from '../scope.js';

/** What is needed of the Bus port: delivery at least once, in order per key, again on failure. */
export interface BusConsumer {
  subscribe(options: {
    readonly topics: readonly string[];
    readonly group: string;
    readonly handler: (delivery: { readonly envelope: EventEnvelope }) => Promise<void>;
  }): BusSubscription;
}

interface BusSubscription {
  readonly ready: Promise<void>;
  /** Waits for the events in work. */
  stop(): Promise<void>;
}

/** `@EventPattern(everyEvent)` receives every event of every topic. */
export const everyEvent = '*';

/**
 * Delivers events to `@EventPattern(type)` handlers, `type` being the full name of a declared event
 * type. An event is acknowledged when all its handlers are done; when one fails the bus delivers it
 * again. Handlers run in the scope of the event: its tenant and its trace.
 */
export class BusStrategy extends Server implements CustomTransportStrategy {
  private subscriptions: BusSubscription[] = [];

  constructor(
    private readonly options: {
      readonly bus: BusConsumer;
      readonly service: ServiceName;
      readonly log: Log;
      readonly stopping: AbortSignal;
    },
  ) {
    super();
  }

  listen(ready: (error?: unknown) => void): void {
    this.subscribe().then(() => ready(), ready);
  }

  async close(): Promise<void> {
    const running = this.subscriptions.splice(0);
    await Promise.all(running.map((subscription) => subscription.stop()));
  }

  on(): void {
    throw new Error('the bus has no events of its own');
  }

  unwrap<T>(): T {
    return this.options.bus as T;
  }

  private async subscribe(): Promise<void> {
    const { bus, service } = this.options;
    const topics = this.topics();
    if (topics.length === 0) return;
    const subscription = bus.subscribe({
      topics,
      group: service,
      handler: ({ envelope }) => this.deliver(envelope),
    });
    this.subscriptions.push(subscription);
    await subscription.ready;
  }

  /** One group reads all topics of a service; `*` also reads topics that come later. */
  private topics(): string[] {
    const patterns = [...this.messageHandlers.keys()];
    if (patterns.includes(everyEvent)) return [everyEvent];
    const topics = patterns.map((pattern) => {
      const declared = eventType(pattern);
      assert(declared, `${pattern} is not a declared event type`);
      return declared.topic;
    });
    return [...new Set(topics)];
  }

  private async deliver(event: EventEnvelope): Promise<void> {
    const { service, stopping } = this.options;
    const handlers = [this.messageHandlers.get(event.type), this.messageHandlers.get(everyEvent)];
    const scope = {
      ...newScope({ traceparent: event.traceparent }),
      stopping,
      context: {
        kind: 'work' as const,
        tenantId: event.tenantid,
        principal: service,
        name: service,
        roles: [],
        issuer: service,
      },
    };
    await runInScope(scope, async () => {
      for (const handler of handlers) if (handler) await this.handle(handler, event);
    });
  }

  private async handle(handler: MessageHandler, event: EventEnvelope): Promise<void> {
    try {
      const result: unknown = await handler(event);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    } catch (error) {
      // What passes by itself is tried until it has passed; the rest ends as a dead letter.
      const passes = isAppError(error) && errorRow(error.code).retryable;
      const { id, type } = event;
      this.options.log[passes ? 'warn' : 'error'](
        { err: error, event: id, type },
        'event not handled',
      );
      throw error;
    }
  }
}

/** Runs a statement inside the caller's transaction and tells how many rows it changed. */
export type ChangeRows = (text: string, values: readonly unknown[]) => Promise<number>;

/**
 * Whether the handler sees this event for the first time; remembers it in the same transaction as
 * the handler's work, so that the work is done exactly once however often the event is delivered.
 * The service's migrations make the table:
 *
 * ```sql
 * CREATE TABLE consumed_event (
 *   event_id text NOT NULL, handler text NOT NULL, consumed_at timestamptz NOT NULL DEFAULT now(),
 *   PRIMARY KEY (event_id, handler)
 * );
 * SELECT system_table('consumed_event');
 * ```
 */
export async function firstDelivery(
  change: ChangeRows,
  eventId: string,
  handler: string,
): Promise<boolean> {
  const changed = await change(
    'INSERT INTO consumed_event (event_id, handler) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [eventId, handler],
  );
  return changed === 1;
}
