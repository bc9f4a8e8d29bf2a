import { describe, expect, it } from '@jest/globals';
import { Random } from '@parley/engine/testing';
import { partitionCount } from '../engine/run-id.js';
import type { LimitUse } from '../engine/tenant-limits.js';
import { LimitShares, heldMs, type Loan, type LoanRequest } from './limit-shares.js';

const limit = 'calls';
const tenantId = 'ten_a';
const tickMs = 1_000;

interface News {
  readonly to: string;
  readonly from: string;
  readonly at: number;
  readonly asked?: readonly LoanRequest[];
  readonly lent?: readonly Loan[];
}

/** A process: what it has begun and what it would begin. */
class Replica {
  readonly name: string;
  owned = 0;
  used = 0;
  waiting = 0;
  /** When in a second it has its turn. */
  readonly turnMs: number;
  /** Its clock is its own. */
  readonly skewMs: number;
  readonly shares: LimitShares;

  constructor(name: string, cluster: Cluster) {
    this.name = name;
    this.turnMs = cluster.random.below(tickMs);
    this.skewMs = cluster.random.below(1_000_000);
    this.shares = new LimitShares({
      owned: () => this.owned,
      now: () => cluster.now + this.skewMs,
      useOf: () => this.use(),
      limits: { calls: cluster.limit, callsWaiting: 1, turnsWaiting: 1 },
    });
  }

  get share(): number {
    return this.shares.of(limit, tenantId);
  }

  use(): LimitUse {
    return { limit, tenantId, used: this.used, wanted: this.used + this.waiting };
  }

  begin(): void {
    while (this.waiting > 0 && this.used < this.share) {
      this.waiting -= 1;
      this.used += 1;
    }
  }
}

/** Processes of one service, whose news may be late, lost, repeated or overtake one another. */
class Cluster {
  readonly random: Random;
  readonly limit: number;
  now = 0;
  replicas: Replica[] = [];
  /** What news meets with; without it all arrive at once. */
  weather: 'fair' | 'rough' | 'silent' = 'fair';
  private readonly onTheWay: { readonly due: number; readonly news: News }[] = [];
  private named = 0;

  constructor({ seed, limit: of = 64, size }: { seed: number; limit?: number; size: number }) {
    this.random = new Random(seed);
    this.limit = of;
    for (let n = 0; n < size; n++) this.add();
    this.share();
  }

  add(): Replica {
    this.named += 1;
    const replica = new Replica(`r${String(this.named)}`, this);
    this.replicas.push(replica);
    return replica;
  }

  /** Partitions as they are assigned: all alike. */
  share(): void {
    for (const [at, replica] of this.replicas.entries()) {
      const size = this.replicas.length;
      replica.owned = Math.floor(partitionCount / size) + (at < partitionCount % size ? 1 : 0);
    }
  }

  tick(replica: Replica): void {
    replica.shares.prune();
    const peers = this.replicas.filter((one) => one !== replica).map(({ name }) => name);
    const at = this.now + replica.skewMs;
    for (const [to, asked] of replica.shares.requests([replica.use()], peers)) {
      this.send({ to, from: replica.name, at, asked });
    }
  }

  /** Lets a second pass, in which each process has its turn, some milliseconds sooner or later. */
  second(): void {
    const turns = this.replicas.map((replica) => ({
      replica,
      at: Math.min(tickMs, replica.turnMs + this.random.below(50)),
    }));
    const end = this.now + tickMs;
    for (const { replica, at } of turns.sort((a, b) => a.at - b.at)) {
      this.deliverUntil(end - tickMs + at);
      this.tick(replica);
      this.deliverUntil(this.now);
    }
    this.deliverUntil(end);
  }

  private send(news: News): void {
    if (this.weather === 'silent') return;
    const isRough = this.weather === 'rough';
    if (isRough && this.random.chance(0.3)) return;
    for (let copies = isRough && this.random.chance(0.2) ? 2 : 1; copies > 0; copies--) {
      const due = this.now + (isRough ? this.random.below(5_000) : 0);
      this.onTheWay.push({ due, news });
    }
  }

  private deliverUntil(time: number): void {
    for (;;) {
      const next = this.onTheWay.sort((a, b) => a.due - b.due)[0];
      if (next === undefined || next.due > time) break;
      this.onTheWay.shift();
      this.now = Math.max(this.now, next.due);
      this.deliver(next.news);
      this.observe();
    }
    this.now = time;
    this.observe();
  }

  private deliver({ to, from, at, asked, lent }: News): void {
    const replica = this.replicas.find(({ name }) => name === to);
    if (replica === undefined) return;
    if (asked) {
      this.send({ to: from, from: to, at, lent: replica.shares.lend(from, asked) });
    }
    if (lent) replica.shares.borrow(from, at, lent);
  }

  observe: () => void = () => undefined;

  get shared(): number {
    return this.replicas.reduce((sum, { share }) => sum + share, 0);
  }

  get used(): number {
    return this.replicas.reduce((sum, { used }) => sum + used, 0);
  }
}

const seed = Number(process.env['PARLEY_TEST_SEED'] ?? 20_261_130);

/** Work comes and goes, to one process more than to others. */
function work(cluster: Cluster): void {
  for (const replica of cluster.replicas) {
    if (cluster.random.chance(0.3)) replica.waiting = cluster.random.below(2 * cluster.limit);
    replica.used -= cluster.random.below(replica.used + 1);
    replica.begin();
  }
}

