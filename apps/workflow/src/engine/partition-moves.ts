import { AppError } from '@parley/kernel';
import type { Grace } from '../replicas/membership.js';
import type { Partitions } from '../replicas/partitions.js';
import type { SeenPartition } from '../replicas/replica-store.js';
import type { Flusher } from './flusher.js';
import type { Inbox } from './inbox.js';
import type { JournalStore } from './journal-store.js';
import type { LiveRuns } from './live-runs.js';
import type { RunCalls } from './run-calls.js';
import { partitionOfRun } from './run-id.js';
import type { Timers } from './timers.js';

/** They are read together: recovery takes few connections and many runs at a time. */
const recoveredAtOnce = 256;

export interface PartitionMovesOptions {
  readonly store: Pick<JournalStore, 'replicas' | 'busyRuns'>;
  readonly partitions: Partitions;
  readonly flusher: Flusher;
  readonly timers: Timers;
  readonly calls: RunCalls;
  readonly inbox: Inbox;
  readonly runs: LiveRuns;
  /** Tells other replicas that runs of theirs were told something. */
  readonly hint: ((urls: readonly string[], about: 'messages') => void) | undefined;
  readonly isClosing: () => boolean;
  readonly pauseBefore: (attempt: number) => Promise<void>;
  readonly onError: (error: unknown, message: string) => void;
}

/** What happens in this process when a partition comes to it or leaves it. */
export class PartitionMoves {
  /** Partitions that are being taken. */
  taking: readonly number[] = [];
  private readonly options: PartitionMovesOptions;

  constructor(options: PartitionMovesOptions) {
    this.options = options;
  }

  /** Takes partitions that nobody has and goes on with what was left busy in them. */
  async take(seen: readonly SeenPartition[]): Promise<void> {
    const { store, flusher, timers, runs, partitions, inbox } = this.options;
    await Promise.all(seen.map(({ id }) => flusher.quiet(id)));
    const ownership = await store.replicas.take(seen);
    const taken = [...ownership.epochs.keys()];
    if (taken.length === 0) return;
    const busy = await store.busyRuns(taken);
    // What is overdue comes before whatever else the runs are told.
    this.taking = taken;
    await timers.refresh().finally(() => (this.taking = []));
    flusher.own(ownership);
    runs.expect(busy);
    partitions.hold(taken);
    void inbox.look();
    void this.recoverAll(busy);
  }

  /** Finishes what is under way for a partition, and gives it to whoever is to have it. */
  async giveAway(seen: SeenPartition, grace: Grace): Promise<void> {
    const { id: partition } = seen;
    const { store, flusher, timers, calls, partitions, runs } = this.options;
    const { replicas } = store;
    const hold = partitions.holdOf(partition);
    if (hold === undefined) return replicas.free([seen]);
    const isOfIt = (runId: string) => partitionOfRun(runId) === partition;
    hold.draining = true;
    timers.drop(isOfIt);
    await runs.back(isOfIt);
    await calls.end(isOfIt, grace);
    await runs.back(isOfIt); // What the calls have answered.
    await partitions.close(partition);
    await flusher.quiet(partition);
    if (partitions.holdOf(partition) !== hold) return; // It was lost meanwhile.
    const epoch = flusher.epochOf(partition);
    this.drop(partition);
    await replicas.free([{ id: partition, epoch }]);
  }

  lost(partition: number): void {
    if (this.options.partitions.holdOf(partition) === undefined) return;
    this.options.onError(
      new AppError('conflict', `partition ${String(partition)} is another's now`),
      'another process has taken a partition over',
    );
    this.drop(partition);
  }

  /** E6 */
  private drop(partition: number): void {
    const { flusher, timers, calls, runs, partitions, inbox } = this.options;
    const isOfIt = (runId: string) => partitionOfRun(runId) === partition;
    partitions.letGo(partition);
    flusher.disown(partition);
    runs.dropPartition(partition);
    inbox.forget();
    timers.drop(isOfIt);
    calls.giveUp(isOfIt);
  }

  /** Reads every busy run; one that cannot be read holds up no other. */
  private async recoverAll(busy: readonly string[]): Promise<void> {
    let left = busy;
    for (let attempt = 1; ; attempt++) {
      left = await this.recoverSome(left);
      if (left.length === 0 || this.options.isClosing()) return;
      await this.options.pauseBefore(attempt);
    }
  }

  /** @returns the runs that could not be read */
  private async recoverSome(runIds: readonly string[]): Promise<string[]> {
    const failed: string[] = [];
    for (let at = 0; at < runIds.length && !this.options.isClosing(); at += recoveredAtOnce) {
      const some = runIds
        .slice(at, at + recoveredAtOnce)
        .filter(
          (runId) => this.options.partitions.holdOf(partitionOfRun(runId) ?? -1) !== undefined,
        );
      const reads = await Promise.allSettled(some.map((runId) => this.options.runs.load(runId)));
      for (const [index, read] of reads.entries()) {
        const runId = some[index];
        if (read.status !== 'rejected' || runId === undefined) continue;
        this.options.onError(read.reason, `run ${runId} could not be recovered; it is tried again`);
        failed.push(runId);
      }
    }
    return failed;
  }

  /** Somebody else's runs were told something; without the hint they hear it a little later. */
  hintOwners(runIds: readonly string[]): void {
    const urls = runIds.flatMap((runId) => {
      const owner = this.options.partitions.ownerOf(partitionOfRun(runId) ?? -1);
      return owner.own || owner.url === undefined ? [] : owner.url;
    });
    if (urls.length > 0) this.options.hint?.([...new Set(urls)], 'messages');
  }
}
