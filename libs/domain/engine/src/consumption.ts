import type { EventForm } from '@parley/ir';
import { jsonEquals, type Json, type JsonObject } from '@parley/kernel';
import type { Env } from './expressions.js';
import { isTruthy } from './expressions.js';
import type { LoadedConsumption, LoadedFilter } from './loaded-ir.js';

/** How far somebody who waits for events has come. */
export interface Consumed {
  /** Filters that have let an event pass, counted through the filters and then those of `until`. */
  readonly matched: readonly number[];
  /** Correlation keys that an event was the first to have. */
  readonly keys: Readonly<Record<string, Json>>;
  /** Values of keys that the definition expects, by filter and key. */
  readonly expected: readonly Readonly<Record<string, Json>>[];
}

/** What consuming an event means. */
export interface Match {
  /** What of the event is handed on; absent for one that only ends the consuming. */
  readonly value?: Json;
  readonly filter?: number;
  readonly keys?: Readonly<Record<string, Json>>;
  /** No more events are wanted. */
  readonly last?: true;
}

export interface Offered {
  readonly event: JsonObject;
  readonly read: EventForm;
  /** What the expressions of filters see, with the event as their input. */
  readonly env: Env;
  /** Whether the condition of `until` holds, once the value is consumed, too. */
  readonly holds: (value: Json) => boolean;
}

/** The filters and then those that end the consuming: entries count through both. */
export function filtersOf({ filters, until }: LoadedConsumption): readonly LoadedFilter[] {
  return until !== undefined && 'filters' in until ? [...filters, ...until.filters] : filters;
}

export function expectedOf({ keys }: LoadedFilter, env: Env): Record<string, Json> {
  const expected: Record<string, Json> = {};
  for (const { key, expect } of keys) if (expect !== undefined) expected[key] = expect(env);
  return expected;
}

/** What consuming the event means, or undefined when it is not wanted. */
export function matchOf(
  wanted: LoadedConsumption,
  consumed: Consumed,
  offered: Offered,
): Match | undefined {
  const { filters, until } = wanted;
  if (until !== undefined && 'filters' in until) {
    const ending = until.filters.map((_, at) => filters.length + at);
    const open = until.mode === 'all' ? unmatched(ending, consumed) : ending;
    const found = firstMatch(wanted, consumed, { ...offered, candidates: open });
    if (found !== undefined) {
      const isLast = until.mode !== 'all' || open.length === 1;
      return { ...found, ...(isLast ? { last: true } : {}) };
    }
  }
  const value = formOf(offered.event, offered.read);
  if (filters.length === 0) return { value, ...lastOf(wanted, offered, value) };
  const all = filters.map((_, at) => at);
  const open = wanted.mode === 'all' ? unmatched(all, consumed) : all;
  const found = firstMatch(wanted, consumed, { ...offered, candidates: open });
  if (found === undefined) return undefined;
  if (wanted.mode === 'all') {
    return { ...found, value, ...(open.length === 1 ? { last: true } : {}) };
  }
  return { ...found, value, ...lastOf(wanted, offered, value) };
}

function unmatched(filters: readonly number[], { matched }: Consumed): number[] {
  return filters.filter((at) => !matched.includes(at));
}

/** Whether the event is the last one that is wanted, where one filter is as good as another. */
function lastOf({ until }: LoadedConsumption, { holds }: Offered, value: Json): { last?: true } {
  if (until === undefined) return { last: true };
  if ('filters' in until) return {};
  return holds(value) ? { last: true } : {};
}

function firstMatch(
  wanted: LoadedConsumption,
  { keys, expected }: Consumed,
  { event, env, candidates }: Offered & { readonly candidates: readonly number[] },
): Pick<Match, 'filter' | 'keys'> | undefined {
  const filters = filtersOf(wanted);
  for (const at of candidates) {
    const filter = filters[at];
    if (filter === undefined || !filter.test(event, env)) continue;
    const fresh = freshKeys(filter, env, { ...keys, ...expected[at] });
    if (fresh === undefined) continue;
    return { filter: at, ...(Object.keys(fresh).length === 0 ? {} : { keys: fresh }) };
  }
  return undefined;
}

/** Keys that the event is the first to have; undefined when one that is known is another. */
function freshKeys(
  { keys }: LoadedFilter,
  env: Env,
  known: Readonly<Record<string, Json>>,
): Record<string, Json> | undefined {
  const fresh: Record<string, Json> = {};
  for (const { key, from } of keys) {
    const value = from(env);
    const wanted = Object.hasOwn(known, key) ? known[key] : undefined;
    if (wanted === undefined) fresh[key] = value;
    else if (!jsonEquals(wanted, value)) return undefined;
  }
  return fresh;
}

/** What of an event is handed on. */
function formOf(event: JsonObject, form: EventForm): Json {
  return form === 'data' ? (event['data'] ?? null) : event;
}

/** Whether the condition of `until` holds for what was consumed. */
export function untilHolds({ until }: LoadedConsumption, env: Env): boolean {
  return until !== undefined && 'holds' in until && isTruthy(until.holds(env));
}
