import { assert, type Json, type JsonObject } from '@parley/kernel';
import { eventIdentity } from '../cloud-event.js';
import { expectedOf, filtersOf, matchOf, untilHolds, type Match } from '../consumption.js';
import type { EventInterest } from '../listen-entries.js';
import type { Env } from '../expressions.js';
import type { LoadedFilter } from '../loaded-ir.js';
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
  const frame = turn.state.frames.get(occurrence);
  if (frame?.kind !== 'listen' || !frame.isOpen) return stale('the run does not listen there');
  const { source, id } = eventIdentity(event);
  if (wasHeard(turn, { occurrence, source, id, late })) return stale('the event was heard before');
  let taken = false;
  guarded(
    turn,
    () => placeOf(turn, frame),
    () => {
      const match = matchAt(turn, frame, event);
      if (match === undefined) return;
      taken = true;
      turn.emit({ kind: 'eventHeard', occurrence, source, id, ...match });
    },
  );
  const isThrough = turn.state.frames.get(occurrence) !== frame;
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

/** What consuming the event means, or undefined when it is not wanted. */
function matchAt(turn: TurnDraft, frame: ListenFrame, event: JsonObject): Match | undefined {
  const { node, listen } = turn.node(frame);
  assert(node.kind === 'listen' && listen !== undefined, `${frame.node} listens`);
  return matchOf(listen, frame, {
    event,
    read: node.read,
    env: envAt(turn, frame, event),
    holds: (value) => untilHolds(listen, envAt(turn, frame, [...frame.heard, value])),
  });
}

function envAt(turn: TurnDraft, frame: ListenFrame, input: Json): Env {
  const { parent: scope, startedAt } = frame;
  const at = { loaded: turn.node(frame), scope, startedAt, rawInput: rawInputOf(frame) };
  return envFor(turn, input, { ...at, input: frame.input });
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
