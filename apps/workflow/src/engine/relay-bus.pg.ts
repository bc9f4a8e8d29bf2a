import { outgoing, type OutgoingEvent, type PgBus } from '@parley/bus';
import type { EventEnvelope } from '@parley/contracts';
import { databaseError, type Pool } from '@parley/postgres';
import type { JournalStore } from './journal-store.js';
import type { Passage, Publisher } from './relay.js';

/** The topic of this service's events. */
const topic = 'workflow';

/** The bus in the journal's own database: publishing and passing on are one statement. */
export class PgRelayBus implements Publisher {
  private readonly pool: Pool;
  private readonly bus: Pick<PgBus, 'publication' | 'committed'>;
  private readonly store: Pick<JournalStore, 'passTurns'>;

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool, bus: PgRelayBus['bus'], store: PgRelayBus['store']) {
    this.pool = pool;
    this.bus = bus;
    this.store = store;
  }

  encode(envelope: EventEnvelope): OutgoingEvent {
    return outgoing(topic, { key: envelope.partitionkey, envelope });
  }

  async publish(events: readonly OutgoingEvent[], passages: readonly Passage[]): Promise<boolean> {
    if (events.length === 0) return this.store.passTurns(passages);
    try {
      const { rows } = await this.pool.query<{ passed: boolean }>({
        name: 'pass_turns_publish',
        text: `SELECT passed, CASE WHEN passed THEN bus.publish($4, $5, $6) END
          FROM pass_turns($1, $2, $3) AS passed`,
        values: [...passageColumns(passages), ...this.bus.publication(topic, events)],
      });
      this.bus.committed();
      return rows[0]?.passed === true;
    } catch (error) {
      throw databaseError(error);
    }
  }
}

/** The arguments of `pass_turns`. */
export function passageColumns(passages: readonly Passage[]): [number[], number[], number[]] {
  return [
    passages.map(({ partition }) => partition),
    passages.map(({ first }) => first),
    passages.map(({ last }) => last),
  ];
}
