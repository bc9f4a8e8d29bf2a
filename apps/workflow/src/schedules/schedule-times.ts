import { Cron } from 'croner';
import type { Ir, IrSchedule } from '@parley/ir';

const minuteMs = 60_000;
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

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

/** How runs of a definition start, in words. */
export function describeTrigger(ir: Ir, timezone: string): string {
  const { schedule } = ir;
  const zone = ir.timezone ?? timezone;
  if (schedule?.cron !== undefined) return `${describeCron(schedule.cron)} (${zone})`;
  if (schedule?.every !== undefined && 'ms' in schedule.every) {
    return `Every ${describeMs(schedule.every.ms)}`;
  }
  return 'Started by a person or a call';
}

function describeCron(cron: string): string {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.trim().split(/\s+/);
  const clock =
    /^\d+$/.test(minute) && /^\d+$/.test(hour)
      ? `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
      : undefined;
  if (clock !== undefined && month === '*') {
    if (day === '*' && weekday === '*') return `Every day at ${clock}`;
    if (day === '*' && weekday === '1-5') return `Every weekday at ${clock}`;
    const named = /^[0-7]$/.test(weekday) ? weekdays[Number(weekday) % 7] : undefined;
    if (day === '*' && named !== undefined) return `Every ${named} at ${clock}`;
    if (/^\d+$/.test(day) && weekday === '*') return `On day ${day} of every month at ${clock}`;
  }
  return `On the schedule ${cron}`;
}

function describeMs(ms: number): string {
  const units: [string, number][] = [
    ['day', 1440 * minuteMs],
    ['hour', 60 * minuteMs],
    ['minute', minuteMs],
    ['second', 1_000],
  ];
  const [name, size] = units.find(([, unit]) => ms % unit === 0) ?? ['millisecond', 1];
  return ms === size ? name : `${String(ms / size)} ${name}s`;
}
