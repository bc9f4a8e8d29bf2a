import { describe, expect, it } from '@jest/globals';
import type { TurnRecord } from './turn-record.js';
import { WaitingTurns, type Waiting } from './waiting-turns.js';

/** The lines at a time of one's own. */
class Lines extends WaitingTurns {
  readonly time: { ms: number };

  constructor() {
    const time = { ms: 10_000 };
    super({ now: () => time.ms });
    this.time = time;
  }

  fill(tenantId: string, count: number): void {
    for (let n = 0; n < count; n += 1) this.add(waitingOf(tenantId));
  }

  /** How many turns of each tenant are in the next batch. */
  taken(): Record<string, number> {
    const tenants = Map.groupBy(this.takeBatch(), ({ turn }) => turn.tenantId);
    return Object.fromEntries([...tenants].map(([tenantId, { length }]) => [tenantId, length]));
  }
}

function waitingOf(tenantId: string): Waiting {
  const turn = { tenantId, payload: Buffer.alloc(100), run: {} } as unknown as TurnRecord;
  return { turn, run: {}, durable: () => undefined, lost: () => undefined };
}

describe('turns that wait', () => {
  it('go in large batches while one tenant is at work, and in small ones while several are', () => {
    const lines = new Lines();
    lines.fill('loud', 600);
    expect(lines.taken()).toEqual({ loud: 500 });
    lines.fill('other', 40);
    expect(lines.taken()).toEqual({ loud: 40, other: 24 });
    expect(lines.taken()).toEqual({ loud: 24, other: 16 }); // Now nothing of the other one waits.
  });

  it('keep to their share while a tenant is at work that has none (L2)', () => {
    const lines = new Lines();
    lines.fill('loud', 100);
    lines.fill('quiet', 1);
    expect(lines.taken()).toEqual({ loud: 24, quiet: 1 });
    expect(lines.spares).toBe(true);
    expect(lines.taken()).toEqual({ loud: 24 });
    lines.time.ms += 1_000; // Nobody comes any more.
    expect(lines.spares).toBe(false);
    expect(lines.taken()).toEqual({ loud: 52 });
  });

  it('can go without those who rest', () => {
    const lines = new Lines();
    lines.fill('loud', 50);
    lines.fill('quiet', 2);
    const resting = new Set(['loud']);
    expect(lines.tenants).toEqual(new Set(['loud', 'quiet']));
    expect(lines.hasOthers(resting)).toBe(true);
    const { loud, quiet } = Object.groupBy(lines.takeBatch(resting), ({ turn }) => turn.tenantId);
    expect([loud, quiet?.length]).toEqual([undefined, 2]);
    expect(lines.hasOthers(resting)).toBe(false);
    expect(lines.takeBatch(resting)).toEqual([]);
    expect(lines.taken()).toEqual({ loud: 24 });
  });

  it('leave nothing free for tenants that wait themselves', () => {
    const lines = new Lines();
    lines.fill('one', 100);
    lines.fill('two', 100);
    expect(lines.taken()).toEqual({ one: 40, two: 24 });
    expect(lines.spares).toBe(false);
  });

  it('are counted when they are taken out', () => {
    const lines = new Lines();
    lines.fill('loud', 60);
    lines.fill('quiet', 1);
    expect(lines.remove(({ turn }) => turn.tenantId === 'loud')).toHaveLength(60);
    expect([lines.size, lines.bytes]).toEqual([1, 100]);
  });

  it('are not taken for those of several tenants after the clock was set back', () => {
    const lines = new Lines();
    lines.fill('gone', 1);
    lines.time.ms -= 5_000;
    lines.takeBatch();
    lines.fill('one', 60);
    expect(lines.isShared).toBe(false);
  });
});
