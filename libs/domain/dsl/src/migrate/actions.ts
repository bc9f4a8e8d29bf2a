import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { durationOf, mergedInto } from './data.js';
import { consumptionOf, emitOf } from './events.js';
import { dataOf, programOf, program, wrapped, type Around } from './expressions.js';
import { callOf } from './functions.js';
import { freeName, type Migration, type Step } from './migration.js';
import type { Old } from './old.js';
import { retried } from './retries.js';

/** What actions of a state have in common. */
export interface ActionPlace {
  readonly timeout?: string | undefined;
  readonly parameters?: readonly string[];
  /** Program that puts the result of an action into the data, instead of merging it. */
  readonly collect?: string;
  /** The result is handed on as it is. */
  readonly bare?: boolean;
}

/** The tasks of several actions, one after the other, with names that differ. */
export function actionSteps(
  migration: Migration,
  actions: readonly Old[],
  place: ActionPlace,
): Step[] {
  const taken = new Set<string>();
  return actions.flatMap((action) => {
    const pause = action.member('sleep');
    const before = durationOf(migration, pause, 'before');
    const after = durationOf(migration, pause, 'after');
    const name = freeName(taken, nameOf(action));
    const step = { name, task: actionTask(migration, action, place) };
    return [
      ...(before === undefined
        ? []
        : [{ name: freeName(taken, `before-${name}`), task: { wait: before } }]),
      step,
      ...(after === undefined
        ? []
        : [{ name: freeName(taken, `after-${name}`), task: { wait: after } }]),
    ];
  });
}

function nameOf(action: Old): string {
  action.member('id');
  const reference = action.member('functionRef');
  const flow = action.member('subFlowRef');
  return (
    action.text('name') ??
    reference?.words ??
    reference?.text('refName') ??
    flow?.words ??
    flow?.text('workflowId') ??
    action.member('eventRef')?.text('triggerEventRef') ??
    'action'
  );
}

function actionTask(migration: Migration, action: Old, place: ActionPlace): JsonObject {
  const filter = action.member('actionDataFilter');
  const { parameters = [] } = place;
  const from = programOf(migration, filter, 'fromStateData', { parameters });
  const reads = JSON.stringify(action.json).includes('$SECRETS');
  const around: Around = {
    pointer: action.pointer,
    parameters,
    ...(from !== undefined && { from }),
    ...(reads && { secrets: '$input.secrets' }),
  };
  const core = coreOf(migration, action, around);
  const { as: picked, ...rest } = resultOf(core);
  const output = outputOf(migration, filter, { place, picked, secrets: reads });
  const condition = programOf(migration, action, 'condition', { parameters });
  const task: JsonObject = {
    ...(condition !== undefined && { if: wrapped(condition) }),
    ...rest,
    ...(reads && { input: { from: wrapped(`. + { secrets: ${secretsOf(migration, action)} }`) } }),
    ...(output !== undefined && !('raise' in core) && { output: { as: wrapped(output) } }),
    ...(place.timeout !== undefined && { timeout: { after: place.timeout } }),
  };
  return retried(migration, action, task, nameOf(action) || 'task');
}

/** Splits off what the task itself takes out of its result. */
function resultOf(task: JsonObject): JsonObject & { as?: string } {
  const { output, ...rest } = task;
  const as = isJsonObject(output) ? output['as'] : undefined;
  return typeof as === 'string' ? { ...rest, as: as.slice(3, -2) } : rest;
}

function outputOf(
  migration: Migration,
  filter: Old | undefined,
  options: { place: ActionPlace; picked: string | undefined; secrets: boolean },
): string | undefined {
  const { place, picked = '.', secrets } = options;
  const around = { parameters: place.parameters ?? [] };
  const data = secrets ? '($input | del(.secrets))' : '$input';
  if (place.collect === undefined && place.bare !== true) {
    const into = 'toStateData';
    return mergedInto(migration, filter, { use: 'results', into, around, result: picked, data });
  }
  const results = programOf(migration, filter, 'results', around);
  filter?.member('toStateData');
  filter?.member('useResults');
  const value =
    results === undefined ? picked : picked === '.' ? results : `${picked} | ${results}`;
  if (place.bare === true) return value === '.' ? undefined : value;
  return `(${value}) as $result | ${data} | ${place.collect ?? '.'} += [$result]`;
}

