import type { IrNode, IrNodeBase } from '@parley/ir';
import { assert } from '@parley/kernel';
import { compensateOf } from '../language/compensation.js';
import { textOf, toJsonObject, type SourceNode } from '../source/tree.js';
import { lowerCall } from './calls/call.js';
import type { Context, TaskPlace } from './context.js';
import { inputOf, outputOf, timeoutOf } from './data.js';
import { doNode, forkNode, forNode, raiseNode, setNode, switchNode, waitNode } from './kinds.js';
import { emitNode, listenNode } from './events.js';
import { runNode } from './run.js';
import { skippedTo, targetOf } from './target.js';
import { tryNode } from './try.js';
import { expression } from './values.js';

/** What a kind of node adds to the members that every node has. */
export type Kind = DistributiveOmit<IrNode, keyof IrNodeBase>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

type Lowering = (ctx: Context, task: SourceNode, place: TaskPlace) => Kind;

/** By keyword; `for` comes before `do`, which belongs to it. */
const lowerings = {
  call: lowerCall,
  for: forNode,
  do: doNode,
  emit: emitNode,
  fork: forkNode,
  listen: listenNode,
  raise: raiseNode,
  run: runNode,
  set: setNode,
  switch: switchNode,
  try: tryNode,
  wait: waitNode,
} as const satisfies Record<string, Lowering>;

export type TaskKeyword = keyof typeof lowerings;

/** The keyword that says what a task does. */
export function keywordOf(task: SourceNode): TaskKeyword {
  let found: TaskKeyword | undefined;
  for (const { key } of task.kind === 'map' ? task.entries : []) {
    if (key === 'for') return key;
    if (Object.hasOwn(lowerings, key)) found = key as TaskKeyword;
  }
  assert(found !== undefined, `a task at ${task.pointer}`);
  return found;
}

/** What the keyword of a task says. */
export function kindOf(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  return lowerings[keywordOf(task)](ctx, task, place);
}

/** The members that every task may have. */
export function baseOf(ctx: Context, task: SourceNode, place: TaskPlace): IrNodeBase {
  assert(task.kind === 'map', `a task at ${task.pointer}`);
  const base: Mutable<IrNodeBase> = { ...identityOf(task, place), next: place.next };
  for (const { key, value } of task.entries) {
    if (key === 'if') base.if = expression(ctx, value, place);
    else if (key === 'input') base.input = inputOf(ctx, value, place, 'taskInput');
    else if (key === 'output') base.output = outputOf(ctx, value, place, 'taskOutput');
    else if (key === 'export') base.export = outputOf(ctx, value, place, 'taskExport');
    else if (key === 'timeout') base.timeout = timeoutOf(ctx, value, place);
    else if (key === 'then') base.next = targetOf(value, place);
    else if (key === 'metadata' && value.kind === 'map') base.metadata = toJsonObject(value);
  }
  const undoer = textOf(compensateOf(task));
  const compensation = undoer === undefined ? undefined : place.siblings.get(undoer);
  if (compensation !== undefined) base.compensation = compensation;
  if (base.if !== undefined) Object.assign(base, skippedTo(base.next, place.next));
  return base;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a node is, without anything that the task says. */
export function identityOf(
  task: SourceNode,
  { id, name, scope }: TaskPlace,
): Pick<IrNodeBase, 'id' | 'name' | 'scope' | 'pointer'> {
  return { id, name, scope, pointer: task.pointer };
}
