import type { DefinitionGraph, GraphEdge, GraphNode } from '@parley/contracts';
import { edgesOf, entryOf, type Ir, type IrNode } from '@parley/ir';
import { describeNode, labelOf } from './describe.js';

/**
 * The picture of a workflow. Nodes and edges stand in document order, so a layout is stable; a node
 * in a list of another one has that one as `parent`.
 */
export function graphOf(ir: Ir): DefinitionGraph {
  const nodes = Object.values(ir.nodes).map((node) => graphNode(ir, node));
  const entry = entryOf(ir, ir.root);
  const first: GraphEdge[] =
    entry === undefined ? [] : [{ id: `start→${entry}`, from: 'start', to: entry, kind: 'next' }];
  const undoing = Object.values(ir.nodes).flatMap(({ id: from, compensation: to }) =>
    to === undefined ? [] : [{ from, to, kind: 'catch' as const, label: 'undone by' }],
  );
  const apart = new Set(undoing.map(({ to }) => to));
  const ordinary = edgesOf(ir)
    // What undoes a task leads nowhere: the next one to be undone depends on the run.
    .filter(({ from, kind }) => kind !== 'next' || !apart.has(from))
    .map(({ from, to = 'end', kind, label }) => ({
      from,
      to,
      kind,
      ...(label === undefined ? {} : { label }),
    }));
  return {
    nodes: [mark('start', 'Start'), ...nodes, mark('end', 'End')],
    edges: [...first, ...withIds([...ordinary, ...undoing])],
  };
}

function graphNode(ir: Ir, node: IrNode): GraphNode {
  const parent = ir.scopes[node.scope]?.owner;
  return {
    id: node.id,
    name: node.name,
    kind: node.kind === 'call' && node.function === 'human' ? 'human' : node.kind,
    label: labelOf(node.name),
    detail: describeNode(ir, node),
    ...(parent === undefined ? {} : { parent }),
    pointer: node.pointer,
  };
}

function mark(kind: 'start' | 'end', label: string): GraphNode {
  return { id: kind, name: kind, kind, label, pointer: '' };
}

/** Ids that stay when other edges change: ends, kind and label say which edge it is. */
function withIds(edges: readonly Omit<GraphEdge, 'id'>[]): GraphEdge[] {
  const seen = new Map<string, number>();
  return edges.map((edge) => {
    const base = `${edge.from}→${edge.to}:${edge.kind}${edge.label === undefined ? '' : `:${edge.label}`}`;
    const count = seen.get(base) ?? 0;
    seen.set(base, count + 1);
    return { id: count === 0 ? base : `${base}:${count}`, ...edge };
  });
}
