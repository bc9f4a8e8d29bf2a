import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { actionSteps } from './actions.js';
import { durationOf, withStateFilter } from './data.js';
import { program, programOf, wrapped } from './expressions.js';
import { impossible, type Step } from './migration.js';
import type { Old } from './old.js';
import type { Stop } from './routes.js';
import { blockOf, finished, listOf, metadataOf, timeoutOf, type StateContext } from './state.js';
import { callbackState, eventState, eventSwitch, inParallel } from './waiting.js';

/** The tasks that a state becomes. */
export function stopsOf(context: StateContext): Stop[] {
  const { migration, state, name } = context;
  const type = state.text('type') ?? '';
  state.member('name');
  const builder = Object.hasOwn(builders, type) ? builders[type] : undefined;
  if (builder === undefined) {
    migration.report.dropped(state.pointer, `There is no state of type "${type}"`);
    return finished(context, impossible(`The state ${name} could not be migrated`));
  }
  const [kind, build] = builder;
  migration.report.mapped(state.pointer, `State "${name}": ${kind}`);
  return build(context);
}

const builders: Readonly<
  Record<string, readonly [kind: string, build: (context: StateContext) => Stop[]]>
> = {
  operation: ['its actions as tasks', operationState],
  switch: ['a switch task', switchState],
  sleep: ['a wait task', sleepState],
  delay: ['a wait task', sleepState],
  event: ['a listen task and its actions', eventState],
  parallel: ['a fork task', parallelState],
  foreach: ['a for or map task', foreachState],
  inject: ['a set task', injectState],
  callback: ['its action and a listen task', callbackState],
};

function operationState(context: StateContext): Stop[] {
  const { migration, state } = context;
  const steps = actionSteps(migration, state.items('actions'), {
    timeout: timeoutOf(context, 'actionExecTimeout'),
  });
  const parallel = state.text('actionMode') === 'parallel' && steps.length > 1;
  return finished(context, parallel ? inParallel(steps) : blockOf(steps));
}

function switchState(context: StateContext): Stop[] {
  const { migration, routes, state, name } = context;
  if (state.items('onErrors').length > 0) {
    migration.report.dropped(state.pointer, 'The error handlers of a switch have no counterpart');
  }
  if (state.member('eventConditions') !== undefined) return eventSwitch(context);
  const taken = new Set<string>();
  const cases = state.items('dataConditions').map((condition, index): Json => {
    condition.member('metadata');
    let label = condition.text('name') ?? `case${index + 1}`;
    if (taken.has(label)) label = `${label}${index + 1}`;
    taken.add(label);
    const when = programOf(migration, condition, 'condition') ?? 'true';
    return { [label]: { when: wrapped(when), then: routes.of(condition, name) } };
  });
  const otherwise = state.member('defaultCondition');
  const fallback = { otherwise: { then: otherwise ? routes.of(otherwise, name) : 'end' } };
  const task = withStateFilter(migration, state, { switch: [...cases, fallback] });
  return [{ name, task: { ...task, ...metadataOf(context) } }];
}

function sleepState(context: StateContext): Stop[] {
  const { migration, state } = context;
  const wait =
    durationOf(migration, state, 'duration') ?? durationOf(migration, state, 'timeDelay');
  return finished(context, { wait: wait ?? 'PT0S' });
}

/** Data that is put in is fixed: `${` in it means nothing. */
function injectState(context: StateContext): Stop[] {
  const data = context.state.member('data')?.json ?? {};
  const isEmpty = !isJsonObject(data) || Object.keys(data).length === 0;
  return finished(context, {
    set: isEmpty ? '${ . }' : literal(data),
    output: { as: '${ $input * . }' },
  });
}

function literal(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${');
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, literal(member)]));
}

