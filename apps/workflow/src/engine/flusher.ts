import { isConnectionLoss, sqlState } from '@parley/postgres';
import { AppError } from '@parley/kernel';
import type { Ownership, ReplicaStore } from '../replicas/replica-store.js';
import { pause, pauseBefore, systemClock, type Clock } from './clock.js';
import type { JournalStore } from './journal-store.js';
import { restMsAfter, restMsMax } from './rest.js';
import type { PlacedTurn, TurnRecord } from './turn-record.js';
import type { WrittenTurns } from './unpublished-turns.js';
import { WaitingTurns, type Waiting } from './waiting-turns.js';

/** How often a batch is sent again that the database refuses for another reason than its data. */
const refusalsMax = 5;

/** What the flusher needs of the journal. */
export type JournalWriter = Pick<JournalStore, 'flush'> & Pick<ReplicaStore, 'takeAgain'>;

export interface FlusherOptions {
  readonly journal: JournalWriter;
  /** Somebody else has these partitions now; their turns that wait are lost already. */
  readonly onLost: (partitions: readonly number[]) => void;
  readonly onError: (error: unknown, message: string) => void;
  /** Told what is durable, per partition in its order. */
  readonly turns?: WrittenTurns;
  readonly clock?: Clock;
}

/**
 * Group commit for the whole process: while one flush is in flight the next batch collects.
 *
 * F1  Sequence numbers are given when a batch leaves, contiguous per partition, in the order in which
 *     the turns of a partition leave.
 * F2  A turn's promise is kept only after its flush is durable; effects wait for that promise.
 * F3  After a lost connection, and when a flush is fenced (perhaps by one's own takeover whose news
 *     was lost), the partitions are taken over again and the journal of each says whether its turns
 *     are in it: all of them (done) or none (sent again). Anything else means another owner.
 * F4  A data error faults the run that caused it and nobody else: the batch is halved until it is
 *     alone. Later turns that rest on the lost one are lost with it, also those that come afterwards:
 *     `run` is the memory that they were made from, and no turn of it is taken any more.
 * F5  A partition that somebody else has taken is lost with all its turns, and no other one is. It
 *     is not owned again before nothing of it is under way any more.
 * F6  While somebody is at work of whom nothing waits, those of whom more waits than their share of a
 *     batch rest after it (`rest.ts`); what comes of others meanwhile is written at once, and
 *     without them.
 */
export class Flusher {
  private readonly options: FlusherOptions;
  private readonly clock: Clock;
  private readonly waiting: WaitingTurns;
  private readonly lostRuns = new WeakSet();
  private readonly epochs = new Map<number, number>();
  private readonly lastSeq = new Map<number, number>();
  /** Turns of each partition that wait or are under way. */
  private readonly unwritten = new Map<number, number>();
  private readonly settled: { readonly partition: number; resolve(): void }[] = [];
  private endRest: (() => void) | undefined;
  /** Who has more than fits into a batch, and until when they rest. */
  private resting: { readonly tenants: ReadonlySet<string>; readonly until: number } | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(options: FlusherOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.waiting = new WaitingTurns(this.clock);
  }

  /** From now on turns of these partitions are taken. */
  own({ epochs, lastSeq }: Ownership): void {
    for (const [id, epoch] of epochs) {
      this.epochs.set(id, epoch);
      this.lastSeq.set(id, lastSeq.get(id) ?? 0);
      this.options.turns?.own(id, lastSeq.get(id) ?? 0);
    }
  }

  /** Gives a partition up: its turns that wait are lost, later ones are refused. */
  disown(partition: number): void {
    this.epochs.delete(partition);
    this.lastSeq.delete(partition);
    this.options.turns?.disown(partition);
    this.reject(({ turn }) => turn.partition === partition, notOwnerError());
  }

  /** Resolves when nothing of the partition waits or is under way. */
  quiet(partition: number): Promise<void> {
    if (!this.unwritten.has(partition)) return Promise.resolve();
    return new Promise((resolve) => this.settled.push({ partition, resolve }));
  }

  /** Whether several tenants are at work. */
  get isShared(): boolean {
    return this.waiting.isShared;
  }

  /** Whether somebody may come whose turns never wait for long. */
  get spares(): boolean {
    return this.waiting.spares;
  }

  epochOf(partition: number): number {
    return this.epochs.get(partition) ?? -1;
  }

  get backlog(): number {
    return this.waiting.size;
  }

  get backlogBytes(): number {
    return this.waiting.bytes;
  }

  get backlogs(): readonly (readonly [tenantId: string, turns: number])[] {
    return this.waiting.byTenant;
  }

