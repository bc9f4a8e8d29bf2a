import { createHash } from 'node:crypto';
import type { EventEnvelope } from '@parley/contracts';
import { canonicalJson, type Json } from '@parley/kernel';
import { binaryArray, type Pool } from '@parley/postgres';

interface Waiting {
  readonly events: readonly EventEnvelope[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const eventsPerWriteMax = 1_000;
const appendEvents = 'SELECT append_events($1, $2, $3, $4, $5, $6, $7, $8)';

/**
 * Appends events to their tenants' streams. Events that arrive while others are being written are
 * written together next, so one commit carries as many as there are. How many can wait is bounded by
 * the bus: it has at most one batch of each partition under way.
 */
export class AuditWriter {
  private readonly waiting: Waiting[] = [];
  private writing = false;

  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  /** Settles when the events are durable; one that is there already changes nothing. */
  append(events: readonly EventEnvelope[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ events, resolve, reject });
      if (!this.writing) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) await this.write(this.next());
    this.writing = false;
  }

  /** What came together stays together. */
  private next(): Waiting[] {
    let size = 0;
    const end = this.waiting.findIndex(({ events }) => (size += events.length) > eventsPerWriteMax);
    return this.waiting.splice(0, end < 0 ? this.waiting.length : Math.max(1, end));
  }

  /** Events that cannot be stored must not hold up the others: then what came together is written alone. */
  private async write(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.pool.query(appendEvents, columnsOf(batch.flatMap(({ events }) => events)));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length > 1) for (const one of batch) await this.write([one]);
      else batch[0]?.reject(error);
    }
  }
}

function columnsOf(events: readonly EventEnvelope[]): Buffer[] {
  const columns = [
    events.map(({ tenantid }) => tenantid),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ source }) => source),
    events.map(({ subject }) => subject),
    events.map(({ time }) => time),
    events.map(({ data }) => JSON.stringify(data)),
    events.map(eventDigest),
  ];
  return columns.map((values) => binaryArray('text', values));
}

/**
 * What the chain's hash covers of an event: SHA-256 of its canonical JSON. A digest, because the
 * database's text cannot hold every character that JSON can.
 */
export function eventDigest(
  event: Pick<EventEnvelope, 'id' | 'type' | 'source' | 'subject' | 'time' | 'data'>,
): string {
  const { id, type, source, subject, time } = event;
  const text = canonicalJson({ id, type, source, subject, time, data: event.data as Json });
  return createHash('sha256').update(text).digest('hex');
}
