import type { EventForm } from '@parley/ir';
import { assert, jsonEquals, type Json, type JsonObject } from '@parley/kernel';
import { eventIdentity } from '../cloud-event.js';
import type { EventInterest } from '../listen-entries.js';
import { isTruthy, type Env } from '../expressions.js';
import type { LoadedFilter, LoadedListen } from '../loaded-ir.js';
import type { Occurrence } from '../occurrence.js';
import type { ListenFrame } from '../state.js';
import type { EventArrived, Rejection } from '../stimuli.js';
import type { Entering } from './entering.js';
import { timeoutMs } from './entering.js';
import { envFor } from './env.js';
import { guarded, placeOf, rawInputOf } from './fail.js';
import { armTimeout, finish } from './finish.js';
import type { TurnDraft } from './turn.js';

/** Begins a `listen`: says which events are to be brought to it. */
export function beginListen(turn: TurnDraft, entering: Entering): void {
  const { loaded, place, env } = entering;
  const foreach = loaded.node.kind === 'listen' ? loaded.node.foreach : undefined;
  const limitMs = timeoutMs(turn, entering);
  const listen = loaded.listen;
  assert(listen !== undefined, `${place.node} listens`);
  const filters = filtersOf(listen);
  const expected = filters.map((filter) => expectedOf(filter, env));
  const interests = listen.filters.length === 0 ? [] : interestsOf(filters, expected);
  const each = foreach === undefined ? {} : { each: true as const };
  turn.emit({ kind: 'listening', ...place, interests, expected, ...each });
  armTimeout(turn, place, limitMs);
}

/** The filters and then those that end the listening: entries count through both. */
function filtersOf({ filters, until }: LoadedListen): readonly LoadedFilter[] {
  return until !== undefined && 'filters' in until ? [...filters, ...until.filters] : filters;
}

function expectedOf({ keys }: LoadedFilter, env: Env): Record<string, Json> {
  const expected: Record<string, Json> = {};
  for (const { key, expect } of keys) if (expect !== undefined) expected[key] = expect(env);
  return expected;
}

function interestsOf(
  filters: readonly LoadedFilter[],
  expected: readonly Readonly<Record<string, Json>>[],
): EventInterest[] {
  return filters.map(({ attributes, keys }, at) => ({
    attributes,
    keys: keys.flatMap(({ key, source }) => {
      const equals = expected[at]?.[key];
      return equals === undefined ? [] : [{ from: source, equals }];
    }),
  }));
}

/** An event was brought to the run. One that it does not want changes nothing. */
export function eventArrived(turn: TurnDraft, stimulus: EventArrived): Rejection | undefined {
  const { occurrence, event, late } = stimulus;
  const frame = turn.state.frames[occurrence];
  if (frame?.kind !== 'listen' || !frame.isOpen) return stale('the run does not listen there');
  const { source, id } = eventIdentity(event);
  if (wasHeard(turn, { occurrence, source, id, late })) return stale('the event was heard before');
  let taken = false;
  guarded(
    turn,
    () => placeOf(turn, frame),
    () => {
      const match = matchOf(turn, frame, event);
      if (match === undefined) return;
      taken = true;
      turn.emit({ kind: 'eventHeard', occurrence, source, id, ...match });
    },
  );
  const isThrough = turn.state.frames[occurrence] !== frame;
  return taken || isThrough ? undefined : stale('no filter lets the event pass');
}

/** Two tasks that listen at one time both get an event; one after the other gets it once. */
function wasHeard(
  turn: TurnDraft,
  event: { occurrence: Occurrence; source: string; id: string; late?: boolean },
): boolean {
  return (turn.state.heard ?? []).some(
    ({ occurrence, source, id }) =>
      id === event.id &&
      source === event.source &&
      (event.late === true || occurrence === event.occurrence),
  );
}

interface Match {
  readonly value?: Json;
  readonly filter?: number;
  readonly keys?: Readonly<Record<string, Json>>;
  readonly last?: true;
}

