import { initialState, snapshotFormat, type RunState } from '@parley/engine';
import type { Json } from '@parley/kernel';
import { withTenant, type Pool } from '@parley/postgres';
import type { QueryResultRow } from 'pg';
import type { StoredSnapshot, StoredTurn } from '../engine/journal-store.js';
import { decodePayload } from '../engine/codec.js';
import { claimsOfSnapshot, stateOfSnapshot, type ParsedSnapshot } from '../engine/snapshots.js';
import type { KnownClaims } from '../payloads/known-claims.js';
import type { EntryReader } from '../payloads/entry-reader.js';
import { partOf, type ArchivedPart } from './archive-format.js';
import type { OfRun } from './archive-store.js';

/** Turns that are read at a time: long runs are never whole in memory. */
export const turnsAtOnce = 200;

export interface TurnRange {
  /** @default 1 */
  readonly from?: number;
  /** @default the last one */
  readonly to?: number;
  /** Learns which values are objects. */
  readonly known?: KnownClaims;
  /** Reads the first of them, when somebody else does. */
  readonly first?: () => Promise<readonly TurnRow[]>;
}

/** A turn as it is stored. */
export interface TurnRow {
  readonly position: number;
  readonly entries: Buffer;
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

  /**
   * The turns of a run in their order, in the journal or in archives. Turns are never changed; one that
   * is not in the journal when that is looked at is in an archive when that is looked at next (A1).
   */
  async *read(
    run: OfRun,
    { from = 1, to = Number.MAX_SAFE_INTEGER, known, first }: TurnRange = {},
  ): AsyncGenerator<StoredTurn> {
    for (let next = from; next <= to;) {
      const rows = await (next === from && first !== undefined ? first() : this.rows(run, next));
      const isInJournal = rows[0]?.position === next;
      const turns = isInJournal
        ? await this.turnsOf(run, rows, known)
        : await this.fromArchive(run, next, known);
      if (turns === undefined) return;
      for (const turn of turns) {
        if (turn.position > to) return;
        yield turn;
        next = turn.position + 1;
      }
      if (isInJournal && rows.length < turnsAtOnce) return; // It ends in the journal.
    }
  }

  /** What the journal has of a run from a position on. */
  private rows({ tenantId, runId }: OfRun, from: number): Promise<readonly TurnRow[]> {
    return this.ask<TurnRow & QueryResultRow>(
      tenantId,
      `SELECT position, entries FROM journal WHERE run_id = $1 AND position >= $2
       ORDER BY position LIMIT $3`,
      [runId, from, turnsAtOnce],
    );
  }

  private async turnsOf(
    { tenantId }: OfRun,
    rows: readonly TurnRow[],
    known?: KnownClaims,
  ): Promise<Iterable<StoredTurn>> {
    const stored = rows.map((row) => row.entries);
    const assemble = await this.stored.read(tenantId, stored, known);
    return rows.values().map((row, index) => ({
      ...{ position: row.position, entries: assemble[index]?.() ?? [] },
      length: row.entries.length,
    }));
  }

  private async fromArchive(
    run: OfRun,
    from: number,
    known?: KnownClaims,
  ): Promise<Iterable<StoredTurn> | undefined> {
    const part = await this.part(run, 'first_position <= $2 AND last_position >= $2', from);
    if (part === undefined) return undefined;
    const turns = part.turns.filter(([position]) => position >= from);
    const parsed = turns.map(([, turn]) => turn);
    const assemble = await this.stored.resolve(run.tenantId, parsed, known);
    return turns.values().map(([position], index) => ({
      position,
      entries: assemble[index]?.() ?? [],
      length: 0,
    }));
  }

  private async part(
    { tenantId, runId }: OfRun,
    where: string,
    at: number,
  ): Promise<(ArchivedPart & { readonly before: number }) | undefined> {
    const [row] = await this.ask<{ hash: string; first: number; before: number }>(
      tenantId,
      `SELECT hash, first_position AS first, entries_before AS before FROM run_archive
       WHERE run_id = $1 AND ${where} ORDER BY first_position DESC LIMIT 1`,
      [runId, at],
    );
    if (row === undefined) return undefined;
    const archive = await this.stored.content(tenantId, row.hash);
    return { ...partOf(archive, runId, row.first), before: row.before };
  }

  /**
   * What a run was after so many entries or before, the latest that is written down; the run that has
   * not begun when nothing is.
   */
  async stateBefore(run: OfRun, entriesMax: number): Promise<StoredSnapshot> {
    const snapshot = await this.snapshot(run, entriesMax);
    if (snapshot !== undefined) return snapshot;
    const part = await this.part(run, 'entries_before <= $2', entriesMax);
    const { opening } = part ?? {};
    if (part === undefined || opening?.format !== snapshotFormat) return unbegun;
    const state = await this.stateOf(run, opening.snapshot);
    return { position: part.first - 1, state, length: 0 };
  }

  /**
   * What a run was some `entriesMax` entries before the entry `at`, or before its last one; the run
   * that has not begun when there are not many more.
   */
  async recent(run: OfRun, entriesMax: number, at?: number): Promise<StoredSnapshot> {
    const end = at ?? (await this.entriesKnown(run));
    return end <= 2 * entriesMax ? unbegun : this.stateBefore(run, end - entriesMax);
  }

  /** Entries of a run until its latest snapshot, or in archives. */
  private async entriesKnown({ tenantId, runId }: OfRun): Promise<number> {
    const [row] = await this.ask<{ entries: number | null }>(
      tenantId,
      `SELECT greatest((SELECT max(entries) FROM run_snapshot WHERE run_id = $1),
         (SELECT max(entries_before + entries) FROM run_archive WHERE run_id = $1)) AS entries`,
      [runId],
    );
    return row?.entries ?? 0;
  }

  private async snapshot(
    run: OfRun,
    entriesMax: number,
    known?: KnownClaims,
  ): Promise<StoredSnapshot | undefined> {
    const [row] = await this.ask<{ position: number; state: Buffer }>(
      run.tenantId,
      `SELECT position, state FROM run_snapshot WHERE run_id = $1 AND format = $2 AND entries <= $3
       ORDER BY position DESC LIMIT 1`,
      [run.runId, snapshotFormat, Math.min(entriesMax, intMax)],
    );
    return row === undefined ? undefined : this.restored(run, row, known);
  }

  /** A snapshot with the values that it names. */
  async restored(
    run: OfRun,
    row: { readonly position: number; readonly state: Buffer },
    known?: KnownClaims,
  ): Promise<StoredSnapshot> {
    const state = await this.stateOf(run, decodePayload<ParsedSnapshot & Json>(row.state), known);
    return { position: row.position, state, length: row.state.length };
  }

  private async stateOf(
    { tenantId }: OfRun,
    snapshot: ParsedSnapshot,
    known?: KnownClaims,
  ): Promise<RunState> {
    const values = await this.stored.values(tenantId, claimsOfSnapshot(snapshot), known);
    return stateOfSnapshot(snapshot, (hash) => values.get(hash) ?? null);
  }
}

const intMax = 2 ** 31 - 1;
const unbegun: StoredSnapshot = { position: 0, state: initialState(), length: 0 };