function parallelState(context: StateContext): Stop[] {
  const { migration, state } = context;
  const branches = state.items('branches').map((branch): Step => {
    const own = { ...context, state: branch };
    const steps = actionSteps(migration, branch.items('actions'), {
      timeout: timeoutOf(own, 'actionExecTimeout'),
    });
    const timeout = timeoutOf(own, 'branchExecTimeout') ?? timeoutOf(context, 'branchExecTimeout');
    const task =
      steps.length === 1 && timeout === undefined ? blockOf(steps) : { do: listOf(steps) };
    return {
      name: branch.text('name') ?? 'branch',
      task: timeout === undefined ? task : { ...task, timeout: { after: timeout } },
    };
  });
  const needed = Number(state.text('numCompleted') ?? Number.NaN);
  if (state.text('completionType') === 'atLeast' && needed < branches.length) {
    if (needed === 1)
      return finished(context, { fork: { branches: listOf(branches), compete: true } });
    migration.report.approximated(
      state.pointer,
      `All branches are waited for; before, ${needed} of them were enough`,
    );
  }
  return finished(context, inParallel(branches));
}

function foreachState(context: StateContext): Stop[] {
  const { migration, state } = context;
  const items = programOf(migration, state, 'inputCollection') ?? '[]';
  const each = state.text('iterationParam') ?? 'item';
  const isVariable = /^[A-Za-z_]\w*$/.test(each) && !reserved.has(each);
  if (!isVariable) {
    migration.report.dropped(state.pointer, `"${each}" cannot be a variable: the item is $item`);
  }
  const collection = state.member('outputCollection');
  const collect =
    collection?.words === undefined
      ? undefined
      : program(migration, collection.words, { pointer: collection.pointer });
  const parameters = isVariable ? [each] : [];
  const loop = { items, each: isVariable ? each : 'item', parameters, collect };
  return finished(
    context,
    state.text('mode') === 'sequential' ? oneByOne(context, loop) : sideBySide(context, loop),
  );
}

/** Names of variables that the language has itself. */
const reserved: ReadonlySet<string> = new Set([
  ...['context', 'input', 'output', 'secrets', 'authorization', 'task', 'workflow', 'runtime'],
  'ENV',
]);

interface Loop {
  readonly items: string;
  /** Name of the variable. */
  readonly each: string;
  /** Names by which expressions call the item. */
  readonly parameters: readonly string[];
  /** Where results are added. */
  readonly collect: string | undefined;
}

function oneByOne(context: StateContext, { items, each, parameters, collect }: Loop): JsonObject {
  context.state.member('batchSize');
  const steps = stepsOfLoop(context, parameters, collect === undefined ? {} : { collect });
  return { for: { each, in: wrapped(items) }, do: listOf(steps) };
}

/** Iterations at the same time are a function of the platform. */
function sideBySide(context: StateContext, { items, each, parameters, collect }: Loop): JsonObject {
  const { migration, state } = context;
  const size = Number(state.text('batchSize') ?? Number.NaN);
  const actions = state.items('actions');
  const bare = actions.length === 1;
  if (collect !== undefined && !bare) {
    migration.report.approximated(
      state.pointer,
      'Each result is the data of the iteration as a whole',
    );
  }
  return {
    call: 'map',
    with: {
      in: wrapped(items),
      each,
      do: listOf(stepsOfLoop(context, parameters, { bare })),
      ...(Number.isInteger(size) && size > 0 && { concurrency: Math.min(size, 10_000) }),
    },
    output: {
      as: wrapped(
        collect === undefined
          ? 'reduce .[] as $result ($input; . * $result)'
          : `. as $results | $input | ${collect} += $results`,
      ),
    },
  };
}

function stepsOfLoop(
  context: StateContext,
  parameters: readonly string[],
  place: { readonly collect?: string; readonly bare?: boolean },
): Step[] {
  const { migration, state } = context;
  const steps = actionSteps(migration, state.items('actions'), {
    timeout: timeoutOf(context, 'actionExecTimeout'),
    parameters,
    ...place,
  });
  return steps.length > 0 ? steps : [{ name: 'nothing', task: { set: '${ . }' } }];
}

/** Names of the states that a state may lead to, in the order of the text. */
export function targetsOf(state: Old): string[] {
  const of = (holder: Old | undefined): string[] => {
    const transition = holder?.member('transition');
    return [transition?.words ?? transition?.text('nextState') ?? []].flat();
  };
  const conditions = [...state.items('dataConditions'), ...state.items('eventConditions')];
  return [
    ...of(state),
    ...conditions.flatMap(of),
    ...of(state.member('defaultCondition')),
    ...state.items('onErrors').flatMap(of),
  ];
}
