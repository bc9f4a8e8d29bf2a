import type { OutgoingEvent } from '@parley/bus';
import type { EventEnvelope } from '@parley/contracts';
import { JournalRelay, type Passage } from '../../src/engine/relay.js';
import { systemClock } from '../../src/engine/clock.js';
import { MemoryDatabase } from './memory-database.js';

type Violate = (rule: string, what: string) => void;

/**
 * What the bus has been given.
 *
 * R1  What is published is durable.
 * R2  What is in the journal is published, once.
 * R3  Events of a run appear in the order of the journal.
 */
export class PublishedEvents {
  private readonly database: MemoryDatabase;
  private readonly violate: Violate;
  /** By run, in their order. */
  private readonly seen = new Map<string, Set<string>>();

  constructor(database: MemoryDatabase, violate: Violate) {
    this.database = database;
    this.violate = violate;
  }

  /** Publishes all of them, unless the relay has passed some of their turns. */
  take(events: readonly EventEnvelope[], passages: readonly Passage[]): boolean {
    if (!this.database.pass(passages)) return false;
    for (const { id, partitionkey } of events) {
      if (!this.database.runs.has(partitionkey)) {
        this.violate('R1', `an event of ${partitionkey} was published before it was durable`);
      }
      const ofRun = this.seen.get(partitionkey) ?? new Set();
      if (ofRun.has(id)) this.violate('R2', `an event of ${partitionkey} was published twice`);
      this.seen.set(partitionkey, ofRun.add(id));
    }
    return true;
  }

  /** The relay has nothing more to do. */
  isThrough(): boolean {
    return this.database.journal.every((turns, partition) => {
      const last = turns.findLast(({ notable }) => notable)?.seq ?? 0;
      return (this.database.relayCursor[partition] ?? 0) >= last;
    });
  }

  /** Compares with what a relay that nothing disturbs makes of the whole journal. */
  async check(): Promise<void> {
    const expected = new Map<string, string[]>();
    const store = this.database.fromStart();
    await new Promise<void>((resolve, reject) => {
      let hasLooked = false;
      const relay = new JournalRelay({
        store,
        owned: () => this.database.partitions.map((_, partition) => partition),
        bus: {
          encode: asPublished,
          publish: (events, passages) => {
            for (const { key, envelope } of events) {
              expected.set(key, [...(expected.get(key) ?? []), envelope.id]);
            }
            return store.passTurns(passages);
          },
        },
        onError: reject,
        clock: {
          ...systemClock,
          // It looks once, at once, and is through when it would look again.
          after: (_ms, look) => {
            if (hasLooked) resolve();
            else look();
            hasLooked = true;
            return () => undefined;
          },
        },
      });
      relay.hint();
    });
    for (const [runId, ids] of expected) {
      const seen = [...(this.seen.get(runId) ?? [])];
      const missing = ids.filter((id) => !seen.includes(id));
      if (missing.length > 0)
        this.violate('R2', `${String(missing.length)} events of ${runId} are lost`);
      else if (seen.join() !== ids.join())
        this.violate('R3', `events of ${runId} are out of order`);
    }
  }
}

export function asPublished(envelope: EventEnvelope): OutgoingEvent {
  return { key: envelope.partitionkey, envelope, text: '' };
}
