import { describe, expect, it } from '@jest/globals';
import type { LookAtLeases } from './lease-store.pg.js';
import { LeaseSweeper } from './lease-sweeper.js';

const leaseMs = 60_000;

/** Leases of partition 1 in memory, and a clock that the test moves. */
class Leases {
  readonly ended: string[] = [];
  readonly until = new Map([
    ['a', leaseMs],
    ['b', leaseMs],
  ]);
  time = 0;
  isDown = false;
  /** What happens while an answer is under way. */
  meanwhile: () => void = () => undefined;

  async look(): Promise<LookAtLeases> {
    if (this.isDown) throw new Error('down');
    const now = new Date(this.time);
    const areOver = this.until.values().some((until) => until < this.time);
    this.meanwhile();
    return { now, areOver };
  }

  async grace(): Promise<void> {
    for (const id of this.until.keys()) this.until.set(id, this.time + leaseMs);
  }

  async expire(_partitions: readonly number[], now: Date): Promise<[]> {
    for (const [id, until] of this.until) {
      if (until >= now.getTime()) continue;
      this.until.delete(id);
      this.ended.push(id);
    }
    return [];
  }

  async forgetWorkers(): Promise<void> {
    // Nobody is listed.
  }
}

function sweeperOf(leases: Leases): LeaseSweeper {
  return new LeaseSweeper({
    store: leases,
    owned: () => [1],
    brought: () => undefined,
    onError: () => undefined,
  });
}

/** Looks once a second for so long; one worker is heard of all the time, the other never. */
async function pass(ms: number, leases: Leases, sweeper: LeaseSweeper): Promise<void> {
  for (const end = leases.time + ms; leases.time < end; leases.time += 1_000) {
    if (!leases.isDown && leases.until.has('a')) leases.until.set('a', leases.time + leaseMs);
    await sweeper.sweep();
  }
}

describe('leases', () => {
  it('end when a worker is not heard of, and only then', async () => {
    const leases = new Leases();
    await pass(leaseMs + 5_000, leases, sweeperOf(leases));
    expect(leases.ended).toEqual(['b']);
  });

  it('have their whole time again after an outage of the database (L2)', async () => {
    const leases = new Leases();
    const sweeper = sweeperOf(leases);
    await pass(10_000, leases, sweeper);
    leases.isDown = true;
    await pass(2 * leaseMs, leases, sweeper);
    leases.isDown = false;
    await sweeper.sweep();
    expect(leases.ended).toEqual([]);
    await pass(leaseMs, leases, sweeper);
    expect(leases.ended).toEqual([]);
    await pass(5_000, leases, sweeper);
    expect(leases.ended).toEqual(['b']);
  });

  it('have it again after the process was suspended, also in the middle of a look (L2)', async () => {
    const leases = new Leases();
    const sweeper = sweeperOf(leases);
    await pass(10_000, leases, sweeper);
    leases.meanwhile = () => (leases.time += 2 * leaseMs);
    await sweeper.sweep();
    leases.meanwhile = () => undefined;
    await sweeper.sweep();
    expect(leases.ended).toEqual([]);
    expect([...leases.until.values()]).toEqual([leases.time + leaseMs, leases.time + leaseMs]);
  });

  it('end soon although a look failed', async () => {
    const leases = new Leases();
    const sweeper = sweeperOf(leases);
    await pass(leaseMs - 1_000, leases, sweeper);
    leases.isDown = true;
    await pass(3_000, leases, sweeper);
    leases.isDown = false;
    await pass(2_000, leases, sweeper);
    expect(leases.ended).toEqual(['b']);
  });
});
