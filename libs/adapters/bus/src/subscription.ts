import { databaseError, sqlState } from '@parley/postgres';
import type { BusSubscription, FailurePlace, SubscribeOptions } from './bus.js';
import {
  partitionId,
  type ClaimedPartition,
  type GroupStore,
  type StoredEvent,
} from './group-store.js';
import { PartitionWorker, type WorkerHost } from './partition-worker.js';

export interface SubscriptionHooks {
  readonly onError: (error: unknown, at?: FailurePlace) => void;
  /** Tells the other members of the group to look at their share. */
  notifyGroup(group: string): void;
  /** The session was found dead by others: make a new one. */
  resetSession(): void;
  /** A dead letter waits for its position. */
  buried(): void;
  stopped(subscription: Subscription): void;
}

/** Joins a group on the session that keeps the member alive; answers the member's id. */
export type JoinGroup = (group: string) => Promise<number>;

/** What one look takes: shared among the partitions, but of each at least what a row can have. */
const eventsPerRead = 2_000;
const eventsPerPartition = { least: 100, most: 500 };
/** Handlers that do not end by then lose their partition; their event comes again elsewhere. */
const stopWaitMs = 10_000;

/**
 * A member of a consumer group.
 *
 * M1  Statements that read or move positions run one at a time (`exclusive`), so a position that
 *     differs from the last one acknowledged means that somebody moved the group.
 * M2  A lost session ends every worker: another member may own the partitions at once.
 * M3  Within this process a partition is in the hands of one worker at a time.
 */
export class Subscription implements BusSubscription {
  readonly ready: Promise<void>;
  private settleReady!: { resolve(): void; reject(error: unknown): void };
  private member: number | undefined;
  private stopping = false;
  private readonly workers = new Map<string, PartitionWorker>();
  private readonly unacked = new Set<PartitionWorker>();
  private queueTail: Promise<unknown> = Promise.resolve();
  private cycleWanted = false;
  private claimWanted = false;
  private cycling: Promise<void> | undefined;
  private flushing: Promise<void> | undefined;
  private gathering: NodeJS.Timeout | undefined;
  readonly options: SubscribeOptions;
  private readonly store: GroupStore;
  private readonly hooks: SubscriptionHooks;
  private readonly host: WorkerHost;

  constructor(options: SubscribeOptions, store: GroupStore, hooks: SubscriptionHooks) {
    this.options = options;
    this.store = store;
    this.hooks = hooks;
    this.ready = new Promise((resolve, reject) => {
      this.settleReady = { resolve, reject };
    });
    this.ready.catch(() => undefined); // also told to onError
    this.host = {
      handler: options.handler,
      batchHandler: options.batchHandler,
      onError: hooks.onError,
      handled: (worker) => this.ackLater(worker),
      countFailure: (worker, event) => this.countFailure(worker, event),
      bury: (worker, event, failure) =>
        this.exclusive(async () => {
          const { member } = this;
          if (member === undefined || !this.owns(worker)) return false;
          const buried = await this.store.bury(member, event, failure);
          if (buried) {
            worker.acked = event.position;
            this.hooks.buried();
          }
          return buried;
        }),
    };
  }

  /** A new session is there. @throws when it has to be made anew. */
  async attach(join: JoinGroup): Promise<void> {
    if (this.stopping) return;
    try {
      this.member = await join(this.options.group);
    } catch (error) {
      this.refuse(error);
      if (sqlState(error) !== '42501') throw error;
      return;
    }
    this.wake({ claim: true });
    this.hooks.notifyGroup(this.options.group);
  }

  /** The session is gone (M2). */
  detach(): void {
    this.member = undefined;
    for (const worker of this.workers.values()) worker.end();
  }

