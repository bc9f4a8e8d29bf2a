import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { functionName } from '../language/index.js';
import { memberOf, textOf, toJson, type SourceNode } from '../source/tree.js';
import { operationOf } from './catalogue.js';
import { declaredNames, type Site } from './proposal.js';

/**
 * What is known about data from the definition alone: JSON Schemas, or nothing. What is given is
 * right as far as it goes, and only helps to write paths.
 */
const members = (docs: Readonly<Record<string, string | JsonObject>>): JsonObject => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(docs).map(([name, doc]) => [
      name,
      typeof doc === 'string' ? { description: doc } : doc,
    ]),
  ),
});

const moment = members({
  iso8601: 'As ISO 8601 text.',
  epoch: members({ seconds: 'Seconds since 1970.', milliseconds: 'Milliseconds since 1970.' }),
});

const errorSchema = members({
  type: 'A URI that says what kind of error it is.',
  status: 'The status code, as of HTTP.',
  title: 'The error in a few words.',
  detail: 'What went wrong.',
  instance: 'JSON Pointer to what the error comes from.',
});

/** What a person answers. */
const decision = members({
  decision: 'approved or rejected.',
  approved: 'Whether it was approved.',
  by: 'Who decided.',
  reason: 'Why.',
  at: 'When.',
  data: 'What the form holds.',
});

/** What a variable of the language, or of a handler, is known to hold. */
export function variableSchema(site: Site, name: string): Json | undefined {
  const { root } = site.cursor;
  switch (name) {
    case 'workflow':
      return members({
        id: 'Id of the run.',
        definition: 'The definition.',
        input: (documentOf(memberOf(root, 'input')) ?? {
          description: 'The input of the run.',
        }) as JsonObject,
        startedAt: moment,
      });
    case 'task':
      return members({
        name: 'Name of the task.',
        reference: 'JSON Pointer of the task.',
        definition: 'The definition of the task.',
        input: 'The input of the task.',
        output: 'The output of the task.',
        startedAt: moment,
      });
    case 'runtime':
      return members({ name: 'parley', version: 'Its version.', metadata: 'More about it.' });
    case 'authorization':
      return members({ scheme: 'Bearer, Basic, …', parameter: 'What follows the scheme.' });
    case 'secrets':
      return members(
        Object.fromEntries(declaredNames(root, 'secrets').map((secret) => [secret, 'A secret.'])),
      );
    case 'context':
      return members(
        Object.fromEntries(exportedNames(root).map((key) => [key, 'Left by export.'])),
      );
    case 'input':
      return dotSchema(site, 'task');
    case 'output':
      return dotSchema(site, 'taskExport');
    default:
      return isError(site, name) ? errorSchema : undefined;
  }
}

function isError({ visited }: Site, name: string): boolean {
  return visited.at(-1)?.bound.get(name)?.startsWith('The error') === true;
}

/** Names that exports of the definition set: `$context + { a: … }`, or an object. */
function exportedNames(root: SourceNode | undefined): string[] {
  const names = new Set<string>();
  const visit = (node: SourceNode | undefined): void => {
    if (node?.kind === 'list') node.items.forEach(visit);
    if (node?.kind !== 'map') return;
    for (const { key, value } of node.entries) {
      if (key === 'export') keysOf(memberOf(value, 'as')).forEach((name) => names.add(name));
      else visit(value);
    }
  };
  visit(root);
  return [...names];
}

function keysOf(node: SourceNode | undefined): string[] {
  if (node?.kind === 'map') return node.entries.map(({ key }) => key);
  const object = /\{(.*)\}/s.exec((textOf(node) ?? '').replace(/^\s*\$\{(.*)\}\s*$/s, '$1'))?.[1];
  if (object === undefined) return [];
  return [...object.matchAll(/(?:^|,)\s*"?([A-Za-z_]\w*)"?\s*(?=[:,]|$)/g)].map(
    ([, key = '']) => key,
  );
}

/** What `.` is at a place of the task around the cursor, or of the workflow. */
export function dotSchema(site: Site, at = site.visited.at(-1)?.at ?? 'task'): Json | undefined {
  const { cursor, visited } = site;
  const { root } = cursor;
  if (at === 'workflowInput') return documentOf(memberOf(root, 'input'));
  const level = visited.findLastIndex(
    ({ declared }) => declared.kind === 'list' && declared.tasks !== undefined,
  );
  const list = visited[level]?.node;
  if (list?.kind !== 'list') return undefined;
  const index = Number(cursor.path[level]?.key);
  const task = taskAt(list, index);
  const raw = () => inputAt(site, level, index);
  if (at === 'taskInput') return raw();
  if (at === 'taskOutput') return resultOf(task, site, raw);
  if (at === 'taskExport') return outputOf(task, site, raw);
  return ownInput(task, raw);
}

function taskAt(list: SourceNode | undefined, index: number): SourceNode | undefined {
  const item = list?.kind === 'list' ? list.items[index] : undefined;
  return item?.kind === 'map' ? item.entries[0]?.value : undefined;
}

