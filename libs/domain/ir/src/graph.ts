import type { Ir, IrNode, NodeId, ScopeId, Target } from './ir.js';

/** One way that control can take between two nodes. `exit` edges are already followed outwards. */
export interface IrEdge {
  readonly from: NodeId;
  /** A node, or undefined for the end of the run. */
  readonly to: NodeId | undefined;
  readonly kind: 'next' | 'case' | 'body' | 'branch' | 'catch';
  readonly label?: string;
}

/** Every edge of the graph in document order. */
export function edgesOf(ir: Ir): IrEdge[] {
  return Object.values(ir.nodes).flatMap((node) => [
    ...innerEdges(ir, node),
    ...outEdges(ir, node),
  ]);
}

/** The first node of a scope, or undefined when it is empty. */
export function entryOf(ir: Ir, scope: ScopeId): NodeId | undefined {
  return ir.scopes[scope]?.nodes[0];
}

function innerEdges(ir: Ir, node: IrNode): IrEdge[] {
  switch (node.kind) {
    case 'do':
    case 'for':
    case 'map':
      return entryEdge(ir, node.id, node.body, { kind: 'body' });
    case 'listen':
    case 'call':
      return node.foreach?.body === undefined
        ? []
        : entryEdge(ir, node.id, node.foreach.body, { kind: 'body', label: 'each' });
    case 'try':
      return [
        ...entryEdge(ir, node.id, node.body, { kind: 'body' }),
        ...(node.catch.body === undefined
          ? []
          : entryEdge(ir, node.id, node.catch.body, { kind: 'catch', label: 'on error' })),
        ...(node.catch.then === undefined
          ? []
          : [
              {
                from: node.id,
                to: follow(ir, node, node.catch.then),
                kind: 'catch' as const,
                label: 'after an error',
              },
            ]),
      ];
    case 'fork':
      return (ir.scopes[node.branches]?.nodes ?? []).map((to) => ({
        from: node.id,
        to,
        kind: 'branch',
        label: ir.nodes[to]?.name ?? '',
      }));
    case 'switch':
      return node.cases.map((branch) => ({
        from: node.id,
        to: follow(ir, node, branch.then),
        kind: 'case',
        label: branch.name,
      }));
    default:
      return [];
  }
}

function outEdges(ir: Ir, node: IrNode): IrEdge[] {
  const skipped =
    node.nextIfSkipped === undefined
      ? []
      : wayOn(ir, node, node.nextIfSkipped).map((edge) => ({ ...edge, label: 'if skipped' }));
  if (node.kind === 'switch' && node.cases.some((branch) => branch.when === undefined)) {
    return skipped;
  }
  return [...wayOn(ir, node, node.next), ...skipped];
}

function wayOn(ir: Ir, node: IrNode, target: Target): IrEdge[] {
  const owner = ir.scopes[node.scope]?.owner;
  if (target.to === 'exit' && owner !== undefined) return [];
  return [{ from: node.id, to: follow(ir, node, target), kind: 'next' }];
}

function entryEdge(
  ir: Ir,
  from: NodeId,
  scope: ScopeId,
  edge: Pick<IrEdge, 'kind' | 'label'>,
): IrEdge[] {
  const to = entryOf(ir, scope);
  return to === undefined ? [] : [{ from, to, ...edge }];
}

function follow(ir: Ir, node: IrNode, target: Target): NodeId | undefined {
  if (target.to === 'node') return target.node;
  if (target.to === 'end') return undefined;
  const owner = ir.scopes[node.scope]?.owner;
  const ownerNode = owner === undefined ? undefined : ir.nodes[owner];
  return ownerNode === undefined ? undefined : follow(ir, ownerNode, ownerNode.next);
}