function secretsOf(migration: Migration, action: Old): string {
  const text = JSON.stringify(action.json);
  const names = new Set(
    [...text.matchAll(/\$SECRETS\.([A-Za-z_]\w*)/g)].map((match) => match[1] ?? ''),
  );
  for (const name of names) migration.secrets.add(name);
  migration.report.approximated(
    action.pointer,
    'Secrets can only be read in "input.from": they are handed to the call from there',
  );
  return `{ ${[...names].map((name) => `${name}: $secrets.${name}`).join(', ')} }`;
}

function coreOf(migration: Migration, action: Old, around: Around): JsonObject {
  const flow = action.member('subFlowRef');
  if (flow !== undefined) return runOf(migration, flow, around);
  const exchange = action.member('eventRef');
  if (exchange !== undefined) return exchangeOf(migration, exchange, around);
  const reference = action.member('functionRef');
  return reference === undefined ? { set: '${ . }' } : callOf(migration, reference, around);
}

function runOf(migration: Migration, flow: Old, around: Around): JsonObject {
  const name = flow.words ?? flow.text('workflowId') ?? '';
  const version = flow.text('version');
  migration.report.approximated(
    flow.pointer,
    `The workflow "${name}" is expected in the namespace "default"; its input is under "data"`,
  );
  const asynchronous = flow.text('invoke') === 'async';
  if (flow.text('onParentComplete') !== undefined) {
    migration.report.dropped(
      flow.pointer,
      'What becomes of it when this workflow ends is not said',
    );
  }
  return {
    run: {
      workflow: {
        namespace: 'default',
        name: labelOf(name),
        version: version === undefined ? 'latest' : versionOf(version),
        input: { data: wrapped(around.from ?? '.') },
      },
      ...(asynchronous && { await: false }),
    },
  };
}

/** An event that is sent, and one that is waited for. */
function exchangeOf(migration: Migration, exchange: Old, around: Around): JsonObject {
  const trigger = emitOf(migration, exchange, { eventKey: 'triggerEventRef', around });
  const result = exchange.member('resultEventRef');
  const timeout = durationOf(migration, exchange, 'resultEventTimeout');
  if (exchange.text('invoke') === 'async' || result === undefined) return trigger;
  const to = consumptionOf(migration, [result], 'any');
  return {
    do: [
      { send: trigger },
      {
        receive: {
          listen: { to },
          output: { as: '${ .[0] }' },
          ...(timeout !== undefined && { timeout: { after: timeout } }),
        },
      },
    ],
  };
}

/** A name of letters, digits and dashes, as documents of the new language have them. */
export function labelOf(text: string): string {
  const label = text
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
  return label === '' ? 'workflow' : label;
}

/** Three numbers, where one or two were enough before. */
export function versionOf(text: string): string {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+][\w.+-]+)?$/.exec(text.trim());
  if (match === null) return '0.1.0';
  const number = (digits: string | undefined) => String(Number(digits ?? '0'));
  return `${number(match[1])}.${number(match[2])}.${number(match[3])}${match[4] ?? ''}`;
}

/** Data of a workflow that is continued as another one. */
export function inputOf(migration: Migration, data: Old | undefined): Json {
  if (data === undefined) return { data: '${ . }' };
  const around = { pointer: data.pointer };
  if (data.words !== undefined) return { data: wrapped(program(migration, data.words, around)) };
  const value = dataOf(migration, data.json, around);
  return isJsonObject(value) ? value : { data: value };
}
