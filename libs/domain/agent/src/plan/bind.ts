import type { OperationInput } from '../catalogue/operation.js';
import { choicesOf, typeOf } from '../catalogue/schema.js';
import type { IndexedOperation } from '../catalogue/search.js';
import { isStopWord, synonymsOf } from '../language/lexicon.js';
import { stem, stemsOf, wordsOf } from '../language/stem.js';
import type { Token } from '../language/tokens.js';
import { contactFor } from './contacts.js';
import { isProse, literalsOf } from './literals.js';
import type { OpenQuestion, Value } from './model.js';
import { type Found, keysOf, nameKey, valuesOf } from './values.js';
import { type World, ask, inputJq, needInput } from './world.js';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';

/** Names that say nothing without the thing they belong to. */
const vagueNames = new Set(
  'id name status state type date time title description note notes number code amount quantity reason comment'
    .split(' ')
    .map(stem),
);

export interface Binding {
  readonly operation: IndexedOperation;
  /** Name of the step, for questions. */
  readonly step: string;
  /** The words of the clause. */
  readonly words: readonly Token[];
}

/** A value for everything that an operation needs, and for what the request says besides. */
export function bindInputs(world: World, binding: Binding): Record<string, Value> {
  const { operation, words } = binding;
  const input: Record<string, Value> = {};
  const literals = literalsOf(operation, words);
  for (const item of operation.inputs) {
    const spoken = literals.get(item.name);
    if (spoken !== undefined) input[item.name] = { literal: spoken };
    else if (item.required) {
      const value = valueFor(world, item, binding);
      if (value !== undefined) input[item.name] = value;
    } else if (isMeant(world, item, binding)) {
      const found = findSource(world, item, operation, words);
      if (found !== undefined) input[item.name] = { jq: useFound(world, found) };
    }
  }
  return input;
}

/** Whether everything that an operation needs is known, without asking anybody. */
export function bindable(
  world: World,
  operation: IndexedOperation,
  subject: readonly string[] = [],
): boolean {
  return operation.inputs.every((item) => {
    if (!item.required) return true;
    if (findSource(world, item, operation, []) !== undefined) return true;
    return isEntityId(world, item) || (!world.unattended && isIdOf(item, subject));
  });
}

/** What is spoken of by name may be given by its id when a run starts. */
function isIdOf(item: OperationInput, subject: readonly string[]): boolean {
  const [first = '', ...rest] = wordsOf(item.canonical).map(stem);
  return item.in === 'path' && rest.length === 1 && subject.includes(first);
}

function isEntityId(world: World, item: OperationInput): boolean {
  const words = wordsOf(item.canonical).map(stem);
  return world.entities.some(({ entity }) => words[0] === entity && words.length === 2);
}

/** An optional input counts only when the request speaks of it and it is known. */
function isMeant(world: World, item: OperationInput, { words }: Binding): boolean {
  if (item.in === 'header' || item.in === 'cookie') return false;
  const spoken = new Set(words.map((token) => token.stem));
  const named = wordsOf(item.name)
    .map(stem)
    .filter((word) => word !== 'id');
  return (
    named.length > 0 &&
    named.every((word) => spoken.has(word)) &&
    world.sources.length + world.entities.length > 0
  );
}

function valueFor(world: World, item: OperationInput, binding: Binding): Value | undefined {
  const found = findSource(world, item, binding.operation, binding.words);
  if (found !== undefined) return { jq: useFound(world, found) };
  if (item.schema['default'] !== undefined) return undefined;
  const choices = choicesOf(item.schema);
  if (choices.length === 1 && choices[0] !== undefined) return { literal: choices[0] };
  if (choices.length > 1) return askChoice(world, item, binding, choices);
  if (isProse(item)) return prose(world, item, binding);
  return fromInput(world, item, binding);
}

function compatible(found: Found, schema: JsonObject): boolean {
  const wanted = typeOf(schema);
  return wanted === 'unknown' || found.type === 'unknown' || found.type === wanted;
}

