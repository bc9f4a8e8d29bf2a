import { Cron } from 'croner';
import type { IrSchedule } from '@parley/ir';

type Clockwork = Pick<IrSchedule, 'cron' | 'every'>;

const minuteMs = 60_000;

/**
 * When a schedule fires next after `after`, or undefined when it never does by the clock. Cron
 * expressions follow wall time in `timezone`: a time that a clock change skips fires right after it, a
 * repeated one once. Intervals keep to one raster for all time. With both, each of them fires.
 */
export function nextFiring(schedule: Clockwork, timezone: string, after: Date): Date | undefined {
  const times = [cronAfter(schedule, timezone, after), everyAfter(schedule, after)];
  return times.reduce((first, time) =>
    first === undefined || (time && time < first) ? time : first,
  );
}

/** The newest `limit` times of a schedule from `from` to `to`, both included, oldest first. */
export function firingsIn(
  schedule: Clockwork,
  { timezone, from, to, limit }: { timezone: string; from: Date; to: Date; limit: number },
): Date[] {
  // Back in growing strides, so that a long time with many firings costs no more than `limit` of them.
  const stride = limit * (smallestGapMs(schedule) ?? 0);
  if (stride === 0) return [];
  for (let reach = stride; ; reach *= 2) {
    const start = Math.max(from.getTime(), to.getTime() - reach);
    const found = firingsFrom(schedule, {
      timezone,
      from: new Date(start),
      to,
      limit: Number.POSITIVE_INFINITY,
    });
    if (found.length >= limit || start <= from.getTime()) return found.slice(-limit);
  }
}

/** The times of a schedule from `from` on, at most `limit` of them, and none after `to`. */
export function firingsFrom(
  schedule: Clockwork,
  { timezone, from, to, limit }: { timezone: string; from: Date; to?: Date; limit: number },
): Date[] {
  const found: Date[] = [];
  let at = nextFiring(schedule, timezone, new Date(from.getTime() - 1));
  while (at !== undefined && found.length < limit && (to === undefined || at <= to)) {
    found.push(at);
    at = nextFiring(schedule, timezone, at);
  }
  return found;
}

function cronAfter({ cron }: Clockwork, timezone: string, after: Date): Date | undefined {
  if (cron === undefined) return undefined;
  return new Cron(cron, { timezone, paused: true }).nextRun(after) ?? undefined;
}

function everyAfter({ every }: Clockwork, after: Date): Date | undefined {
  if (every === undefined || !('ms' in every)) return undefined;
  return new Date((Math.floor(after.getTime() / every.ms) + 1) * every.ms);
}

/** No two times of one rule are closer than this. */
function smallestGapMs({ cron, every }: Clockwork): number | undefined {
  const everyMs = every !== undefined && 'ms' in every ? every.ms : undefined;
  if (cron === undefined) return everyMs;
  return Math.min(minuteMs, everyMs ?? minuteMs);
}
