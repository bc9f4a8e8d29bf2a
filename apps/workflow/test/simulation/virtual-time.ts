import type { Random } from '@parley/engine/testing';

interface Event {
  readonly at: number;
  readonly order: number;
  work: (() => void) | undefined;
}

/**
 * The only source of "later" in a simulation: what is due happens in the order of its time, and what
 * follows from it at once (promises) is through before the next. So one seed is one history.
 */
export class VirtualTime {
  readonly random: Random;
  nowMs = Date.UTC(2026, 0, 1);
  events = 0;
  private readonly heap: Event[] = [];
  private order = 0;

  constructor(random: Random) {
    this.random = random;
  }

  /** @returns how to call it off */
  in(ms: number, work: () => void): () => void {
    const event: Event = { at: this.nowMs + Math.max(0, ms), order: this.order, work };
    this.order += 1;
    push(this.heap, event);
    return () => {
      event.work = undefined;
    };
  }

  /** Between the two, both included. */
  between(leastMs: number, mostMs: number): number {
    return leastMs + this.random.below(mostMs - leastMs + 1);
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.in(ms, resolve));
  }

  /** Lets time pass until `isOver`, or until nothing will ever happen again. */
  play(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = () => {
        const event = isOver() ? undefined : pop(this.heap);
        if (event === undefined) return resolve();
        this.nowMs = Math.max(this.nowMs, event.at);
        this.events += 1;
        try {
          event.work?.();
        } catch (error) {
          return reject(asError(error));
        }
        // Ticks come after every microtask that there is, and those that they make.
        queueMicrotask(() => process.nextTick(step));
      };
      process.nextTick(step);
    });
  }
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Event[], event: Event): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(event, heap[above]!)) break;
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = event;
}

function pop(heap: Event[]): Event | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
    if (!isBefore(heap[below]!, last)) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = last;
  return first;
}
