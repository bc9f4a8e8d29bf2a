import type { Entry } from '../../src/index.js';
import { Violation } from './world.js';

/**
 * What publishes the events of a simulated run: it reads the journal behind a cursor.
 *
 * R1  What is published is durable.
 * R2  What is in the journal is published, at least once.
 * R3  Events appear in the order of the journal.
 */
export class Relay {
  private cursor = 0;
  /** In the order in which they were first seen. */
  private readonly published = new Set<string>();

  /** @param entries what the relay takes for the journal; `log` is what is durable */
  publish(entries: readonly Entry[], log = entries, { forgets = false } = {}): void {
    const durable = new Set(eventIds(log));
    for (const id of eventIds(entries.slice(this.cursor))) {
      if (!durable.has(id)) throw new Violation('R1: an event was published before it was durable');
      this.published.add(id);
    }
    if (!forgets) this.cursor = entries.length;
  }

  check(log: readonly Entry[]): void {
    const journaled = [...new Set(eventIds(log))];
    const published = [...this.published];
    if (published.length < journaled.length) throw new Violation('R2: an event was not published');
    if (published.join() !== journaled.join()) {
      throw new Violation('R3: events were published in another order');
    }
  }
}

function eventIds(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) =>
    entry.kind === 'emitted' ? [JSON.stringify(entry.event['id'])] : [],
  );
}
