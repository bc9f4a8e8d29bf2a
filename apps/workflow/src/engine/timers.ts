import { backoffMs } from '@parley/postgres';
import { systemClock, type Clock } from './clock.js';
import { DueHeap } from './due-heap.js';
import type { DueTimer, TimerPlace } from './journal-store.js';
import { FairLines } from './priority-line.js';

/** Timers that are due this soon are kept in memory; the others stay in their table. */
const windowMs = 30_000;
const lookMs = 15_000;
const retryMs = 1_000;
const againMs = { baseMs: 1_000, maxMs: 60_000 };
/** Read at a time, of all tenants and of one; more is read when half of that is left. */
const readMax = 5_000;
const pageMax = 256;
const pageMin = 8;
/** In memory, of one tenant and of all, beyond what was read. */
const ofTenantMax = 512;
const knownMax = 20_000;
/**
 * Firings under way: enough that some read while others are written, few enough that whatever comes
 * in between waits for few turns.
 */
const firingMaxDefault = 32;
/** Between two looks at what is due. */
const alarmMsMin = 5;

export type Timer = DueTimer;

export interface TimersOptions {
  /** Tenants that have a timer which is due before a time. */
  readonly tenants: (beforeMs: number) => Promise<readonly string[]>;
  /** The next timers of tenants after a place each, at most `limit` of each, by time. */
  readonly load: (
    beforeMs: number,
    limit: number,
    after: readonly TimerPlace[],
  ) => Promise<readonly Timer[]>;
  /** Resolves when what follows from it is durable. */
  readonly fire: (timer: Timer) => Promise<void>;
  readonly onError: (error: unknown, message: string) => void;
  /** Timers that fire at the same time, at most. @default 32 */
  readonly firingMax?: number;
  readonly clock?: Clock;
}

/** A timer in memory. */
interface Held extends Timer {
  /** Times that it failed to fire. */
  readonly failures: number;
}

/** What is known of the timers of a tenant. */
interface Line {
  /** Those in memory that have not failed. */
  held: number;
  /** Where reading goes on; undefined when all that is due within the window was read. */
  place: TimerPlace | undefined;
  /** It is being read. */
  isReading: boolean;
}

/**
 * Fires timers from a window in memory over a table. A timer that fires twice or too late does no
 * harm: the machine knows which ones it waits for.
 *
 * T1  However many are due, few of them are in memory and fewer are under way.
 * T2  Tenants take turns: whoever has a million timers due holds up no timer of another.
 * T3  A timer that is not in memory is found by reading: it is beyond the window or behind the place
 *     where reading goes on.
 */
export class Timers {
  private readonly options: TimersOptions;
  private readonly clock: Clock;
  private readonly firingMax: number;
  private readonly known = new Map<string, Held>();
  private readonly lines = new Map<string, Line>();
  private readonly heap = new DueHeap<Held>();
  private readonly due = new FairLines<Held>();
  private readonly firing = new Set<string>();
  /** Gone since a read began that may still find them. */
  private goneMeanwhile: Set<string> | undefined;
  private horizonMs = 0;
  private alarmAt = Number.POSITIVE_INFINITY;
  private callOffAlarm: (() => void) | undefined;
  private callOffLook: (() => void) | undefined;
  private callOffRetry: (() => void) | undefined;
  private reading: Promise<void> = Promise.resolve();
  private page = pageMax;
  private isToppingUp = false;
  /** Reads after which the partitions of what they found are held. */
  private refreshes = 0;
  private stopped = false;

  constructor(options: TimersOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.firingMax = options.firingMax ?? firingMaxDefault;
  }

  async start(): Promise<void> {
    await this.lookSafely();
    this.lookLater();
  }

  /** To be called after the timer is durable. */
  arm(timer: Timer): void {
    const { tenantId, dueAt } = timer;
    if (dueAt > Math.max(this.horizonMs, this.clock.now())) return;
    const line = this.lineOf(tenantId);
    const { place, isReading, held } = line;
    if (place !== undefined && !isReading && dueAt > place.dueAt) return; // T3
    if (held < ofTenantMax && this.known.size < knownMax) {
      this.hold(line, { ...timer, failures: 0 });
      this.setAlarm();
    } else {
      // T3. It is another place than the one that is being read from, so that it stays where it is.
      line.place =
        place === undefined || dueAt <= place.dueAt ? beforeAll(tenantId, dueAt) : { ...place };
    }
  }

