import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import type { DiagnosticCode } from '../../src/index.js';
import type { Change } from './mutant.js';
import { added, replaced, valueAt, type Path } from './sites.js';
import { isTask, isTaskItem, type Operator } from './structural.js';

/** A mistake in meaning: how it is made, and which code tells it. */
export interface Mistake {
  readonly codes: readonly DiagnosticCode[];
  readonly make: Operator;
}

const unknownName = 'nobodyKnowsThis';

/** Mistakes that the schema cannot see. */
export const semantic: Readonly<Record<string, Mistake>> = {
  'then leads nowhere': {
    codes: ['PL1021', 'PL1022'],
    make: (definition, { path, value }) =>
      isTask(value, path) && !isFunction(path)
        ? put(definition, path, 'then', unknownName)
        : undefined,
  },
  'case leads nowhere': {
    codes: ['PL1021'],
    make: (definition, { path, value }) =>
      path.at(-1) === 'then' && path.at(-4) === 'switch' && typeof value === 'string'
        ? change(definition, path, unknownName)
        : undefined,
  },
  'handler leads nowhere': {
    codes: ['PL1021'],
    make: (definition, { path, value }) =>
      isHandler(path, value) ? put(definition, path, 'then', unknownName) : undefined,
  },
  'name given twice': {
    codes: ['PL1020'],
    make: (definition, { path, value }, random) => {
      if (!Array.isArray(value) || value.length === 0 || !value.every(isTaskItem)) return undefined;
      const [name = ''] = Object.keys(random.pick<Json>(value) as JsonObject);
      const next = [...value, { [name]: { wait: 'PT1S' } }];
      return { value: replaced(definition, path, next), touched: [[...path, value.length, name]] };
    },
  },
  'unknown time limit': {
    codes: ['PL1024'],
    make: (definition, { path, value }) =>
      isTask(value, path) ? put(definition, path, 'timeout', unknownName) : undefined,
  },
  'unknown retry policy': {
    codes: ['PL1024'],
    make: (definition, { path, value }) =>
      isHandler(path, value) ? put(definition, path, 'retry', unknownName) : undefined,
  },
  'unknown error': {
    codes: ['PL1024'],
    make: (definition, { path }) =>
      path.at(-1) === 'error' && path.at(-2) === 'raise'
        ? change(definition, path, unknownName)
        : undefined,
  },
  'unknown authentication': {
    codes: ['PL1024'],
    make: (definition, { path, value }) => {
      if (path.at(-1) !== 'endpoint' || path.at(-2) !== 'with') return undefined;
      const uri = isJsonObject(value) ? (value['uri'] ?? null) : value;
      const endpoint = { uri, authentication: { use: unknownName } };
      return {
        value: replaced(definition, path, endpoint),
        touched: [[...path, 'authentication', 'use']],
      };
    },
  },
  'unknown secret in authentication': {
    codes: ['PL1024'],
    make: (definition, { path }) =>
      path.at(-1) === 'use' &&
      ['basic', 'bearer', 'digest', 'oauth2', 'oidc'].includes(String(path.at(-2)))
        ? change(definition, path, unknownName)
        : undefined,
  },
  'unknown secret': {
    codes: ['PL1024'],
    make: (definition, { path, value }) =>
      isTask(value, path) && value['input'] === undefined
        ? inside(definition, path, ['input', 'from'], `\${ $secrets.${unknownName} }`)
        : undefined,
  },
  'unknown function called': {
    codes: ['PL1050'],
    make: (definition, { path }) =>
      isCall(definition, path) ? change(definition, path, unknownName) : undefined,
  },
  'unknown catalog': {
    codes: ['PL1024', 'PL1050'],
    make: (definition, { path }) =>
      isCall(definition, path) ? change(definition, path, `log:1.0.0@${unknownName}`) : undefined,
  },
  'expression broken': {
    codes: ['PL1030'],
    make: (definition, { path, value }, random) =>
      isTask(value, path)
        ? put(
            definition,
            path,
            'if',
            random.pick(['.a +', '.a ==', '(.a | .b', '[.a, .b', '.a as x | x', '.a )', '"open']),
          )
        : undefined,
  },
  'expression in data broken': {
    codes: ['PL1030'],
    make: (definition, { path, value }, random) =>
      isData(path, value)
        ? change(
            definition,
            path,
            `\${ ${random.pick(['.a +', '.a | | .b', '.a b', 'if .a then 1'])} }`,
          )
        : undefined,
  },
  'expression not closed': {
    codes: ['PL1034'],
    make: (definition, { path, value }) =>
      isData(path, value) ? change(definition, path, '${ .a') : undefined,
  },
  'unknown variable': {
    codes: ['PL1031'],
    make: (definition, { path, value }, random) =>
      isTask(value, path)
        ? put(
            definition,
            path,
            'if',
            random.pick(['$nobody.a == 1', '${ $contxt.a }', '.a | $b', '$error.status == 4']),
          )
        : undefined,
  },
  'unknown variable in data': {
    codes: ['PL1031'],
    make: (definition, { path, value }) =>
      isData(path, value) ? change(definition, path, 'text ${ $nobody } text') : undefined,
  },
  'unknown jq function': {
    codes: ['PL1032'],
    make: (definition, { path, value }, random) =>
      isTask(value, path)
        ? put(
            definition,
            path,
            'if',
            random.pick(['.a | lenght', 'foo(.a)', 'map(.a; .b)', 'startswith']),
          )
        : undefined,
  },
  'forbidden jq function': {
    codes: ['PL1033'],
    make: (definition, { path, value }, random) =>
      isTask(value, path)
        ? put(
            definition,
            path,
            'if',
            random.pick(['input', 'env.HOME', '$ENV.PATH', 'halt', 'inputs']),
          )
        : undefined,
  },
  'not a cron expression': {
    codes: ['PL1041'],
    make: (definition, { path }, random) => {
      if (path.length > 0) return undefined;
      const cron = random.pick(['every day', '61 * * * *', '* * *', '* * 0 * *', '* * * * mo']);
      return { value: { ...definition, schedule: { cron } }, touched: [['schedule', 'cron']] };
    },
  },
  'not a time zone': {
    codes: ['PL1042'],
    make: (definition, { path, value }) =>
      path.join('/') === 'document' && isJsonObject(value) && value['metadata'] === undefined
        ? inside(definition, path, ['metadata', 'timezone'], 'Europe/Nowhere')
        : undefined,
  },
  'not a duration': {
    codes: ['PL1040'],
    make: (definition, { path, value }, random) => {
      const text = random.pick(['5 minutes', 'P', 'PT', '30s', 'PT5', 'P1H']);
      if (path.at(-1) === 'wait') return change(definition, path, text);
      return isTask(value, path) && value['timeout'] === undefined
        ? inside(definition, path, ['timeout', 'after'], text)
        : undefined;
    },
  },
  'another language version': {
    codes: ['PL1043'],
    make: (definition, { path }, random) =>
      path.join('/') === 'document/dsl'
        ? change(definition, path, random.pick(['0.8.0', '2.0.0', '1.9.0', '0.9.1']))
        : undefined,
  },
  'another expression language': {
    codes: ['PL1047'],
    make: (definition, { path }) =>
      path.length === 0 && definition['evaluate'] === undefined
        ? {
            value: { ...definition, evaluate: { language: 'javascript' } },
            touched: [['evaluate', 'language']],
          }
        : undefined,
  },
  'not a JSON Schema': {
    codes: ['PL1045'],
    make: (definition, { path, value }, random) =>
      isTask(value, path) && value['input'] === undefined
        ? inside(
            definition,
            path,
            ['input', 'schema', 'document'],
            random.pick<Json>([{ type: 'text' }, { required: 'id' }, { minimum: 'a' }, 7]),
          )
        : undefined,
  },
  'unknown connector': connectorMistake(['PL1051'], 'connector', 'plnat'),
  'unknown operation': connectorMistake(['PL1052'], 'operation', 'getCapacty'),
  'required input missing': {
    codes: ['PL1053'],
    make: (definition, { path }) =>
      isConnectorInput(definition, path)
        ? { value: change(definition, path, {}).value, touched: [path] }
        : undefined,
  },
  'unknown input': {
    codes: ['PL1054'],
    make: (definition, { path }) =>
      isConnectorInput(definition, path) ? put(definition, path, 'colour', 'red') : undefined,
  },
  'input of another type': {
    codes: ['PL1055'],
    make: (definition, { path }, random) =>
      isConnectorInput(definition, path.slice(0, -1)) && path.at(-1) === 'quantity'
        ? change(definition, path, random.pick<Json>(['many', [1], { a: 1 }, true, 1.5]))
        : undefined,
  },
};

