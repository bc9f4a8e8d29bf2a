/** When a workflow starts by itself, as it is written in a definition. */
export type Schedule =
  { readonly cron: string } | { readonly every: Readonly<Record<string, number>> };

export interface FoundSchedule {
  readonly schedule: Schedule;
  /** The words it was read from. */
  readonly words: string;
  /** The request without those words. */
  readonly rest: string;
  /** What was assumed because the request left it open. */
  readonly assumed?: string;
}

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const day = `(?:${days.join('|')})s?`;
const time = String.raw`(?:(?:at|@|around|by)\s+)?(?:(?<h>\d{1,2})(?:[:.](?<m>\d{2}))?\s*(?<half>a\.?m\.?|p\.?m\.?)?(?:\s*o'?clock|\s*h\b)?|(?<word>noon|midday|midnight))(?![\d/]|\s*(?:minutes?|hours?|days?|weeks?|months?|times?|%))`;
const when = String.raw`(?<pre>at\s+${time.replaceAll('?<', '?<p_')},?\s+)?`;
const after = String.raw`(?:,?\s+(?:at|@|around|by)\s+(?:${time.replace('(?:(?:at|@|around|by)\\s+)?', '')}))?`;
const every = String.raw`(?:every|each)(?:\s+single)?`;
const defaultHour = 9;

type Read = (match: RegExpExecArray) => Schedule | undefined;

/** In this order: the more specific first. */
const forms: readonly (readonly [string, Read])[] = [
  [
    String.raw`(?:on\s+)?(?:the\s+)?(?<dom>first|last|\d{1,2})(?:st|nd|rd|th)?(?:\s+day)?\s+of\s+(?:each|every|the|a)\s+month`,
    (match) => {
      const named = match.groups?.['dom']?.toLowerCase();
      if (named === 'last') return undefined;
      return cron(match, `${named === 'first' ? 1 : Number(named)} * *`);
    },
  ],
  [
    String.raw`(?:(?:${every}\s+month|monthly),?\s+on\s+the\s+(?<dom>\d{1,2})(?:st|nd|rd|th)?)`,
    (match) => cron(match, `${Number(match.groups?.['dom'])} * *`),
  ],
  [
    String.raw`(?:${every}\s+(?:weekday|work(?:ing)?\s?day|business\s+day)s?|on\s+(?:weekdays|work(?:ing)?\s?days|business\s+days)|(?:from\s+)?monday\s+(?:to|through|-)\s+friday)`,
    (match) => cron(match, '* * 1-5'),
  ],
  [String.raw`(?:${every}\s+weekend|on\s+weekends)`, (match) => cron(match, '* * 0,6')],
  [
    String.raw`(?:(?:${every}|on|weekly\s+on|every\s+week\s+on)\s+(?<days>${day}(?:\s*(?:,|and|or|&)\s*(?:and\s+)?${day})*)(?:\s+mornings?)?)`,
    (match) => namedDays(match),
  ],
  [
    String.raw`(?:${every}\s+(?:other\s+)?(?<n>\d+|two|three|four|five|ten|fifteen|thirty)?\s*(?<unit>minute|hour)s?|hourly)`,
    (match) => interval(match),
  ],
  [
    String.raw`(?:${every}\s+(?<n>\d+|two|three|four)\s+(?<unit>day|week)s?)`,
    (match) => interval(match),
  ],
  [
    String.raw`(?:(?:${every}|in\s+the|once\s+(?:a|per))\s+(?<part>day|morning|afternoon|evening|night)|daily|nightly)`,
    (match) => cron(match, '* * *'),
  ],
  [String.raw`(?:${every}\s+week|weekly|once\s+a\s+week)`, (match) => cron(match, '* * 1')],
  [String.raw`(?:${every}\s+month|monthly|once\s+a\s+month)`, (match) => cron(match, '1 * *')],
  [String.raw`(?:${every}\s+quarter|quarterly)`, (match) => cron(match, '1 1,4,7,10 *')],
];

const compiled = forms.map(
  ([form, read]) => [new RegExp(`\\b${when}${form}${after}(?=$|[\\s,.;:!?])`, 'i'), read] as const,
);

