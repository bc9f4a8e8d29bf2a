import { systemClock, type Clock } from '../engine/clock.js';
import { assign } from './assignment.js';
import type { Partitions } from './partitions.js';
import {
  forgottenAfterMs,
  type PartitionRow,
  type ReplicaRow,
  type ReplicaStore,
  type ReplicaView,
  type SeenPartition,
} from './replica-store.js';

export interface MembershipTimes {
  /** A replica that has not renewed for so long has lost what it owns. */
  readonly leaseMs: number;
  /** Between two renewals, alone and with others. */
  readonly aloneMs: number;
  readonly togetherMs: number;
  /** One that is silent for so long is looked for. */
  readonly suspectMs: number;
  /** Calls on their way may end for so long before a partition moves; the others cannot be repeated. */
  readonly graceMs: number;
  readonly onceGraceMs: number;
}

export const defaultTimes: MembershipTimes = {
  leaseMs: 5_000,
  aloneMs: 1_000,
  togetherMs: 500,
  suspectMs: 800,
  graceMs: 4_000,
  onceGraceMs: 30_000,
};

/** Where a process is that has no others beside it. */
export const nowhere = 'http://127.0.0.1:0';

export interface Grace {
  readonly graceMs: number;
  readonly onceGraceMs: number;
}

export interface MembershipOptions {
  readonly store: ReplicaStore;
  /** Where the others reach this process. */
  readonly url: string;
  readonly partitions: Partitions;
  /** Takes those that are still as they were seen. */
  readonly take: (seen: readonly SeenPartition[]) => Promise<void>;
  /** Finishes what is under way for the partition and frees it. */
  readonly release: (seen: SeenPartition, grace: Grace) => Promise<void>;
  /** Somebody else has it. */
  readonly lost: (partition: number) => void;
  /** The level of the journal that is on. */
  readonly level?: (level: number) => void;
  /** A process with the same address has replaced this one. */
  readonly onReplaced: () => void;
  readonly onError: (error: unknown, message: string) => void;
  /** Makes others look at once; it may be lost. */
  readonly hint?: (urls: readonly string[], about: 'partitions') => void;
  /** Whether nobody listens at an address: then its process is gone. @default never */
  readonly isDead?: (url: string) => Promise<boolean>;
  readonly times?: Partial<MembershipTimes>;
  readonly clock?: Clock;
}

/**
 * Shares the partitions with the other replicas: renews the lease, takes what is this process's by
 * the assignment, and gives away what is not.
 *
 * M1  The lease is only for liveness. Whoever takes a partition raises its epoch; what its former
 *     owner still writes is fenced, however long it has slept.
 * M2  Takeovers and looks happen one after the other, so what a look tells is never older than what
 *     this process has taken.
 * M3  After a pause of its own (it slept, or the database was away) a replica believes in no lease
 *     that has ended before the others have had the time to renew theirs.
 */
export class Membership {
  private readonly options: MembershipOptions;
  private readonly times: MembershipTimes;
  private readonly releasing = new Map<number, Promise<void>>();
  private readonly clock: Clock;
  private callOff: (() => void) | undefined;
  private looking: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private leaving = false;
  private isNew = true;
  private lastLookAt = Number.NEGATIVE_INFINITY;
  private steadySince = Number.NEGATIVE_INFINITY;
  private others: readonly ReplicaRow[] = [];
  /** Lives that are known to have ended. */
  private readonly dead = new Set<string>();

  constructor(options: MembershipOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.times = { ...defaultTimes, ...options.times };
  }

  /** Addresses of the other replicas that are alive. */
  get peers(): readonly string[] {
    return this.others.map(({ url }) => url);
  }

  /** Joins and takes what is to be had at once. */
  async start(): Promise<void> {
    await this.options.store.join(this.options.url, this.times.leaseMs);
    this.steadySince = this.clock.now();
    await this.look();
    this.hint();
    this.schedule(this.again ? 0 : undefined);
  }

  /** Something may have changed. */
  poke(): void {
    if (this.stopped) return;
    this.again = true;
    if (this.looking === undefined) this.schedule(0);
  }

  /** Gives everything away and leaves. */
  async leave(grace: Grace): Promise<void> {
    const { store, partitions, onError } = this.options;
    this.leaving = true;
    await this.looking;
    try {
      if (this.others.length > 0) await store.leaving();
    } catch (error) {
      onError(error, 'that this process leaves could not be told');
    }
    for (const id of partitions.owned) this.release({ id, epoch: -1 }, grace);
    await Promise.all(this.releasing.values());
    this.stopped = true;
    this.callOff?.();
    await this.looking;
    try {
      await store.leave();
    } catch (error) {
      onError(error, 'that this process has left could not be told');
    }
    this.hint();
  }

  private schedule(waitMs?: number): void {
    this.callOff?.();
    if (this.stopped) return;
    const { aloneMs, togetherMs } = this.times;
    const pauseMs = this.others.length > 0 ? togetherMs : aloneMs;
    this.callOff = this.clock.after(waitMs ?? pauseMs, () => {
      this.looking = this.lookAgain().finally(() => {
        this.looking = undefined;
        this.schedule(this.again ? 0 : undefined);
      });
    });
  }

  private async lookAgain(): Promise<void> {
    this.again = false;
    try {
      await this.look();
    } catch (error) {
      this.options.onError(error, 'the other replicas could not be looked at; it is tried again');
    }
  }