/** A value of the same name: the loop's item, the trigger's thing, then results, the newest first. */
function findSource(
  world: World,
  item: OperationInput,
  operation: IndexedOperation,
  words: readonly Token[],
): Found | undefined {
  const key = nameKey(item.canonical);
  const keys = new Set([key]);
  const vague = vagueNames.has(key) || (key.split(' ').length === 1 && vagueNames.has(key));
  if (vague && operation.entity !== '') keys.add(`${operation.entity} ${key}`);
  const newest = world.sources.toReversed();
  const items = newest.filter((source) => source.kind === 'item');
  const results = newest.filter((source) => source.kind === 'result');
  const inputs = world.entities;
  const known = world.input.find(
    ({ path, schema }) =>
      path.length === 1 && nameKey(path[0] ?? '') === key && typeOf(schema) === typeOf(item.schema),
  );
  const inLoop = items.some((source) =>
    valuesOf(source, 1).some((found) => matches(found, keys, vague)),
  );
  if (known !== undefined && !vague && !inLoop)
    return knownInput(known.path[0] ?? '', known.schema);
  const exact = (depth: number) => (found: Found) =>
    found.path.length <= depth && compatible(found, item.schema) && matches(found, keys, vague);
  for (const depth of [1, 2, 3]) {
    for (const group of [items, inputs, results]) {
      for (const source of group) {
        const scalar = depth === 1 ? scalarItem(source, item, key) : undefined;
        if (scalar !== undefined) return scalar;
        const found = valuesOf(source, depth).find(exact(depth));
        if (found !== undefined) return found;
      }
    }
  }
  return (
    contactFor(world, item, words) ??
    spokenOf(world, item, words) ??
    similar(world, item, key, vague)
  );
}

/** What the run is started with stays the same thing from step to step. */
function knownInput(name: string, schema: JsonObject): Found {
  const source: Found['source'] = {
    kind: 'input',
    jq: inputJq,
    schema: {},
    entity: '',
    words: new Set(),
  };
  return { source, path: [name], name, schema, type: typeOf(schema), jq: `${inputJq}.${name}` };
}

/** Vague names match only with the thing they belong to. */
function matches(found: Found, keys: ReadonlySet<string>, vague: boolean): boolean {
  const own = keysOf(found);
  if (!vague) return [...keys].some((key) => own.has(key));
  return [...keys].some((key) => key.includes(' ') && own.has(key));
}

/** A loop over plain ids or names. */
function scalarItem(source: Found['source'], item: OperationInput, key: string): Found | undefined {
  if (source.kind !== 'item') return undefined;
  const type = typeOf(source.schema);
  if (type !== 'string' && type !== 'number') return undefined;
  const first = key.split(' ')[0] ?? '';
  if (!source.words.has(first) && source.entity !== first && item.in !== 'path') return undefined;
  return { source, path: [], name: source.entity, schema: source.schema, type, jq: source.jq };
}

/** "charge them the late fee": a value that the clause names in full. */
function spokenOf(world: World, item: OperationInput, words: readonly Token[]): Found | undefined {
  const spoken = new Set(words.map((token) => token.stem));
  const type = typeOf(item.schema);
  if (type !== 'number' && type !== 'array' && type !== 'boolean') return undefined;
  return [...world.sources.toReversed(), ...world.entities]
    .flatMap((source) => valuesOf(source, 2))
    .filter((found) => found.type === type)
    .find(({ name }) => stemsOf(name).every((word) => spoken.has(word)));
}

/** The last resort: a name that means the same, when there is only one. */
function similar(
  world: World,
  item: OperationInput,
  key: string,
  vague: boolean,
): Found | undefined {
  if (vague || isProse(item) || /^(?:to|from|date|start|end)$/i.test(item.name)) return undefined;
  const wanted = key.split(' ').filter((word) => !isStopWord(word));
  const same = (words: readonly string[]) =>
    words.length === wanted.length &&
    wanted.every((word) => words.some((other) => other === word || synonymsOf(word).has(other)));
  const found = [...world.sources.toReversed(), ...world.entities]
    .flatMap((source) => valuesOf(source, 1))
    .filter((value) => compatible(value, item.schema) && same(nameKey(value.name).split(' ')));
  const names = new Set(found.map((value) => value.name));
  return names.size === 1 ? found[0] : undefined;
}

function useFound(world: World, found: Found): string {
  if (found.source.kind === 'input') {
    needInput(world, { path: found.path, schema: found.schema, required: true });
  }
  return found.jq;
}

function fromInput(world: World, item: OperationInput, binding: Binding): Value | undefined {
  if (world.unattended) return askFree(world, item, binding);
  return { jq: inputNamed(world, item, binding) };
}

