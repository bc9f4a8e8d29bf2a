import { snapshotFormat } from '@parley/engine';
import { withTenant, type Pool } from '@parley/postgres';
import type { QueryResultRow } from 'pg';
import type { StoredSnapshot, StoredTurn } from '../engine/journal-store.js';
import { claimsInSnapshot, decodeSnapshot } from '../engine/snapshots.js';
import type { KnownClaims } from '../payloads/claims.js';
import type { EntryReader } from '../payloads/entry-reader.js';

/** Turns that are read at a time: long runs are never whole in memory. */
const turnsAtOnce = 200;

export interface OfRun {
  readonly tenantId: string;
  readonly runId: string;
}

export interface TurnRange {
  /** @default 1 */
  readonly from?: number;
  /** @default the last one */
  readonly to?: number;
  /** Learns which values are objects. */
  readonly known?: KnownClaims;
}

/** Asks the database in the name of a tenant. */
export type AskForTenant = <Row extends QueryResultRow>(
  tenantId: string,
  text: string,
  values: readonly unknown[],
) => Promise<Row[]>;

/** Asks for any tenant. @param pool of the role `workflow_system` */
export function askAsSystem(pool: Pool): AskForTenant {
  return async <Row extends QueryResultRow>(
    _tenantId: string,
    text: string,
    values: readonly unknown[],
  ) => (await pool.query<Row>(text, [...values])).rows;
}

/** Asks for what a tenant may see. @param pool of the role `workflow_app` */
export function askAsTenant(pool: Pool): AskForTenant {
  return <Row extends QueryResultRow>(tenantId: string, text: string, values: readonly unknown[]) =>
    withTenant(pool, tenantId, async (client) => {
      return (await client.query<Row>(text, [...values])).rows;
    });
}

/** The journal of one run after another, whoever reads it. */
export class RunTurns {
  private readonly ask: AskForTenant;
  private readonly stored: EntryReader;

  constructor(ask: AskForTenant, stored: EntryReader) {
    this.ask = ask;
    this.stored = stored;
  }

  /** The turns of a run in their order. Turns are never changed once they are there. */
  async *read(
    { tenantId, runId }: OfRun,
    { from = 1, to, known }: TurnRange = {},
  ): AsyncGenerator<StoredTurn> {
    for (let next = from; to === undefined || next <= to;) {
      const rows = await this.ask<{ position: number; entries: Buffer }>(
        tenantId,
        `SELECT position, entries FROM journal
         WHERE run_id = $1 AND position >= $2 AND ($3::int IS NULL OR position <= $3)
         ORDER BY position LIMIT $4`,
        [runId, next, to ?? null, turnsAtOnce],
      );
      const stored = rows.map((row) => row.entries);
      const entries = await this.stored.read(tenantId, stored, known);
      for (const [index, row] of rows.entries()) {
        const { position } = row;
        yield { position, entries: entries[index] ?? [], length: row.entries.length };
        next = position + 1;
      }
      if (rows.length < turnsAtOnce) return;
    }
  }

  /**
   * The latest snapshot of a run that this release reads.
   * @param entriesMax only of what the run was after so many entries, or before
   */
  async snapshot(
    { tenantId, runId }: OfRun,
    { entriesMax, known }: { readonly entriesMax?: number; readonly known?: KnownClaims } = {},
  ): Promise<StoredSnapshot | undefined> {
    const [row] = await this.ask<{ position: number; state: Buffer }>(
      tenantId,
      `SELECT position, state FROM run_snapshot
       WHERE run_id = $1 AND format = $2 AND ($3::int IS NULL OR entries <= $3)
       ORDER BY position DESC LIMIT 1`,
      [runId, snapshotFormat, entriesMax ?? null],
    );
    if (row === undefined) return undefined;
    const values = await this.stored.values(tenantId, claimsInSnapshot(row.state), known);
    const state = decodeSnapshot(row.state, (hash) => values.get(hash) ?? null);
    return { position: row.position, state, length: row.state.length };
  }
}