  private async look(): Promise<void> {
    const view = await this.options.store.renew(this.times.leaseMs);
    if (this.stopped) return;
    if (view === undefined) return this.notKnown();
    this.noteLook();
    this.options.level?.(view.level);
    if (await this.expireTheDead(view)) this.again = true;
    await this.follow(view);
  }

  /** Another has, or had, the address; or this process slept for so long that it was forgotten. */
  private async notKnown(): Promise<void> {
    const { store, url, partitions, lost, onReplaced } = this.options;
    const { replicas } = await store.view();
    const wasForgotten = this.clock.now() - this.lastLookAt > forgottenAfterMs / 2;
    if (wasForgotten && !replicas.some((replica) => replica.url === url)) {
      await store.join(url, this.times.leaseMs);
      this.again = true;
      return;
    }
    this.stopped = true;
    for (const partition of partitions.owned) lost(partition);
    onReplaced();
  }

  private noteLook(): void {
    const now = this.clock.now();
    if (now - this.lastLookAt > this.times.leaseMs / 2) this.steadySince = now;
    this.lastLookAt = now;
  }

  /** M3. One that has just come has no past of its own: it trusts what has been over for a while. */
  private isAlive({ id, leaseMs }: ReplicaRow): boolean {
    if (id === this.options.store.id || leaseMs > 0) return true;
    if (this.dead.has(id)) return false;
    if (this.isNew) return leaseMs > -this.times.leaseMs;
    return this.clock.now() - this.steadySince < this.times.leaseMs;
  }

  private async expireTheDead({ replicas }: ReplicaView): Promise<boolean> {
    const { isDead, store } = this.options;
    if (isDead === undefined) return false;
    const suspects = replicas.filter(
      ({ id, leaseMs, silentMs }) =>
        id !== store.id && leaseMs > 0 && silentMs > this.times.suspectMs,
    );
    const found = await Promise.all(
      suspects.map(async (suspect) => {
        if (!(await isDead(suspect.url))) return false;
        await store.expire(suspect);
        this.dead.add(suspect.id);
        return true;
      }),
    );
    return found.includes(true);
  }

  private async follow({ replicas, partitions }: ReplicaView): Promise<void> {
    const { store } = this.options;
    const alive = replicas.filter((replica) => this.isAlive(replica));
    this.isNew = false;
    this.others = alive.filter(({ id }) => id !== store.id);
    const owners = new Map(partitions.map(({ id, owner }) => [id, ownerAmong(alive, owner)]));
    this.learn(partitions, owners);
    const staying = alive.filter(({ id, leaving }) => !(id === store.id ? this.leaving : leaving));
    const target = assign(
      staying.map(({ id }) => id),
      owners,
    );
    this.giveAway(partitions, target);
    await this.takeWhatIsDue(partitions, { owners, target });
  }

  private learn(
    rows: readonly PartitionRow[],
    owners: ReadonlyMap<number, string | undefined>,
  ): void {
    const { partitions, store, lost } = this.options;
    for (const { id, owner } of rows) {
      if (partitions.holdOf(id) !== undefined && owner !== store.id) lost(id);
    }
    const urls = new Map(this.others.map(({ id, url }) => [id, url]));
    const elsewhere = new Map<number, string>();
    for (const [partition, owner] of owners) {
      const url = owner === undefined ? undefined : urls.get(owner);
      if (url !== undefined) elsewhere.set(partition, url);
    }
    partitions.learn(elsewhere, this.peers);
  }

  /** Also what a failure has left in this process's name although it has dropped it. */
  private giveAway(rows: readonly PartitionRow[], target: ReadonlyMap<number, string>): void {
    const { store } = this.options;
    if (target.size === 0) return;
    for (const row of rows) {
      if (row.owner === store.id && target.get(row.id) !== store.id) this.release(row, this.times);
    }
  }

  private release(seen: SeenPartition, grace: Grace): void {
    if (this.releasing.has(seen.id)) return;
    const released = this.options
      .release(seen, grace)
      .catch((error: unknown) => {
        this.options.onError(error, `partition ${String(seen.id)} could not be freed`);
      })
      .finally(() => {
        this.releasing.delete(seen.id);
        this.hint();
      });
    this.releasing.set(seen.id, released);
  }

  private async takeWhatIsDue(
    rows: readonly PartitionRow[],
    {
      owners,
      target,
    }: {
      readonly owners: ReadonlyMap<number, string | undefined>;
      readonly target: ReadonlyMap<number, string>;
    },
  ): Promise<void> {
    const { partitions, store, take } = this.options;
    const due = rows.filter(({ id }) => {
      if (target.get(id) !== store.id || this.releasing.has(id)) return false;
      const owner = owners.get(id);
      return partitions.holdOf(id) === undefined && (owner === undefined || owner === store.id);
    });
    if (due.length === 0) return;
    await take(due);
    this.again = true; // Whoever was faster has others then.
    this.hint();
  }

  private hint(): void {
    if (this.others.length > 0) this.options.hint?.(this.peers, 'partitions');
  }
}

function ownerAmong(alive: readonly ReplicaRow[], owner: string | undefined): string | undefined {
  return alive.some(({ id }) => id === owner) ? owner : undefined;
}
