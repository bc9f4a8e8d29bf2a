import { outgoingText, type BusEvent, type PgBus } from '@parley/bus';
import type { EventEnvelope } from '@parley/contracts';
import { databaseError, type Pool } from '@parley/postgres';
import type { Passage, Publisher } from './relay.js';

/** The topic of this service's events. */
const topic = 'workflow';

/** The bus in the journal's own database: publishing and passing on are one statement. */
export class PgRelayBus implements Publisher {
  private readonly pool: Pool;
  private readonly bus: Pick<PgBus, 'publication' | 'committed'>;

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool, bus: Pick<PgBus, 'publication' | 'committed'>) {
    this.pool = pool;
    this.bus = bus;
  }

  encode(envelope: EventEnvelope): BusEvent {
    const event = { key: envelope.partitionkey, envelope };
    return { ...event, text: outgoingText(topic, event) };
  }

  async publish(events: readonly BusEvent[], passages: readonly Passage[]): Promise<boolean> {
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
