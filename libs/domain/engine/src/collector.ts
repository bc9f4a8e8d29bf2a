import type { EventForm, IrSchedule } from '@parley/ir';
import { JqError } from '@parley/jq';
import { assert, err, ok, type Json, type JsonObject, type Result } from '@parley/kernel';
import {
  expectedOf,
  filtersOf,
  matchOf,
  untilHolds,
  type Consumed,
  type Match,
} from './consumption.js';
import type { Env } from './expressions.js';
import type { LoadedFilter, LoadedConsumption, LoadProblem } from './loaded-ir.js';
import { PlaceCompiler } from './place-compiler.js';

/** `schedule.on`, compiled. */
export interface LoadedTrigger {
  readonly wanted: LoadedConsumption;
  readonly read: EventForm;
  /** Each event starts a run by itself; otherwise events are collected until they start one together. */
  readonly single: boolean;
}

/** Events that may come to start a run together. */
export interface Collection extends Pick<Consumed, 'matched' | 'keys'> {
  readonly id: string;
}

/** What an event does to a collection; to a new one, when it names none. */
export interface Collecting {
  readonly collection?: string;
  readonly match: Match;
}

/** @returns what is wrong with an expression, of which there is none in what was published */
export function loadTrigger({ on, read = 'data' }: IrSchedule): Result<LoadedTrigger, string> {
  assert(on !== undefined, 'the schedule is one of events');
  const problems: LoadProblem[] = [];
  const wanted = new PlaceCompiler('/schedule/on', problems, {}).consumption(on, []);
  const [problem] = problems;
  return problem === undefined ? ok({ wanted, read, single: isSingle(on) }) : err(problem.message);
}

/** Whether each event that is wanted starts a run by itself. */
export function isSingle({ mode, filters, until }: NonNullable<IrSchedule['on']>): boolean {
  return until === undefined && (mode !== 'all' || filters.length <= 1);
}

/**
 * What becomes of an event, by the collections that are open, the oldest first. It joins the oldest
 * that wants it, else it opens one; so a second event of one kind is kept for the next run. What only
 * ends the collecting (`until`) is held against every one that it fits. Nothing: it is not wanted.
 *
 * Whether an expression after `until` holds is not asked here: see `isComplete`.
 */
export function collect(
  trigger: LoadedTrigger,
  open: readonly Collection[],
  { event, now }: { readonly event: JsonObject; readonly now: number },
): readonly Collecting[] {
  return safely([], () => {
    const match = matcher(trigger, event, now);
    const found = open.flatMap((one): Collecting[] => {
      const matched = match(one);
      return matched === undefined ? [] : [{ collection: one.id, match: matched }];
    });
    const ended = found.filter(({ match: { value } }) => value === undefined);
    if (ended.length > 0) return ended;
    const [oldest] = found;
    if (oldest !== undefined) return [oldest];
    const opening = match({ matched: [], keys: {} });
    if (opening === undefined) return [];
    const endsNothing = opening.value === undefined && opening.last === true;
    return endsNothing ? [] : [{ match: opening }];
  });
}

/** Whether a filter lets the event pass at all: what is collected need not be looked at otherwise. */
export function concerns(
  { wanted }: LoadedTrigger,
  { event, now }: { readonly event: JsonObject; readonly now: number },
): boolean {
  const env = envOf(event, now);
  return wanted.filters.length === 0 || filtersOf(wanted).some(({ test }) => test(event, env));
}

/** What a run that the event starts by itself is given; undefined when the event is not wanted. */
export function startedBy(
  trigger: LoadedTrigger,
  { event, now }: { readonly event: JsonObject; readonly now: number },
): Json | undefined {
  return safely(undefined, () => matcher(trigger, event, now)({ matched: [], keys: {} })?.value);
}

/** Whether the expression after `until` holds for what has been collected; one that fails does not. */
export function isComplete(
  { wanted }: LoadedTrigger,
  values: readonly Json[],
  now: number,
): boolean {
  return safely(false, () => untilHolds(wanted, envOf([...values], now)));
}

function matcher({ wanted, read }: LoadedTrigger, event: JsonObject, now: number) {
  const nothing = envOf(null, now);
  const expected = filtersOf(wanted).map((filter) => expectedOf(filter, nothing));
  const offered = { event, read, env: envOf(event, now), holds: () => false };
  const asked = askedOnce(wanted);
  return (consumed: Pick<Consumed, 'matched' | 'keys'>) =>
    matchOf(asked, { ...consumed, expected }, offered);
}

/** For one event: what its filters say of it is found out once, however much is being collected. */
function askedOnce({ filters, until, ...wanted }: LoadedConsumption): LoadedConsumption {
  return {
    ...wanted,
    filters: filters.map(filterOnce),
    ...(until === undefined
      ? {}
      : {
          until: 'filters' in until ? { ...until, filters: until.filters.map(filterOnce) } : until,
        }),
  };
}

function filterOnce({ test, keys, ...filter }: LoadedFilter): LoadedFilter {
  return {
    ...filter,
    test: once(test),
    keys: keys.map(({ from, ...key }) => ({ ...key, from: once(from) })),
  };
}

function once<A extends unknown[], T>(find: (...asked: A) => T): (...asked: A) => T {
  let found: { readonly value: T } | undefined;
  return (...asked) => (found ??= { value: find(...asked) }).value;
}

/** Steps that the expressions of a schedule may take for one event. */
const triggerEvaluationMax = 200_000;

/** There is no run yet that variables could be of. */
function envOf(input: Json, now: number): Env {
  return { input, now, lookup: () => null, work: { steps: 0, max: triggerEvaluationMax } };
}

/** Events come from anywhere: one that an expression cannot read is not the one that is meant. */
function safely<T>(otherwise: T, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof JqError) return otherwise;
    throw error;
  }
}
