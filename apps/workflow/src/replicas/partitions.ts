import { systemClock, type Clock } from '../engine/clock.js';
import { partitionCount } from '../engine/run-id.js';

/** By what a partition is held, from one takeover to its end. */
export interface Hold {
  /** It is being given away: what happens is noted, nothing new is begun. */
  draining: boolean;
  /** Requests about it wait until somebody else has it. */
  closed: boolean;
  /** Requests about it that are being answered here. */
  requests: number;
}

/** Whose a partition is; without an address while nobody has it. */
export type Owner = { readonly own: true } | { readonly own: false; readonly url?: string };

/** For requests under way about a partition that is given away. */
const requestsMsMax = 5_000;

const all = Array.from({ length: partitionCount }, (_, partition) => partition);

/**
 * Which partitions this process has, and where the others are: what it knows at the moment. It may
 * be outdated by a takeover that it has not heard of; nothing is written under it that is not fenced.
 */
export class Partitions {
  private readonly holds = new Map<number, Hold>();
  private elsewhere: ReadonlyMap<number, string> = new Map();
  /** Addresses of the other replicas that are alive. */
  peers: readonly string[] = [];
  private readonly takenListeners: ((partitions: readonly number[]) => void)[] = [];
  private readonly clock: Clock;
  private readonly waiters = new Set<() => void>();
  private readonly followers = new Map<number, Set<() => void>>();

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
  }

  ownerOf(partition: number): Owner {
    const hold = this.holds.get(partition);
    if (hold !== undefined && !hold.closed) return { own: true };
    const url = hold === undefined ? this.elsewhere.get(partition) : undefined;
    return url === undefined ? { own: false } : { own: false, url };
  }

  holdOf(partition: number): Hold | undefined {
    return this.holds.get(partition);
  }

  /** Whether this process answers for every partition, as it does when it is alone. */
  get ownsAll(): boolean {
    if (this.holds.size < partitionCount) return false;
    for (const { closed } of this.holds.values()) if (closed) return false;
    return true;
  }

  /** Whether a run can be started here. */
  get canStart(): boolean {
    for (const { draining } of this.holds.values()) if (!draining) return true;
    return false;
  }

  /** Where the others are that have partitions. */
  get urlsElsewhere(): readonly string[] {
    return [...new Set(this.elsewhere.values())];
  }

  /** How many this process has. */
  get size(): number {
    return this.holds.size;
  }

  /** Those that this process has, in order. */
  get owned(): readonly number[] {
    return all.filter((partition) => this.holds.has(partition));
  }

  /** One in which this process may begin something; else one of somebody else's. */
  anyPartition(): number {
    const open = all.filter((partition) => this.holds.get(partition)?.draining === false);
    const own = open.length > 0 ? open : this.owned;
    const from = own.length > 0 ? own : [...this.elsewhere.keys()];
    return from[Math.floor(this.clock.random() * from.length)] ?? 0;
  }

  /** To be called with the partitions that have just been taken: their runs may be told things now. */
  onTaken(listener: (partitions: readonly number[]) => void): void {
    this.takenListeners.push(listener);
  }

  /** The engine has taken these. */
  hold(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.holds.set(partition, { draining: false, closed: false, requests: 0 });
    }
    for (const taken of this.takenListeners) taken(partitions);
    this.changed();
  }

  /** The engine has dropped everything of it. */
  letGo(partition: number): void {
    if (!this.holds.delete(partition)) return;
    this.tellFollowers(partition);
    this.changed();
  }

  /**
   * Calls back once, when this process stops answering for a partition: who follows something of it
   * must follow it elsewhere.
   * @returns takes it back
   */
  whenGone(partition: number, gone: () => void): () => void {
    if (this.holds.get(partition)?.closed !== false) {
      gone();
      return () => undefined;
    }
    const following = this.followers.get(partition) ?? new Set<() => void>();
    this.followers.set(partition, following.add(gone));
    return () => following.delete(gone);
  }

  /**
   * Where the partitions of others are.
   * @param peers all others that are alive, also those without a partition
   */
  learn(elsewhere: ReadonlyMap<number, string>, peers: readonly string[]): void {
    this.elsewhere = elsewhere;
    this.peers = peers;
    this.changed();
  }

  /** A request about the partition is answered here until the answer is called. */
  enter(partition: number): () => void {
    const hold = this.holds.get(partition);
    if (hold === undefined) return () => undefined;
    hold.requests += 1;
    return () => {
      hold.requests -= 1;
      if (hold.closed && hold.requests === 0) this.changed();
    };
  }

  /** New requests about it wait; resolves when those that are being answered are, or after a while. */
  async close(partition: number): Promise<void> {
    const hold = this.holds.get(partition);
    if (hold === undefined) return;
    hold.closed = true;
    this.tellFollowers(partition);
    const until = this.clock.now() + requestsMsMax;
    while (hold.requests > 0 && this.clock.now() < until) {
      await this.nextChange(until - this.clock.now());
    }
  }

  /** Resolves at the next change, or after `limitMs`. */
  nextChange(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        callOff();
        this.waiters.delete(wake);
        resolve();
      };
      const callOff = this.clock.after(limitMs, wake);
      this.waiters.add(wake);
    });
  }

  private tellFollowers(partition: number): void {
    const following = this.followers.get(partition);
    this.followers.delete(partition);
    for (const gone of following ?? []) gone();
  }

  private changed(): void {
    for (const wake of [...this.waiters]) wake();
  }
}
