import type { Json, JsonObject } from '@parley/kernel';
import { actionSteps } from './actions.js';
import { mergedInto } from './data.js';
import { consumptionOf, typeOfEvent, type Quantity } from './events.js';
import { wrapped } from './expressions.js';
import type { Migration, Step } from './migration.js';
import type { Old } from './old.js';
import type { Stop } from './routes.js';
import { blockOf, finished, listOf, metadataOf, timeoutOf, type StateContext } from './state.js';

const taken = '${ { type: .[0].type, event: .[0].data, data: $input } }';

/** Waits for events, then acts. */
export function eventState(context: StateContext): Stop[] {
  const groups = context.state.items('onEvents');
  const alternatives = isExclusive(context.state) && groups.length > 1;
  return finished(context, {
    do: listOf(alternatives ? chosen(context, groups) : together(context, groups)),
  });
}

/** What starts a run whose first state waits for events. */
export function scheduleOn(migration: Migration, state: Old): JsonObject {
  const groups = state.items('onEvents');
  const quantity: Quantity = isExclusive(state) ? 'any' : 'all';
  const on = consumptionOf(
    migration,
    groups.flatMap((group) => group.items('eventRefs')),
    quantity,
  );
  return isExclusive(state) && groups.length > 1 ? { on, read: 'envelope' } : { on };
}

function isExclusive(state: Old): boolean {
  return state.member('exclusive')?.json !== false;
}

/** All groups act once the events have come. */
function together(context: StateContext, groups: readonly Old[]): Step[] {
  const { migration, state } = context;
  const references = groups.flatMap((group) => group.items('eventRefs'));
  const quantity: Quantity = isExclusive(state) ? 'any' : 'all';
  const several = references.length > 1 && quantity === 'all';
  const [group] = groups;
  const output = mergedInto(migration, group?.member('eventDataFilter'), {
    use: 'data',
    into: 'toStateData',
    result: several ? 'reduce .[] as $event ({}; . * $event)' : '.[0]',
    data: context.started ? '{}' : '$input',
  });
  return [
    {
      name: 'receive',
      task: received(context, consumptionOf(migration, references, quantity), output),
    },
    ...groups.flatMap((one) => actionsOf(context, one)),
  ];
}

function received(context: StateContext, to: JsonObject, output: string): JsonObject {
  if (context.started) return { set: wrapped(output) };
  return { listen: { to }, output: { as: wrapped(output) }, ...eventTimeout(context) };
}

function eventTimeout(context: StateContext): JsonObject {
  const timeout = timeoutOf(context, 'eventTimeout');
  if (timeout === undefined) return {};
  const { migration, state } = context;
  migration.report.approximated(
    state.pointer,
    'When the events do not come there is a timeout error',
  );
  return { timeout: { after: timeout } };
}

/** The first event decides which group acts. */
function chosen(context: StateContext, groups: readonly Old[]): Step[] {
  const { migration } = context;
  const references = groups.flatMap((group) => group.items('eventRefs'));
  const to = consumptionOf(migration, references, 'any');
  const names = groups.map((_, index) => `events${index + 1}`);
  const cases = groups.map((group, index): Json => {
    const types = group.texts('eventRefs').map((name) => typeOfEvent(migration, name));
    return { [`case${index + 1}`]: { when: oneOfTypes(types), then: names[index] ?? 'exit' } };
  });
  return [
    {
      name: 'receive',
      task: context.started
        ? { set: taken.replace('$input', '{}') }
        : { listen: { to, read: 'envelope' }, output: { as: taken }, ...eventTimeout(context) },
    },
    { name: 'choose', task: { switch: [...cases, { otherwise: { then: 'exit' } }] } },
    ...groups.map((group, index) => ({
      name: names[index] ?? '',
      task: { do: listOf([takeEvent(context, group), ...actionsOf(context, group)]), then: 'exit' },
    })),
  ];
}

function oneOfTypes(types: readonly string[]): string {
  const tests = types.map((type) => `.type == ${JSON.stringify(type)}`);
  return wrapped(tests.length === 0 ? 'false' : tests.join(' or '));
}

