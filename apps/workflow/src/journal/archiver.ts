import { partitionOfRun } from '../engine/run-id.js';
import { entryCountOf, parseTurnText, textOfTurn } from '../payloads/claims.js';
import { encodeArchive, type PartOfRun, type ToldTurn } from './archive-format.js';
import type {
  ArchivedRange,
  ArchiveStore,
  CutPoint,
  OfRun,
  RunAtRest,
  TailTurn,
} from './archive-store.js';

export interface ArchiverLimits {
  /** The first turns of a partition: most often they say that it has nothing that is old enough. */
  readonly peekedTurns: number;
  /** Turns of a partition that are looked at together after that. */
  readonly sweptTurns: number;
  /** Runs whose turns take more bytes are archived by themselves. */
  readonly shortRunBytes: number;
  /** Bytes of the turns that one archive holds of many runs. */
  readonly sharedBytes: number;
  /** JSON text from which on the turns of a long run are an archive of their own. */
  readonly partLength: number;
  /**
   * So are turns with this many snapshots, however little text they have themselves: large values lie
   * elsewhere. Fewer than make a run a long one, so that whatever is long gets shorter.
   */
  readonly partSnapshots: number;
  /** Snapshots from which on a run that goes on is a long one. */
  readonly longRunSnapshots: number;
  /** Snapshots that are counted at a time, more than make a run a long one; the next ones are next time. */
  readonly countedSnapshots: number;
  /** For so many looks a long run is left alone that could not be shortened. */
  readonly fruitlessLooks: number;
  readonly removedRuns: number;
}

const archiverLimits: ArchiverLimits = {
  peekedTurns: 50,
  sweptTurns: 2_000,
  shortRunBytes: 256 * 1024,
  sharedBytes: 1024 * 1024,
  partLength: 1024 * 1024,
  partSnapshots: 8,
  longRunSnapshots: 10,
  countedSnapshots: 100_000,
  fruitlessLooks: 10,
  removedRuns: 500,
};

export interface ArchiverOptions {
  readonly store: ArchiveStore;
  readonly limits?: Partial<ArchiverLimits>;
  /** Between two pieces of work: others come first. */
  readonly pause: () => Promise<void>;
  readonly isStopped: () => boolean;
  readonly onError: (error: unknown, message: string) => void;
}

/**
 * Keeps the journal short: what nobody needs any more to go on is moved into archives, where history
 * and exports find it, and in the end removed.
 */
export class Archiver {
  private readonly store: ArchiveStore;
  private readonly limits: ArchiverLimits;
  private readonly options: ArchiverOptions;
  /** Where the next look for long runs goes on. */
  private countedUntil = '';
  private looks = 0;
  /** Long runs that could not be shortened, and the look at which that is tried again. */
  private readonly fruitless = new Map<string, number>();

  constructor(options: ArchiverOptions) {
    this.options = options;
    this.store = options.store;
    this.limits = { ...archiverLimits, ...options.limits };
  }

  /** Moves what runs that go on have left behind their snapshots. */
  async shortenRuns(partitions: readonly number[]): Promise<void> {
    await this.store.passQuiet(partitions);
    const { longRunSnapshots: snapshotsMin, countedSnapshots: limit, fruitlessLooks } = this.limits;
    const after = this.countedUntil;
    const { runs, next } = await this.store.longRuns({ after, limit, snapshotsMin });
    this.countedUntil = next ?? '';
    this.looks += 1;
    for (const [runId, look] of this.fruitless) {
      if (look <= this.looks) this.fruitless.delete(runId);
    }
    for (const run of runs) {
      if (this.options.isStopped()) return;
      if (!partitions.includes(partitionOfRun(run.runId) ?? -1)) continue;
      if (this.fruitless.has(run.runId)) continue;
      const moved = await this.guarded(run.runId, () => this.archiveLong(run));
      if (moved !== true) this.fruitless.set(run.runId, this.looks + fruitlessLooks);
    }
  }

  /** Moves the journals of runs that have done nothing since `beforeMs`. */
  async archiveOld(partitions: readonly number[], beforeMs: number): Promise<void> {
    await this.store.passQuiet(partitions);
    const { peekedTurns, sweptTurns: limit } = this.limits;
    for (const partition of partitions) {
      if (this.options.isStopped()) return;
      const first = await this.store.sweep(partition, { after: 0, limit: peekedTurns, beforeMs });
      if (first.next === undefined) await this.archiveAll(first.runs);
      let after: number | undefined = first.next === undefined ? undefined : 0;
      while (after !== undefined) {
        if (this.options.isStopped()) return;
        const swept = await this.store.sweep(partition, { after, limit, beforeMs });
        await this.archiveAll(swept.runs);
        after = swept.next;
      }
      await this.options.pause();
    }
  }

  /** Removes runs that ended before `beforeMs`. */
  async removeEnded(partitions: readonly number[], beforeMs: number): Promise<void> {
    const { removedRuns: limit } = this.limits;
    for (let after: string | undefined = ''; after !== undefined;) {
      if (this.options.isStopped()) return;
      const ended: Awaited<ReturnType<ArchiveStore['endedRuns']>> = await this.store.endedRuns({
        after,
        limit,
        beforeMs,
      });
      const own = ended.runIds.filter((runId) => partitions.includes(partitionOfRun(runId) ?? -1));
      if (own.length > 0) {
        await this.store.remove(own, beforeMs);
        await this.options.pause();
      }
      after = ended.next;
    }
  }

  private async archiveAll(runs: readonly RunAtRest[]): Promise<void> {
    const { isStopped } = this.options;
    for (const shared of this.sharing(runs)) {
      if (isStopped()) return;
      const [{ tenantId, runId } = { tenantId: '', runId: '' }] = shared;
      await this.guarded(runId, () => this.archiveShort(tenantId, shared));
    }
    for (const run of runs) {
      if (isStopped()) return;
      if (run.bytes <= this.limits.shortRunBytes) continue;
      await this.guarded(run.runId, () => this.archiveLong(run, run));
    }
  }

