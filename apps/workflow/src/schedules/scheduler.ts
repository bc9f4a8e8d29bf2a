import { errorRow } from '@parley/contracts';
import { isAppError } from '@parley/kernel';
import type { Engine } from '../engine/engine.js';
import type { DueSchedule, ScheduleStore } from './schedule-store.pg.js';
import { nextFiring } from './schedule-times.js';

const lookMsMax = 30_000;
/** Schedules that are read and fired together. */
const dueMax = 100;
const retryMs = 5_000;

export interface SchedulerOptions {
  readonly engine: Pick<Engine, 'startRun'>;
  readonly store: Pick<ScheduleStore, 'due' | 'earliest' | 'advance'>;
  readonly onError: (error: unknown, message: string) => void;
}

/**
 * Starts runs by schedule. The run's key is (workflow, nominal time), so a firing that is repeated
 * after a crash, or that two processes see, starts one run. After a pause a schedule fires once, for
 * the first time that it missed, not for each. A firing that is refused for good is left out.
 */
export class Scheduler {
  private readonly options: SchedulerOptions;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private stopped = false;

  constructor(options: SchedulerOptions) {
    this.options = options;
  }

  /** To be called at start and when a schedule may have changed. */
  look(): void {
    if (this.stopped || this.looking !== undefined) return;
    clearTimeout(this.timer);
    this.looking = this.fireDue()
      .catch((error: unknown) => {
        this.options.onError(error, 'schedules could not be read; they are read again soon');
        return lookMsMax;
      })
      .then((waitMs) => {
        this.looking = undefined;
        if (!this.stopped) this.timer = setTimeout(() => this.look(), waitMs);
      });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  /** @returns milliseconds until it is worth looking again */
  private async fireDue(): Promise<number> {
    const now = new Date();
    let allFired = true;
    let last: DueSchedule | undefined;
    do {
      const due = await this.options.store.due(now, { after: last, limit: dueMax });
      const fired = await Promise.all(due.map((schedule) => this.fire(schedule, now)));
      allFired &&= fired.every(Boolean);
      last = due.length < dueMax ? undefined : due.at(-1);
    } while (last !== undefined && !this.stopped);
    if (!allFired) return retryMs;
    const next = await this.options.store.earliest();
    if (next === undefined) return lookMsMax;
    return Math.min(lookMsMax, Math.max(10, next.getTime() - Date.now()));
  }

  /** @returns whether the schedule has moved on; if not, it stays due */
  private async fire(schedule: DueSchedule, now: Date): Promise<boolean> {
    try {
      await this.start(schedule);
      const next = nextFiring(schedule.spec, schedule.timezone, now);
      await this.options.store.advance(schedule, next);
      return true;
    } catch (error) {
      this.options.onError(error, `the schedule of ${schedule.workflowId} could not be fired`);
      return false;
    }
  }

  /** One workflow that cannot run must not be asked for again and again. */
  private async start(schedule: DueSchedule): Promise<void> {
    const nominal = schedule.nextAt.toISOString();
    try {
      await this.options.engine.startRun({
        tenantId: schedule.tenantId,
        workflowId: schedule.workflowId,
        workflowName: schedule.workflowName,
        version: schedule.version,
        irHash: schedule.irHash,
        startedBy: 'schedule',
        input: { scheduledAt: nominal },
        key: { key: `schedule ${schedule.workflowId} ${nominal}`, fingerprint: 'schedule' },
      });
    } catch (error) {
      if (!isAppError(error) || errorRow(error.code).retryable) throw error;
      this.options.onError(error, `${schedule.workflowId} is left out at ${nominal}`);
    }
  }
}
