import { Cron } from 'croner';
import type { IrSchedule } from '@parley/ir';

/**
 * When a schedule fires next after `after`, or undefined when it never does. Cron expressions follow
 * wall time in `timezone`: a time that a clock change skips fires right after it, a repeated one once.
 */
export function nextFiring(schedule: IrSchedule, timezone: string, after: Date): Date | undefined {
  if (schedule.cron !== undefined) {
    return new Cron(schedule.cron, { timezone, paused: true }).nextRun(after) ?? undefined;
  }
  if (schedule.every !== undefined && 'ms' in schedule.every) {
    const { ms } = schedule.every;
    return new Date((Math.floor(after.getTime() / ms) + 1) * ms);
  }
  return undefined;
}
