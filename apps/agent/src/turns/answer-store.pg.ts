import { AgentTurnEvent } from '@parley/contracts';
import { storableJson } from '@parley/kernel';
import { appendOutbox, withTenant, type OutboxEvent, type Pool } from '@parley/postgres';

/** A whole answer. */
export type Done = Extract<AgentTurnEvent, { event: 'done' }>;

const keptDays = 30;

/** Answers by turn id, so that a turn that is asked twice is answered once. */
export class AnswerStore {
  private readonly appPool: Pool;
  private readonly systemPool: Pool;

  constructor(pools: { appPool: Pool; systemPool: Pool }) {
    this.appPool = pools.appPool;
    this.systemPool = pools.systemPool;
  }

  async find(tenantId: string, turnId: string): Promise<Done | undefined> {
    const { rows } = await withTenant(this.appPool, tenantId, (client) =>
      client.query<{ answer: unknown }>('SELECT answer FROM turn_answer WHERE turn_id = $1', [
        turnId,
      ]),
    );
    return rows[0] && (AgentTurnEvent.parse(rows[0].answer) as Done);
  }

  /**
   * Stores the answer with what it tells the others. The first answer of a turn stays, also when it is
   * asked twice at the same time. @returns the answer that counts
   */
  async keep(
    tenantId: string,
    turnId: string,
    { answer, events }: { answer: Done; events: readonly OutboxEvent[] },
  ): Promise<Done> {
    await withTenant(this.appPool, tenantId, async (client) => {
      const { rowCount } = await client.query(
        `INSERT INTO turn_answer (turn_id, tenant_id, answer) VALUES ($1, $2, $3)
         ON CONFLICT (turn_id) DO NOTHING`,
        [turnId, tenantId, storableJson(JSON.stringify(answer))],
      );
      if (rowCount === 1) await appendOutbox(client, events);
    });
    return (await this.find(tenantId, turnId)) ?? answer;
  }

  /** Forgets answers that no conversation will ask for again. */
  async prune(): Promise<void> {
    await this.systemPool.query(
      `DELETE FROM turn_answer WHERE created_at < now() - make_interval(days => $1)`,
      [keptDays],
    );
  }
}
