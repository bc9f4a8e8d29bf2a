import type { Ir, IrNode, NodeId, ScopeId, Target } from '../ir.js';

/** A list of tasks inside a task, and how it is run. */
export interface Inner {
  readonly scope: ScopeId;
  readonly role: 'body' | 'catch' | 'branches';
  /** Run once for each of a number of things. */
  readonly repeats: boolean;
}

/** The lists of tasks inside a task. */
export function innerOf(node: IrNode): Inner[] {
  switch (node.kind) {
    case 'do':
      return [{ scope: node.body, role: 'body', repeats: false }];
    case 'for':
    case 'map':
      return [{ scope: node.body, role: 'body', repeats: true }];
    case 'fork':
      return [{ scope: node.branches, role: 'branches', repeats: false }];
    case 'try':
      return [
        { scope: node.body, role: 'body', repeats: false },
        ...(node.catch.body === undefined
          ? []
          : [{ scope: node.catch.body, role: 'catch' as const, repeats: false }]),
      ];
    case 'listen':
    case 'call':
      return node.foreach?.body === undefined
        ? []
        : [{ scope: node.foreach.body, role: 'body', repeats: true }];
    default:
      return [];
  }
}

/** Every way on from a task once it has completed or was skipped, each once. */
export function targetsOf(node: IrNode): Target[] {
  const skipped = node.if === undefined ? [] : [node.nextIfSkipped ?? node.next];
  return distinct([...doneTargets(node), ...skipped]);
}

/** Every way on from a task that was not skipped. */
function doneTargets(node: IrNode): Target[] {
  if (node.kind === 'raise') return [];
  if (node.kind === 'switch') {
    const decided = node.cases.some((branch) => branch.when === undefined);
    const ways = node.cases.map((branch) => branch.then);
    return decided ? ways : [...ways, node.next];
  }
  const handled = node.kind === 'try' ? node.catch.then : undefined;
  return handled === undefined ? [node.next] : [node.next, handled];
}

/** The tasks of the same list that can be next. */
export function successorsOf(node: IrNode): NodeId[] {
  return targetsOf(node).flatMap((target) => (target.to === 'node' ? [target.node] : []));
}

function distinct(targets: readonly Target[]): Target[] {
  const byKey = new Map<string, Target>();
  for (const target of targets) {
    byKey.set(target.to === 'node' ? `node ${target.node}` : target.to, target);
  }
  return [...byKey.values()];
}

export function nodesOf(ir: Ir, scope: ScopeId): IrNode[] {
  return (ir.scopes[scope]?.nodes ?? []).flatMap((id) => ir.nodes[id] ?? []);
}
