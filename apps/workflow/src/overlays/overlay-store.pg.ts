import { definitionOf } from '@parley/dsl';
import type { Ir } from '@parley/ir';
import { AppError, type Json } from '@parley/kernel';
import { withTenant, type Pool } from '@parley/postgres';
import { decodePayload, encodePayload } from '../engine/codec.js';
import { assertChildrenExist, assertSecretsExist } from '../workflows/register-version.js';

/** What a run goes by, as it was written. */
export interface WrittenDefinition {
  readonly definition: Json;
  readonly timezone: string;
}

/** The definitions that overlays are made for and lead to; one tenant's rows only. */
export class OverlayStore {
  private readonly pool: Pool;

  /** @param pool of the role `workflow_app` */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  /** What compiled to `irHash`: the version of the run, or what an overlay led to. @throws AppError `not-found` */
  async written(tenantId: string, runId: string, irHash: string): Promise<WrittenDefinition> {
    const { rows } = await withTenant(this.pool, tenantId, (client) =>
      client.query<{
        source: string;
        timezone: string;
        ir_hash: string;
        definition: Buffer | null;
      }>(
        `SELECT source, timezone, workflow_version.ir_hash, definition FROM run
         JOIN workflow_version USING (workflow_id, version)
         LEFT JOIN overlaid_definition ON overlaid_definition.ir_hash = $2
         WHERE run.id = $1`,
        [runId, irHash],
      ),
    );
    const [row] = rows;
    const definition = row && (row.ir_hash === irHash ? definitionOf(row.source) : textOf(row));
    if (row === undefined || definition === undefined) {
      throw new AppError('not-found', `the definition that run ${runId} goes by is not there`);
    }
    return { definition, timezone: row.timezone };
  }

  /**
   * Keeps what an overlay leads to, so that runs can go by it. What was written goes with the last run
   * that was led there; what it compiles to stays, as every compiled definition does.
   * @throws AppError `invalid-definition` when it names workflows or secrets that are not there
   */
  async keep(tenantId: string, ir: Ir, definition: Json): Promise<void> {
    await withTenant(this.pool, tenantId, async (client) => {
      await assertChildrenExist(client, ir);
      await assertSecretsExist(client, ir);
      const key = [tenantId, ir.hash];
      await client.query(
        `INSERT INTO compiled_definition (tenant_id, ir_hash, ir) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING`,
        [...key, encodePayload(ir)],
      );
      await client.query(
        `INSERT INTO overlaid_definition (tenant_id, ir_hash, definition) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, ir_hash) DO UPDATE SET kept_at = now()`,
        [...key, encodePayload(definition)],
      );
    });
  }
}

function textOf({ definition }: { readonly definition: Buffer | null }): Json | undefined {
  return definition === null ? undefined : decodePayload(definition);
}
