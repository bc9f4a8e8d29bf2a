import type { Ir } from './ir.js';

const minuteMs = 60_000;
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** How runs of a definition start, in words. */
export function describeTrigger(ir: Pick<Ir, 'schedule' | 'timezone'>, timezone: string): string {
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
