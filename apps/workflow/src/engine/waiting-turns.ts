import { PassingMap } from '@parley/kernel';
import type { Clock } from './clock.js';
import { PriorityLine } from './priority-line.js';
import { weightOf, type TurnRecord } from './turn-record.js';

/** Of one batch, while one tenant is at work alone. */
const aloneMax = { turns: 500, bytes: 1_048_576 };
/** The same while several are: whoever comes next waits for less. */
const sharedMax = { turns: 64, bytes: 128 * 1024 };
/** How long a tenant counts as being at work. */
const atWorkMs = 1_000;
/** Turns that one tenant may have in a batch before it is the next one's turn. */
const tenantShareMax = 24;

const nobody: ReadonlySet<string> = new Set();

/** A turn, and whoever waits for it. */
export interface Waiting {
  readonly turn: TurnRecord;
  /** The run's memory that the turn was made from. */
  readonly run: object;
  durable(): void;
  lost(error: Error): void;
}

/**
 * The turns that wait for the journal, in one line for each tenant.
 *
 * L1  Tenants take turns, so one that floods the engine cannot fill every batch; what they leave free is
 *     for whoever has more. Of one tenant, runs of a higher priority go first.
 * L2  Who has nothing waiting may come at any moment. While such a tenant is at work, the others keep to
 *     their shares and rest between two batches, so that it finds database and processor free.
 */
export class WaitingTurns {
  private readonly clock: Pick<Clock, 'now'>;
  private readonly lines = new PassingMap<string, PriorityLine<Waiting>>();
  /** When tenants had their last turn, the latest at the end. */
  private readonly lastAt = new PassingMap<string, number>();
  private count = 0;
  private weight = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.clock = clock;
  }

  get size(): number {
    return this.count;
  }

  get bytes(): number {
    return this.weight;
  }

  get byTenant(): readonly (readonly [tenantId: string, turns: number])[] {
    return [...this.lines].map(([tenantId, { size }]) => [tenantId, size]);
  }

  sizeOf(tenantId: string): number {
    return this.lines.get(tenantId)?.size ?? 0;
  }

  /** Whether several tenants are at work. */
  get isShared(): boolean {
    const nowMs = this.clock.now();
    for (const [tenantId, at] of this.lastAt) {
      if (at > nowMs - atWorkMs && at <= nowMs) break; // A clock can be set back.
      this.lastAt.delete(tenantId);
    }
    return this.lastAt.size > 1;
  }

  /** Whether what waits is to leave time to somebody who may come. L2 */
  get spares(): boolean {
    return this.isShared && this.lastAt.keys().some((tenantId) => !this.lines.has(tenantId));
  }

  /** @returns whether nothing of its tenant waited */
  add(waiting: Waiting): boolean {
    const { turn } = waiting;
    const { tenantId } = turn;
    const line = this.lines.get(tenantId) ?? new PriorityLine<Waiting>();
    this.lines.set(tenantId, line);
    line.add(waiting, turn.run.priority);
    this.lastAt.delete(tenantId);
    this.lastAt.set(tenantId, this.clock.now());
    this.count += 1;
    this.weight += weightOf(turn);
    return line.size === 1;
  }

  /** Tenants of whom something waits. */
  get tenants(): ReadonlySet<string> {
    return new Set(this.lines.keys());
  }

  /** Whether something waits of a tenant that is none of these. */
  hasOthers(resting: ReadonlySet<string>): boolean {
    return this.lines.keys().some((tenantId) => !resting.has(tenantId));
  }

  /**
   * L1
   * @param resting tenants of whom nothing is taken
   */
  takeBatch(resting: ReadonlySet<string> = nobody): Waiting[] {
    const { turns: turnsMax, bytes: bytesMax } = this.isShared ? sharedMax : aloneMax;
    const batch: Waiting[] = [];
    let bytes = 0;
    let before = -1;
    while (before < batch.length && batch.length < turnsMax) {
      before = batch.length;
      for (const [tenant, line] of [...this.lines]) {
        if (resting.has(tenant)) continue;
        const share = Math.min(tenantShareMax, turnsMax - batch.length);
        const fitting = takeFitting(line, share, { bytes, bytesMax });
        if (fitting.length === 0) continue;
        for (const { turn } of fitting) bytes += weightOf(turn);
        batch.push(...fitting);
        this.lines.delete(tenant);
        // Whoever has more goes to the back of the line.
        if (line.size > 0) this.lines.set(tenant, line);
      }
      if (this.spares) break;
    }
    this.count -= batch.length;
    this.weight -= bytes;
    return batch;
  }

  /** Takes out whatever is not to wait any more. */
  remove(isOne: (waiting: Waiting) => boolean): Waiting[] {
    const removed: Waiting[] = [];
    for (const [tenant, line] of this.lines) {
      removed.push(...line.remove(isOne));
      if (line.size === 0) this.lines.delete(tenant);
    }
    this.count -= removed.length;
    for (const { turn } of removed) this.weight -= weightOf(turn);
    return removed;
  }
}

/** The turns that still go into a batch that has `bytes` already; always one into an empty one. */
function takeFitting(
  line: PriorityLine<Waiting>,
  countMax: number,
  { bytes, bytesMax }: { readonly bytes: number; readonly bytesMax: number },
): Waiting[] {
  const fitting: Waiting[] = [];
  let size = bytes;
  for (let next = line.peek(); next && fitting.length < countMax; next = line.peek()) {
    const weight = weightOf(next.turn);
    size += weight;
    if (size > bytesMax && size > weight) break;
    fitting.push(next);
    line.take();
  }
  return fitting;
}
