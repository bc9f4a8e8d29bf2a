import { singular } from '../catalogue/operation.js';
import { choicesOf, itemsOf, jqPath, propertiesOf, typeOf } from '../catalogue/schema.js';
import type { IndexedOperation } from '../catalogue/search.js';
import { isStopWord } from '../language/lexicon.js';
import { stem, stemsOf, wordsOf } from '../language/stem.js';
import type { ActionIntent, EachIntent } from '../request/intents.js';
import { callStep } from './actions.js';
import { optionsMax, stemsIn } from './conditions.js';
import { headOf, rank } from './match.js';
import type { Step } from './model.js';
import { camelName } from './names.js';
import { type Found, equalsTest, valuesOf } from './values.js';
import { type World, needInput, resultSource } from './world.js';
import type { JsonObject } from '@parley/kernel';

const reservedVariables = new Set([
  'context',
  'input',
  'output',
  'task',
  'workflow',
  'runtime',
  'secrets',
  'error',
  'authorization',
]);

export function variableName(noun: string): string {
  const name = camelName([noun], 'item');
  return reservedVariables.has(name) ? `${name}Item` : name;
}

interface ListSource {
  readonly jq: string;
  readonly schema: JsonObject;
  readonly noun: string;
  readonly before: readonly Step[];
}

export function sourceOf(world: World, intent: EachIntent): ListSource | undefined {
  const words = [...stemsIn(intent.item), ...stemsIn(intent.source)].filter(
    (word) => !listWords.has(word),
  );
  const known = listIn(world, words);
  if (known !== undefined) return filtered(known, intent);
  const text = intent.item.map((token) => token.text).join(' ');
  const answer = world.answers.get(`list:${text}`);
  const answered = answer === undefined ? undefined : world.index.byKey.get(answer);
  const operation = answered ?? listOperation(world, intent);
  if (operation === undefined) return undefined;
  const tokens = [...intent.item, ...intent.source];
  const action: ActionIntent = {
    kind: 'action',
    verb: '',
    words: tokens,
    text: operation.operation.id,
  };
  const step = callStep(world, operation, action);
  const array = arraysOf(resultSource(step.name, operation))[0];
  if (array === undefined) return undefined;
  return filtered({ ...array, before: [step] }, intent);
}

const listWords = new Set('them one it these those item result all entri'.split(' ').map(stem));

interface ArrayFound {
  readonly jq: string;
  readonly schema: JsonObject;
  readonly noun: string;
  readonly before: readonly Step[];
}

function arraysOf(source: {
  jq: string;
  schema: JsonObject;
  entity: string;
  kind: string;
}): (ArrayFound & { readonly path: readonly string[]; readonly whole: JsonObject })[] {
  if (typeOf(source.schema) === 'array') {
    return [
      {
        jq: source.jq,
        schema: itemsOf(source.schema) ?? {},
        noun: source.entity,
        before: [],
        path: [],
        whole: source.schema,
      },
    ];
  }
  return propertiesOf(source.schema, 2)
    .filter((property) => typeOf(property.schema) === 'array')
    .map((property) => ({
      jq: source.jq + jqPath(property.path),
      schema: itemsOf(property.schema) ?? {},
      noun: singular(wordsOf(property.name).at(-1) ?? 'item'),
      before: [],
      path: property.path,
      whole: property.schema,
    }));
}

/** A list that is there already. */
function listIn(world: World, words: readonly string[]): ArrayFound | undefined {
  const sources = [...world.sources.toReversed(), ...world.entities];
  for (const source of sources) {
    const arrays = arraysOf(source);
    const named = arrays.find(
      (array) =>
        words.includes(stem(array.noun)) ||
        array.path.some((name) => stemsOf(name).some((word) => words.includes(word))),
    );
    const chosen =
      named ??
      (words.length === 0 && source.kind === 'result' ? arrays[0] : undefined) ??
      (source.kind === 'result' &&
      arrays.length === 1 &&
      words.some((word) => source.entity === word)
        ? arrays[0]
        : undefined);
    if (chosen === undefined) continue;
    if (source.kind === 'input')
      needInput(world, { path: chosen.path, schema: chosen.whole, required: true });
    return chosen;
  }
  return undefined;
}

function listOperation(world: World, intent: EachIntent): IndexedOperation | undefined {
  const nouns = [...intent.item, ...intent.source];
  const words = nouns.filter((token) => token.kind === 'word');
  const ranked = rank(world.index, { verb: stem('list'), words, context: [] }).filter(
    ({ operation }) =>
      operation.reads &&
      arraysOf({
        ...operation,
        jq: '',
        schema: (operation.operation.response?.schema ?? {}) as JsonObject,
        kind: 'result',
      }).length > 0,
  );
  const [first, second] = ranked;
  if (first === undefined || first.score < 0.5 || first.cover < 0.4) return undefined;
  const head = headOf(words);
  const about = head === undefined || first.operation.terms.has(head.stem) || first.cover > 0.6;
  if (!about) return undefined;
  return second === undefined || first.score - second.score > 0.02 ? first.operation : undefined;
}

export function listOptions(world: World): { label: string; value: string }[] {
  return world.index.operations
    .filter(
      (operation) =>
        operation.reads &&
        arraysOf({
          ...operation,
          jq: '',
          schema: (operation.operation.response?.schema ?? {}) as JsonObject,
          kind: 'result',
        }).length > 0,
    )
    .slice(0, optionsMax)
    .map((operation) => ({ label: operation.label, value: operation.key }));
}

/** "each X that is Y" keeps only those, unless the list was asked for that way. */
function filtered(list: ArrayFound, intent: EachIntent): ArrayFound {
  const step = list.before[0];
  const covered = new Set<string>(
    step?.kind === 'call'
      ? [
          ...step.operation.title,
          ...Object.values(step.input).flatMap((value) =>
            'literal' in value && typeof value.literal === 'string' ? stemsOf(value.literal) : [],
          ),
        ]
      : [],
  );
  if (step?.kind === 'call') {
    for (const [name, value] of Object.entries(step.input)) {
      if ('literal' in value && value.literal === true)
        for (const word of stemsOf(name)) covered.add(word);
    }
  }
  const left = stemsIn(intent.item).filter(
    (word) => !covered.has(word) && word !== stem(list.noun) && !isStopWord(word),
  );
  if (left.length === 0) return list;
  const values = valuesOf(
    { kind: 'item', jq: '', schema: list.schema, entity: '', words: new Set() },
    1,
  );
  for (const value of values) {
    const test = itemTest(value, left);
    if (test !== undefined) return { ...list, jq: `${list.jq} | map(select(${test}))` };
  }
  return list;
}

function itemTest(value: Found, words: readonly string[]): string | undefined {
  const own = stemsOf(value.name);
  if (value.type === 'boolean' && words.some((word) => own.includes(word))) return value.jq;
  const choice = choicesOf(value.schema).find((one) =>
    stemsOf(one).every((word) => words.includes(word)),
  );
  return choice === undefined ? undefined : equalsTest(value, choice).jq;
}
