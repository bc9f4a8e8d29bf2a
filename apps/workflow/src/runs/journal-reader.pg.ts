import type { Entry } from '@parley/engine';
import type { Ir } from '@parley/ir';
import { withTenant, type Pool } from '@parley/postgres';
import { AppError } from '@parley/kernel';
import { listedEntriesMax } from './listed-turns.js';
import { decodePayload } from '../engine/codec.js';
import type { StoredSnapshot, StoredTurn } from '../engine/journal-store.js';
import type { OfRun } from '../journal/archive-store.js';
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

/** Behind what is known of a run. */
export function placeAfter({ position, state }: StoredSnapshot): Place {
  return { position: position + 1, index: 0, number: state.entries };
}

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
    run: OfRun,
    range?: { readonly from?: number; readonly to?: number },
  ): AsyncGenerator<StoredTurn> {
    return this.stored.read(run, range);
  }

  /** What a run was after an entry or before, where that is known; the run before it began elsewhere. */
  stateBefore(run: OfRun, entriesMax: number): Promise<StoredSnapshot> {
    return this.stored.stateBefore(run, entriesMax);
  }

  /** What a run was before the entries that are listed at an entry, or at its end. */
  beforeListed(run: OfRun, at?: number): Promise<StoredSnapshot> {
    return this.stored.recent(run, listedEntriesMax, at);
  }

  /** The entries of a run one by one, each with its place. */
  async *entries(run: OfRun, from = journalStart): AsyncGenerator<PlacedEntry> {
    let { number } = from;
    for await (const { position, entries } of this.turns(run, { from: from.position })) {
      const skipped = position === from.position ? from.index : 0;
      for (const entry of entries.slice(skipped)) {
        number += 1;
        yield { number, position, entry };
      }
    }
  }

  /**
   * The compiled definition that a run was started with, and those that overlays led it to by the turn
   * at `position`. @throws AppError `not-found`
   */
  async definitions(
    { tenantId, runId }: OfRun,
    position: number,
  ): Promise<{ readonly first: Ir; readonly revisions: readonly Ir[] }> {
    const { rows } = await withTenant(this.pool, tenantId, (client) =>
      client.query<{ ir: Buffer }>(
        `WITH applied AS (
           SELECT ordinal, base, revision FROM run_overlay
           WHERE run_id = $1 AND position > 1 ORDER BY ordinal
         ), named AS (
           SELECT 0 AS ordinal, COALESCE((SELECT base FROM applied LIMIT 1), ir_hash) AS ir_hash
           FROM run WHERE id = $1
           UNION ALL
           SELECT run_overlay.ordinal, revision FROM run_overlay
           WHERE run_id = $1 AND position BETWEEN 2 AND $2
         )
         SELECT ir FROM named JOIN compiled_definition USING (ir_hash) ORDER BY ordinal`,
        [runId, position],
      ),
    );
    const [first, ...revisions] = rows.map(({ ir }) => decodePayload<Ir>(ir));
    if (first === undefined) throw new AppError('not-found', `there is no run ${runId}`);
    return { first, revisions };
  }
}
