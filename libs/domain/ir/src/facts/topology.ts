import type { TaskFanOut, Topology } from '@parley/contracts';
import type { Ir, IrNode } from '../ir.js';
import { dataFlowOf } from './data-flow.js';
import { dependenciesOf } from './dependencies.js';
import { lengthOf } from './own-amounts.js';
import { longestPathOf } from './paths.js';
import { successorsOf } from './scopes.js';

/** Which task depends on which, how the ways part, and the longest of them. */
export function topologyOf(ir: Ir, dataFlow = dataFlowOf(ir)): Topology {
  const fanOut = Object.values(ir.nodes).map((node) => [node.id, fanOutOf(ir, node)] as const);
  return {
    ...dependenciesOf(ir, dataFlow),
    fanOut: Object.fromEntries(fanOut),
    longestPath: longestPathOf(ir, 'steps'),
    criticalPath: longestPathOf(ir, 'waitMs'),
  };
}

function fanOutOf(ir: Ir, node: IrNode): TaskFanOut {
  return { next: successorsOf(node).length, parallel: parallelOf(ir, node) };
}

function parallelOf(ir: Ir, node: IrNode): number | null {
  if (node.kind === 'fork') return ir.scopes[node.branches]?.nodes.length ?? 0;
  if (node.kind !== 'map') return 1;
  const items = lengthOf(node.in);
  if (items === undefined) return node.concurrency ?? null;
  return Math.min(items, node.concurrency ?? items);
}
