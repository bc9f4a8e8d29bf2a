import type { Entry } from '@parley/engine';
import type { Ir } from '@parley/ir';
import { withTenant, type Pool } from '@parley/postgres';
import { AppError } from '@parley/kernel';
import { decodePayload } from '../engine/codec.js';
import type { StoredTurn } from '../engine/journal-store.js';
import { askAsTenant, RunTurns } from '../journal/run-turns.pg.js';
import type { EntryReader } from '../payloads/entry-reader.js';

/** An entry with its place in the run. */
export interface PlacedEntry {
  /** Number within the run, from 1. */
  readonly number: number;
  readonly position: number;
  readonly entry: Entry;
}

/** Where reading goes on: behind `index` entries of the turn `position`, `number` entries in all. */
export interface Place {
  readonly position: number;
  readonly index: number;
  readonly number: number;
}

export const journalStart: Place = { position: 1, index: 0, number: 0 };

/** What requests read of a run's journal; one tenant's rows only. */
export class JournalReader {
  private readonly pool: Pool;
  private readonly stored: RunTurns;

  /** @param pool of the role `workflow_app` */
  constructor(pool: Pool, stored: EntryReader) {
    this.pool = pool;
    this.stored = new RunTurns(askAsTenant(pool), stored);
  }

  /** The turns of a run in their order, up to one of them. */
  turns(
    tenantId: string,
    runId: string,
    range?: { readonly from?: number; readonly to?: number },
  ): AsyncGenerator<StoredTurn> {
    return this.stored.read({ tenantId, runId }, range);
  }

  /** The entries of a run one by one, each with its place. */
  async *entries(
    tenantId: string,
    runId: string,
    from = journalStart,
  ): AsyncGenerator<PlacedEntry> {
    let { number } = from;
    for await (const { position, entries } of this.turns(tenantId, runId, {
      from: from.position,
    })) {
      const skipped = position === from.position ? from.index : 0;
      for (const entry of entries.slice(skipped)) {
        number += 1;
        yield { number, position, entry };
      }
    }
  }

  /** The compiled definition that a run is pinned to. @throws AppError `not-found` */
  async definition(tenantId: string, runId: string): Promise<Ir> {
    const { rows } = await withTenant(this.pool, tenantId, (client) =>
      client.query<{ ir: Buffer }>(
        `SELECT ir FROM run JOIN compiled_definition USING (tenant_id, ir_hash) WHERE id = $1`,
        [runId],
      ),
    );
    const [row] = rows;
    if (row === undefined) throw new AppError('not-found', `there is no run ${runId}`);
    return decodePayload<Ir>(row.ir);
  }
}
