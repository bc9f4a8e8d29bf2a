import { memberOf, textOf, type SourceNode } from '../source/tree.js';

/** `metadata.compensate` of a task: the name of the task that undoes it. */
export function compensateOf(task: SourceNode): SourceNode | undefined {
  return memberOf(memberOf(task, 'metadata'), 'compensate');
}

/** Names of the tasks of a list that undo others of it: they have no part in the ordinary flow. */
export function compensationsIn(tasks: readonly { readonly value: SourceNode }[]): Set<string> {
  return new Set(tasks.flatMap(({ value }) => textOf(compensateOf(value)) ?? []));
}
