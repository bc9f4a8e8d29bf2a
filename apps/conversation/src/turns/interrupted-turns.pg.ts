import type { Pool } from '@parley/postgres';

export interface InterruptedTurn {
  readonly tenantId: string;
  readonly turnId: string;
}

/** Turns that were running when the process died, over all tenants, oldest first. */
export async function interruptedTurns(systemPool: Pool): Promise<InterruptedTurn[]> {
  const { rows } = await systemPool.query<{ tenant_id: string; id: string }>(
    `SELECT tenant_id, id FROM turn WHERE status = 'running' ORDER BY id`,
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, turnId: row.id }));
}