  /** Short runs of one tenant that share an archive. */
  private sharing(runs: readonly RunAtRest[]): RunAtRest[][] {
    const { shortRunBytes, sharedBytes } = this.limits;
    const open = new Map<string, { bytes: number; runs: RunAtRest[] }>();
    const shared: RunAtRest[][] = [];
    for (const run of runs) {
      if (run.bytes > shortRunBytes) continue;
      let group = open.get(run.tenantId);
      if (group === undefined || group.bytes + run.bytes > sharedBytes) {
        group = { bytes: 0, runs: [] };
        shared.push(group.runs);
        open.set(run.tenantId, group);
      }
      group.bytes += run.bytes;
      group.runs.push(run);
    }
    return shared;
  }

  private async archiveShort(tenantId: string, runs: readonly RunAtRest[]): Promise<void> {
    const runIds = runs.map(({ runId }) => runId);
    const limit = Number.MAX_SAFE_INTEGER;
    const turns = Map.groupBy(await this.store.tail(runIds, { after: 0, limit }), (turn) => {
      return turn.runId;
    });
    const parts: PartOfRun[] = [];
    const ranges: ArchivedRange[] = [];
    for (const { runId, isOver } of runs) {
      const told = (turns.get(runId) ?? []).map(toldTurn);
      if (told.length === 0) continue;
      const start = await this.startOf({ tenantId, runId }, told);
      const part = { runId, turns: told };
      parts.push(part);
      ranges.push(rangeOf(part, { before: start.entries, entries: countOf(told), isOver }));
    }
    if (parts.length > 0) await this.store.move(tenantId, encodeArchive(parts), ranges);
  }

  /**
   * Moves the turns of a run in parts that begin where its state is known, so that nobody has to read
   * it from its start to know what it was; `atRest`: to its end.
   * @returns whether any were moved
   */
  private async archiveLong(run: OfRun, atRest?: RunAtRest): Promise<boolean> {
    const { partLength, partSnapshots } = this.limits;
    let start = (await this.store.archivedUntil(run)) ?? { position: 0, entries: 0 };
    const cuts = new Map(
      (await this.store.cutPoints(run, start.position)).map((cut) => [cut.position, cut]),
    );
    let turns: ToldTurn[] = [];
    let length = 0;
    let snapshots = 0;
    let moved = false;
    for await (const turn of this.tailOf(run, start.position)) {
      if (this.options.isStopped()) return moved;
      turns.push(turn);
      length += turn.text.length;
      const cut = cuts.get(turn.position);
      if (cut === undefined) continue;
      snapshots += 1;
      if (length < partLength && snapshots < partSnapshots) continue;
      await this.movePart(run, { start, end: cut, turns, isOver: false });
      moved = true;
      await this.options.pause();
      start = cut;
      turns = [];
      length = 0;
      snapshots = 0;
    }
    if (atRest === undefined || turns.length === 0) return moved;
    const end = {
      position: turns.at(-1)?.position ?? 0,
      entries: start.entries + countOf(turns),
    };
    await this.movePart(run, { start, end, turns, isOver: atRest.isOver });
    return true;
  }

  private async movePart(
    { tenantId, runId }: OfRun,
    part: {
      readonly start: CutPoint;
      readonly end: CutPoint;
      readonly turns: readonly ToldTurn[];
      readonly isOver: boolean;
    },
  ): Promise<void> {
    const { start, end, turns, isOver } = part;
    const opening =
      start.position === 0
        ? undefined
        : await this.store.stateAfter({ tenantId, runId }, start.position);
    const archived = { runId, turns, ...(opening === undefined ? {} : { opening }) };
    const entries = end.entries - start.entries;
    const range = rangeOf(archived, { before: start.entries, entries, isOver });
    await this.store.move(tenantId, encodeArchive([archived]), [range]);
  }

  private async *tailOf(run: OfRun, from: number): AsyncGenerator<ToldTurn> {
    const limit = 100;
    for (let after = from; ;) {
      const turns = await this.store.tail([run.runId], { after, limit });
      for (const turn of turns) {
        yield toldTurn(turn);
        after = turn.position;
      }
      if (turns.length < limit) return;
    }
  }

  /** Where the turns that are left of a run begin. */
  private async startOf(run: OfRun, turns: readonly ToldTurn[]): Promise<CutPoint> {
    const start = { position: 0, entries: 0 };
    if (turns[0]?.position === 1) return start;
    return (await this.store.archivedUntil(run)) ?? start;
  }

  /** What cannot be archived holds up nothing else. @returns what `work` did; nothing when it failed */
  private async guarded<T>(runId: string, work: () => Promise<T>): Promise<T | undefined> {
    let done: T | undefined;
    try {
      done = await work();
    } catch (error) {
      this.options.onError(error, `run ${runId} could not be archived; it is tried again`);
    }
    await this.options.pause();
    return done;
  }
}

function toldTurn({ position, payload }: TailTurn): ToldTurn {
  return { position, text: textOfTurn(payload) };
}

function countOf(turns: readonly ToldTurn[]): number {
  return turns.reduce((sum, { text }) => sum + entryCountOf(parseTurnText(text)), 0);
}

function rangeOf(
  { runId, turns }: PartOfRun,
  counted: Pick<ArchivedRange, 'before' | 'entries' | 'isOver'>,
): ArchivedRange {
  const first = turns[0]?.position ?? 0;
  const last = turns.at(-1)?.position ?? 0;
  return { runId, first, last, ...counted };
}
