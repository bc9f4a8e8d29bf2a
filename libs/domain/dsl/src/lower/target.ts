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

/** Whether a task says where control goes other than on. */
export function leaves(task: SourceNode): boolean {
  const then = textOf(memberOf(task, 'then'));
  return then === 'exit' || then === 'end';
}