/** The first schedule that a request speaks of. */
export function findSchedule(text: string): FoundSchedule | undefined {
  for (const [pattern, read] of compiled) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const schedule = read(match);
    if (schedule === undefined) continue;
    const words = match[0].trim();
    const rest = `${text.slice(0, match.index)} ${text.slice(match.index + match[0].length)}`;
    const found = { schedule, words, rest: tidy(rest) };
    const assumed = assumption(match, schedule);
    return assumed === undefined ? found : { ...found, assumed };
  }
  return undefined;
}

function tidy(rest: string): string {
  return rest
    .replace(/^[\s,;:.]+/, '')
    .replace(/\s+([,.;:])/g, '$1')
    .replace(/([,.;])(?:\s*[,;])+/g, '$1')
    .replace(/ {2,}/g, ' ')
    .trim();
}

function group(match: RegExpExecArray, name: string): string | undefined {
  return match.groups?.[name] ?? match.groups?.[`p_${name}`];
}

function clockOf(match: RegExpExecArray): { hour: number; minute: number } | undefined {
  const word = group(match, 'word')?.toLowerCase();
  if (word === 'midnight') return { hour: 0, minute: 0 };
  if (word !== undefined) return { hour: 12, minute: 0 };
  const hours = group(match, 'h');
  if (hours === undefined) return undefined;
  const half = group(match, 'half')?.toLowerCase().replaceAll('.', '');
  const raw = Number(hours);
  const evening = /evening|night|afternoon/i.test(match.groups?.['part'] ?? '');
  const hour =
    half === 'pm' || (half === undefined && evening && raw < 12)
      ? (raw % 12) + 12
      : half === 'am'
        ? raw % 12
        : raw;
  const minute = Number(group(match, 'm') ?? 0);
  return hour < 24 && minute < 60 ? { hour, minute } : undefined;
}

const hourOfPart: Readonly<Record<string, number>> = {
  morning: 8,
  afternoon: 14,
  evening: 18,
  night: 22,
};

function cron(match: RegExpExecArray, rest: string): Schedule {
  const part = (match.groups?.['part'] ?? (/nightly/i.test(match[0]) ? 'night' : '')).toLowerCase();
  const { hour, minute } = clockOf(match) ?? {
    hour: /morning/i.test(match[0]) ? 8 : (hourOfPart[part] ?? defaultHour),
    minute: 0,
  };
  return { cron: `${minute} ${hour} ${rest}` };
}

function assumption(match: RegExpExecArray, schedule: Schedule): string | undefined {
  if (!('cron' in schedule) || clockOf(match) !== undefined) return undefined;
  const [minute, hour] = schedule.cron.split(' ');
  return `${(hour ?? '').padStart(2, '0')}:${(minute ?? '').padStart(2, '0')}`;
}

function namedDays(match: RegExpExecArray): Schedule {
  const named = match.groups?.['days']?.toLowerCase() ?? '';
  const numbers = days.flatMap((name, index) => (named.includes(name) ? [index] : []));
  return cron(match, `* * ${numbers.join(',')}`);
}

const counts: Readonly<Record<string, number>> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  ten: 10,
  fifteen: 15,
  thirty: 30,
};

function interval(match: RegExpExecArray): Schedule {
  const unit = match.groups?.['unit']?.toLowerCase() ?? 'hour';
  const raw = match.groups?.['n']?.toLowerCase();
  const other = /\bother\b/i.test(match[0]) ? 2 : 1;
  const amount = raw === undefined ? other : (counts[raw] ?? Number(raw));
  return { every: unit === 'week' ? { days: amount * 7 } : { [`${unit}s`]: amount } };
}

const dayNames = days.map((name) => name.charAt(0).toUpperCase() + name.slice(1));

/** A schedule in words: "Every weekday at 09:00". */
export function scheduleInWords(schedule: Schedule): string {
  if ('every' in schedule) {
    const parts = Object.entries(schedule.every).map(([unit, amount]) =>
      amount === 1 ? unit.replace(/s$/, '') : `${amount} ${unit}`,
    );
    return `Every ${parts.join(' ')}`;
  }
  const [minute = '0', hour = '0', dom = '*', month = '*', dow = '*'] = schedule.cron.split(' ');
  const at = `at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (month !== '*') return `On day ${dom} of months ${month} ${at}`;
  if (dom !== '*') return `On day ${dom} of every month ${at}`;
  if (dow === '1-5') return `Every weekday ${at}`;
  if (dow === '*') return `Every day ${at}`;
  const named = dow.split(',').map((number) => dayNames[Number(number)] ?? number);
  return `Every ${named.join(' and ')} ${at}`;
}
