import { isConnectionLoss, sleep, backoffMs, sqlState } from '@parley/postgres';
import { AppError } from '@parley/kernel';
import type { Ownership } from './journal-store.pg.js';
import type { PlacedTurn, TurnRecord } from './turn-record.js';

const batchTurnsMax = 500;
const batchBytesMax = 1_048_576;
/** Turns that one tenant may have in a batch while others wait. */
const tenantShareMax = 100;
/** Above this many waiting turns new runs are refused (429). */
export const backlogTurnsMax = 5_000;

/** What the flusher needs of the journal. */
export interface JournalWriter {
  takeOver(): Promise<Ownership>;
  /** Undefined when another process has taken over. */
  takeOverAgain(): Promise<Ownership | undefined>;
  flush(epochs: ReadonlyMap<number, number>, turns: readonly PlacedTurn[]): Promise<boolean>;
}

interface Waiting {
  readonly turn: TurnRecord;
  durable(): void;
  lost(error: Error): void;
}

export interface FlusherOptions {
  readonly journal: JournalWriter;
  /** Another process owns the partitions now: this one must stop. */
  readonly onFenced: () => void;
  readonly onError: (error: unknown, message: string) => void;
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
 *     alone. Later turns of that run are lost with it.
 */
export class Flusher {
  private readonly options: FlusherOptions;
  private readonly queues = new Map<string, Waiting[]>();
  private ownership: Ownership | undefined;
  private lastSeq = new Map<number, number>();
  private size = 0;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(options: FlusherOptions) {
    this.options = options;
  }

  /** Takes over every partition; nothing can be appended before. */
  async start(): Promise<void> {
    this.own(await this.options.journal.takeOver());
  }

  get backlog(): number {
    return this.size;
  }

  /** Resolves when the turn is durable; rejects when it is lost and the run must be reloaded. */
  append(turn: TurnRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.stopped) return reject(stoppedError());
      const queue = this.queues.get(turn.tenantId);
      const waiting = { turn, durable: resolve, lost: reject };
      if (queue === undefined) this.queues.set(turn.tenantId, [waiting]);
      else queue.push(waiting);
      this.size += 1;
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

  /** Tenants take turns, so one that floods the engine cannot fill every batch. */
  private takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    const share = this.queues.size > 1 ? tenantShareMax : batchTurnsMax;
    for (const [tenant, queue] of [...this.queues]) {
      let taken = 0;
      while (taken < share && batch.length < batchTurnsMax && taken < queue.length) {
        const next = queue[taken];
        if (next === undefined || (bytes > 0 && bytes + next.turn.payload.length > batchBytesMax))
          break;
        bytes += next.turn.payload.length;
        batch.push(next);
        taken += 1;
      }
      this.queues.delete(tenant);
      // Whoever has more goes to the back of the line.
      if (taken < queue.length) this.queues.set(tenant, queue.slice(taken));
    }
    this.size -= batch.length;
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
        if (!isConnectionLoss(error) && attempt > 5) return this.abandon(batch, error);
        const outcome = await this.reconcile(placed, attempt);
        if (outcome === 'committed') return this.committed(batch, placed);
        if (outcome === 'overtaken') return this.fenced(batch);
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
      await sleep(backoffMs(waits, { baseMs: 50, maxMs: 2_000 }));
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
    const failed = new Set<string>();
    const watched = batch.map((waiting) => ({
      ...waiting,
      lost: (reason: Error) => {
        failed.add(waiting.turn.runId);
        waiting.lost(reason);
      },
    }));
    await this.write(watched.slice(0, middle));
    const rest = watched.slice(middle);
    this.abandon(
      rest.filter(({ turn }) => failed.has(turn.runId)),
      error,
    );
    const others = rest.filter(({ turn }) => !failed.has(turn.runId));
    if (others.length > 0) await this.write(others);
  }

  private abandon(batch: readonly Waiting[], error: unknown): void {
    const reason = error instanceof Error ? error : new Error(String(error));
    const runs = new Set(batch.map(({ turn }) => turn.runId));
    for (const waiting of batch) waiting.lost(reason);
    // What the run did afterwards rests on a turn that does not exist.
    for (const [tenant, queue] of this.queues) {
      const dependent = queue.filter(({ turn }) => runs.has(turn.runId));
      if (dependent.length === 0) continue;
      this.queues.set(
        tenant,
        queue.filter(({ turn }) => !runs.has(turn.runId)),
      );
      this.size -= dependent.length;
      for (const waiting of dependent) waiting.lost(reason);
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

/** Classes 22, 23 and 54: the data is at fault and would be again. */
function isDataError(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && /^(22|23|54)/.test(state);
}

function stoppedError(): AppError {
  return new AppError('unavailable', 'the engine is stopping; repeat the request', {
    retryAfterSeconds: 1,
  });
}
