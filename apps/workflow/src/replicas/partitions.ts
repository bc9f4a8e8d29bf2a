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
  private readonly takenListeners: ((partitions: readonly number[]) => void)[] = [];
  private readonly clock: Clock;
  private readonly waiters = new Set<() => void>();

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
    this.changed();
  }

  /** Where the partitions of others are. */
  learn(elsewhere: ReadonlyMap<number, string>): void {
    this.elsewhere = elsewhere;
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

  private changed(): void {
    for (const wake of [...this.waiters]) wake();
  }
}
