import { isTerminal } from '@parley/engine';
import { hashOfObject } from '@parley/objects';
import { AppError } from '@parley/kernel';
import type { StoredOpening } from '../../src/journal/archive-format.js';
import type {
  ArchivedRange,
  ArchiveStore,
  CutPoint,
  OfRun,
  RunAtRest,
  Sweep,
  TailTurn,
} from '../../src/journal/archive-store.js';
import type { PlacedTurn, RunRow } from '../../src/engine/turn-record.js';
import type { MemoryDatabase } from './memory-database.js';

const isOver = ({ status }: RunRow) =>
  status === 'completed' || status === 'cancelled' || status === 'terminated';
const isAtRest = ({ status }: RunRow) => isTerminal(status);

/** Archives as the tables of PostgreSQL have them, in memory. */
export class MemoryArchiveStore implements ArchiveStore {
  private readonly database: MemoryDatabase;

  constructor(database: MemoryDatabase) {
    this.database = database;
  }

  async passQuiet(partitions: readonly number[]): Promise<void> {
    const { relayCursor } = this.database;
    for (const partition of partitions) {
      const at = relayCursor[partition] ?? 0;
      const turns = this.database.turnsIn(partition).filter(({ seq }) => seq > at);
      const next = turns.find(({ notable }) => notable);
      const end = next === undefined ? turns.at(-1)?.seq : next.seq - 1;
      relayCursor[partition] = Math.max(at, end ?? 0);
    }
  }

  async sweep(
    partition: number,
    { after, limit, beforeMs }: Sweep,
  ): Promise<{ runs: RunAtRest[]; next?: number }> {
    const low = this.database.turnsIn(partition).filter(({ seq }) => seq > after);
    const page = low.slice(0, limit);
    const rows = [...new Set(page.map(({ runId }) => runId))].flatMap((runId) => {
      return this.database.runs.get(runId)?.row ?? [];
    });
    const runs = rows
      .filter((row) => isAtRest(row) && row.updatedAt < beforeMs)
      .map(({ tenantId, runId, ...row }) => ({
        ...{ tenantId, runId, isOver: isOver(row as RunRow) },
        bytes: this.inJournal(runId).reduce((sum, { payload }) => sum + payload.length, 0),
      }));
    const isEnd = page.length < limit || rows.some(({ createdAt }) => createdAt >= beforeMs);
    return isEnd ? { runs } : { runs, next: page.at(-1)?.seq ?? 0 };
  }

  async longRuns(page: {
    readonly after: string;
    readonly limit: number;
    readonly snapshotsMin: number;
  }): Promise<{ runs: OfRun[]; next?: string }> {
    const looked = [...this.database.runs.values()]
      .map(({ row }) => row)
      .filter(({ runId }) => runId > page.after)
      .sort((a, b) => (a.runId < b.runId ? -1 : 1))
      .flatMap((row) => this.snapshots(row.runId).map(() => row))
      .slice(0, page.limit);
    const counted = [...Map.groupBy(looked, (row) => row)];
    const runs = counted
      .filter(([row, { length }]) => length >= page.snapshotsMin && !isAtRest(row))
      .map(([{ tenantId, runId }]) => ({ tenantId, runId }));
    const [last] = counted.at(-2) ?? counted.at(-1) ?? [];
    return looked.length < page.limit || last === undefined ? { runs } : { runs, next: last.runId };
  }

  async tail(
    runIds: readonly string[],
    { after, limit }: { readonly after: number; readonly limit: number },
  ): Promise<TailTurn[]> {
    return runIds
      .toSorted()
      .flatMap((runId) => this.inJournal(runId).sort((a, b) => a.position - b.position))
      .filter((turn) => turn.position > after && this.isPassed(turn))
      .slice(0, limit)
      .map(({ tenantId, runId, position, payload }) => ({ tenantId, runId, position, payload }));
  }

  async archivedUntil({ runId }: OfRun): Promise<CutPoint | undefined> {
    const [last] = this.database.archives
      .filter((range) => range.runId === runId)
      .sort((a, b) => b.first - a.first);
    return last && { position: last.last, entries: last.before + last.entries };
  }

  async cutPoints({ runId }: OfRun, after: number): Promise<CutPoint[]> {
    return this.snapshots(runId)
      .filter(({ position }) => position > after)
      .map(({ position, snapshot }) => ({ position, entries: snapshot?.entries ?? 0 }));
  }

