/** A moment in UTC, taken apart as C does: months and days of the year count from 0. */
export interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** May have a fraction. */
  readonly second: number;
  readonly weekday: number;
  readonly yearday: number;
}

export type MomentFields = Omit<Moment, 'weekday' | 'yearday'>;

const DAY_SECONDS = 86_400;

/** Days from 1970-01-01 in the Gregorian calendar; months may be out of range. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = year + Math.floor(month / 12);
  const inYear = ((month % 12) + 12) % 12;
  // Years begin in March, so that the leap day is their last.
  const y = inYear < 2 ? shifted - 1 : shifted;
  const m = (inYear + 10) % 12;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * m + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): {
  readonly year: number;
  readonly month: number;
  readonly day: number;
} {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const m = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * m + 2) / 5) + 1;
  const month = (m + 2) % 12;
  return { year: yearOfEra + era * 400 + (month < 2 ? 1 : 0), month, day };
}

export function secondsOf(fields: MomentFields): number {
  const days = daysFromCivil(fields.year, fields.month, fields.day);
  return days * DAY_SECONDS + fields.hour * 3600 + fields.minute * 60 + fields.second;
}

/** Of a whole number of seconds since the epoch. */
export function momentOf(whole: number): Moment {
  const days = Math.floor(whole / DAY_SECONDS);
  const rest = whole - days * DAY_SECONDS;
  const { year, month, day } = civilFromDays(days);
  return {
    year,
    month,
    day,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    weekday: weekdayOf(days),
    yearday: days - daysFromCivil(year, 0, 1),
  };
}

/** Sunday is 0. */
export function weekdayOf(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}
