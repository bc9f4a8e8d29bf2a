import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@parley/kernel';
import { doing, waiting } from './doing.js';
import { duration, show, text } from './show.js';

/** What is different outside of the steps. */
export function workflowChanges(before: Json, after: Json): string[] {
  const [a, b] = [before, after].map((value) => (isJsonObject(value) ? value : {})) as [
    JsonObject,
    JsonObject,
  ];
  const found: string[] = [];
  const compare = (what: string, from: Json | undefined, to: Json | undefined, shower = show) => {
    if (jsonEquals(from, to)) return;
    if (from === undefined) found.push(`added the ${what}: ${shower(to)}`);
    else if (to === undefined) found.push(`removed the ${what}`);
    else found.push(`changed the ${what} from ${shower(from)} to ${shower(to)}`);
  };
  const [documentA, documentB] = [objectAt(a, 'document'), objectAt(b, 'document')];
  for (const name of new Set([...Object.keys(documentA), ...Object.keys(documentB)])) {
    compare(documentWords[name] ?? `"${name}" of the document`, documentA[name], documentB[name]);
  }
  compare('schedule', a['schedule'], b['schedule'], schedule);
  found.push(...inputChanges(objectAt(a, 'input'), objectAt(b, 'input')));
  compare('output of the workflow', a['output'], b['output']);
  compare('time limit of the workflow', a['timeout'], b['timeout']);
  compare('evaluation of expressions', a['evaluate'], b['evaluate']);
  found.push(...reusableChanges(objectAt(a, 'use'), objectAt(b, 'use')));
  return found;
}

const documentWords: Readonly<Record<string, string>> = {
  name: 'name of the workflow',
  namespace: 'namespace of the workflow',
  summary: 'summary of the workflow',
  title: 'title of the workflow',
  version: 'version number of the definition',
};

function inputChanges(before: JsonObject, after: JsonObject): string[] {
  const found: string[] = [];
  if (!jsonEquals(before['from'], after['from']))
    found.push('changed how the input of the workflow is read');
  const [a, b] = [before, after].map((input) =>
    objectAt(objectAt(input, 'schema'), 'document'),
  ) as [JsonObject, JsonObject];
  const [fieldsA, fieldsB] = [objectAt(a, 'properties'), objectAt(b, 'properties')];
  const required = (schema: JsonObject, name: string) =>
    Array.isArray(schema['required']) && schema['required'].includes(name);
  for (const name of new Set([...Object.keys(fieldsA), ...Object.keys(fieldsB)])) {
    const [old, fresh] = [fieldsA[name], fieldsB[name]];
    const needed = required(b, name) ? 'required' : 'optional';
    if (old === undefined) found.push(`added the ${needed} input field ${name}`);
    else if (fresh === undefined) found.push(`removed the input field ${name}`);
    else if (!jsonEquals(old, fresh))
      found.push(`changed the input field ${name} from ${show(old)} to ${show(fresh)}`);
    if (old !== undefined && fresh !== undefined && required(a, name) !== required(b, name)) {
      found.push(`the input field ${name} is now ${needed}`);
    }
  }
  if (found.length === 0 && !jsonEquals(before, after))
    found.push('changed the schema of the input');
  return found;
}

function schedule(value: Json | undefined): string {
  if (!isJsonObject(value)) return show(value);
  const { cron, every, after, on } = value;
  const parts = [
    cron === undefined ? '' : `cron ${typeof cron === 'string' ? cron : show(cron)}`,
    every === undefined ? '' : `every ${duration(every)}`,
    after === undefined ? '' : `${duration(after)} after each run`,
    isJsonObject(on) ? waiting(on).replace('waits for', 'at') : '',
  ];
  return parts.filter((part) => part !== '').join(', ') || show(value);
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const member = value[key];
  return isJsonObject(member) ? member : {};
}

/** Singular of the lists in `use`. */
const reusableWords: Readonly<Record<string, string>> = {
  authentications: 'authentication',
  catalogs: 'catalog',
  errors: 'error',
  extensions: 'extension',
  functions: 'function',
  retries: 'retry policy',
  secrets: 'secret',
  timeouts: 'time limit',
};

function reusableChanges(before: JsonObject, after: JsonObject): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((section) => {
    const word = reusableWords[section] ?? section;
    const [a, b] = [named(before[section]), named(after[section])];
    return [...new Set([...a.keys(), ...b.keys()])].flatMap((name) => {
      const [old, fresh] = [a.get(name), b.get(name)];
      if (jsonEquals(old, fresh)) return [];
      if (fresh === undefined) return [`removed the ${word} ${name}`];
      if (old === undefined) {
        const does = section === 'functions' ? `, which ${doing({ task: fresh })}` : '';
        return [`added the ${word} ${name}${does}`];
      }
      return [`changed the ${word} ${name}`];
    });
  });
}

/** Objects by name, lists of objects with one name each, lists of names. */
function named(section: Json | undefined): Map<string, Json> {
  if (isJsonObject(section)) return new Map(Object.entries(section));
  const entries = (Array.isArray(section) ? section : []).flatMap((item) =>
    isJsonObject(item) ? Object.entries(item) : [[text(item), true] as [string, Json]],
  );
  return new Map(entries);
}
