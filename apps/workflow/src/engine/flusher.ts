import { isConnectionLoss, sqlState } from '@parley/postgres';
import { AppError } from '@parley/kernel';
import { pauseBefore, systemClock, type Clock } from './clock.js';
import type { JournalStore, Ownership } from './journal-store.js';
import type { PlacedTurn, TurnRecord } from './turn-record.js';

const batchTurnsMax = 500;
const batchBytesMax = 1_048_576;
/** Turns that one tenant may have in a batch while others wait. */
const tenantShareMax = 100;
/** How often a batch is sent again that the database refuses for another reason than its data. */
const refusalsMax = 5;

/** What the flusher needs of the journal. */
export type JournalWriter = Pick<JournalStore, 'takeOver' | 'takeOverAgain' | 'flush'>;

interface Waiting {
  readonly turn: TurnRecord;
  readonly run: object;
  durable(): void;
  lost(error: Error): void;
}

export interface FlusherOptions {
  readonly journal: JournalWriter;
  /** Another process owns the partitions now: this one must stop. */
  readonly onFenced: () => void;
  readonly onError: (error: unknown, message: string) => void;
  readonly clock?: Clock;
}

/**
 * Group commit for the whole process: while one flush is in flight the next batch collects.
 *
 * F1  Sequence numbers are given when a batch leaves, contiguous per partition, in the order in which
 *     the turns of a partition leave.
 * F2  A turn's promise is kept only after its flush is durable; effects wait for that promise.
 * F3  After a lost connection the partitions are taken over again and the journal says whether the
 *     batch is in it: all of it (done) or nothing (sent again). Anything else means another owner.
 * F4  A data error faults the run that caused it and nobody else: the batch is halved until it is
 *     alone. Later turns that rest on the lost one are lost with it, also those that come afterwards:
 *     `run` is the memory that they were made from, and no turn of it is taken any more.
 */
export class Flusher {
  private readonly options: FlusherOptions;
  private readonly clock: Clock;
  private readonly queues = new Map<string, Waiting[]>();
  private readonly lostRuns = new WeakSet();
  private ownership: Ownership | undefined;
  private lastSeq = new Map<number, number>();
  private size = 0;
  private bytes = 0;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(options: FlusherOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
  }

  /** Takes over every partition; nothing can be appended before. */
  async start(): Promise<void> {
    this.own(await this.options.journal.takeOver());
  }

  /** The partitions that this process owns. */
  partitions(): Iterable<number> {
    return this.epochs().keys();
  }

  epochOf(partition: number): number {
    return this.epochs().get(partition) ?? -1;
  }

  get backlog(): number {
    return this.size;
  }

  get backlogBytes(): number {
    return this.bytes;
  }

  backlogOf(tenantId: string): number {
    return this.queues.get(tenantId)?.length ?? 0;
  }