  async stateAfter({ runId }: OfRun, position: number): Promise<StoredOpening | undefined> {
    const taken = this.snapshots(runId).find((turn) => turn.position === position);
    return taken?.snapshot && { format: taken.snapshot.format, payload: taken.snapshot.payload };
  }

  async move(_tenantId: string, content: Buffer, ranges: readonly ArchivedRange[]): Promise<void> {
    const { database } = this;
    const hash = hashOfObject(content);
    database.objects.set(hash, { content, touchedAt: database.now() });
    const moved = ranges.map((range) => {
      const isTaken = database.archives.some(
        ({ runId, first }) => runId === range.runId && first === range.first,
      );
      const turns = this.inJournal(range.runId).filter(
        (turn) =>
          turn.position >= range.first && turn.position <= range.last && this.isPassed(turn),
      );
      if (isTaken || turns.length !== range.last - range.first + 1) {
        throw new AppError('conflict', 'the turns are not all there any more');
      }
      return { range, turns };
    });
    for (const { range, turns } of moved) {
      database.archives.push({ ...range, hash });
      for (const turn of turns) database.moved.add(turn);
      this.forget(range);
    }
  }

  /** A4 */
  private forget({ runId, last, isOver }: ArchivedRange): void {
    const snapshots = this.snapshots(runId);
    for (const turn of snapshots) {
      const isNeeded = turn.position >= last || turn === snapshots.at(-1);
      if (isOver || !isNeeded) this.database.forgotten.add(turn);
    }
  }

  async endedRuns(page: {
    readonly after: string;
    readonly limit: number;
    readonly beforeMs: number;
  }): Promise<{ runIds: string[]; next?: string }> {
    const rows = [...this.database.runs.values()]
      .map(({ row }) => row)
      .filter(({ runId }) => runId > page.after)
      .sort((a, b) => (a.runId < b.runId ? -1 : 1))
      .slice(0, page.limit);
    const runIds = rows
      .filter((row) => isAtRest(row) && row.updatedAt < page.beforeMs)
      .map(({ runId }) => runId)
      .filter((runId) => this.inJournal(runId).length === 0);
    const isEnd =
      rows.length < page.limit || rows.some(({ createdAt }) => createdAt >= page.beforeMs);
    const last = rows.at(-1)?.runId;
    return isEnd || last === undefined ? { runIds } : { runIds, next: last };
  }

  async remove(asked: readonly string[], beforeMs: number): Promise<void> {
    const { database } = this;
    const runIds = asked.filter((runId) => {
      const row = database.runs.get(runId)?.row;
      if (row === undefined || !isAtRest(row) || row.updatedAt >= beforeMs) return false;
      return this.inJournal(runId).length === 0;
    });
    const isGone = (runId: string) => runIds.includes(runId);
    for (const [key, { runId }] of database.startKeys) {
      if (isGone(runId)) database.startKeys.delete(key);
    }
    for (const [id, { runId }] of database.approvals) {
      if (isGone(runId)) database.approvals.delete(id);
    }
    const kept = database.archives.filter(({ runId }) => !isGone(runId));
    database.archives.splice(0, database.archives.length, ...kept);
    for (const runId of runIds) database.runs.delete(runId);
  }

  /** What the collector does with objects. */
  collect(untouchedMs: number): void {
    const { objects, archives, now } = this.database;
    for (const [hash, { touchedAt }] of objects) {
      const isUsed = archives.some((range) => range.hash === hash);
      if (!isUsed && now() - touchedAt > untouchedMs) objects.delete(hash);
    }
  }

  private inJournal(runId: string): PlacedTurn[] {
    const turns = this.database.runs.get(runId)?.turns ?? [];
    return turns.filter((turn) => !this.database.moved.has(turn));
  }

  private snapshots(runId: string): PlacedTurn[] {
    const turns = this.database.runs.get(runId)?.turns ?? [];
    return turns.filter((turn) => {
      return turn.snapshot !== undefined && !this.database.forgotten.has(turn);
    });
  }

  /** A2 */
  private isPassed({ partition, seq }: PlacedTurn): boolean {
    return seq <= (this.database.relayCursor[partition] ?? 0);
  }
}
