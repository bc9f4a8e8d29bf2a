import type { Directory } from '@parley/contracts';
import type { JsonObject } from '@parley/kernel';
import { isListSchema } from '../catalogue/entity.js';
import { capital, singular } from '../catalogue/operation.js';
import { itemsOf, membersOf, typeOf } from '../catalogue/schema.js';
import type { IndexedOperation, SearchIndex } from '../catalogue/search.js';
import { isStopWord } from '../language/lexicon.js';
import { stemsOf } from '../language/stem.js';
import type { Token } from '../language/tokens.js';
import type { InputProperty, OpenQuestion, Step } from './model.js';
import { camelName, type Names } from './names.js';
import type { Source } from './values.js';

export type People = Pick<Directory, 'roles' | 'members'>;

/** What a plan is made in: the catalogue, the people, what was answered, what is known so far. */
export interface World {
  readonly index: SearchIndex;
  readonly people: People;
  /** Answers by question key. */
  readonly answers: ReadonlyMap<string, string>;
  /** Nobody is there to give an input when the workflow starts by itself. */
  readonly unattended: boolean;
  readonly names: Names;
  readonly questions: OpenQuestion[];
  /** What was assumed, for the reply. */
  readonly notes: string[];
  readonly input: InputProperty[];
  /** The things that the trigger speaks of. */
  readonly entities: readonly Source[];
  /** Their nouns as the request has them, by stem. */
  readonly entityNames: ReadonlyMap<string, string>;
  /** Documents that later steps can read, the newest last. */
  sources: Source[];
  readonly connectors: Set<string>;
  /** Stems of what was spoken of last. */
  spoken: string[];
  /** Stems of everything that the request speaks of. */
  readonly mentioned: ReadonlySet<string>;
  /** Stems of the value that was compared last. */
  compared: readonly string[];
  /** How deep inside loops and blocks the plan stands; 0 is the workflow itself. */
  depth: number;
  readonly asked: Map<string, number>;
}

/** Where the input of a run is read. */
export const inputJq = '$workflow.input';

/** What is known of the results before. */
export function contextJq(step: string): string {
  return `$context.${step}`;
}

/** A question once asked keeps its key; a second one of the same kind gets a number. */
export function keyOf(world: World, key: string): string {
  const count = (world.asked.get(key) ?? 0) + 1;
  world.asked.set(key, count);
  return count === 1 ? key : `${key}#${count}`;
}

/** Asks once; says what was answered when it has been. */
export function ask(world: World, question: OpenQuestion): string | undefined {
  const answer = world.answers.get(question.key);
  const known = question.options.some((option) => option.value === answer);
  if (answer !== undefined && (known || question.free)) return answer;
  world.questions.push(question);
  return undefined;
}

/** Makes a value of the workflow's input available under a path. */
export function needInput(world: World, property: InputProperty): string {
  const key = property.path.join('.');
  if (!world.input.some((known) => known.path.join('.') === key)) world.input.push(property);
  return inputJq;
}

/** The result of a step, as later steps see it. */
export function resultSource(step: string, operation: IndexedOperation): Source {
  const schema = operation.operation.response?.schema;
  return {
    kind: 'result',
    jq: contextJq(step),
    schema: (schema ?? {}) as JsonObject,
    entity: operation.entity,
    words: new Set([...operation.title, ...stemsOf(step)]),
    operation,
    step,
  };
}

export function itemSource(variable: string, schema: JsonObject, words: readonly string[]): Source {
  return {
    kind: 'item',
    jq: `$${variable}`,
    schema,
    entity: words.at(-1) ?? '',
    words: new Set(words),
  };
}

/** Reads what the trigger speaks of from the catalogue's own descriptions. */
export function entitiesOf(index: SearchIndex, trigger: readonly Token[] | undefined): Source[] {
  const found: Source[] = [];
  for (const token of trigger ?? []) {
    if (token.kind !== 'word' || isStopWord(token.stem)) continue;
    const schema = entitySchema(index, token.stem);
    if (schema === undefined || found.some((one) => one.entity === token.stem)) continue;
    const words = new Set([token.stem]);
    const own = namedIds(schema, camelName([singular(token.lower)], 'thing'));
    found.push({ kind: 'input', jq: inputJq, schema: own, entity: token.stem, words });
  }
  return found;
}

/** In an input that may speak of several things, the `id` of one is its `thingId`. */
function namedIds(schema: JsonObject, noun: string): JsonObject {
  const properties: JsonObject = {};
  const renamed = (name: string) =>
    /^(?:id|number|code|ref|reference|key|uuid)$/i.test(name) ? noun + capital(name) : name;
  for (const { name, schema: own } of membersOf(schema)) properties[renamed(name)] = own;
  const required = membersOf(schema).filter((member) => member.required);
  return { type: 'object', required: required.map(({ name }) => renamed(name)), properties };
}

/** The schema of one thing: what reading one answers, else what creating one answers. */
function entitySchema(index: SearchIndex, entity: string): JsonObject | undefined {
  const about = index.operations.filter((operation) => operation.entity === entity);
  const whole = (operation: IndexedOperation) => {
    const schema = operation.operation.response?.schema;
    return typeOf(schema) === 'object' && !isListSchema(schema)
      ? (schema as JsonObject)
      : undefined;
  };
  const rated = about
    .map((operation) => ({ schema: whole(operation), rating: ratingOf(operation) }))
    .filter((one): one is { schema: JsonObject; rating: number } => one.schema !== undefined)
    .sort((a, b) => b.rating - a.rating);
  if (rated[0] !== undefined) return rated[0].schema;
  return about.map(listItem).find((item) => item !== undefined);
}

function ratingOf({ operation }: IndexedOperation): number {
  if (operation.method === 'GET' && operation.path.endsWith('}')) return 3;
  if (operation.method === 'POST' && !operation.path.includes('{')) return 2;
  return operation.method === 'GET' ? 0 : 1;
}

function listItem({ operation }: IndexedOperation): JsonObject | undefined {
  const schema = operation.response?.schema;
  if (typeOf(schema) === 'array') return itemsOf(schema);
  const array = membersOf(schema).find((member) => typeOf(member.schema) === 'array');
  return itemsOf(array?.schema);
}

export function childrenOf(step: Step): readonly Step[] {
  switch (step.kind) {
    case 'block':
    case 'each':
      return step.steps;
    case 'fork':
      return step.branches;
    case 'try':
      return [...step.body, ...step.onError];
    default:
      return [];
  }
}

export function sentence(text: string): string {
  return capital(text.trim());
}
