import { isJsonObject, type Json } from '@parley/kernel';

const msPerUnit = {
  milliseconds: 1,
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
} as const;

/**
 * Milliseconds of an ISO 8601 duration (`PT1H30M`) or of a duration object (`{ minutes: 5 }`), or
 * undefined when it is neither. Years and months are refused: their length depends on the calendar.
 */
export function durationToMs(value: Json): number | undefined {
  if (typeof value === 'string') return isoDurationToMs(value);
  return isJsonObject(value) ? objectToMs(value) : undefined;
}

function isoDurationToMs(text: string): number | undefined {
  const match = isoPattern.exec(text);
  if (match === null || /[PT]$/.test(text)) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return Math.round(
    (weeks ?? 0) * msPerUnit.weeks +
      (days ?? 0) * msPerUnit.days +
      (hours ?? 0) * msPerUnit.hours +
      (minutes ?? 0) * msPerUnit.minutes +
      (seconds ?? 0) * msPerUnit.seconds,
  );
}

const isoPattern =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

function objectToMs(value: Readonly<Record<string, Json>>): number | undefined {
  const members = Object.entries(value);
  if (members.length === 0) return undefined;
  let total = 0;
  for (const [unit, amount] of members) {
    if (!(unit in msPerUnit) || typeof amount !== 'number' || amount < 0) return undefined;
    total += amount * msPerUnit[unit as keyof typeof msPerUnit];
  }
  return Math.round(total);
}

/** RFC 3339 text of a time in milliseconds since the epoch, in UTC. */
export function isoTime(ms: number): string {
  const days = Math.floor(ms / msPerUnit.days);
  const rest = ms - days * msPerUnit.days;
  const clock = [
    pad(Math.floor(rest / msPerUnit.hours), 2),
    pad(Math.floor(rest / msPerUnit.minutes) % 60, 2),
    pad(Math.floor(rest / msPerUnit.seconds) % 60, 2),
  ].join(':');
  return `${civilDate(days)}T${clock}.${pad(Math.floor(rest) % 1_000, 3)}Z`;
}

/** Days since the epoch → `YYYY-MM-DD` (proleptic Gregorian, era arithmetic). */
function civilDate(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