  /**
   * Resolves when the turn is durable; rejects when it is lost and the run must be reloaded.
   * @param run the run's memory that the turn was made from (F4)
   */
  append(turn: TurnRecord, run: object): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.stopped) return reject(stoppedError());
      if (this.lostRuns.has(run)) return reject(lostError());
      const queue = this.queues.get(turn.tenantId);
      const waiting = { turn, run, durable: resolve, lost: reject };
      if (queue === undefined) this.queues.set(turn.tenantId, [waiting]);
      else queue.push(waiting);
      this.size += 1;
      this.bytes += weightOf(turn);
      this.running ??= this.run();
    });
  }

  /** Writes what is waiting, then takes nothing more. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    await Promise.resolve(); // Turns of the same tick go into the same batch.
    while (this.size > 0) {
      const batch = this.takeBatch();
      await this.write(batch);
    }
    this.running = undefined;
  }

  /**
   * Tenants take turns, so one that floods the engine cannot fill every batch; what they leave free
   * is for whoever has more.
   */
  private takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    let before = -1;
    while (before < batch.length && batch.length < batchTurnsMax) {
      before = batch.length;
      for (const [tenant, queue] of [...this.queues]) {
        const share = Math.min(tenantShareMax, batchTurnsMax - batch.length);
        const fitting = countFitting(queue, share, bytes);
        if (fitting === 0) continue;
        for (const waiting of queue.slice(0, fitting)) {
          bytes += weightOf(waiting.turn);
          batch.push(waiting);
        }
        this.queues.delete(tenant);
        // Whoever has more goes to the back of the line.
        if (fitting < queue.length) this.queues.set(tenant, queue.slice(fitting));
      }
    }
    this.size -= batch.length;
    this.bytes -= bytes;
    return batch;
  }

  private async write(batch: readonly Waiting[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const placed = this.place(batch);
      try {
        if (!(await this.options.journal.flush(this.epochs(), placed))) return this.fenced(batch);
        return this.committed(batch, placed);
      } catch (error) {
        if (isDataError(error)) return this.isolate(batch, error);
        this.options.onError(error, 'a flush failed; it is repeated');
        const outcome = await this.reconcile(placed, attempt);
        if (outcome === 'committed') return this.committed(batch, placed);
        if (outcome === 'overtaken') return this.fenced(batch);
        if (isConnectionLoss(error)) continue;
        // Not even sent: something in a turn cannot be written.
        if (sqlState(error) === undefined) return this.isolate(batch, error);
        if (attempt > refusalsMax) return this.abandon(batch, error);
      }
    }
  }

  /** F1 */
  private place(batch: readonly Waiting[]): PlacedTurn[] {
    const next = new Map(this.lastSeq);
    return batch.map(({ turn }) => {
      const seq = (next.get(turn.partition) ?? 0) + 1;
      next.set(turn.partition, seq);
      return { ...turn, seq };
    });
  }

  private committed(batch: readonly Waiting[], placed: readonly PlacedTurn[]): void {
    for (const { partition, seq } of placed) this.lastSeq.set(partition, seq);
    for (const waiting of batch) waiting.durable(); // F2
  }

  /** F3 */
  private async reconcile(
    placed: readonly PlacedTurn[],
    attempt: number,
  ): Promise<'committed' | 'resend' | 'overtaken'> {
    for (let waits = attempt; ; waits++) {
      await pauseBefore(this.clock, waits, { baseMs: 50, maxMs: 2_000 });
      try {
        const ownership = await this.options.journal.takeOverAgain();
        if (ownership === undefined) return 'overtaken';
        const sent = new Map(placed.map(({ partition, seq }) => [partition, seq]));
        const acknowledged = this.lastSeq;
        this.ownership = ownership;
        const ends = [...sent].map(([partition, seq]) => {
          const end = ownership.lastSeq.get(partition) ?? 0;
          if (end === seq) return 'committed' as const;
          return end === (acknowledged.get(partition) ?? 0)
            ? ('resend' as const)
            : ('overtaken' as const);
        });
        const [first = 'resend'] = ends;
        return ends.every((end) => end === first) ? first : 'overtaken';
      } catch (error) {
        this.options.onError(error, 'the journal is not reachable; it is tried again');
      }
    }
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
      waiting.lost(reason);
    }
    // What the run did afterwards rests on a turn that does not exist.
    for (const [tenant, queue] of this.queues) {
      const dependent = queue.filter(({ run }) => this.lostRuns.has(run));
      if (dependent.length === 0) continue;
      const others = queue.filter(({ run }) => !this.lostRuns.has(run));
      if (others.length > 0) this.queues.set(tenant, others);
      else this.queues.delete(tenant);
      this.size -= dependent.length;
      for (const waiting of dependent) {
        this.bytes -= weightOf(waiting.turn);
        waiting.lost(reason);
      }
    }
  }

  private fenced(batch: readonly Waiting[]): void {
    this.stopped = true;
    const error = new AppError(
      'unavailable',
      'another process runs the engine now; repeat the request',
      {
        retryAfterSeconds: 1,
      },
    );
    for (const waiting of batch) waiting.lost(error);
    for (const waiting of [...this.queues.values()].flat()) waiting.lost(error);
    this.queues.clear();
    this.size = 0;
    this.bytes = 0;
    this.options.onFenced();
  }

  private own(ownership: Ownership): void {
    this.ownership = ownership;
    this.lastSeq = new Map(ownership.lastSeq);
  }

  private epochs(): ReadonlyMap<number, number> {
    if (this.ownership === undefined) throw new Error('the flusher has not been started');
    return this.ownership.epochs;
  }
}

/** How many turns of a queue still go into a batch that has `bytes` already; always one into an empty one. */
function countFitting(queue: readonly Waiting[], countMax: number, bytes: number): number {
  let count = 0;
  let size = bytes;
  for (const { turn } of queue.slice(0, countMax)) {
    size += weightOf(turn);
    if (size > batchBytesMax && size > weightOf(turn)) break;
    count += 1;
  }
  return count;
}

/** Bytes that a turn brings with it: to the database, and to the object store before. */
function weightOf({ payload, claims = [] }: TurnRecord): number {
  return claims.reduce((bytes, { content }) => bytes + content.length, payload.length);
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

function stoppedError(): AppError {
  return new AppError('unavailable', 'the engine is stopping; repeat the request', {
    retryAfterSeconds: 1,
  });
}
