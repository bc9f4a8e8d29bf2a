import type { EventEnvelope } from '@parley/contracts';
import { JournalRelay } from '../../src/engine/relay.js';
import { systemClock } from '../../src/engine/clock.js';
import { MemoryDatabase } from './memory-database.js';

type Violate = (rule: string, what: string) => void;

/**
 * What the bus has been given.
 *
 * R1  What is published is durable.
 * R2  What is in the journal is published, at least once.
 * R3  Events of a run first appear in the order of the journal.
 */
export class PublishedEvents {
  private readonly database: MemoryDatabase;
  private readonly violate: Violate;
  /** By run, in the order in which they were first seen. */
  private readonly seen = new Map<string, Set<string>>();

  constructor(database: MemoryDatabase, violate: Violate) {
    this.database = database;
    this.violate = violate;
  }

  take(events: readonly EventEnvelope[]): void {
    for (const { id, partitionkey } of events) {
      if (!this.database.runs.has(partitionkey)) {
        this.violate('R1', `an event of ${partitionkey} was published before it was durable`);
      }
      const ofRun = this.seen.get(partitionkey) ?? new Set();
      this.seen.set(partitionkey, ofRun.add(id));
    }
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
        store: {
          notableTurns: (limit, partitions) => store.notableTurns(limit, partitions),
          advanceRelay: (ends) => store.advanceRelay(ends),
        },
        owned: () => this.database.partitions.map((_, partition) => partition),
        bus: {
          publish: (events) => {
            for (const { id, partitionkey } of events) {
              expected.set(partitionkey, [...(expected.get(partitionkey) ?? []), id]);
            }
            return Promise.resolve();
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
