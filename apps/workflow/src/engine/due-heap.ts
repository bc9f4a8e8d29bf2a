interface Placed<T> {
  readonly item: T;
  readonly dueAt: number;
  /** What came first goes first, of those that are due at the same moment. */
  readonly ordinal: number;
}

/** What waits for a moment, the next first. */
export class DueHeap<T extends { readonly dueAt: number }> {
  private placed: Placed<T>[] = [];
  private ordinal = 0;

  get size(): number {
    return this.placed.length;
  }

  peek(): T | undefined {
    return this.placed[0]?.item;
  }

  add(item: T): void {
    const { placed } = this;
    this.ordinal += 1;
    const one = { item, dueAt: item.dueAt, ordinal: this.ordinal };
    let at = placed.push(one) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = placed[above];
      if (parent === undefined || !isBefore(one, parent)) break;
      placed[at] = parent;
      at = above;
    }
    placed[at] = one;
  }

  take(): T | undefined {
    const [first] = this.placed;
    const last = this.placed.pop();
    if (last !== undefined && this.placed.length > 0) this.sink(last);
    return first?.item;
  }

  /** Lets go of all that are not wanted any more. */
  keep(isWanted: (item: T) => boolean): void {
    const wanted = this.placed.filter(({ item }) => isWanted(item));
    // What is in order is a heap.
    this.placed = wanted.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  /** Begins at the first one, which is gone. */
  private sink(one: Placed<T>): void {
    const { placed } = this;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [placed[left], placed[left + 1]];
      if (a === undefined) break;
      const isRight = b !== undefined && isBefore(b, a);
      const next = isRight ? b : a;
      if (!isBefore(next, one)) break;
      placed[at] = next;
      at = isRight ? left + 1 : left;
    }
    placed[at] = one;
  }
}

function isBefore<T>(a: Placed<T>, b: Placed<T>): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.ordinal < b.ordinal);
}
