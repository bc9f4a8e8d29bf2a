import type { IrSchedule, MissedPolicy } from '@parley/ir';
import { firingsIn, nextFiring } from './schedule-times.js';

/** A firing is late, not missed, for this long: a restart of the service must not lose one. */
const missedAfterMs = 60_000;
/** Firings that are made up for at once; of more, the newest. */
export const missedMax = 100;
/** A clock that has gone back by more than this was wrong before: times are worked out again. */
const clockBackMsMax = 3_600_000;

export interface Clockwork {
  readonly spec: IrSchedule;
  readonly timezone: string;
  /** The next time by the clock; absent when there is none. */
  readonly nextAt?: Date;
  /** The last time that was dealt with. */
  readonly lastAt?: Date;
}

export interface DueTimes {
  /** Nominal times to start runs for, oldest first. */
  readonly fire: readonly Date[];
  /** Times that are left out, from the first to the last. */
  readonly leftOut?: { readonly from: Date; readonly to: Date };
  readonly next?: Date;
}

/**
 * What is to be done about a schedule at `now`. Late by less than a minute, every time fires. When
 * more was missed, `all` fires each (up to a bound), `latest` the newest one alone, `skip` none.
 */
export function dueTimes(schedule: Clockwork, now: Date): DueTimes {
  const { spec, timezone } = schedule;
  const nextAt = expectedAt(schedule, now);
  if (nextAt === undefined || nextAt > now) return { fire: [], ...(nextAt && { next: nextAt }) };
  const times = firingsIn(spec, { timezone, from: nextAt, to: now, limit: missedMax + 1 });
  const fire = firedOf(times, spec.missed ?? 'latest', now);
  const next = nextFiring(spec, timezone, now);
  const lastLeft = times.findLast((time) => !fire.includes(time));
  return {
    fire,
    ...(lastLeft && { leftOut: { from: nextAt, to: lastLeft } }),
    ...(next && { next }),
  };
}

function firedOf(times: readonly Date[], policy: MissedPolicy, now: Date): readonly Date[] {
  const inTime = times.filter((time) => now.getTime() - time.getTime() <= missedAfterMs);
  const isMissed = inTime.length < times.length;
  if (isMissed && policy === 'latest') return times.slice(-1);
  return (isMissed && policy === 'skip' ? inTime : times).slice(-missedMax);
}

/**
 * The clock may go back: a little, and the times that have fired do not come again; or to where it
 * should have been all along, and then the next time is the next one after it.
 */
function expectedAt({ spec, timezone, nextAt, lastAt }: Clockwork, now: Date): Date | undefined {
  if (lastAt === undefined || lastAt.getTime() - now.getTime() <= clockBackMsMax) return nextAt;
  return nextFiring(spec, timezone, now);
}

/** A time, an event or a person wants a run of the schedule. */
export type FiringKind = 'time' | 'after' | 'event' | 'backfill';

/** A run of the schedule that has not ended. */
export interface GoingRun {
  readonly runId: string;
  /** Whether it makes up for a time of the past, on a person's request. */
  readonly backfill: boolean;
}

export type OverlapDecision =
  | { readonly do: 'start' | 'skip' | 'wait' }
  | { readonly do: 'cancel'; readonly runIds: readonly string[] };

/**
 * Whether a run may start beside those of the schedule that are going. A backfill never disturbs: it
 * waits until they have ended, and is not cancelled for the sake of a later time. Nor is a run left
 * out that follows another one, because then no more would follow.
 */
export function overlapDecision(
  { overlap = 'allow' }: IrSchedule,
  kind: FiringKind,
  going: readonly GoingRun[],
): OverlapDecision {
  if (overlap === 'allow' || going.length === 0) return { do: 'start' };
  if (kind === 'backfill') return { do: 'wait' };
  if (overlap === 'skip') return { do: kind === 'after' ? 'wait' : 'skip' };
  if (going.some(({ backfill }) => backfill)) return { do: 'wait' };
  return { do: 'cancel', runIds: going.map(({ runId }) => runId) };
}
