import { runPriorities, type RunPriority } from '@parley/ir';
import { PassingMap } from '@parley/kernel';

/**
 * How much later the next of the same priority has its turn. While work of all three waits, of every 21
 * that go 16 are high, 4 medium and 1 low.
 */
const strides: Readonly<Record<RunPriority, number>> = { high: 1, medium: 4, low: 16 };

interface Rank<T> {
  readonly stride: number;
  /** Those before `head` have gone, and nothing is kept of them. */
  items: (T | undefined)[];
  head: number;
  /** When its first one has its turn. */
  turn: number;
}

/**
 * What waits of one tenant.
 *
 * Q1  Of one priority what came first goes first, so turns of a run keep their order.
 * Q2  Nothing starves, whatever comes: before the first that is low at most 16 go that are high and 5
 *     that are medium, before the first that is medium at most 4 that are high and 1 that is low.
 * Q3  Who has not waited saves nothing up: a priority of which nothing waited begins behind the turn
 *     that it is.
 */
export class PriorityLine<T> {
  private readonly ranks = new Map<RunPriority, Rank<T>>();
  private now = 0;
  private length = 0;

  get size(): number {
    return this.length;
  }

  add(item: T, priority: RunPriority = 'medium'): void {
    let rank = this.ranks.get(priority);
    if (rank === undefined) {
      rank = { stride: strides[priority], items: [], head: 0, turn: 0 };
      this.ranks.set(priority, rank);
    }
    if (rank.head === rank.items.length) rank.turn = Math.max(rank.turn, this.now + rank.stride); // Q3
    rank.items.push(item);
    this.length += 1;
  }

  /** What goes next. */
  peek(): T | undefined {
    const rank = this.first();
    return rank?.items[rank.head];
  }

  take(): T | undefined {
    const rank = this.first();
    if (rank === undefined) return undefined;
    const item = rank.items[rank.head];
    rank.items[rank.head] = undefined;
    rank.head += 1;
    this.length -= 1;
    this.now = rank.turn;
    rank.turn += rank.stride;
    // The others move now and then: to move them every time would cost their square.
    if (rank.head === rank.items.length || rank.head > 1_024) {
      rank.items = rank.items.slice(rank.head);
      rank.head = 0;
    }
    return item;
  }

  /** Takes out whatever is not to wait any more. */
  remove(isOne: (item: T) => boolean): T[] {
    const removed: T[] = [];
    for (const rank of this.ranks.values()) {
      const kept: T[] = [];
      for (const item of rank.items.slice(rank.head) as T[]) {
        (isOne(item) ? removed : kept).push(item);
      }
      rank.items = kept;
      rank.head = 0;
    }
    this.length -= removed.length;
    return removed;
  }

  private first(): Rank<T> | undefined {
    let first: Rank<T> | undefined;
    for (const priority of runPriorities) {
      const rank = this.ranks.get(priority);
      if (rank === undefined || rank.head === rank.items.length) continue;
      if (first === undefined || rank.turn < first.turn) first = rank;
    }
    return first;
  }
}

/** What waits of all tenants: they take turns, whatever their priorities are. */
export class FairLines<T> {
  private readonly lines = new PassingMap<string, PriorityLine<T>>();

  /** @returns whether nothing of the tenant waited */
  add(tenantId: string, item: T, priority?: RunPriority): boolean {
    const line = this.lines.get(tenantId) ?? new PriorityLine<T>();
    line.add(item, priority);
    this.lines.set(tenantId, line);
    return line.size === 1;
  }

  take(): T | undefined {
    for (const [tenantId, line] of this.lines) {
      const item = line.take();
      this.lines.delete(tenantId);
      if (line.size > 0) this.lines.set(tenantId, line);
      return item;
    }
    return undefined;
  }
}