/** What a task works on: what comes in, unless it is changed. */
function ownInput(task: SourceNode | undefined, raw: () => Json | undefined): Json | undefined {
  const input = memberOf(task, 'input');
  return memberOf(input, 'from') === undefined ? (documentOf(input) ?? raw()) : undefined;
}

/** Tasks that are looked back at. */
const lookBackMax = 50;

/** What comes into the task with an index of the list at a level of the way to the cursor. */
function inputAt(site: Site, level: number, index: number): Json | undefined {
  const visited = site.visited[level];
  const isSequence = visited?.declared.kind === 'list' && visited.declared.tasks === 'sequence';
  for (let at = index - 1; isSequence && at >= Math.max(0, index - lookBackMax); at -= 1) {
    const task = taskAt(visited.node, at);
    if (passesOn(task)) continue;
    return outputOf(task, site, () => undefined);
  }
  if (isSequence && index > lookBackMax) return undefined;
  return inputOfList(site, level);
}

/** Whether what comes out of a task is what has come in. */
function passesOn(task: SourceNode | undefined): boolean {
  if (memberOf(task, 'output') !== undefined || memberOf(task, 'input') !== undefined) return false;
  return memberOf(task, 'wait') !== undefined || memberOf(task, 'switch') !== undefined;
}

/** What the first task of a list gets: the input of the task, or of the workflow, that holds it. */
function inputOfList(site: Site, level: number): Json | undefined {
  const { cursor, visited } = site;
  if (level === 1) {
    const input = memberOf(cursor.root, 'input');
    const isBody = visited[1]?.key === 'do' && memberOf(input, 'from') === undefined;
    return isBody ? documentOf(input) : undefined;
  }
  const outer = visited.findLastIndex(
    ({ declared }, at) => at < level && declared.kind === 'list' && declared.tasks !== undefined,
  );
  const keys = cursor.path
    .slice(outer + 2, level)
    .map(({ key }) => key)
    .join('/');
  if (outer === -1 || !['do', 'try', 'fork/branches'].includes(keys)) return undefined;
  const index = Number(cursor.path[outer]?.key);
  const owner = taskAt(visited[outer]?.node, index);
  if (memberOf(owner, 'for') !== undefined) return undefined;
  return ownInput(owner, () => inputAt(site, outer, index));
}

function outputOf(
  task: SourceNode | undefined,
  site: Site,
  raw: () => Json | undefined,
): Json | undefined {
  const output = memberOf(task, 'output');
  const declared = documentOf(output);
  if (declared !== undefined) return declared;
  return memberOf(output, 'as') === undefined ? resultOf(task, site, raw) : undefined;
}

/** What a task gives before `output.as`. */
function resultOf(
  task: SourceNode | undefined,
  site: Site,
  raw: () => Json | undefined,
): Json | undefined {
  const set = memberOf(task, 'set');
  if (set?.kind === 'map')
    return members(Object.fromEntries(set.entries.map(({ key }) => [key, ''])));
  if (passesOn(task)) return ownInput(task, raw);
  const called = functionName(textOf(memberOf(task, 'call')) ?? '');
  if (called === 'human') return decision;
  const found = operationOf(task, site.options.catalogue?.connectors ?? []);
  return found?.operation.response?.schema;
}

/** The schema that an `input` or `output` declares. */
function documentOf(node: SourceNode | undefined): Json | undefined {
  const document = memberOf(memberOf(node, 'schema'), 'document');
  return document?.kind === 'map' ? toJson(document) : undefined;
}

/** A member of the data that a schema describes. */
export interface KnownMember {
  readonly name: string;
  readonly schema: Json;
}

/** What is below a path: keys, and −1 for any item of a list. */
export function membersBelow(
  schema: Json | undefined,
  path: readonly (string | -1)[],
): KnownMember[] {
  let at = schema;
  for (const key of path) at = key === -1 ? itemsOf(at) : propertiesOf(at, 0).get(key);
  return [...propertiesOf(at, 0)].map(([name, inner]) => ({ name, schema: inner }));
}

function itemsOf(schema: Json | undefined): Json | undefined {
  return isJsonObject(schema) ? schema['items'] : undefined;
}

const nestingMax = 8;

function propertiesOf(schema: Json | undefined, depth: number): Map<string, Json> {
  const found = new Map<string, Json>();
  if (!isJsonObject(schema) || depth > nestingMax) return found;
  if (isJsonObject(schema['properties'])) {
    for (const [name, inner] of Object.entries(schema['properties'])) found.set(name, inner);
  }
  for (const keyword of ['allOf', 'oneOf', 'anyOf']) {
    const parts = schema[keyword];
    for (const part of Array.isArray(parts) ? parts : []) {
      for (const [name, inner] of propertiesOf(part, depth + 1)) found.set(name, inner);
    }
  }
  return found;
}