  cancel(timer: TimerKey): void {
    const key = keyOf(timer);
    this.goneMeanwhile?.add(key);
    this.forget(key);
  }

  /** Forgets those of runs that are another's now. */
  drop(isGone: (runId: string) => boolean): void {
    for (const [key, { runId }] of this.known) if (isGone(runId)) this.forget(key);
  }

  /** Reads what is due again: there are more partitions now. Rejects when it cannot. */
  async refresh(): Promise<void> {
    this.refreshes += 1;
    try {
      await this.inTurn(() => this.look({ anew: true }));
    } finally {
      this.refreshes -= 1;
      this.clock.after(0, () => this.fireDue());
    }
  }

  stop(): void {
    this.stopped = true;
    this.callOffAlarm?.();
    this.callOffLook?.();
    this.callOffRetry?.();
  }

  private lookLater(): void {
    if (this.stopped) return;
    this.callOffLook = this.clock.after(lookMs, () => {
      void this.lookSafely();
      this.lookLater();
    });
  }

  private async lookSafely(): Promise<void> {
    try {
      await this.inTurn(() => this.look({ anew: false }));
    } catch (error) {
      this.failed(error, () => this.lookSafely());
    }
  }

  private failed(error: unknown, again: () => Promise<void>): void {
    this.options.onError(error, 'timers could not be read; they are read again soon');
    this.callOffRetry?.();
    if (!this.stopped) this.callOffRetry = this.clock.after(retryMs, () => void again());
  }

  /** One read after the other: each begins after whatever was the reason for it. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.reading.then(work);
    this.reading = mine.catch(() => undefined);
    return mine;
  }

  /** Who has timers that are due soon, and the first of them. */
  private async look({ anew }: { readonly anew: boolean }): Promise<void> {
    if (this.stopped) return;
    this.horizonMs = this.clock.now() + windowMs;
    if (anew) for (const [id, line] of this.lines) line.place = beforeAll(id);
    for (const tenantId of await this.options.tenants(this.horizonMs)) {
      const line = this.lineOf(tenantId);
      // Whoever has more than was read is read on from there.
      line.place ??= beforeAll(tenantId);
    }
    await this.readPages();
  }

  /** Reads on where little is left in memory. */
  private async readPages(): Promise<void> {
    for (let lines = this.behind(); lines.length > 0 && !this.stopped; lines = this.behind()) {
      await this.readPage(this.page, new Map(lines));
    }
  }

  private behind(): [string, Line][] {
    const unread = [...this.lines].filter(([, { place }]) => place !== undefined);
    this.page = Math.max(pageMin, Math.min(pageMax, Math.floor(readMax / unread.length)));
    return unread.filter(([, { held }]) => held < this.page / 2);
  }

  private async readPage(limit: number, lines: ReadonlyMap<string, Line>): Promise<void> {
    const places = [...lines.values()].flatMap(({ place }) => place ?? []);
    const asked = new Set(places);
    this.goneMeanwhile = new Set();
    for (const line of lines.values()) line.isReading = true;
    try {
      const due = await this.options.load(this.horizonMs, limit, places);
      const found = Map.groupBy(due, ({ tenantId }) => tenantId);
      for (const [tenantId, line] of lines) {
        const timers = found.get(tenantId) ?? [];
        for (const timer of timers) this.learn(line, timer);
        // It may have gone back meanwhile, for what was not kept.
        if (line.place !== undefined && asked.has(line.place))
          line.place = timers.length < limit ? undefined : timers.at(-1);
      }
    } finally {
      this.goneMeanwhile = undefined;
      for (const [tenantId, line] of lines) {
        line.isReading = false;
        this.release(tenantId, line);
      }
    }
    this.setAlarm();
  }

  private learn(line: Line, timer: Timer): void {
    const key = keyOf(timer);
    if (this.known.has(key) || this.firing.has(key) || this.goneMeanwhile?.has(key) === true)
      return;
    this.hold(line, { ...timer, failures: 0 });
  }

