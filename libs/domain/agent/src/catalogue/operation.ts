import type { CatalogueConnector, Operation } from '@parley/contracts';
import type { JsonObject } from '@parley/kernel';
import { isJsonObject } from '@parley/kernel';
import { stem, wordsOf } from '../language/stem.js';
import { isKnownVerb, isStopWord } from '../language/lexicon.js';
import { descriptionOf, membersOf, typeOf } from './schema.js';

/** One thing that an operation takes, by name. */
export interface OperationInput {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie' | 'body';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonObject;
  /** The name with its meaning spelled out: `id` of `/things/{id}` is `thingId`. */
  readonly canonical: string;
}

/** An operation of the catalogue, read once for retrieval and binding. */
export interface CatalogueOperation {
  readonly key: string;
  readonly connector: string;
  readonly connectorTitle: string;
  readonly operation: Operation;
  /** Stem of the verb of its name or summary, when it begins with one. */
  readonly verbs: ReadonlySet<string>;
  /** What it is about: the last fixed segment of its path, singular, as a stem. */
  readonly entity: string;
  readonly inputs: readonly OperationInput[];
  readonly reads: boolean;
  readonly label: string;
}

export function readOperation(
  connector: CatalogueConnector,
  operation: Operation,
): CatalogueOperation {
  const summary = operation.summary ?? '';
  const verbs = new Set(
    [verbOf(operation.id), verbOf(summary)].filter(
      (word): word is string => word !== undefined && !isStopWord(word),
    ),
  );
  return {
    key: `${connector.name}/${operation.id}`,
    connector: connector.name,
    connectorTitle: connector.title,
    operation,
    verbs,
    entity: entityOf(operation.path),
    inputs: inputsOf(operation),
    reads: operation.method === 'GET' || operation.delivery === 'safe',
    label: `${summary === '' ? operation.id : summary} (${connector.title})`,
  };
}

/** The first word, with its particle where that makes another verb of it: `checkIn`. */
function verbOf(text: string): string | undefined {
  const words = wordsOf(text);
  const particle = words.find((word, at) => at > 0 && (word === 'in' || word === 'out'));
  return words[0] === 'check' && particle !== undefined
    ? `check${particle}`
    : words[0] === undefined
      ? undefined
      : stem(words[0]);
}

/** Whether an operation changes nothing as far as its method or its verb say. */
export function isRead(operation: CatalogueOperation): boolean {
  return operation.reads || [...operation.verbs].some((verb) => readVerbs.has(verb));
}

const readVerbs = new Set(
  'check get list find search lookup view show quote verify validate count calculate estimate'
    .split(' ')
    .map(stem),
);

function entityOf(path: string): string {
  const fixed = path.split('/').filter((part) => part !== '' && !part.startsWith('{'));
  const nouns = fixed.filter((part) => !isKnownVerb(stem(part.toLowerCase())));
  const last = (nouns.length > 0 ? nouns : fixed).at(-1) ?? '';
  return stem(wordsOf(last).at(-1) ?? '');
}

function inputsOf(operation: Operation): OperationInput[] {
  const inputs = new Map<string, OperationInput>();
  for (const { name, in: place, required, description, schema } of operation.parameters) {
    if (name.toLowerCase() === operation.keyHeader?.toLowerCase()) continue;
    inputs.set(name, {
      name,
      in: place,
      required,
      description: description ?? descriptionOf(schema),
      schema: isJsonObject(schema) ? schema : {},
      canonical: canonicalName(operation.path, name),
    });
  }
  if (operation.body !== undefined && typeOf(operation.body.schema) === 'object') {
    for (const { name, schema, required } of membersOf(operation.body.schema)) {
      if (inputs.has(name) || schema['readOnly'] === true) continue;
      const needed = required && operation.body.required;
      const description = descriptionOf(schema);
      inputs.set(name, {
        name,
        in: 'body',
        required: needed,
        description,
        schema,
        canonical: name,
      });
    }
  }
  return [...inputs.values()];
}

/** `id` in `/things/{id}` means the thing's id, and so does `thing_id` anywhere. */
function canonicalName(path: string, name: string): string {
  if (!/^(id|number|code|ref|reference|key|uuid)$/i.test(name)) return name;
  const parts = path.split('/');
  const owner = parts[parts.indexOf(`{${name}}`) - 1];
  if (owner === undefined || owner === '') return name;
  const words = wordsOf(owner);
  const last = words.pop() ?? '';
  const camel = [...words, singular(last)]
    .map((word, index) => (index === 0 ? word : capital(word)))
    .join('');
  return `${camel}${capital(name)}`;
}

export function singular(word: string): string {
  if (word === 'people') return 'person';
  if (/ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  if (/[^su]s$/.test(word)) return word.slice(0, -1);
  return word;
}

export function capital(word: string): string {
  return word === '' ? '' : word.charAt(0).toUpperCase() + word.slice(1);
}
