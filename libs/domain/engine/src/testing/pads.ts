import type { Ir, NodeId } from '@parley/ir';
import { buildIr, type Tasks, type TaskSpec } from './ir-builder.js';
import type { Random } from './random.js';

/** A workflow with tasks in it that hand on what they get: whether they are there changes no output. */
export interface Padded {
  readonly tasks: Tasks;
  readonly ir: Ir;
}

/** What an overlay makes of such a workflow. */
export interface Repadded extends Padded {
  /** Static ids of the tasks that have another place in their list. */
  readonly moved: readonly NodeId[];
}

const isPad = (name: string) => /^pad\d+$/.test(name);
const undoerOf = (name: string) => `un${name}`;

/** Puts some tasks of this kind anywhere between those that are there. */
export function padded(tasks: Tasks, random: Random): Padded {
  let made = tasks;
  for (let count = 1 + random.below(4); count > 0; count -= 1) made = added(made, random);
  return { tasks: made, ir: buildIr(made) };
}

/** Adds, removes, replaces or moves one or two of them. */
export function repadded({ tasks }: Padded, random: Random): Repadded {
  let made = tasks;
  const names = new Set<string>();
  for (let count = 1 + random.below(2); count > 0; count -= 1) {
    const change = random.below(4);
    if (change === 0) made = added(made, random);
    else {
      made = changed(made, random, (scope, name) => {
        if (change === 1) return without(scope, name);
        if (change === 2) return replaced(scope, name, random);
        names.add(name);
        return shifted(scope, name, random);
      });
    }
  }
  const ir = buildIr(made);
  const moved = Object.values(ir.nodes).flatMap(({ id, name }) => (names.has(name) ? [id] : []));
  return { tasks: made, ir, moved };
}

function added(tasks: Tasks, random: Random): Tasks {
  const text = JSON.stringify(tasks);
  // Few names: overlays that do not know of each other use the same.
  let number = random.below(3);
  while (text.includes(`"pad${number}"`)) number += 1;
  return inScope(tasks, random.below(scopesIn(tasks)), (scope) => {
    const entries = Object.entries(scope);
    entries.splice(random.below(entries.length + 1), 0, ...pad(`pad${number}`, random));
    return Object.fromEntries(entries);
  });
}

/** Changes a scope with a pad in it, if there is one. */
function changed(
  tasks: Tasks,
  random: Random,
  change: (scope: Tasks, name: string) => Tasks,
): Tasks {
  const count = scopesIn(tasks);
  const first = random.below(count);
  for (let index = 0; index < count; index += 1) {
    let isDone = false;
    const made = inScope(tasks, (first + index) % count, (scope) => {
      const pads = Object.keys(scope).filter(isPad);
      const name = pads[random.below(pads.length)];
      // A scope stays one with tasks.
      if (name === undefined || Object.keys(scope).length <= pads.length) return scope;
      isDone = true;
      return change(scope, name);
    });
    if (isDone) return made;
  }
  return tasks;
}

function without(scope: Tasks, name: string): Tasks {
  const { [name]: _gone, [undoerOf(name)]: _undoer, ...rest } = scope;
  return rest;
}

function replaced(scope: Tasks, name: string, random: Random): Tasks {
  const entries = Object.entries(without(scope, name));
  const place = Object.keys(scope).indexOf(name);
  entries.splice(place, 0, ...pad(name, random));
  return Object.fromEntries(entries);
}

function shifted(scope: Tasks, name: string, random: Random): Tasks {
  const entries = Object.entries(scope).filter(([other]) => other !== name);
  entries.splice(random.below(entries.length + 1), 0, [name, scope[name] ?? {}]);
  return Object.fromEntries(entries);
}

function pad(name: string, random: Random): [string, TaskSpec][] {
  const spec = neutral(random, 0);
  if (spec.call !== 'connector' || random.chance(0.6)) return [[name, spec]];
  const undo: TaskSpec = { call: 'connector', with: { undoes: name } };
  return [
    [name, { ...spec, compensate: undoerOf(name) }],
    [undoerOf(name), undo],
  ];
}

function neutral(random: Random, depth: number): TaskSpec {
  switch (random.below(depth < 2 ? 8 : 5)) {
    case 0:
      return { set: '${ . }' };
    case 1:
      return { wait: random.below(80) };
    case 2:
      return { call: 'human', with: { title: 'Fine?' }, as: '${ $input }' };
    case 3:
    case 4:
      return { call: 'connector', with: { pad: random.below(1_000) }, as: '${ $input }' };
    case 5:
      return { emit: { type: 'com.example.pad' }, aside: true };
    case 6:
      return { for: { in: [1, 2] }, do: { inside: neutral(random, depth + 1) } };
    default:
      return { do: { inside: neutral(random, depth + 1), more: neutral(random, depth + 1) } };
  }
}

/** Lists of tasks that run one after the other, this one and those inside it. */
function scopesIn(tasks: Tasks): number {
  let count = 0;
  everyScope(tasks, (scope) => {
    count += 1;
    return scope;
  });
  return count;
}

function inScope(tasks: Tasks, at: number, change: (scope: Tasks) => Tasks): Tasks {
  let index = -1;
  return everyScope(tasks, (scope) => {
    index += 1;
    return index === at ? change(scope) : scope;
  });
}

function everyScope(tasks: Tasks, change: (scope: Tasks) => Tasks): Tasks {
  const scope = change(tasks);
  return Object.fromEntries(
    Object.entries(scope).map(([name, spec]) => [name, isPad(name) ? spec : inside(spec, change)]),
  );
}

function inside(spec: TaskSpec, change: (scope: Tasks) => Tasks): TaskSpec {
  const { do: tasks, try: body, catch: handler, fork } = spec;
  return {
    ...spec,
    ...(tasks && { do: everyScope(tasks, change) }),
    ...(body && { try: everyScope(body, change) }),
    ...(handler?.do && { catch: { ...handler, do: everyScope(handler.do, change) } }),
    ...(fork && {
      fork: Object.fromEntries(
        Object.entries(fork).map(([name, branch]) => [name, inside(branch, change)]),
      ),
    }),
  };
}