function connectorMistake(codes: readonly DiagnosticCode[], member: string, name: string): Mistake {
  return {
    codes,
    make: (definition, { path }) =>
      path.at(-1) === member && isConnectorCall(definition, path.slice(0, -1))
        ? change(definition, path, name)
        : undefined,
  };
}

/** The arguments of a call of a connector. */
function isConnectorCall(definition: Json, path: Path): boolean {
  const call = valueAt(definition, [...path.slice(0, -1), 'call']);
  return path.at(-1) === 'with' && call === 'connector';
}

function isConnectorInput(definition: Json, path: Path): boolean {
  return path.at(-1) === 'input' && isConnectorCall(definition, path.slice(0, -1));
}

/** The handler of a `try`. */
function isHandler(path: Path, value: Json): boolean {
  return path.at(-1) === 'catch' && isJsonObject(value) && !path.includes('set');
}

/** A value that is evaluated as data: it may hold expressions, and may be any text. */
function isData(path: Path, value: Json): boolean {
  const at = path.lastIndexOf('set');
  return (
    at >= 0 &&
    at < path.length - 1 &&
    typeof value === 'string' &&
    typeof path[at - 1] === 'string' &&
    typeof path[at - 2] === 'number'
  );
}

/** A task that stands for itself: nothing follows it. */
function isFunction(path: Path): boolean {
  return path.at(-2) === 'functions';
}

function isCall(definition: Json, path: Path): boolean {
  const task = path.slice(0, -1);
  return path.at(-1) === 'call' && isTask(valueAt(definition, task) ?? null, task);
}

/** Sets a member, which may be there already. */
function put(definition: JsonObject, path: Path, key: string, member: Json): Change {
  const owner = valueAt(definition, path) as JsonObject;
  const value = Object.hasOwn(owner, key)
    ? replaced(definition, [...path, key], member)
    : added(definition, path, key, member);
  return { value, touched: [[...path, key]] };
}

/** Adds nested members that are not there yet. */
function inside(
  definition: JsonObject,
  path: Path,
  keys: readonly [string, ...string[]],
  leaf: Json,
): Change {
  const [first, ...rest] = keys;
  const member = rest.reduceRight<Json>((value, key) => ({ [key]: value }), leaf);
  return { value: added(definition, path, first, member), touched: [[...path, ...keys]] };
}

function change(definition: Json, path: Path, next: Json): Change {
  return { value: replaced(definition, path, next), touched: [path] };
}
