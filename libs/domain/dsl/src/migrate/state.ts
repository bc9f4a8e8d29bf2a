import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { durationOf, withStateFilter } from './data.js';
import { conditionFor, filterOfErrors, referencesOf } from './errors.js';
import { wrapped } from './expressions.js';
import { freeName, type Migration, type Step } from './migration.js';
import type { Old } from './old.js';
import type { Routes, Stop } from './routes.js';

/** A state that is being migrated. */
export interface StateContext {
  readonly migration: Migration;
  readonly routes: Routes;
  readonly state: Old;
  /** Name of its task. */
  readonly name: string;
  /** The run is started by its events, which are the input. */
  readonly started: boolean;
  /** Names of tasks by names of states. */
  readonly names: ReadonlyMap<string, string>;
}

/** A timeout of the state, or the default of the workflow. */
export function timeoutOf({ migration, state }: StateContext, kind: string): string | undefined {
  const own = state.member('timeouts');
  const holder = own?.member(kind) === undefined ? migration.timeouts : own;
  const value = holder?.member(kind);
  if (value?.isMap !== true) return durationOf(migration, holder, kind);
  if (value.member('single') !== undefined) {
    migration.report.dropped(value.pointer, 'Only the timeout of all attempts together is kept');
  }
  return durationOf(migration, value, 'total');
}

/** One step as it is, several as a block. */
export function blockOf(steps: readonly Step[]): JsonObject {
  const [only] = steps;
  if (only === undefined) return { set: '${ . }' };
  // A task that may be left out cannot say where to go.
  const alone = steps.length === 1 && !('if' in only.task);
  return alone ? only.task : { do: listOf(steps) };
}

/** A list of tasks. */
export function listOf(steps: readonly Step[]): Json[] {
  const taken = new Set<string>();
  return steps.map(({ name, task }) => ({ [freeName(taken, name)]: task }));
}

/** The tasks of a state that does something and then goes on: with filters, timeout and handlers. */
export function finished(context: StateContext, core: JsonObject): Stop[] {
  const { migration, routes, state, name } = context;
  const timeout = timeoutOf(context, 'stateExecTimeout');
  const filtered = withStateFilter(migration, state, core);
  const task = timeout === undefined ? filtered : { ...filtered, timeout: { after: timeout } };
  const goto = state.flag('usedForCompensation') ? 'end' : routes.of(state, name);
  const handled = handledBy(context, task);
  return [{ name, task: { ...handled, ...metadataOf(context) }, goto }];
}

/** Metadata, and the task that takes back what this one does. */
export function metadataOf({ migration, state, names }: StateContext): JsonObject {
  state.member('id');
  const own = state.member('metadata')?.json;
  const by = state.member('compensatedBy');
  const compensate = by?.words === undefined ? undefined : names.get(by.words);
  if (by !== undefined) {
    if (compensate === undefined) migration.report.dropped(by.pointer, 'There is no such state');
    else migration.report.mapped(by.pointer, 'Compensation: metadata.compensate names the task');
  }
  const metadata: JsonObject = {
    ...(own !== undefined && isJsonObject(own) && own),
    ...(compensate !== undefined && { compensate }),
  };
  return Object.keys(metadata).length === 0 ? {} : { metadata };
}

/** A state whose errors lead elsewhere. */
function handledBy(context: StateContext, task: JsonObject): JsonObject {
  const { migration, routes, state, name } = context;
  const handlers = state.items('onErrors');
  const [first] = handlers;
  if (first === undefined) return task;
  if (handlers.length > 1) return handledBySeveral(context, task, handlers);
  migration.report.mapped(first.pointer, 'Error handler: catch');
  const filter = filterOfErrors(migration, referencesOf(first));
  return { try: [{ [name]: task }], catch: { ...filter, then: routes.of(first, name) } };
}

/** A `catch` leads to one place: a switch behind it tells the errors apart. */
function handledBySeveral(
  { migration, routes, name }: StateContext,
  task: JsonObject,
  handlers: readonly Old[],
): JsonObject {
  const decision = routes.name(`${name}Error`);
  const cases: Json[] = handlers.map((handler, index) => {
    migration.report.mapped(handler.pointer, 'Error handler: catch, and a case of a switch');
    const when = conditionFor(migration, referencesOf(handler), '.error');
    const then = routes.of(handler, name);
    return { [`error${index + 1}`]: { ...(when !== undefined && { when: wrapped(when) }), then } };
  });
  const known = handlers.map((handler) => conditionFor(migration, referencesOf(handler), '$error'));
  const all: JsonObject = known.includes(undefined) ? {} : { when: wrapped(known.join(' or ')) };
  routes.extra.push({
    name: decision,
    task: { switch: cases, output: { as: '${ del(.error) }' } },
    goto: 'end',
  });
  return {
    try: [{ [name]: task }],
    catch: {
      ...all,
      do: [{ keepError: { set: '${ . + { error: $error } }' } }],
      then: decision,
    },
  };
}
