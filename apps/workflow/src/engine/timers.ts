/** Timers that are due this soon are kept in memory; the others stay in their table. */
const windowMs = 30_000;
const refillMs = 15_000;
const refillMax = 10_000;
/** When more is due than was read, it is read as soon as half of that is through, but not sooner. */
const refillMsMin = 200;
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
}

/**
 * Fires timers from a window in memory over a table. A timer that fires twice or too late does no
 * harm: the machine knows which ones it waits for.
 */
export class Timers {
  private readonly options: TimersOptions;
  private readonly waiting = new Map<string, Timer>();
  private horizonMs = 0;
  private alarmAt = Number.POSITIVE_INFINITY;
  private alarm: NodeJS.Timeout | undefined;
  private refill: NodeJS.Timeout | undefined;
  private extraRefill: NodeJS.Timeout | undefined;
  /** More timers are due within the window than were read. */
  private isTruncated = false;
  private stopped = false;

  constructor(options: TimersOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    await this.load();
    this.refill = setInterval(() => void this.load(), refillMs);
  }

  /** To be called after the timer is durable. */
  arm(timer: Timer): void {
    if (timer.dueAt > Math.max(this.horizonMs, Date.now())) return;
    this.waiting.set(keyOf(timer), timer);
    if (timer.dueAt < this.alarmAt) this.setAlarm(timer.dueAt);
  }

  cancel(timer: Omit<Timer, 'dueAt'>): void {
    this.waiting.delete(keyOf(timer));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.alarm);
    clearInterval(this.refill);
    clearTimeout(this.extraRefill);
  }

  private async load(): Promise<void> {
    try {
      const horizonMs = Date.now() + windowMs;
      const due = await this.options.load(horizonMs, refillMax);
      this.isTruncated = due.length >= refillMax;
      this.horizonMs = this.isTruncated ? (due.at(-1)?.dueAt ?? horizonMs) : horizonMs;
      for (const timer of due) this.waiting.set(keyOf(timer), timer);
      this.setAlarm(this.next());
    } catch (error) {
      this.options.onError(error, 'timers could not be read; they are read again soon');
    }
  }

  private setAlarm(at: number): void {
    clearTimeout(this.alarm);
    this.alarmAt = at;
    if (this.stopped || at === Number.POSITIVE_INFINITY) return;
    this.alarm = setTimeout(() => this.fireDue(), Math.max(0, at - Date.now()));
  }

  private next(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.waiting.values()) first = Math.min(first, dueAt);
    return first;
  }

  private fireDue(): void {
    const now = Date.now();
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
    if (!this.stopped) this.extraRefill = setTimeout(() => void this.load(), refillMsMin);
  }
}

function keyOf(timer: Omit<Timer, 'dueAt'>): string {
  return `${timer.runId} ${timer.occurrence} ${String(timer.generation)}`;
}
