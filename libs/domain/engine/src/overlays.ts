import { hashJson, type Ir, type IrNode } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { TaskTest } from './overlay-entries.js';
import type { RunState } from './state.js';

/** Hash of the revision that overlays led a run to; undefined: it goes by the one it was started with. */
export function revisionOf({ overlays }: Pick<RunState, 'overlays'>): string | undefined {
  return overlays?.at(-1)?.revision;
}

/** The `test` operations of an overlay, made for its base. */
export function testsOf(
  base: Ir,
  tested: readonly Pick<TaskTest, 'task' | 'pointer'>[],
): TaskTest[] {
  return tested.flatMap(({ task, pointer }) => {
    const node = base.nodes[task];
    return node === undefined ? [] : [{ task, pointer, digest: digestOf(node) }];
  });
}

/** Whether a test holds for a compiled definition. */
export function holds({ nodes }: Ir, { task, pointer, digest }: TaskTest): boolean {
  const node = Object.hasOwn(nodes, task) ? nodes[task] : undefined;
  return node?.pointer === pointer && digestOf(node) === digest;
}

function digestOf(node: IrNode): string {
  return hashJson(node as unknown as Json);
}
