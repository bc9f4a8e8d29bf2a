import { systemClock, type Clock } from './clock.js';

/** Timers that are due this soon are kept in memory; the others stay in their table. */
const windowMs = 30_000;
const refillMs = 15_000;
const refillMax = 10_000;
/** When more is due than was read, it is read as soon as half of that is through, but not sooner. */
const refillMsMin = 200;
const retryMs = 1_000;
/** Between two looks at what is due: finding the next one means looking at all. */
const alarmMsMin = 5;

export interface Timer {
  readonly runId: string;
  readonly occurrence: string;
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}

export interface TimersOptions {
  readonly load: (beforeMs: number, limit: number) => Promise<readonly Timer[]>;
  readonly fire: (timer: Timer) => void;
  readonly onError: (error: unknown, message: string) => void;
  readonly clock?: Clock;
}

/**
 * Fires timers from a window in memory over a table. A timer that fires twice or too late does no
 * harm: the machine knows which ones it waits for.
 */
export class Timers {
  private readonly options: TimersOptions;
  private readonly clock: Clock;
  private readonly waiting = new Map<string, Timer>();
  private horizonMs = 0;
  private alarmAt = Number.POSITIVE_INFINITY;
  private callOffAlarm: (() => void) | undefined;
  private callOffRefill: (() => void) | undefined;
  private callOffExtraRefill: (() => void) | undefined;
  /** More timers are due within the window than were read. */
  private isTruncated = false;
  private stopped = false;

  constructor(options: TimersOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
  }

  async start(): Promise<void> {
    await this.load();
    this.refill();
  }

  /** To be called after the timer is durable. */
  arm(timer: Timer): void {
    if (timer.dueAt > Math.max(this.horizonMs, this.clock.now())) return;
    this.waiting.set(keyOf(timer), timer);
    if (timer.dueAt < this.alarmAt) this.setAlarm(timer.dueAt);
  }

  cancel(timer: Omit<Timer, 'dueAt'>): void {
    this.waiting.delete(keyOf(timer));
  }

  /** Forgets those of runs that are another's now. */
  drop(isGone: (runId: string) => boolean): void {
    for (const [key, { runId }] of this.waiting) if (isGone(runId)) this.waiting.delete(key);
  }

  /** Reads what is due again: there are more partitions now. Rejects when it cannot. */
  async refresh(): Promise<void> {
    await this.read();
  }

  stop(): void {
    this.stopped = true;
    this.callOffAlarm?.();
    this.callOffRefill?.();
    this.callOffExtraRefill?.();
  }

  private refill(): void {
    if (this.stopped) return;
    this.callOffRefill = this.clock.after(refillMs, () => {
      void this.load();
      this.refill();
    });
  }

  private async load(): Promise<void> {
    try {
      await this.read();
    } catch (error) {
      this.options.onError(error, 'timers could not be read; they are read again soon');
      this.refillAgain(retryMs);
    }
  }

  private async read(): Promise<void> {
    const horizonMs = this.clock.now() + windowMs;
    const due = await this.options.load(horizonMs, refillMax);
    this.isTruncated = due.length >= refillMax;
    this.horizonMs = this.isTruncated ? (due.at(-1)?.dueAt ?? horizonMs) : horizonMs;
    for (const timer of due) this.waiting.set(keyOf(timer), timer);
    this.setAlarm(this.next());
  }

  private setAlarm(at: number): void {
    this.callOffAlarm?.();
    this.alarmAt = at;
    if (this.stopped || at === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(0, at - this.clock.now());
    this.callOffAlarm = this.clock.after(waitMs, () => this.fireDue());
  }

  private next(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.waiting.values()) first = Math.min(first, dueAt);
    return first;
  }

  private fireDue(): void {
    const now = this.clock.now();
    const due = [...this.waiting.values()].filter((timer) => timer.dueAt <= now);
    due.sort((a, b) => a.dueAt - b.dueAt);
    for (const timer of due) {
      this.waiting.delete(keyOf(timer));
      this.options.fire(timer);
    }
    this.setAlarm(Math.max(this.next(), now + alarmMsMin));
    if (this.isTruncated && this.waiting.size < refillMax / 2) this.refillSoon();
  }

  private refillSoon(): void {
    this.isTruncated = false;
    this.refillAgain(refillMsMin);
  }

  private refillAgain(waitMs: number): void {
    this.callOffExtraRefill?.();
    if (this.stopped) return;
    this.callOffExtraRefill = this.clock.after(waitMs, () => void this.load());
  }
}

function keyOf(timer: Omit<Timer, 'dueAt'>): string {
  return `${timer.runId} ${timer.occurrence} ${String(timer.generation)}`;
}