  /** Something may be there: events of `topics`, or of any; or a change of the group. */
  wake(options: { topics?: readonly string[]; claim?: boolean } = {}): void {
    for (const worker of this.workers.values()) {
      if (options.topics?.includes(worker.topic) ?? true) worker.stale = true;
    }
    this.claimWanted ||= options.claim === true;
    this.cycleWanted = true;
    this.cycling ??= this.cycle();
    if (this.unacked.size > 0) this.flushing ??= this.flushAcks();
  }

  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    clearTimeout(this.gathering);
    for (const worker of this.workers.values()) worker.end();
    const work = Promise.all([...this.workers.values()].map((worker) => worker.work));
    await Promise.race([work, timeout(stopWaitMs)]);
    await this.cycling;
    await this.flushing;
    if (this.unacked.size > 0) await this.flushAcks();
    if (this.member !== undefined) {
      await this.store.leave(this.member).catch((error: unknown) => this.hooks.onError(error));
      this.hooks.notifyGroup(this.options.group);
    }
    this.member = undefined;
    this.hooks.stopped(this);
  }

  private owns(worker: PartitionWorker): boolean {
    return this.workers.get(worker.id) === worker;
  }

  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queueTail.then(work);
    this.queueTail = result.catch(() => undefined); // told to whoever awaits `result`
    return result;
  }

  private async cycle(): Promise<void> {
    try {
      while (this.cycleWanted && !this.stopping) {
        this.cycleWanted = false;
        if (this.claimWanted) {
          this.claimWanted = false;
          await this.exclusive(() => this.claim());
        }
        await this.read();
      }
    } catch (error) {
      this.claimWanted = true; // at the next wake-up or poll
      this.refuse(error);
    } finally {
      this.cycling = undefined;
    }
  }

  /** A refusal for good settles `ready`; anything else is tried again. */
  private refuse(error: unknown): void {
    if (sqlState(error) === '42501') {
      this.settleReady.reject(databaseError(error));
      this.member = undefined;
    }
    if (sqlState(error) === 'P0002') {
      this.detach();
      this.hooks.resetSession();
    }
    this.hooks.onError(databaseError(error));
  }

  private async claim(): Promise<void> {
    const { member } = this;
    if (member === undefined) return;
    const { topics, from } = this.options;
    const claimed = await this.store.claim(member, topics, from ?? 'beginning');
    if (member !== this.member) return; // another session by now
    const ids = new Set(claimed.map(partitionId));
    for (const worker of this.workers.values()) if (!ids.has(worker.id)) this.lose(worker);
    for (const each of claimed) this.adopt(each);
    this.settleReady.resolve();
    const share = claimed[0]?.share ?? 0;
    const staying = [...this.workers.values()].filter((worker) => !worker.leaving);
    if (staying.length > share) void this.handOver(staying.slice(share));
  }

  private adopt(claimed: ClaimedPartition): void {
    const id = partitionId(claimed);
    const known = this.workers.get(id);
    const unmoved = known?.acked === claimed.position;
    if (known !== undefined && unmoved && (known.alive || known.leaving)) {
      known.stale = true;
      return;
    }
    if (known !== undefined) this.lose(known);
    const worker = new PartitionWorker(claimed, this.host, known?.work); // M3
    this.workers.set(id, worker);
    if (known !== undefined && unmoved && known.done > claimed.position) {
      // Handled before the session was lost, but not recorded: no need to do it again.
      worker.readTo = worker.done = known.done;
      this.ackLater(worker);
    }
  }

  private lose(worker: PartitionWorker): void {
    worker.end();
    this.unacked.delete(worker);
    this.workers.delete(worker.id);
  }

  /** Gives partitions to a member that has fewer, each after the event in work. */
  private async handOver(workers: PartitionWorker[]): Promise<void> {
    for (const worker of workers) {
      worker.leaving = true;
      worker.end();
    }
    await Promise.all(workers.map((worker) => worker.work));
    try {
      await this.flushing;
      if (this.unacked.size > 0) await this.flushAcks();
      await this.exclusive(async () => {
        if (this.member !== undefined) await this.store.release(this.member, workers);
        for (const worker of workers) if (this.owns(worker)) this.lose(worker);
      });
      this.hooks.notifyGroup(this.options.group);
    } catch (error) {
      this.claimWanted = true;
      this.hooks.onError(error);
    }
  }

  private async read(): Promise<void> {
    const { member } = this;
    if (member === undefined || this.gathering !== undefined) return;
    const hungry = [...this.workers.values()].filter(
      (worker) => worker.stale && !worker.busy && worker.alive,
    );
    if (hungry.length === 0) return;
    for (const worker of hungry) worker.stale = false;
    const behind = hungry.map(({ topic, partition, readTo }) => {
      return { topic, partition, position: readTo };
    });
    const share = Math.floor(eventsPerRead / hungry.length);
    const { least, most } = eventsPerPartition;
    const limit = Math.max(least, Math.min(most, share));
    let events: StoredEvent[];
    try {
      events = await this.store.read(member, behind, limit);
    } catch (error) {
      for (const worker of hungry) worker.stale = true;
      throw error;
    }
    const byPartition = Map.groupBy(events, partitionId);
    for (const worker of hungry) {
      const own = byPartition.get(worker.id) ?? [];
      worker.stale ||= own.length > limit - least; // another row might not have fitted
      if (own.length === 0 || !this.owns(worker)) continue;
      worker.take(own, () => {
        if (worker.stale) this.wakeCycle();
      });
    }
    if (hungry.some((worker) => worker.stale && !worker.busy)) this.cycleWanted = true;
    if (events.length > 0 && !hungry.some((worker) => worker.stale)) this.gather();
  }

  /** Looks again only after a while. */
  private gather(): void {
    const { gatherMs = 0 } = this.options;
    if (gatherMs === 0) return;
    this.gathering = setTimeout(() => {
      this.gathering = undefined;
      this.wakeCycle();
    }, gatherMs).unref();
  }

  private wakeCycle(): void {
    this.cycleWanted = true;
    this.cycling ??= this.cycle();
  }

  private countFailure(worker: PartitionWorker, event: StoredEvent): Promise<number | undefined> {
    return this.exclusive(async () => {
      const { member } = this;
      if (member === undefined || !this.owns(worker)) return undefined;
      const attempts = await this.store.fail(member, event);
      if (attempts !== undefined) worker.acked = event.position - 1;
      return attempts;
    });
  }

  private ackLater(worker: PartitionWorker): void {
    if (!this.owns(worker)) return;
    this.unacked.add(worker);
    this.flushing ??= this.flushAcks();
  }

  /** Records positions, one statement at a time for whatever has come together meanwhile. */
  private async flushAcks(): Promise<void> {
    try {
      while (this.unacked.size > 0) await this.exclusive(() => this.flushOnce());
    } catch (error) {
      this.hooks.onError(error); // kept in `unacked` for the next wake-up or poll
    } finally {
      this.flushing = undefined;
    }
  }

  private async flushOnce(): Promise<void> {
    const { member } = this;
    const batch = [...this.unacked].filter((worker) => this.owns(worker));
    this.unacked.clear();
    if (member === undefined || batch.length === 0) return;
    const handled = batch.map(({ topic, partition, done }) => {
      return { topic, partition, position: done };
    });
    try {
      const complete = await this.store.ack(member, handled);
      batch.forEach((worker, index) => {
        worker.acked = handled[index]?.position ?? worker.acked;
      });
      if (!complete) {
        this.claimWanted = true;
        this.wakeCycle();
      }
    } catch (error) {
      for (const worker of batch) if (this.owns(worker)) this.unacked.add(worker);
      throw error;
    }
  }
}

function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
