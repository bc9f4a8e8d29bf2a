import type { BreakingChange } from '@parley/contracts';
import type { Ir, IrConsumption, IrSchedule } from '@parley/ir';
import { canonicalJson, jsonEquals, type Json } from '@parley/kernel';
import { showDuration } from '../describe.js';
import { typeOf } from './events.js';

/** When runs start by themselves. */
export function scheduleChanges(before: Ir, after: Ir): BreakingChange[] {
  const [a, b] = [before.schedule, after.schedule];
  const sameZone = before.timezone === after.timezone || b?.cron === undefined;
  if (jsonEquals(jsonOf(a), jsonOf(b)) && sameZone) return [];
  if (b === undefined) return [change('Runs no longer start by themselves', true)];
  const now = words(b, after.timezone);
  if (a === undefined) return [change(`Runs now also start by themselves: ${now}`, false)];
  if (sameZone && sameButPolicies(a, b)) {
    return [change(`Runs start at the same times, but with ${policyWords(b)}`, false)];
  }
  if (onlyMoreEvents(a, b)) return [change(`Runs start at more events than before: ${now}`, false)];
  return [change(`Runs start otherwise: ${words(a, before.timezone)} before, ${now} now`, true)];
}

function sameButPolicies(before: IrSchedule, after: IrSchedule): boolean {
  const bare = ({ overlap: _overlap, missed: _missed, ...rest }: IrSchedule) => jsonOf(rest);
  return jsonEquals(bare(before), bare(after));
}

function policyWords({ overlap = 'allow', missed = 'latest' }: IrSchedule): string {
  return `overlap: ${overlap} and missed: ${missed}`;
}

function change(message: string, breaking: boolean): BreakingChange {
  return { area: 'schedule', pointer: '/schedule', message, breaking };
}

/** Every event that started a run still does, by itself. */
function onlyMoreEvents(before: IrSchedule, after: IrSchedule): boolean {
  const { on: a, ...restA } = before;
  const { on: b, ...restB } = after;
  if (a === undefined || b === undefined || !jsonEquals(jsonOf(restA), jsonOf(restB))) return false;
  const alone = (on: IrConsumption) =>
    on.until === undefined && (on.mode !== 'all' || on.filters.length === 1);
  if (!alone(a) || !alone(b)) return false;
  if (b.filters.length === 0) return b.mode === 'any';
  if (a.filters.length === 0) return false;
  const filters = new Set(b.filters.map((filter) => canonicalJson(jsonOf(filter))));
  return a.filters.every((filter) => filters.has(canonicalJson(jsonOf(filter))));
}

function words({ every, cron, after, on }: IrSchedule, timezone: string | undefined): string {
  const parts = [
    every === undefined ? '' : `every ${showDuration(every)}`,
    cron === undefined ? '' : `cron ${cron}${timezone === undefined ? '' : ` (${timezone})`}`,
    after === undefined ? '' : `${showDuration(after)} after each run`,
    on === undefined ? '' : eventWords(on),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function eventWords({ mode, filters, until }: IrConsumption): string {
  const types = filters.map(typeOf).join(mode === 'all' ? ' and ' : ' or ');
  const at = `at ${filters.length === 0 ? 'any event' : types}`;
  if (until === undefined) return at;
  return `${at} until ${'source' in until ? until.source : eventWords(until).slice('at '.length)}`;
}

function jsonOf(value: unknown): Json {
  return (value ?? null) as Json;
}