/** A cluster of which every process begins what it may, at every moment. */
function eager(options: { seed: number; limit?: number; size: number }): Cluster {
  const cluster = new Cluster(options);
  cluster.observe = () => cluster.replicas.forEach((replica) => replica.begin());
  return cluster;
}

function seconds(cluster: Cluster, count: number, each: () => void = () => undefined): void {
  for (let n = 0; n < count; n++) {
    each();
    cluster.second();
  }
}

function two(cluster: Cluster): [Replica, Replica] {
  const [first, second] = cluster.replicas;
  if (first === undefined || second === undefined) throw new Error('there are too few');
  return [first, second];
}

describe('limits that processes keep together', () => {
  it.each([1, 2, 3, 5, 64])(
    'are never exceeded by more than the floor of each, at limit %d (B1)',
    (limit) => {
      for (let round = 0; round < 50; round++) {
        const size = 1 + (round % 5);
        const cluster = new Cluster({ seed: seed + round, limit, size });
        cluster.weather = 'rough';
        let [most, least] = [0, limit];
        cluster.observe = () => {
          for (const replica of cluster.replicas) replica.begin();
          most = Math.max(most, cluster.shared);
          least = Math.min(least, ...cluster.replicas.map(({ share }) => share));
        };
        seconds(cluster, 40, () => work(cluster));
        expect(least).toBeGreaterThanOrEqual(1);
        expect(most).toBeLessThanOrEqual(limit + size - 1);
      }
    },
  );

  it('are not exceeded by what is in use either, while news arrives (B2)', () => {
    for (let round = 0; round < 80; round++) {
      const size = 2 + (round % 4);
      const cluster = new Cluster({ seed: seed + round, size });
      let most = 0;
      cluster.observe = () => {
        for (const replica of cluster.replicas) replica.begin();
        most = Math.max(most, cluster.used);
      };
      seconds(cluster, 60, () => work(cluster));
      expect([round, most <= cluster.limit + size - 1 ? 'within' : most]).toEqual([
        round,
        'within',
      ]);
    }
  });

  it('may be exceeded by what was begun under a share that has gone, and by nothing else (B3)', () => {
    for (let round = 0; round < 80; round++) {
      const cluster = new Cluster({ seed: seed + round, size: 1 + (round % 4) });
      let wrong = 0;
      cluster.observe = () => {
        for (const replica of cluster.replicas) {
          const { used, share } = replica;
          replica.begin();
          // Whoever has more than its share begins nothing.
          if (replica.used > Math.max(used, share)) wrong += 1;
        }
      };
      let changedAt = 0;
      seconds(cluster, 60, () => {
        work(cluster);
        const before = cluster.replicas.length;
        if (cluster.random.chance(0.1) && before < 6) cluster.add();
        else if (cluster.random.chance(0.1) && before > 1) {
          cluster.replicas.splice(cluster.random.below(before), 1);
        }
        if (cluster.replicas.length !== before) {
          cluster.share();
          changedAt = cluster.now;
        }
        cluster.weather = cluster.random.chance(0.2) ? 'silent' : 'rough';
        // Loans of those who have gone, and of partitions that have moved, are over by then.
        if (cluster.now - changedAt <= heldMs) return;
        const over = cluster.replicas.map(({ used, share }) => Math.max(0, used - share));
        const bound = cluster.limit + cluster.replicas.length - 1;
        if (cluster.shared > bound) wrong += 1;
        if (cluster.used > bound + over.reduce((sum, more) => sum + more, 0)) wrong += 1;
      });
      expect([round, wrong]).toEqual([round, 0]);
    }
  });

  it.each([2, 3, 4])(
    'are for whoever needs them: one of %d has nearly all after two seconds',
    (size) => {
      const cluster = eager({ seed, size });
      const [busy] = two(cluster);
      busy.waiting = 1_000;
      seconds(cluster, 2);
      expect(busy.used).toBeGreaterThanOrEqual(cluster.limit - 2 * (size - 1));
    },
  );

  it('come back to whoever has work again, as what is in use ends (B2)', () => {
    const cluster = eager({ seed, size: 2 });
    const [first, second] = two(cluster);
    first.waiting = 10_000;
    seconds(cluster, 3);
    expect(first.used).toBe(63);
    second.waiting = 10_000;
    seconds(cluster, 10);
    expect([first.used, second.used]).toEqual([63, 1]); // Nothing has ended.
    seconds(cluster, 12, () => (first.used -= 5));
    expect([first.used, second.used]).toEqual([32, 32]);
  });

  it('are divided alike by those who lack some', () => {
    const cluster = eager({ seed, size: 4 });
    const [idle, ...busy] = cluster.replicas;
    for (const replica of busy) replica.waiting = 10_000;
    seconds(cluster, 20, () => busy.forEach((replica) => (replica.used -= 5)));
    expect(idle?.share).toBe(1);
    expect(busy.map(({ share }) => share)).toEqual([21, 21, 21]);
  });

  it('are those of each process alone when the others are silent', () => {
    const cluster = eager({ seed, size: 2 });
    const [busy, other] = two(cluster);
    busy.waiting = 1_000;
    seconds(cluster, 3);
    expect([busy.share, other.share]).toEqual([63, 1]);
    cluster.weather = 'silent';
    seconds(cluster, heldMs / tickMs + 1);
    expect([busy.share, other.share]).toEqual([32, 32]);
  });

  it('are the whole limit for a process that has all partitions (B4)', () => {
    const cluster = eager({ seed, size: 1 });
    seconds(cluster, 1);
    expect(cluster.shared).toBe(cluster.limit);
  });
});
