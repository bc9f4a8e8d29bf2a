import type { IrNode, Template } from '../ir.js';
import { measures, type Measure } from './sums.js';

/** What a task does by itself, without the tasks inside it. */
export function ownAmounts(node: IrNode): Readonly<Record<Measure, number>> {
  const own = { tasks: 1, calls: 0, asks: 0, events: 0, waits: 0, waitMs: 0 };
  switch (node.kind) {
    case 'call':
      return node.function === 'human' ? { ...own, asks: 1 } : { ...own, calls: 1 };
    case 'run':
      return { ...own, calls: 1 };
    case 'emit':
      return { ...own, events: 1 };
    case 'listen':
      return { ...own, waits: 1 };
    case 'wait':
      return { ...own, waits: 1, waitMs: 'ms' in node.duration ? node.duration.ms : 0 };
    default:
      return own;
  }
}

/** The same in the order of the measures. */
export function ownVector(node: IrNode): number[] {
  const own = ownAmounts(node);
  return measures.map((measure) => own[measure]);
}

/** How many items a list has, when it is written out. */
export function lengthOf(list: Template): number | undefined {
  if (list.kind === 'array') return list.items.length;
  return list.kind === 'literal' && Array.isArray(list.value) ? list.value.length : undefined;
}