/** What consuming the event means, or undefined when it is not wanted. */
function matchOf(turn: TurnDraft, frame: ListenFrame, event: JsonObject): Match | undefined {
  const loaded = turn.node(frame);
  const { node, listen } = loaded;
  assert(node.kind === 'listen' && listen !== undefined, `${frame.node} listens`);
  const { filters, until } = listen;
  if (until !== undefined && 'filters' in until) {
    const ending = until.filters.map((_, at) => filters.length + at);
    const open = until.mode === 'all' ? ending.filter((at) => !frame.matched.includes(at)) : ending;
    const found = firstMatch(turn, frame, { event, candidates: open });
    if (found !== undefined) {
      const isLast = until.mode !== 'all' || open.length === 1;
      return { ...found, ...(isLast ? { last: true } : {}) };
    }
  }
  const value = formOf(event, node.read);
  if (filters.length === 0) return { value, ...lastOf(turn, frame, { listen, value }) };
  const all = filters.map((_, at) => at);
  const open = listen.mode === 'all' ? all.filter((at) => !frame.matched.includes(at)) : all;
  const found = firstMatch(turn, frame, { event, candidates: open });
  if (found === undefined) return undefined;
  if (listen.mode === 'all') {
    return { ...found, value, ...(open.length === 1 ? { last: true } : {}) };
  }
  return { ...found, value, ...lastOf(turn, frame, { listen, value }) };
}

/** Whether the event is the last one that is wanted, where one filter is as good as another. */
function lastOf(
  turn: TurnDraft,
  frame: ListenFrame,
  { listen, value }: { listen: LoadedListen; value: Json },
): { last?: true } {
  const { until } = listen;
  if (until === undefined) return { last: true };
  if ('filters' in until) return {};
  const consumed = [...frame.heard, value];
  return isTruthy(until.holds(envAt(turn, frame, consumed))) ? { last: true } : {};
}

function firstMatch(
  turn: TurnDraft,
  frame: ListenFrame,
  { event, candidates }: { event: JsonObject; candidates: readonly number[] },
): Pick<Match, 'filter' | 'keys'> | undefined {
  const loaded = turn.node(frame);
  const filters = loaded.listen === undefined ? [] : filtersOf(loaded.listen);
  const env = envAt(turn, frame, event);
  for (const at of candidates) {
    const filter = filters[at];
    if (filter === undefined || !filter.test(event, env)) continue;
    const keys = keysOf(filter, env, { ...frame.keys, ...frame.expected[at] });
    if (keys === undefined) continue;
    return { filter: at, ...(Object.keys(keys).length === 0 ? {} : { keys }) };
  }
  return undefined;
}

/** Keys that the event is the first to have; undefined when one that is known is another. */
function keysOf(
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

function envAt(turn: TurnDraft, frame: ListenFrame, input: Json): Env {
  const { parent: scope, startedAt } = frame;
  const at = { loaded: turn.node(frame), scope, startedAt, rawInput: rawInputOf(frame) };
  return envFor(turn, input, { ...at, input: frame.input });
}

/** What of an event is handed on. */
function formOf(event: JsonObject, form: EventForm): Json {
  return form === 'data' ? (event['data'] ?? null) : event;
}

/** Goes on with the next event, or ends a `listen` that wants no more. */
export function takeEvent(turn: TurnDraft, occurrence: Occurrence): void {
  const frame = turn.owner(occurrence);
  assert(frame.kind === 'listen', `${occurrence} listens`);
  const { first } = turn.node(frame);
  const index = frame.taken + 1;
  if (!frame.each) finish(turn, frame, [...frame.heard]);
  else if (index < frame.heard.length) turn.emit({ kind: 'eventTaken', occurrence, index, first });
  else finish(turn, frame, [...frame.results]);
}

/** The tasks of `foreach` are through with an event. */
export function endEvent(turn: TurnDraft, frame: ListenFrame, output: Json): void {
  const { occurrence } = frame;
  guarded(
    turn,
    () => placeOf(turn, frame),
    () => {
      const { listen } = turn.node(frame);
      const at = { loaded: turn.node(frame), scope: occurrence, input: frame.input };
      const result = listen?.as === undefined ? output : listen.as(envFor(turn, output, at));
      const context = listen?.exportAs?.(envFor(turn, result, { ...at, output: result }));
      const exported = context === undefined ? {} : { context };
      turn.emit({ kind: 'eventDone', occurrence, result, ...exported });
    },
  );
}

function stale(message: string): Rejection {
  return { reason: 'stale', message };
}
