import type { Clock } from '../engine/clock.js';
import type { RunChange } from '../engine/engine.js';
import type { EventTriggers } from './event-triggers.js';
import type { FiringStore } from './firing-store.pg.js';
import { FiringStarter } from './firing-starter.js';
import type { RunsOfSchedules } from './runs-of-schedules.js';
import { dueTimes } from './schedule-policy.js';
import type { LeftOut, LiveSchedule } from './schedule-row.js';
import type { ScheduleStore } from './schedule-store.pg.js';

const lookMsMax = 30_000;
/** Schedules that are read and dealt with together. */
const atOnce = 100;
const retryMs = 5_000;

export interface SchedulerOptions {
  readonly engine: Pick<RunsOfSchedules, 'startRun' | 'cancel'>;
  readonly schedules: Pick<
    ScheduleStore,
    'due' | 'afterRuns' | 'followers' | 'earliest' | 'move' | 'follow'
  >;
  readonly firings: Pick<FiringStore, 'claim' | 'release' | 'firings' | 'goingRuns' | 'done'>;
  readonly triggers: Pick<EventTriggers, 'ensure'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly onError: (error: unknown, message: string) => void;
}

/**
 * Starts runs by schedule, in two steps that may each be repeated.
 *
 * S1  Moving a schedule on and writing down what fires is one statement, which loses to any other
 *     change of the schedule: a time is written down once, or left out for a reason that is kept.
 * S2  A firing is gone only when its run is durable or it is settled that there is none. The run's key
 *     is (schedule, nominal time) or (schedule, event): starting it again finds the first run.
 * S3  One process at a time starts the runs of a schedule, so that overlapping ones are seen.
 */
export class Scheduler {
  private readonly options: SchedulerOptions;
  private readonly starter: FiringStarter;
  /** Workflows whose firings could not start, and when they are tried again at the latest. */
  private readonly waiting = new Map<string, number>();
  private followers: ReadonlySet<string> = new Set();
  private callOff: () => void = () => undefined;
  private looking: Promise<void> | undefined;
  private again = false;
  private stopped = false;

  constructor(options: SchedulerOptions) {
    this.options = options;
    this.starter = new FiringStarter(options);
  }

  /** To be called at start, and when a schedule or a firing may be new. */
  look(): void {
    this.again = true;
    if (this.stopped || this.looking !== undefined) return;
    this.callOff();
    this.looking = this.lookAll()
      .catch((error: unknown) => {
        this.options.onError(error, 'schedules could not be read; they are read again soon');
        return retryMs;
      })
      .then((waitMs) => {
        this.looking = undefined;
        if (this.stopped) return;
        const { clock } = this.options;
        if (this.again) this.look();
        else this.callOff = clock.after(waitMs, () => this.look());
      });
  }

  /** To be called with every change: the end of a run may be what a schedule waits for. */
  changed({ row }: Pick<RunChange, 'row'>): void {
    if (row.endedAt === undefined) return;
    if (!this.waiting.delete(row.workflowId) && !this.followers.has(row.workflowId)) return;
    this.look();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.callOff();
    await this.looking;
  }

  /** @returns milliseconds until it is worth looking again */
  private async lookAll(): Promise<number> {
    let waitMs = lookMsMax;
    while (this.again && !this.stopped) {
      this.again = false;
      const now = this.now();
      await this.options.triggers.ensure();
      this.followers = new Set(await this.options.schedules.followers());
      const allMoved = await this.moveDue(now);
      const follows = await this.follow(now);
      await this.startRuns();
      const byClock = await this.options.schedules.earliest();
      const retried = [...this.waiting.values()].map((until) => new Date(until));
      waitMs = this.msUntil(earliestOf([byClock, follows, ...retried]));
      if (!allMoved) waitMs = Math.max(retryMs, waitMs);
    }
    return waitMs;
  }

  private msUntil(time: Date | undefined): number {
    if (time === undefined) return lookMsMax;
    return Math.min(lookMsMax, Math.max(10, time.getTime() - this.now().getTime()));
  }

  /** @returns whether all have moved on; those that have not stay due */
  private async moveDue(now: Date): Promise<boolean> {
    let allMoved = true;
    let last: LiveSchedule | undefined;
    do {
      const due = await this.options.schedules.due(now, { after: last, limit: atOnce });
      const moved = await Promise.all(due.map((schedule) => this.move(schedule, now)));
      allMoved &&= moved.every(Boolean);
      last = due.length < atOnce ? undefined : due.at(-1);
    } while (last !== undefined && !this.stopped);
    return allMoved;
  }

  private async move(schedule: LiveSchedule, now: Date): Promise<boolean> {
    try {
      const { fire, leftOut, next } = dueTimes(schedule, now);
      const missed: LeftOut | undefined = leftOut && {
        reason: 'missed',
        from: leftOut.from.toISOString(),
        to: leftOut.to.toISOString(),
      };
      await this.options.schedules.move(schedule, {
        fire,
        ...(missed && { leftOut: missed }),
        ...(next && { next }),
      });
      return true;
    } catch (error) {
      this.options.onError(error, `the schedule of ${schedule.workflowId} could not be moved on`);
      return false;
    }
  }

  /**
   * A time that follows a run fires however late it is: without it no other would follow.
   * @returns the first one that is still to come
   */
  private async follow(now: Date): Promise<Date | undefined> {
    const all = await this.options.schedules.afterRuns();
    const due = all.filter(({ at }) => at <= now);
    await Promise.all(due.map((one) => this.options.schedules.follow(one)));
    return earliestOf(all.filter(({ at }) => at > now).map(({ at }) => at));
  }

  private async startRuns(): Promise<void> {
    const now = this.now().getTime();
    for (const [workflowId, until] of this.waiting) {
      if (until <= now) this.waiting.delete(workflowId);
    }
    for (;;) {
      const not = [...this.waiting.keys()];
      const claimed = await this.options.firings.claim(this.now(), { not, limit: atOnce });
      await Promise.all(claimed.map((schedule) => this.startRunsOf(schedule)));
      if (claimed.length === 0 || this.stopped) return;
    }
  }

  private async startRunsOf(schedule: LiveSchedule): Promise<void> {
    const { workflowId } = schedule;
    let allStarted = false;
    try {
      allStarted = await this.starter.startAll(schedule, () => this.stopped);
    } catch (error) {
      this.options.onError(error, `runs of the schedule of ${workflowId} could not be started`);
    }
    if (!allStarted) this.waiting.set(workflowId, this.now().getTime() + retryMs);
    await this.options.firings.release(workflowId);
  }

  private now(): Date {
    return new Date(this.options.clock.now());
  }
}

function earliestOf(times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.flatMap((time) => (time === undefined ? [] : time.getTime()));
  return known.length === 0 ? undefined : new Date(Math.min(...known));
}
