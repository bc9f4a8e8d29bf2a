import type { Ir } from './ir.js';
import type { IrConsumption } from './parts.js';

const minuteMs = 60_000;
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** How runs of a definition start, in words. */
export function describeTrigger(ir: Pick<Ir, 'schedule' | 'timezone'>, timezone: string): string {
  const { cron, every, after, on } = ir.schedule ?? {};
  const zone = ir.timezone ?? timezone;
  const ways = [
    ...(cron === undefined ? [] : [`${describeCron(cron)} (${zone})`]),
    ...(every !== undefined && 'ms' in every ? [`every ${describeMs(every.ms)}`] : []),
    ...(after !== undefined && 'ms' in after
      ? [`${describeMs(after.ms, true)} after the run before has ended`]
      : []),
    ...(on === undefined ? [] : [describeEvents(on)]),
  ];
  if (ways.length === 0) return 'Started by a person or a call';
  const text = ways.join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function describeEvents({ mode, filters, until }: IrConsumption): string {
  const types = typesOf(filters);
  if (mode === 'all' && types.length > 1) return `when ${types.join(' and ')} have come`;
  const any = filters.length === 0 ? 'every event' : `events of ${types.join(' or ')}`;
  if (until === undefined) return `at ${any}`;
  if ('source' in until) return `with ${any}, together until ${until.source}`;
  const ends = typesOf(until.filters).join(until.mode === 'all' ? ' and ' : ' or ');
  return `with ${any}, together until ${ends === '' ? 'another event' : ends}`;
}

function typesOf(filters: IrConsumption['filters']): string[] {
  const types = filters.map((filter) => {
    const type = filter.with.find(([name]) => name === 'type')?.[1];
    return type?.kind === 'literal' && typeof type.value === 'string' ? type.value : 'some type';
  });
  return [...new Set(types)];
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

function describeMs(ms: number, counted = false): string {
  const units: [string, number][] = [
    ['day', 1440 * minuteMs],
    ['hour', 60 * minuteMs],
    ['minute', minuteMs],
    ['second', 1_000],
  ];
  const [name, size] = units.find(([, unit]) => ms % unit === 0) ?? ['millisecond', 1];
  if (ms === size) return counted ? `1 ${name}` : name;
  return `${String(ms / size)} ${name}s`;
}
