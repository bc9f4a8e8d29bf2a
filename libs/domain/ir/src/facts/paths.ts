import type { TaskPath } from '@parley/contracts';
import type { Ir, IrNode, NodeId, ScopeId } from '../ir.js';
import { innerOf, nodesOf, successorsOf, type Inner } from './scopes.js';

/** What a way is compared by first. */
export type Measure = 'steps' | 'waitMs';

interface Length {
  readonly steps: number;
  readonly waitMs: number;
}

const none: Length = { steps: 0, waitMs: 0 };

/**
 * The way from the start to an end that has most of `by`. Every task counts once, jumps to earlier
 * tasks are not taken; in a fork the longest branch counts, and an error handler counts as used.
 */
export function longestPathOf(ir: Ir, by: Measure): TaskPath {
  const search = new Search(ir, by);
  const { steps, waitMs } = search.lengthOf(ir.root);
  const walk: Walk = { tasks: [], repeats: false };
  search.walk(ir.root, walk);
  return { tasks: walk.tasks, steps, waitMs, repeats: walk.repeats };
}

interface Walk {
  readonly tasks: NodeId[];
  repeats: boolean;
}

class Search {
  private readonly lengths = new Map<ScopeId, Length>();
  /** The next task on the longest way from a task to the end of its list. */
  private readonly following = new Map<NodeId, NodeId>();
  private readonly fromHere = new Map<NodeId, Length>();

  constructor(
    private readonly ir: Ir,
    private readonly by: Measure,
  ) {}

  /** The longest way through a list. */
  lengthOf(scope: ScopeId): Length {
    const known = this.lengths.get(scope);
    if (known !== undefined) return known;
    const tasks = nodesOf(this.ir, scope);
    const place = new Map(tasks.map((task, at) => [task.id, at]));
    for (const [at, task] of [...tasks.entries()].reverse()) {
      const later = successorsOf(task).filter((next) => (place.get(next) ?? -1) > at);
      const best = this.longest(later);
      if (best !== undefined) this.following.set(task.id, best);
      const rest = best === undefined ? none : this.from(best);
      this.fromHere.set(task.id, sum(this.ownLength(task), rest));
    }
    const [first] = tasks;
    const length = first === undefined ? none : this.from(first.id);
    this.lengths.set(scope, length);
    return length;
  }

  /** Notes the tasks on the longest way through a list. */
  walk(scope: ScopeId, walk: Walk, from = this.ir.scopes[scope]?.nodes[0]): void {
    const places = new Map((this.ir.scopes[scope]?.nodes ?? []).map((id, at) => [id, at]));
    for (let id = from; id !== undefined; id = this.following.get(id)) {
      const node = this.ir.nodes[id];
      if (node === undefined) return;
      const at = places.get(id) ?? 0;
      walk.tasks.push(id);
      walk.repeats ||= successorsOf(node).some((next) => (places.get(next) ?? at + 1) <= at);
      for (const inner of innerOf(node)) this.walkInner(inner, walk);
      walk.repeats ||= node.kind === 'try' && node.catch.retry !== undefined;
    }
  }

  private walkInner({ scope, role, repeats }: Inner, walk: Walk): void {
    walk.repeats ||= repeats;
    if (role !== 'branches') return this.walk(scope, walk);
    const branches = this.ir.scopes[scope]?.nodes ?? [];
    const longest = this.longest(branches);
    if (longest !== undefined) this.walk(scope, walk, longest);
  }

  private ownLength(node: IrNode): Length {
    const waitMs = node.kind === 'wait' && 'ms' in node.duration ? node.duration.ms : 0;
    return innerOf(node).reduce(
      (length, { scope, role }) => {
        const through = this.lengthOf(scope);
        if (role !== 'branches') return sum(length, through);
        const longest = this.longest(this.ir.scopes[scope]?.nodes ?? []);
        return longest === undefined ? length : sum(length, this.from(longest));
      },
      { steps: 1, waitMs },
    );
  }

  private longest(tasks: readonly NodeId[]): NodeId | undefined {
    return tasks.reduce<NodeId | undefined>(
      (best, one) =>
        best === undefined || this.isLonger(this.from(one), this.from(best)) ? one : best,
      undefined,
    );
  }

  private isLonger(one: Length, other: Length): boolean {
    const second = this.by === 'steps' ? 'waitMs' : 'steps';
    if (one[this.by] !== other[this.by]) return one[this.by] > other[this.by];
    return one[second] > other[second];
  }

  private from(task: NodeId): Length {
    return this.fromHere.get(task) ?? none;
  }
}

function sum(a: Length, b: Length): Length {
  return { steps: a.steps + b.steps, waitMs: a.waitMs + b.waitMs };
}