/** Puts the event that has come into the data. */
function takeEvent({ migration }: StateContext, holder: Old): Step {
  const filter = holder.member('eventDataFilter');
  const options = { use: 'data', into: 'toStateData', result: '.event', data: '.data' };
  return { name: 'take', task: { set: wrapped(mergedInto(migration, filter, options)) } };
}

function actionsOf(context: StateContext, group: Old): Step[] {
  const { migration } = context;
  const steps = actionSteps(migration, group.items('actions'), {
    timeout: timeoutOf(context, 'actionExecTimeout'),
  });
  if (group.text('actionMode') !== 'parallel' || steps.length < 2) return steps;
  return [{ name: 'actions', task: inParallel(steps) }];
}

/** Branches whose results are merged. */
export function inParallel(steps: readonly Step[]): JsonObject {
  return {
    fork: { branches: listOf(steps) },
    output: { as: '${ reduce .[] as $branch ($input; . * $branch) }' },
  };
}

/** Acts, then waits for the event that tells the outcome. */
export function callbackState(context: StateContext): Stop[] {
  const { migration, state } = context;
  const reference = state.member('eventRef');
  const actions = state.member('action');
  const steps = actionSteps(migration, actions === undefined ? [] : [actions], {
    timeout: timeoutOf(context, 'actionExecTimeout'),
  });
  const output = mergedInto(migration, state.member('eventDataFilter'), {
    use: 'data',
    into: 'toStateData',
    result: '.[0]',
  });
  const to = consumptionOf(migration, reference === undefined ? [] : [reference], 'any');
  const wait = { listen: { to }, output: { as: wrapped(output) }, ...eventTimeout(context) };
  return finished(context, blockOf([...steps, { name: 'receive', task: wait }]));
}

/** Waits for one of several events; each leads elsewhere. */
export function eventSwitch(context: StateContext): Stop[] {
  const { migration, routes, state, name } = context;
  const conditions = state.items('eventConditions');
  const references = conditions.flatMap((condition) => condition.member('eventRef') ?? []);
  const decision = routes.name(`${name}Decision`);
  const cases = conditions.map((condition, index): Json => {
    const type = typeOfEvent(migration, condition.text('eventRef') ?? '');
    const then = routes.of(condition, name);
    return { [condition.text('name') ?? `case${index + 1}`]: { when: oneOfTypes([type]), then } };
  });
  const otherwise = state.member('defaultCondition');
  const fallback = { otherwise: { then: otherwise ? routes.of(otherwise, name) : 'end' } };
  const to = consumptionOf(migration, references, 'any');
  const wait = { listen: { to, read: 'envelope' }, output: { as: taken } };
  return [
    { name, task: { ...patient(context, wait), ...metadataOf(context) }, goto: decision },
    {
      name: decision,
      task: {
        switch: [...cases, fallback],
        output: { as: wrapped(decided(context, conditions)) },
      },
    },
  ];
}

/** With a timeout, the default condition holds when no event comes. */
function patient(context: StateContext, wait: JsonObject): JsonObject {
  const timeout = timeoutOf(context, 'eventTimeout') ?? timeoutOf(context, 'stateExecTimeout');
  if (timeout === undefined) return wait;
  return {
    try: [{ receive: { ...wait, timeout: { after: timeout } } }],
    catch: {
      errors: { with: { status: 408 } },
      do: [{ nothing: { set: { type: '', event: {}, data: '${ . }' } } }],
    },
  };
}

/** The data with the event in it, whichever it was. */
function decided({ migration }: StateContext, conditions: readonly Old[]): string {
  const plain = '.data * (.event // {})';
  return conditions.reduceRight((otherwise, condition) => {
    const filter = condition.member('eventDataFilter');
    if (filter === undefined) return otherwise;
    const type = JSON.stringify(typeOfEvent(migration, condition.text('eventRef') ?? ''));
    const options = { use: 'data', into: 'toStateData', result: '.event', data: '.data' };
    return `if .type == ${type} then ${mergedInto(migration, filter, options)} else ${otherwise} end`;
  }, plain);
}