  backlogOf(tenantId: string): number {
    return this.waiting.sizeOf(tenantId);
  }

  /**
   * Resolves when the turn is durable; rejects when it is lost and the run must be reloaded.
   * @param run the run's memory that the turn was made from (F4)
   */
  append(turn: TurnRecord, run: object): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.stopped) return reject(stoppedError());
      if (!this.epochs.has(turn.partition)) return reject(notOwnerError());
      if (this.lostRuns.has(run)) return reject(lostError());
      const isFirst = this.waiting.add({ turn, run, durable: resolve, lost: reject });
      this.unwritten.set(turn.partition, (this.unwritten.get(turn.partition) ?? 0) + 1);
      if (isFirst && this.resting?.tenants.has(turn.tenantId) !== true) this.endRest?.();
      this.running ??= this.run();
    });
  }

  /** Writes what is waiting, then takes nothing more. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.endRest?.();
    await this.running;
  }

  private async run(): Promise<void> {
    await Promise.resolve(); // Turns of the same tick go into the same batch.
    while (this.waiting.size > 0) {
      const sinceMs = this.clock.now();
      const restMs = (this.resting?.until ?? 0) - sinceMs;
      const isOver = restMs <= 0 || restMs > restMsMax || !this.waiting.isShared || this.stopped;
      if (isOver) this.resting = undefined;
      if (this.resting === undefined) await this.writeNext(sinceMs);
      else if (this.waiting.hasOthers(this.resting.tenants)) {
        await this.write(this.waiting.takeBatch(this.resting.tenants));
      } else await this.pause(restMs);
    }
    this.resting = undefined;
    this.running = undefined;
  }

  /** F6 */
  private async writeNext(sinceMs: number): Promise<void> {
    const batch = this.waiting.takeBatch();
    // Of these there is more than their share, and of somebody at work there is not.
    const tenants = this.waiting.spares ? this.waiting.tenants : undefined;
    await this.write(batch);
    if (tenants === undefined || tenants.size === 0) return;
    const nowMs = this.clock.now();
    this.resting = { tenants, until: nowMs + restMsAfter(nowMs - sinceMs) };
  }

  /** Until somebody comes. */
  private async pause(ms: number): Promise<void> {
    const somebody = new AbortController();
    this.endRest = () => somebody.abort();
    await pause(this.clock, ms, somebody.signal);
    this.endRest = undefined;
  }

  private async write(batch: readonly Waiting[]): Promise<void> {
    let left = batch;
    for (let attempt = 1; ; attempt++) {
      left = this.stillOwned(left);
      if (left.length === 0) return;
      const placed = this.place(left);
      try {
        const fenced = await this.options.journal.flush(this.epochsOf(left), placed);
        if (fenced.length === 0) return this.committed(left, placed);
        const isFenced = ({ partition }: TurnRecord) => fenced.includes(partition);
        this.committed(
          left.filter(({ turn }) => !isFenced(turn)),
          placed.filter((turn) => !isFenced(turn)),
        );
        left = await this.reconcile(
          left.filter(({ turn }) => isFenced(turn)),
          placed.filter(isFenced),
          attempt,
        );
      } catch (error) {
        if (isDataError(error)) return this.isolate(left, error);
        this.options.onError(error, 'a flush failed; it is repeated');
        left = await this.reconcile(left, placed, attempt);
        if (left.length === 0) return;
        if (isConnectionLoss(error)) continue;
        // Not even sent: something in a turn cannot be written.
        if (sqlState(error) === undefined) return this.isolate(left, error);
        if (attempt > refusalsMax) return this.abandon(left, error);
      }
    }
  }

  /** F1 */
  private place(batch: readonly Waiting[]): PlacedTurn[] {
    const next = new Map<number, number>();
    return batch.map(({ turn }) => {
      const { partition } = turn;
      const seq = (next.get(partition) ?? this.lastSeq.get(partition) ?? 0) + 1;
      next.set(partition, seq);
      return { ...turn, seq };
    });
  }

  private committed(batch: readonly Waiting[], placed: readonly PlacedTurn[]): void {
    for (const { partition, seq } of placed) {
      if (this.lastSeq.has(partition)) this.lastSeq.set(partition, seq);
    }
    this.options.turns?.written(placed);
    for (const waiting of batch) this.end(waiting); // F2
  }

  /** F3. @returns the turns that are to be sent again */
  private async reconcile(
    batch: readonly Waiting[],
    placed: readonly PlacedTurn[],
    attempt: number,
  ): Promise<Waiting[]> {
    const sent = new Map(placed.map(({ partition, seq }) => [partition, seq]));
    const isOf = (partitions: readonly number[]) => (waiting: Waiting) =>
      partitions.includes(waiting.turn.partition);
    for (let waits = attempt; ; waits++) {
      await pauseBefore(this.clock, waits, { baseMs: 50, maxMs: 2_000 });
      try {
        const asked = [...this.epochs.keys()];
        const taken = await this.options.journal.takeAgain(asked);
        const ends = [...sent].map(([partition, seq]) => {
          const end = taken.lastSeq.get(partition);
          return { partition, done: end === seq, resend: end === this.lastSeq.get(partition) };
        });
        const done = ends.filter((end) => end.done).map(({ partition }) => partition);
        const strange = ends.filter((end) => !end.done && !end.resend);
        const gone = asked.filter((id) => !taken.epochs.has(id));
        for (const [id, epoch] of taken.epochs) {
          // What was given up meanwhile stays so, and what was taken anew is newer than this.
          if ((this.epochs.get(id) ?? Infinity) < epoch) this.epochs.set(id, epoch);
        }
        this.committed(
          batch.filter(isOf(done)),
          placed.filter(({ partition }) => done.includes(partition)),
        );
        this.lose([...new Set([...gone, ...strange.map(({ partition }) => partition)])]);
        return this.stillOwned(batch.filter((waiting) => !isOf(done)(waiting)));
      } catch (error) {
        this.options.onError(error, 'the journal is not reachable; it is tried again');
      }
    }
  }

  private stillOwned(batch: readonly Waiting[]): Waiting[] {
    return batch.filter((waiting) => {
      if (this.epochs.has(waiting.turn.partition)) return true;
      this.end(waiting, notOwnerError());
      return false;
    });
  }

  /** F4 */
  private async isolate(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (batch.length === 1) return this.abandon(batch, error);
    const middle = Math.ceil(batch.length / 2);
    await this.write(batch.slice(0, middle));
    const rest = batch.slice(middle);
    this.abandon(
      rest.filter(({ run }) => this.lostRuns.has(run)),
      error,
    );
    const others = rest.filter(({ run }) => !this.lostRuns.has(run));
    if (others.length > 0) await this.write(others);
  }

  private abandon(batch: readonly Waiting[], error: unknown): void {
    if (batch.length === 0) return;
    const reason = error instanceof Error ? error : new Error(String(error));
    for (const waiting of batch) {
      this.lostRuns.add(waiting.run);
      this.end(waiting, reason);
    }
    // What the run did afterwards rests on a turn that does not exist.
    this.reject(({ run }) => this.lostRuns.has(run), reason);
  }

  /** Turns that wait and that nobody will write. */
  private reject(isHopeless: (waiting: Waiting) => boolean, reason: Error): void {
    for (const waiting of this.waiting.remove(isHopeless)) this.end(waiting, reason);
  }

  /** F5 */
  private lose(partitions: readonly number[]): void {
    const lost = partitions.filter((id) => this.epochs.has(id));
    for (const partition of lost) this.disown(partition);
    if (lost.length > 0) this.options.onLost(lost);
  }

  /** The turn is durable, or lost for this reason. */
  private end(waiting: Waiting, reason?: Error): void {
    const { partition } = waiting.turn;
    const left = (this.unwritten.get(partition) ?? 1) - 1;
    if (left > 0) this.unwritten.set(partition, left);
    else this.settle(partition);
    if (reason === undefined) waiting.durable();
    else waiting.lost(reason);
  }

  private settle(partition: number): void {
    this.unwritten.delete(partition);
    const waiting = this.settled.filter((one) => one.partition === partition);
    for (const one of waiting) {
      this.settled.splice(this.settled.indexOf(one), 1);
      one.resolve();
    }
  }

  private epochsOf(batch: readonly Waiting[]): ReadonlyMap<number, number> {
    return new Map(
      batch.map(({ turn }) => [turn.partition, this.epochs.get(turn.partition) ?? -1]),
    );
  }
}

/** Classes 22, 23 and 54: the data is at fault and would be again. */
function isDataError(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && /^(22|23|54)/.test(state);
}

function lostError(): AppError {
  return new AppError('unavailable', 'an earlier turn of the run was lost; repeat the request', {
    retryAfterSeconds: 1,
  });
}

export function notOwnerError(): AppError {
  return new AppError('unavailable', 'another process has this run now; repeat the request', {
    retryAfterSeconds: 1,
  });
}

export function stoppedError(): AppError {
  return new AppError('unavailable', 'the engine is stopping; repeat the request', {
    retryAfterSeconds: 1,
  });
}
