import type { EventEnvelope } from '@parley/contracts';
import { errorRow } from '@parley/contracts';
import { isAppError, parseJson } from '@parley/kernel';
import { backoffMs, sleep } from '@parley/postgres';
import { attemptsMax, type DeadLetterFailure, type Delivery, type FailurePlace } from './bus.js';
import { incomingEnvelope } from './envelope-check.js';
import type { PartitionRef, StoredEvent } from './group-store.js';

/** What a worker needs of the subscription that owns it. */
export interface WorkerHost {
  readonly handler: (delivery: Delivery) => Promise<void>;
  readonly batchHandler?: ((deliveries: readonly Delivery[]) => Promise<void>) | undefined;
  readonly onError: (error: unknown, at?: FailurePlace) => void;
  /** `worker.done` has grown. */
  handled(worker: PartitionWorker): void;
  /** Counts a failure; undefined when the partition belongs to another member. */
  countFailure(worker: PartitionWorker, event: StoredEvent): Promise<number | undefined>;
  /** False when the partition belongs to another member. */
  bury(worker: PartitionWorker, event: StoredEvent, failure: DeadLetterFailure): Promise<boolean>;
}

/** Long enough for a dependency to come back before the last attempt, short enough to notice. */
const redelivery = { baseMs: 200, maxMs: 30_000 };
const errorTextMax = 2_000;

type Outcome = { kind: 'handled' | 'ended' } | { kind: 'dead'; attempts: number; error: unknown };

/** Hands the events of one partition to the handler, one after the other. */
export class PartitionWorker implements PartitionRef {
  readonly topic: string;
  readonly partition: number;
  /** Position up to which events were read from the log. */
  readTo: number;
  /** Position of the last handled event. */
  done: number;
  /** Position that the log holds for the group, as far as this member knows. */
  acked: number;
  /** There may be events behind `readTo`. */
  stale = true;
  /** Stops after the event in work, to be given to another member. */
  leaving = false;
  private readonly host: WorkerHost;
  /** Work on the same partition from an earlier ownership: two at once would break the order. */
  private readonly predecessor: Promise<void> | undefined;
  private readonly ended = new AbortController();
  private working: Promise<void> | undefined;

  constructor(
    at: PartitionRef & { readonly position: number },
    host: WorkerHost,
    predecessor: Promise<void> | undefined,
  ) {
    this.host = host;
    this.predecessor = predecessor;
    this.topic = at.topic;
    this.partition = at.partition;
    this.readTo = this.done = this.acked = at.position;
  }

  get id(): string {
    return `${this.topic}/${this.partition}`;
  }

  get busy(): boolean {
    return this.working !== undefined;
  }

  /** Neither lost nor about to be given away. */
  get alive(): boolean {
    return !this.ended.signal.aborted;
  }

  /** Settles when nothing of this partition is in work. */
  get work(): Promise<void> {
    return this.working ?? this.predecessor ?? Promise.resolve();
  }

  /** Starts no further event, and ends a pause between attempts. */
  end(): void {
    this.ended.abort();
  }

  /** Takes what was read; call only when not busy. */
  take(events: readonly StoredEvent[], whenDone: () => void): void {
    this.readTo = events.at(-1)?.position ?? this.readTo;
    this.working = this.run(events).finally(() => {
      this.working = undefined;
      whenDone();
    });
  }

  private async run(events: readonly StoredEvent[]): Promise<void> {
    await this.predecessor;
    for (const event of events.slice(await this.handleTogether(events))) {
      if (this.ended.signal.aborted) return;
      const outcome = await this.attemptUntilSettled(event);
      if (outcome.kind === 'ended') return;
      if (outcome.kind === 'dead' && !(await this.bury(event, outcome))) return;
      this.done = event.position;
      this.host.handled(this);
    }
  }

  /** @returns how many of the first events are handled; none of them when something went wrong. */
  private async handleTogether(events: readonly StoredEvent[]): Promise<number> {
    const { batchHandler } = this.host;
    if (batchHandler === undefined || events.length < 2 || this.ended.signal.aborted) return 0;
    const deliveries: Delivery[] = [];
    for (const event of events) {
      const envelope = readEnvelope(event);
      if (!envelope.ok) break;
      deliveries.push(toDelivery(event, envelope.value));
    }
    const last = deliveries.at(-1);
    if (last === undefined) return 0;
    try {
      await batchHandler(deliveries);
    } catch (error) {
      this.host.onError(error);
      return 0;
    }
    this.done = last.position;
    this.host.handled(this);
    return deliveries.length;
  }

  private async attemptUntilSettled(event: StoredEvent): Promise<Outcome> {
    const envelope = readEnvelope(event);
    if (!envelope.ok) return { kind: 'dead', attempts: 0, error: new Error(envelope.error) };
    const delivery = toDelivery(event, envelope.value);
    for (let failures = 1; ; failures++) {
      try {
        await this.host.handler(delivery);
        return { kind: 'handled' };
      } catch (error) {
        const { topic, partition, position } = event;
        this.host.onError(error, { topic, partition, position, eventId: envelope.value.id });
        if (!mayPassByItself(error)) {
          const attempts = await this.countFailure(event, failures);
          if (attempts === undefined) return { kind: 'ended' };
          if (attempts >= attemptsMax) return { kind: 'dead', attempts, error };
        }
      }
      await sleep(backoffMs(failures, redelivery), this.ended.signal);
      if (this.ended.signal.aborted) return { kind: 'ended' };
    }
  }

  private async countFailure(event: StoredEvent, local: number): Promise<number | undefined> {
    try {
      return await this.host.countFailure(this, event);
    } catch (error) {
      this.host.onError(error);
      return Math.min(local, attemptsMax - 1); // cannot bury now either; the next failure counts
    }
  }

  private async bury(
    event: StoredEvent,
    { attempts, error }: { attempts: number; error: unknown },
  ): Promise<boolean> {
    const { topic, partition } = this;
    const text = (error instanceof Error ? error.message : String(error)).slice(0, errorTextMax);
    const failure = { topic, partition, position: event.position, attempts, error: text };
    for (let failures = 1; !this.ended.signal.aborted; failures++) {
      try {
        return await this.host.bury(this, event, failure);
      } catch (cause) {
        this.host.onError(cause);
        await sleep(backoffMs(failures, redelivery), this.ended.signal);
      }
    }
    return false;
  }
}

function mayPassByItself(error: unknown): boolean {
  return isAppError(error) && errorRow(error.code).retryable;
}

/**
 * A dead letter was judged before; whoever reads it wants it as it is. It may be here because it is not
 * JSON: then it is its text.
 */
function readEnvelope(event: StoredEvent): ReturnType<typeof incomingEnvelope> {
  if (event.failure === null) return incomingEnvelope(event.envelope, event);
  let value: unknown = event.envelope;
  try {
    value = parseJson(event.envelope);
  } catch {
    // As it is.
  }
  return { ok: true, value: value as EventEnvelope };
}

function toDelivery(event: StoredEvent, envelope: EventEnvelope): Delivery {
  const { topic, partition, position, key, envelope: text, failure } = event;
  const delivery = { topic, partition, position, key, envelope, text };
  if (failure === null) return delivery;
  return { ...delivery, failure: JSON.parse(failure) as DeadLetterFailure };
}
