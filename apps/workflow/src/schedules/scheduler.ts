import type { Engine } from '../engine/engine.js';
import type { DueSchedule, ScheduleStore } from './schedule-store.pg.js';
import { nextFiring } from './schedule-times.js';

const lookMsMax = 30_000;
const dueMax = 100;
const retryMs = 5_000;

export interface SchedulerOptions {
  readonly engine: Pick<Engine, 'startRun'>;
  readonly store: ScheduleStore;
  readonly onError: (error: unknown, message: string) => void;
}

/**
 * Starts runs by schedule. The run's key is (workflow, nominal time), so a firing that is repeated
 * after a crash, or that two processes see, starts one run. After a pause a schedule fires once for
 * its latest missed time, not for each.
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
    for (const schedule of await this.options.store.due(now, dueMax)) {
      if (!(await this.fire(schedule, now))) allFired = false;
    }
    if (!allFired) return retryMs;
    const next = await this.options.store.earliest();
    if (next === undefined) return lookMsMax;
    return Math.min(lookMsMax, Math.max(10, next.getTime() - Date.now()));
  }

  /** @returns whether the run has started; if not, the schedule stays due */
  private async fire(schedule: DueSchedule, now: Date): Promise<boolean> {
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
      this.options.onError(error, `the schedule of ${schedule.workflowId} could not start its run`);
      return false;
    }
    await this.options.store.advance(schedule, nextFiring(schedule.spec, schedule.timezone, now));
    return true;
  }
}