  private hold(line: Line, timer: Held): void {
    const key = keyOf(timer);
    this.forget(key);
    this.known.set(key, timer);
    if (timer.failures === 0) line.held += 1;
    this.heap.add(timer);
    if (this.heap.size > 2 * this.known.size + pageMax)
      this.heap.keep((one) => this.known.get(keyOf(one)) === one);
  }

  private forget(key: string): void {
    const timer = this.known.get(key);
    if (timer === undefined) return;
    this.known.delete(key);
    const line = this.lineOf(timer.tenantId);
    if (timer.failures === 0) line.held -= 1;
    this.release(timer.tenantId, line);
  }

  private release(tenantId: string, { held, place, isReading }: Line): void {
    if (held === 0 && place === undefined && !isReading) this.lines.delete(tenantId);
  }

  private lineOf(tenantId: string): Line {
    const known = this.lines.get(tenantId);
    if (known !== undefined) return known;
    const line: Line = { held: 0, place: undefined, isReading: false };
    this.lines.set(tenantId, line);
    return line;
  }

  private setAlarm(msMin = 0): void {
    const at = Math.max(this.next(), this.clock.now() + msMin);
    if (at >= this.alarmAt) return;
    this.callOffAlarm?.();
    this.alarmAt = at;
    if (this.stopped || at === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(0, at - this.clock.now());
    this.callOffAlarm = this.clock.after(waitMs, () => this.ring());
  }

  /** When the next one is due that is still wanted. */
  private next(): number {
    for (let first = this.heap.peek(); first !== undefined; first = this.heap.peek()) {
      if (this.known.get(keyOf(first)) === first) return first.dueAt;
      this.heap.take();
    }
    return Number.POSITIVE_INFINITY;
  }

  private ring(): void {
    this.alarmAt = Number.POSITIVE_INFINITY;
    const now = this.clock.now();
    while (this.next() <= now) {
      const timer = this.heap.take();
      if (timer !== undefined) this.due.add(timer.tenantId, timer); // T2
    }
    this.setAlarm(alarmMsMin);
    this.fireDue();
  }

  /** T1 */
  private fireDue(): void {
    while (this.firing.size < this.firingMax && this.refreshes === 0 && !this.stopped) {
      const timer = this.due.take();
      if (timer === undefined) return;
      const key = keyOf(timer);
      if (this.known.get(key) !== timer) continue;
      this.forget(key);
      this.firing.add(key);
      void this.fire(key, timer);
      const line = this.lines.get(timer.tenantId);
      if (line?.place !== undefined && line.held < this.page / 2) this.topUp();
    }
  }

  private async fire(key: string, timer: Held): Promise<void> {
    try {
      await this.options.fire(timer);
      this.goneMeanwhile?.add(key);
      this.firing.delete(key);
    } catch (error) {
      this.firing.delete(key);
      this.options.onError(error, `run ${timer.runId} could not take timerFired`);
      this.again(timer);
    }
    this.fireDue();
  }

  /** It is still in its table: if there are too many of them it is found again when all is read. */
  private again(timer: Held): void {
    if (this.known.size >= knownMax || this.stopped) return;
    const failures = timer.failures + 1;
    const waitMs = backoffMs(failures, againMs, () => this.clock.random());
    this.hold(this.lineOf(timer.tenantId), {
      ...timer,
      failures,
      dueAt: this.clock.now() + waitMs,
    });
    this.setAlarm();
  }

  private topUp(): void {
    if (this.isToppingUp || this.stopped) return;
    this.isToppingUp = true;
    const done = () => (this.isToppingUp = false);
    this.inTurn(() => this.readPages()).then(done, (error: unknown) => {
      done();
      this.failed(error, () => Promise.resolve(this.topUp()));
    });
  }
}

type TimerKey = Pick<Timer, 'runId' | 'occurrence' | 'generation'>;

function keyOf(timer: TimerKey): string {
  return `${timer.runId} ${timer.occurrence} ${String(timer.generation)}`;
}

/** The place before all timers of a tenant, or before those that are due at a time. */
function beforeAll(tenantId: string, dueAt = 0): TimerPlace {
  return { tenantId, dueAt, runId: '', occurrence: '', generation: 0 };
}
