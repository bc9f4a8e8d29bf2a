import { jsonEquals, type Json } from '@parley/kernel';
import type { Ir, IrNode } from './ir.js';
import type { NodeId } from './parts.js';

/** How one revision of a definition differs from another, task by task. */
export interface IrChanges {
  readonly added: readonly NodeId[];
  readonly removed: readonly NodeId[];
  /** The task is something else now. */
  readonly reshaped: readonly NodeId[];
  /** The task is what it was, but what follows it is another one. */
  readonly rerouted: readonly NodeId[];
}

/** Where a task stands in the text changes with its neighbours, and is no change of the task. */
export function changesBetween(before: Ir, after: Ir): IrChanges {
  const added = Object.keys(after.nodes).filter((id) => !Object.hasOwn(before.nodes, id));
  const removed = Object.keys(before.nodes).filter((id) => !Object.hasOwn(after.nodes, id));
  const reshaped: NodeId[] = [];
  const rerouted: NodeId[] = [];
  for (const [id, node] of Object.entries(before.nodes)) {
    const then = after.nodes[id];
    if (then === undefined) continue;
    const [was, is] = [partsOf(node), partsOf(then)];
    if (!jsonEquals(was.shape, is.shape)) reshaped.push(id);
    else if (!jsonEquals(was.way, is.way)) rerouted.push(id);
  }
  return { added, removed, reshaped, rerouted };
}

function partsOf({ pointer: _pointer, next, nextIfSkipped, ...shape }: IrNode) {
  const way = nextIfSkipped === undefined ? { next } : { next, nextIfSkipped };
  return { shape: shape as unknown as Json, way: way as unknown as Json };
}
