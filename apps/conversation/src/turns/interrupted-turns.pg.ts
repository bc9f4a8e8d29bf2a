import type { Pool } from '@parley/postgres';

/** Turns that were running when the process died, over all tenants. */
export async function interruptedTurns(
  systemPool: Pool,
): Promise<{ tenantId: string; turnId: string }[]> {
  const { rows } = await systemPool.query<{ tenant_id: string; id: string }>(
    `SELECT tenant_id, id FROM turn WHERE status = 'running' ORDER BY id`,
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, turnId: row.id }));
}
