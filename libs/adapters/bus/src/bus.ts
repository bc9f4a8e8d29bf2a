import type { EventEnvelope } from '@parley/contracts';

/** One event to publish. */
export interface BusEvent {
  /** Events with the same key arrive in order; equals the envelope's `partitionkey`. */
  readonly key: string;
  readonly envelope: EventEnvelope;
  /** The envelope's own JSON text, where the caller has it: kept as it is, digits included. */
  readonly text?: string;
}

/** Where a group stands: `<topic>/<partition>` → position of the last event that it handled. */
export type BusPositions = Readonly<Record<string, number>>;

/** One event as a handler gets it. */
export interface Delivery {
  readonly topic: string;
  readonly partition: number;
  /** Grows by one per event of a partition. */
  readonly position: number;
  readonly key: string;
  /** In dead-letter topics whatever was published; what is not JSON, as a text. */
  readonly envelope: EventEnvelope;
  /** JSON text of the envelope as it was published. */
  readonly text: string;
  /** Why the event is here; only in dead-letter topics. */
  readonly failure?: DeadLetterFailure;
}

/** What is known about an event that a group could not handle. */
export interface DeadLetterFailure {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  readonly attempts: number;
  readonly error: string;
}

export interface SubscribeOptions {
  /** `*` is every topic that the service may read. All members of a group name the same topics. */
  readonly topics: readonly string[];
  /** Begins with the service's name: `platform`, `platform.audit`. Members share the partitions. */
  readonly group: string;
  /**
   * Handles one event; may get the same event again, so it is idempotent by `envelope.id`. When it
   * throws, the event comes again with growing pauses, and the events behind it in its partition
   * wait. After `attemptsMax` failures it goes to `dead-letter.<group>` and the next one follows.
   * A failure with a retryable code (`unavailable`, `timeout` …) does not count: the fault is not
   * the event's, and the partition waits until it passes.
   */
  readonly handler: (delivery: Delivery) => Promise<void>;
  /**
   * Handles several events of one partition at once, all of them or none, in their order. What it
   * throws at is then handed to `handler`, one by one. Without it `handler` gets all.
   */
  readonly batchHandler?: (deliveries: readonly Delivery[]) => Promise<void>;
  /**
   * Milliseconds that pass between two looks while events keep coming, so that more come at once; the
   * first event after a pause is not held up. @default 0
   */
  readonly gatherMs?: number;
  /** Where a group begins that has never read the topic. @default 'beginning' */
  readonly from?: 'beginning' | 'now' | BusPositions;
}

export interface BusSubscription {
  /** Settles when the group exists and its start is fixed; rejects when the bus refuses it. */
  readonly ready: Promise<void>;
  /** Waits for the events in work, records the positions, and leaves the group. */
  stop(): Promise<void>;
}

/** At-least-once delivery, in order per key. */
export interface Bus {
  /** Durable when it returns. @throws AppError `forbidden` for a topic of another service. */
  publish(topic: string, events: readonly BusEvent[]): Promise<void>;
  /** Works from now until `stop`, through losses of the connection. */
  subscribe(options: SubscribeOptions): BusSubscription;
  /** Where the topics end at this moment. */
  positions(topics: readonly string[]): Promise<BusPositions>;
  /** Moves a group, running or not; what lies behind the new position is delivered again. */
  seek(
    group: string,
    topics: readonly string[],
    to: 'beginning' | 'now' | BusPositions,
  ): Promise<void>;
  stop(): Promise<void>;
}

/** The event that a handler failed at. */
export interface FailurePlace {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  readonly eventId: string;
}

/** Failures after which an event goes to the dead-letter topic. */
export const attemptsMax = 5;
/** Largest envelope, in bytes of JSON; larger payloads are referred to, not carried. */
export const envelopeBytesMax = 262_144;
/** Age at which the log drops events, handled or not; the database holds the same number. */
export const retentionDays = 7;

/** The topic that takes what `group` could not handle. */
export function deadLetterTopic(group: string): string {
  return `dead-letter.${group}`;
}
