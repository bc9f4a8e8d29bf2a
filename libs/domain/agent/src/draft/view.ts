import { findStep, parseDefinition, stepPaths, toJson } from '@parley/dsl';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import type { IndexedOperation, SearchIndex } from '../catalogue/search.js';
import { isRead } from '../catalogue/operation.js';
import { stemsOf } from '../language/stem.js';

/** A step of a draft as it is written. */
export interface ViewStep {
  readonly path: string;
  readonly name: string;
  /** Path of the list that it stands in. */
  readonly list: string;
  readonly index: number;
  readonly task: JsonObject;
  readonly kind: 'call' | 'human' | 'wait' | 'do' | 'switch' | 'for' | 'fork' | 'try' | 'other';
  readonly operation?: IndexedOperation;
  /** Stems that a request may name it by. */
  readonly words: ReadonlySet<string>;
}

/** A draft, read for editing. */
export interface View {
  readonly source: string;
  readonly definition: JsonObject;
  readonly steps: readonly ViewStep[];
}

export function readDraft(source: string, index: SearchIndex): View | undefined {
  const { root } = parseDefinition(source);
  if (root === undefined) return undefined;
  const definition = toJson(root);
  if (!isJsonObject(definition)) return undefined;
  const steps = stepPaths(root).flatMap((path): ViewStep[] => {
    const found = findStep(root, path);
    const task = found === undefined ? undefined : toJson(found.entry.value);
    if (found === undefined || !isJsonObject(task)) return [];
    const name = found.entry.key;
    const operation = operationOf(task, index);
    return [
      {
        path,
        name,
        list: path.slice(0, path.lastIndexOf('/')),
        index: found.index,
        task,
        kind: kindOf(task),
        words: wordsFor(name, task, operation),
        ...(operation === undefined ? {} : { operation }),
      },
    ];
  });
  return { source, definition, steps };
}

/** Why a draft cannot be read. */
export interface Fault {
  /** Counts from 1. */
  readonly line: number;
  readonly message: string;
}

/** Undefined for a draft that can be read, whether or not it is valid. */
export function faultOf(source: string): Fault | undefined {
  const { root, reporter } = parseDefinition(source);
  if (root?.kind === 'map') return undefined;
  const found = reporter.diagnostics().find(({ severity }) => severity === 'error');
  return found === undefined
    ? { line: 1, message: 'It is not an object with the members of a workflow' }
    : { line: found.range.start.line, message: found.message };
}

function kindOf(task: JsonObject): ViewStep['kind'] {
  if (task['call'] !== undefined) return task['call'] === 'human' ? 'human' : 'call';
  for (const kind of ['wait', 'switch', 'for', 'fork', 'try', 'do'] as const) {
    if (task[kind] !== undefined) return kind;
  }
  return 'other';
}

function operationOf(task: JsonObject, index: SearchIndex): IndexedOperation | undefined {
  const given = task['with'];
  if (task['call'] !== 'connector' || !isJsonObject(given)) return undefined;
  return index.byKey.get(`${textOf(given['connector'])}/${textOf(given['operation'])}`);
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function wordsFor(name: string, task: JsonObject, operation?: IndexedOperation): Set<string> {
  const words = new Set(stemsOf(name));
  if (operation !== undefined) for (const word of operation.title) words.add(word);
  const given = task['with'];
  if (task['call'] === 'human') {
    for (const word of stemsOf('ask approval approve sign off permission decision human'))
      words.add(word);
    if (isJsonObject(given)) {
      for (const word of stemsOf(JSON.stringify(given['assignee'] ?? {}))) words.add(word);
    }
  }
  if (task['wait'] !== undefined) for (const word of stemsOf('wait pause delay')) words.add(word);
  if (task['for'] !== undefined) for (const word of stemsOf('loop each')) words.add(word);
  return words;
}

/** Whether a step calls something that changes anything. */
export function changesSomething(step: ViewStep): boolean {
  return step.kind === 'call' && (step.operation === undefined || !isRead(step.operation));
}

/** Steps inside another one. */
export function insideOf(view: View, path: string): ViewStep[] {
  return view.steps.filter((step) => step.path.startsWith(`${path}/`));
}

export function siblingsOf(view: Pick<View, 'steps'>, list: string): ViewStep[] {
  return view.steps.filter((step) => step.list === list);
}

/** The step that a list belongs to; undefined for the workflow's own. */
export function ownerOf(view: View, list: string): ViewStep | undefined {
  return view.steps.findLast((step) => list.startsWith(`${step.path}/`));
}

/** Every text inside a JSON value. */
export function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

export function mentions(task: Json, name: string): boolean {
  const pattern = new RegExp(`\\$context\\.${name}\\b`);
  return textsIn(task).some((text) => pattern.test(text));
}

export interface SwitchCase {
  readonly name: string;
  readonly when?: string;
  readonly then?: string;
}

export function casesOf(step: ViewStep): SwitchCase[] {
  const list = step.task['switch'];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const [entry] = isJsonObject(item) ? Object.entries(item) : [];
    if (entry === undefined || !isJsonObject(entry[1])) return [];
    const { when, then } = entry[1];
    return [
      {
        name: entry[0],
        ...(typeof when === 'string' ? { when } : {}),
        ...(typeof then === 'string' ? { then } : {}),
      },
    ];
  });
}

export function writeCases(cases: readonly SwitchCase[]): Json[] {
  return cases.map(({ name, when, then }) => ({
    [name]: { ...(when === undefined ? {} : { when }), ...(then === undefined ? {} : { then }) },
  }));
}

/** The jq inside `${ }`. */
export function bareJq(text: string): string {
  return /^\s*\$\{([\s\S]*)\}\s*$/.exec(text)?.[1]?.trim() ?? text.trim();
}
