import { canonicalJson, isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { escapeToken } from '../source/tree.js';

/** A step of a definition as JSON, for comparison. */
export interface Step {
  readonly path: string;
  readonly name: string;
  readonly scope: string;
  /** Path of the step whose list it stands in. */
  readonly owner: string | undefined;
  readonly index: number;
  /** The whole task. */
  readonly task: Json;
  /** The task without the lists of steps in it. */
  readonly own: JsonObject;
}

/** Where lists of steps stand in a task. */
const listPlaces = [
  'do',
  'try',
  'catch/do',
  'fork/branches',
  'foreach/do',
  'with/do',
  'with/subscription/foreach/do',
] as const;

/** Every step of a definition in document order, by path. */
export function stepsOf(definition: Json): Map<string, Step> {
  const steps = new Map<string, Step>();
  const visit = (list: Json | undefined, scope: string, owner: string | undefined) => {
    if (!Array.isArray(list)) return;
    for (const [index, item] of list.entries()) {
      const [entry] = isJsonObject(item) ? Object.entries(item) : [];
      if (entry === undefined) continue;
      const [name, task] = entry;
      const path = `${scope}/${escapeToken(name)}`;
      if (steps.has(path)) continue;
      steps.set(path, { path, name, scope, owner, index, task, own: ownMembers(task) });
      for (const place of placesIn(task)) visit(listAt(task, place), `${path}/${place}`, path);
    }
  };
  visit(isJsonObject(definition) ? definition['do'] : undefined, 'do', undefined);
  return steps;
}

function listAt(task: Json, place: string): Json | undefined {
  return place
    .split('/')
    .reduce<Json | undefined>((value, key) => (isJsonObject(value) ? value[key] : undefined), task);
}

/** `with` of most calls is data, also when it has a `do`. */
function placesIn(task: Json): string[] {
  const call = isJsonObject(task) ? task['call'] : undefined;
  return listPlaces.filter((place) => {
    if (place === 'with/do') return call === 'map';
    return !place.startsWith('with/') || call === 'asyncapi';
  });
}

function ownMembers(task: Json): JsonObject {
  if (!isJsonObject(task)) return {};
  const places = placesIn(task).filter((place) => listAt(task, place) !== undefined);
  const own = places.reduce((rest, place) => without(rest, place.split('/')), task);
  // The keyword stays, as it says what kind of step it is.
  return 'try' in task ? { ...own, try: [] } : own;
}

/** A copy without the member at a path. */
function without(value: JsonObject, [name = '', ...path]: readonly string[]): JsonObject {
  const { [name]: member, ...rest } = value;
  if (path.length === 0) return rest;
  return isJsonObject(member) ? { ...value, [name]: without(member, path) } : value;
}

/**
 * Which step of one definition is which of the other, by path. The same path is the same step;
 * then a step that only went along with the one around it, one of the same name and task, a renamed
 * one, one of the same name and kind elsewhere.
 */
export function pairSteps(
  before: ReadonlyMap<string, Step>,
  after: ReadonlyMap<string, Step>,
): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const path of before.keys()) if (after.has(path)) pairs.set(path, path);
  const free = new Map([...after].filter(([path]) => !pairs.has(path)));
  const index = indexOf(free.values());
  for (const step of before.values()) {
    if (pairs.has(step.path)) continue;
    const carried = carriedPath(step, pairs);
    const found = [carried ?? '', ...keysOf(step).flatMap((key) => index.get(key) ?? [])];
    const path = found.find((candidate) => free.has(candidate));
    if (path === undefined) continue;
    pairs.set(step.path, path);
    free.delete(path);
  }
  return pairs;
}

/** Keys under which steps are looked up, the surest first. */
function keysOf(step: Step): string[] {
  const [task, own] = [canonicalJson(step.task), canonicalJson(step.own)];
  return [
    `same ${step.name} ${task}`,
    `renamed ${step.scope} ${task}`,
    `elsewhere ${step.name} ${kindOf(step)}`,
    `in place ${step.scope} ${step.index} ${own}`,
  ];
}

function indexOf(steps: Iterable<Step>): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const step of steps) {
    for (const key of keysOf(step)) {
      const paths = index.get(key);
      if (paths === undefined) index.set(key, [step.path]);
      else paths.push(step.path);
    }
  }
  return index;
}

/** Where a step is when it only went along with the step around it. */
function carriedPath(step: Step, pairs: ReadonlyMap<string, string>): string | undefined {
  const owner = step.owner === undefined ? undefined : pairs.get(step.owner);
  return owner === undefined ? undefined : owner + step.path.slice(step.owner?.length);
}

const keywords = 'call do emit for fork listen raise run set switch try wait'.split(' ');

/** The keyword of a step; a loop is `for` although it has a `do`. */
export function kindOf(step: Pick<Step, 'task'>): string {
  const task = isJsonObject(step.task) ? step.task : {};
  if ('for' in task) return 'for';
  return keywords.find((keyword) => keyword in task) ?? 'step';
}
