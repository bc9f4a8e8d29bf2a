import type { Ir, IrNode, NodeId, ScopeId } from '../ir.js';
import { innerOf, nodesOf, targetsOf, type Inner } from './scopes.js';

/**
 * The flow of control as a graph of points, through which facts about the state of a run are spread.
 * A task has the points `before` and `after`; a `try` has one more, where an error of anything in it
 * arrives.
 */
export interface Points {
  readonly size: number;
  before(node: NodeId): number;
  after(node: NodeId): number;
  /** Where errors inside a `try` arrive; undefined for other tasks. */
  error(node: NodeId): number | undefined;
  /** Points that control comes from. */
  readonly sources: readonly (readonly number[])[];
  readonly targets: readonly (readonly number[])[];
}

export function pointsOf(ir: Ir): Points {
  const graph = new PointGraph(ir);
  for (const node of Object.values(ir.nodes)) graph.connect(node);
  return graph;
}

class PointGraph implements Points {
  readonly sources: number[][] = [];
  readonly targets: number[][] = [];
  private readonly numbers = new Map<NodeId, number>();
  private readonly errors = new Map<NodeId, number>();

  constructor(private readonly ir: Ir) {
    for (const node of Object.values(ir.nodes)) {
      this.numbers.set(node.id, this.point());
      this.point();
      if (node.kind === 'try') this.errors.set(node.id, this.point());
    }
  }

  get size(): number {
    return this.sources.length;
  }

  before(node: NodeId): number {
    return this.numbers.get(node) ?? 0;
  }

  after(node: NodeId): number {
    return this.before(node) + 1;
  }

  error(node: NodeId): number | undefined {
    return this.errors.get(node);
  }

  connect(node: IrNode): void {
    const [before, after] = [this.before(node.id), this.after(node.id)];
    const inner = innerOf(node);
    const bodies = inner.filter(({ role }) => role !== 'catch');
    const sure = bodies.length > 0 && bodies.every((one) => this.isSure(one));
    if (!sure || node.if !== undefined) this.edge(before, after);
    for (const one of inner) this.enter(node, one);
    const owner = this.ownerOf(node);
    for (const target of targetsOf(node)) {
      if (target.to === 'node') this.edge(after, this.before(target.node));
      else if (target.to === 'exit' && owner !== undefined) this.leave(node, owner);
    }
    this.fail(node, after);
  }

  /** Whether something in the list runs for certain, so that nothing goes around it. */
  private isSure({ scope, repeats }: Inner): boolean {
    return !repeats && nodesOf(this.ir, scope).length > 0;
  }

  private enter(node: IrNode, { scope, role }: Inner): void {
    const from = role === 'catch' ? (this.errors.get(node.id) ?? 0) : this.before(node.id);
    const tasks = nodesOf(this.ir, scope);
    const entries = role === 'branches' ? tasks : tasks.slice(0, 1);
    for (const entry of entries) this.edge(from, this.before(entry.id));
    if (role !== 'branches') return;
    for (const branch of tasks) this.edge(this.after(branch.id), this.after(node.id));
  }

  /** The end of a list: on to what follows its owner, or around once more. */
  private leave(node: IrNode, owner: IrNode): void {
    this.edge(this.after(node.id), this.after(owner.id));
    if (!innerOf(owner).some(({ scope, repeats }) => repeats && scope === node.scope)) return;
    const [first] = this.ir.scopes[node.scope]?.nodes ?? [];
    if (first !== undefined) this.edge(this.after(node.id), this.before(first));
  }

  /** An error can come from anywhere in a `try`, with whatever was done until then. */
  private fail(node: IrNode, after: number): void {
    const own = this.errors.get(node.id);
    if (own !== undefined) {
      this.edge(this.before(node.id), own);
      if (node.kind === 'try' && node.catch.body === undefined) this.edge(own, after);
    }
    const around = this.tryAround(node);
    if (around === undefined) return;
    const error = this.errors.get(around.id) ?? 0;
    this.edge(after, error);
    if (own !== undefined) this.edge(own, error);
  }

  /** The nearest task whose `try` list this one stands in. */
  private tryAround(node: IrNode): IrNode | undefined {
    let at: ScopeId = node.scope;
    for (;;) {
      const owner = this.ir.nodes[this.ir.scopes[at]?.owner ?? ''];
      if (owner === undefined) return undefined;
      if (owner.kind === 'try' && owner.body === at) return owner;
      at = owner.scope;
    }
  }

  private ownerOf(node: IrNode): IrNode | undefined {
    return this.ir.nodes[this.ir.scopes[node.scope]?.owner ?? ''];
  }

  private point(): number {
    this.targets.push([]);
    return this.sources.push([]) - 1;
  }

  private edge(from: number, to: number): void {
    this.targets[from]?.push(to);
    this.sources[to]?.push(from);
  }
}
