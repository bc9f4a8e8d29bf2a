import type { IrNode, IrNodeBase } from '@parley/ir';
import { assert } from '@parley/kernel';
import { memberOf, textOf, toJsonObject, type SourceNode } from '../source/tree.js';
import { lowerCall } from './calls/call.js';
import type { Context, Surroundings, TaskPlace } from './context.js';
import { inputOf, outputOf, timeoutOf } from './data.js';
import { extensionsOf, lowerExtended } from './extension.js';
import { doNode, forkNode, forNode, raiseNode, setNode, switchNode, waitNode } from './kinds.js';
import { emitNode, listenNode } from './events.js';
import { runNode } from './run.js';
import { targetOf } from './target.js';
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

/** Lowers one task into the node `place.id`, and its extensions around it. */
export function lowerTask(ctx: Context, task: SourceNode, place: TaskPlace): void {
  if (ctx.nodes.size > nodesMax) return;
  const extensions = extensionsOf(ctx, task, place);
  if (extensions.length > 0) lowerExtended(ctx, task, place, extensions);
  else {
    ctx.nodes.set(place.id, undefined);
    const base = baseOf(ctx, task, place);
    ctx.nodes.set(place.id, { ...base, ...kindOf(ctx, task, place) });
  }
}

/** Nodes of one IR; functions and extensions can make many of few tasks. */
export const nodesMax = 40_000;

/** What the keyword of a task says. */
export function kindOf(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  return lowerings[keywordOf(task)](ctx, task, place);
}

/** The members that every task may have. */
export function baseOf(ctx: Context, task: SourceNode, place: TaskPlace): IrNodeBase {
  assert(task.kind === 'map', `a task at ${task.pointer}`);
  const around: Surroundings = place;
  const condition = memberOf(task, 'if');
  const input = inputOf(ctx, memberOf(task, 'input'), around, 'taskInput');
  const output = outputOf(ctx, memberOf(task, 'output'), around, 'taskOutput');
  const exported = outputOf(ctx, memberOf(task, 'export'), around, 'taskExport');
  const timeout = timeoutOf(ctx, memberOf(task, 'timeout'), around);
  const metadata = memberOf(task, 'metadata');
  return {
    ...identityOf(task, place),
    ...(condition && { if: expression(ctx, condition, around) }),
    ...(input && { input }),
    ...(output && { output }),
    ...(exported && { export: exported }),
    ...(timeout && { timeout }),
    next: targetOf(memberOf(task, 'then'), place),
    ...(metadata?.kind === 'map' && { metadata: toJsonObject(metadata) }),
  };
}

/** What a node is, without anything that the task says. */
export function identityOf(
  task: SourceNode,
  { id, name, scope }: TaskPlace,
): Pick<IrNodeBase, 'id' | 'name' | 'scope' | 'pointer'> {
  return { id, name, scope, pointer: task.pointer };
}

/** Whether a task says where control goes other than on. */
export function leaves(task: SourceNode): boolean {
  const then = textOf(memberOf(task, 'then'));
  return then === 'exit' || then === 'end';
}