function inputNamed(world: World, item: OperationInput, { operation }: Binding): string {
  const same = world.input.find(
    (known) => known.path.length === 1 && known.path[0] === item.canonical,
  );
  const clash =
    same !== undefined &&
    vagueNames.has(nameKey(item.canonical)) &&
    typeOf(same.schema) !== typeOf(item.schema);
  const name = clash ? camel(operation.entity, item.canonical) : item.canonical;
  const schema: JsonObject = { ...item.schema };
  if (item.description !== '' && schema['description'] === undefined) {
    schema['description'] = item.description;
  }
  needInput(world, { path: [name], schema, required: true });
  return `${inputJq}.${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}`;
}

function camel(first: string, second: string): string {
  return first + second.charAt(0).toUpperCase() + second.slice(1);
}

/** The draft works meanwhile: the value is part of the input until somebody has said it. */
function askFree(world: World, item: OperationInput, binding: Binding): Value {
  const { step } = binding;
  const question: OpenQuestion = {
    key: `input:${step}.${item.name}`,
    text: `What should "${item.name}" of "${step}" be?${item.description === '' ? '' : ` (${item.description.replace(/\.$/, '')})`}`,
    blocking: true,
    options: typeOf(item.schema) === 'boolean' ? yesOrNo : [],
    free: true,
    step,
  };
  const answer = ask(world, question);
  const value = answer === undefined ? undefined : parsed(answer, item.schema);
  if (value !== undefined) return { literal: value };
  if (answer !== undefined) world.questions.push(question);
  return { jq: inputNamed(world, item, binding) };
}

const yesOrNo = [
  { label: 'Yes', value: 'true' },
  { label: 'No', value: 'false' },
];

function jsonOf(text: string, type: 'array' | 'object'): Json | undefined {
  try {
    const json = JSON.parse(text) as Json;
    return typeOfJson(json) === type ? json : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function typeOfJson(json: Json): 'array' | 'object' | undefined {
  if (Array.isArray(json)) return 'array';
  return isJsonObject(json) ? 'object' : undefined;
}

/** An answer as the schema has it; undefined when it cannot be that. */
export function parsed(answer: string, schema: JsonObject): Json | undefined {
  const bare = answer.trim().replace(/^["“](.*)["”]$/s, '$1');
  const type = typeOf(schema);
  if (type === 'number') {
    const number = bare === '' ? Number.NaN : Number(bare);
    const fits = schema['type'] === 'integer' ? Number.isInteger(number) : Number.isFinite(number);
    return fits ? number : undefined;
  }
  if (type === 'array' || type === 'object') return jsonOf(answer, type);
  if (type !== 'boolean') return bare;
  if (/^(?:true|yes)$/i.test(bare)) return true;
  return /^(?:false|no)$/i.test(bare) ? false : undefined;
}

function askChoice(
  world: World,
  item: OperationInput,
  binding: Binding,
  choices: readonly string[],
): Value {
  const { step } = binding;
  const given = { label: 'It is given when a run starts', value: atStart };
  const answer = ask(world, {
    key: `input:${step}.${item.name}`,
    text: `Which "${item.name}" should "${step}" use?`,
    blocking: true,
    options: [
      ...choices.map((choice) => ({ label: choice, value: choice })),
      ...(world.unattended ? [] : [given]),
    ],
    free: false,
    step,
  });
  if (answer === undefined || answer === atStart) return { jq: inputNamed(world, item, binding) };
  return { literal: answer };
}

const atStart = 'given at the start';

/** A text for a reader: written out in the request, or asked for, or given with each run. */
function prose(world: World, item: OperationInput, binding: Binding): Value | undefined {
  const { step, words } = binding;
  const spoken = spokenText(words);
  if (spoken !== undefined) return { literal: spoken };
  const needed = world.unattended;
  const answer = ask(world, {
    key: `input:${step}.${item.name}`,
    text: `What should the ${wordsOf(item.name).join(' ')} of "${step}" say?`,
    blocking: needed,
    options: needed ? [] : [{ label: 'It is given when a run starts', value: atStart }],
    free: true,
    sentence: true,
    step,
  });
  if (answer !== undefined && answer !== atStart) {
    return { literal: parsed(answer, item.schema) ?? answer };
  }
  return { jq: inputNamed(world, item, binding) };
}

/** "tell them that the bus is late" says what the message says. */
function spokenText(words: readonly Token[]): string | undefined {
  const at = words.findIndex((token, index) => index > 0 && /^(?:that|saying)$/.test(token.lower));
  const said = words.slice(at + 1);
  if (at < 0 || said.length < 2) return undefined;
  const text = said.map((token) => token.text).join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
