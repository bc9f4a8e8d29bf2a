import type { Target } from '@parley/ir';
import { assert } from '@parley/kernel';
import { memberOf, textOf, type SourceNode } from '../source/tree.js';
import type { TaskPlace } from './context.js';

/** Where `then` leads. */
export function targetOf(node: SourceNode | undefined, place: TaskPlace): Target {
  const name = textOf(node);
  if (name === undefined || name === 'continue') return place.next;
  if (name === 'exit' || name === 'end') return { to: name };
  const target = place.siblings.get(name);
  assert(target !== undefined && !place.branch, `a task "${name}" beside ${place.id}`);
  return { to: 'node', node: target };
}

/** Where control goes past a task that may be skipped: what `then` says is for one that was done. */
export function skippedTo(next: Target, following: Target): { readonly nextIfSkipped?: Target } {
  return isSame(next, following) ? {} : { nextIfSkipped: following };
}

function isSame(a: Target, b: Target): boolean {
  return a.to === 'node' ? b.to === 'node' && a.node === b.node : a.to === b.to;
}

/** Whether a task says where control goes other than on. */
export function leaves(task: SourceNode): boolean {
  const then = textOf(memberOf(task, 'then'));
  return then === 'exit' || then === 'end';
}
