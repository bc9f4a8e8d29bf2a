import type { DefinitionChange, DefinitionDiff, SideEffect } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import { compileParsed, type CompileOptions } from '../compile/compile.js';
import { parseDefinition, type ParsedSource } from '../source/parse.js';
import { toJson } from '../source/tree.js';
import { doing } from './doing.js';
import { effectSentences } from './effects.js';
import { pairSteps, stepsOf, type Step } from './steps.js';
import { unifiedDiff } from './text-diff.js';
import { workflowChanges } from './workflow-changes.js';
import { differences } from './words.js';

/**
 * What makes two definitions different, in terms of steps and of calls. A text that cannot be read
 * counts as empty for the steps; the lines are compared in any case.
 */
export function diffDefinitions(
  before: string,
  after: string,
  options: CompileOptions = {},
): DefinitionDiff {
  const [a, b] = [parseDefinition(before), parseDefinition(after)];
  const effects = [effectsOf(a, options), effectsOf(b, options)] as const;
  const added = surplus(effects[1], effects[0]);
  const removed = surplus(effects[0], effects[1]);
  return {
    changes: changesBetween(jsonOf(a), jsonOf(b)),
    sideEffectsAdded: added,
    sideEffectsRemoved: removed,
    effects: effectSentences(added, removed),
    text: unifiedDiff(before, after),
  };
}

function jsonOf(parsed: ParsedSource): Json {
  return parsed.root === undefined ? {} : toJson(parsed.root);
}

function effectsOf(parsed: ParsedSource, options: CompileOptions): SideEffect[] {
  return compileParsed(parsed, options).sideEffects;
}

/** Calls that one definition makes more often than the other, wherever they stand. */
function surplus(of: readonly SideEffect[], over: readonly SideEffect[]): SideEffect[] {
  const left = new Map<string, number>();
  for (const effect of over) left.set(keyOf(effect), (left.get(keyOf(effect)) ?? 0) + 1);
  return of.filter((effect) => {
    const count = left.get(keyOf(effect)) ?? 0;
    left.set(keyOf(effect), count - 1);
    return count <= 0;
  });
}

function keyOf({ kind, connector, operation, method, target }: SideEffect): string {
  return JSON.stringify([kind, connector, operation, method, target]);
}

function changesBetween(before: Json, after: Json): DefinitionChange[] {
  const [a, b] = [stepsOf(before), stepsOf(after)];
  const pairs = pairSteps(a, b);
  return [
    ...workflowChanges(before, after).map((summary) => changed('', summary)),
    ...removals(a, pairs),
    ...additionsAndChanges(a, b, pairs),
  ];
}

function removals(
  before: ReadonlyMap<string, Step>,
  pairs: ReadonlyMap<string, string>,
): DefinitionChange[] {
  return [...before.values()]
    .filter((step) => !pairs.has(step.path))
    .filter((step) => step.owner === undefined || pairs.has(step.owner))
    .map((step) => ({
      kind: 'removed',
      task: step.path,
      summary: `removed step ${step.name}, which ${doing(step)}`,
    }));
}

function additionsAndChanges(
  before: ReadonlyMap<string, Step>,
  after: ReadonlyMap<string, Step>,
  pairs: ReadonlyMap<string, string>,
): DefinitionChange[] {
  const origins = new Map([...pairs].map(([from, to]) => [to, from]));
  const reordered = reorderedSteps(before, after, origins);
  return [...after.values()].flatMap((step): DefinitionChange[] => {
    const origin = before.get(origins.get(step.path) ?? '');
    if (origin !== undefined) {
      const moved = movement(origin, step, { origins, reordered, after });
      return [...moved, ...differences(origin, step).map((summary) => changed(step.path, summary))];
    }
    if (step.owner !== undefined && !origins.has(step.owner)) return [];
    return [
      { kind: 'added', task: step.path, summary: `added step ${step.name}, which ${doing(step)}` },
    ];
  });
}

interface Moves {
  readonly origins: ReadonlyMap<string, string>;
  readonly reordered: ReadonlySet<string>;
  readonly after: ReadonlyMap<string, Step>;
}

function movement(
  origin: Step,
  step: Step,
  { origins, reordered, after }: Moves,
): DefinitionChange[] {
  const found: DefinitionChange[] = [];
  if (origin.name !== step.name) {
    found.push(changed(step.path, `renamed step ${origin.name} to ${step.name}`));
  }
  const sameOwner =
    (step.owner === undefined ? undefined : origins.get(step.owner)) === origin.owner;
  const place = (one: Step) => one.scope.slice(one.owner?.length ?? 0);
  if (!sameOwner || place(origin) !== place(step)) {
    const into =
      step.owner === undefined
        ? 'out to the main list'
        : `into ${after.get(step.owner)?.name ?? ''}`;
    found.push({ kind: 'moved', task: step.path, summary: `moved step ${step.name} ${into}` });
  } else if (reordered.has(step.path)) {
    found.push({
      kind: 'moved',
      task: step.path,
      summary: `moved step ${step.name} ${position(step, after)}`,
    });
  }
  return found;
}

function position(step: Step, after: ReadonlyMap<string, Step>): string {
  const previous = [...after.values()].find(
    (other) => other.scope === step.scope && other.index === step.index - 1,
  );
  return previous === undefined ? 'to the beginning' : `behind ${previous.name}`;
}

/** Steps that changed places with others of their list: all but a longest run in the old order. */
function reorderedSteps(
  before: ReadonlyMap<string, Step>,
  after: ReadonlyMap<string, Step>,
  origins: ReadonlyMap<string, string>,
): Set<string> {
  const lists = Map.groupBy(after.values(), (step) => step.scope);
  const reordered = new Set<string>();
  for (const list of lists.values()) {
    const kept = list.flatMap((step) => {
      const origin = before.get(origins.get(step.path) ?? '');
      return origin === undefined
        ? []
        : [{ path: step.path, scope: origin.scope, index: origin.index }];
    });
    for (const group of Map.groupBy(kept, (one) => one.scope).values()) {
      const stay = longestRise(group.map((one) => one.index));
      for (const [at, one] of group.entries()) if (!stay.has(at)) reordered.add(one.path);
    }
  }
  return reordered;
}

/** Positions of a longest increasing subsequence. */
function longestRise(values: readonly number[]): Set<number> {
  const tails: number[] = [];
  const previous: (number | undefined)[] = [];
  for (const [at, value] of values.entries()) {
    let length = tails.findIndex((tail) => (values[tail] ?? 0) >= value);
    if (length === -1) length = tails.length;
    previous[at] = tails[length - 1];
    tails[length] = at;
  }
  const rise = new Set<number>();
  for (let at = tails.at(-1); at !== undefined; at = previous[at]) rise.add(at);
  return rise;
}

function changed(task: string, summary: string): DefinitionChange {
  return { kind: 'changed', task, summary };
}
