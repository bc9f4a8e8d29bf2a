import type { Ir, IrNode, NodeId, ScopeId, Target } from '../ir.js';
import { lengthOf, ownVector } from './own-amounts.js';
import { nodesOf, targetsOf } from './scopes.js';
import { measures } from './sums.js';

/** One number per measure; infinite where something cannot happen. */
type Vector = readonly number[];

/** How a list or a task can come to its end, and the least it takes. */
interface Outcomes {
  /** Goes on behind it. */
  readonly exit: Vector;
  /** Ends the run. */
  readonly end: Vector;
  /** Ends with an error that the definition raises itself. */
  readonly raise: Vector;
}

/** Rounds over a list with jumps backwards; lists that need more count as nothing. */
const roundsMax = 32;

const nothing: Vector = measures.map(() => 0);
const never: Vector = measures.map(() => Number.POSITIVE_INFINITY);
const impossible: Outcomes = { exit: never, end: never, raise: never };

/** The smallest amounts, each by itself: they need not be of the same way. */
export class SmallestAmounts {
  private readonly scopes = new Map<ScopeId, Outcomes>();

  constructor(private readonly ir: Ir) {}

  /** Of a run that does not fail if it can do so, else of one that does. */
  total(): Vector {
    const { exit, end, raise } = this.ofScope(this.ir.root);
    const best = least(exit, end);
    const any = best.every(Number.isFinite) ? best : raise;
    return any.map((number) => (Number.isFinite(number) ? number : 0));
  }

  private ofScope(scope: ScopeId): Outcomes {
    const known = this.scopes.get(scope);
    if (known !== undefined) return known;
    const tasks = nodesOf(this.ir, scope);
    const outcomes = tasks.length === 0 ? { ...impossible, exit: nothing } : this.along(tasks);
    this.scopes.set(scope, outcomes);
    return outcomes;
  }

  private along(tasks: readonly IrNode[]): Outcomes {
    const steps = tasks.map((task) => ({ task, own: this.ofTask(task), targets: targetsOf(task) }));
    const arrivals = new Map<NodeId, Vector>([[tasks[0]?.id ?? '', nothing]]);
    let found = impossible;
    for (let round = 0; round < roundsMax; round += 1) {
      let changed = false;
      for (const { task, own, targets } of steps) {
        const at = arrivals.get(task.id);
        if (at === undefined) continue;
        found = {
          ...found,
          end: least(found.end, add(at, own.end)),
          raise: least(found.raise, add(at, own.raise)),
        };
        for (const target of targets) {
          const there = add(at, own.exit);
          if (target.to === 'node') changed = arrive(arrivals, target, there) || changed;
          else found = { ...found, [target.to]: least(found[target.to], there) };
        }
      }
      if (!changed) return found;
    }
    return { exit: nothing, end: nothing, raise: nothing };
  }

  private ofTask(node: IrNode): Outcomes {
    const own = ownVector(node);
    const inner = this.inside(node);
    const outcomes = {
      exit: add(own, inner.exit),
      end: add(own, inner.end),
      raise: add(own, inner.raise),
    };
    return node.if === undefined ? outcomes : { ...outcomes, exit: nothing };
  }

  private inside(node: IrNode): Outcomes {
    switch (node.kind) {
      case 'raise':
        return { ...impossible, raise: nothing };
      case 'do':
        return this.ofScope(node.body);
      case 'for':
        return loop(
          this.ofScope(node.body),
          node.while === undefined ? (lengthOf(node.in) ?? 0) : 0,
        );
      case 'map':
        return mapped(this.ofScope(node.body), lengthOf(node.in) ?? 0, node.onError === 'collect');
      case 'fork':
        return this.ofFork(node);
      case 'try':
        return this.ofTry(node);
      case 'listen':
      case 'call':
        return node.foreach?.body === undefined
          ? { ...impossible, exit: nothing }
          : loop(this.ofScope(node.foreach.body), 0);
      default:
        return { ...impossible, exit: nothing };
    }
  }

  private ofFork(node: IrNode & { readonly kind: 'fork' }): Outcomes {
    const branches = nodesOf(this.ir, node.branches).map((branch) => this.ofTask(branch));
    const any = (how: keyof Outcomes) => branches.map((one) => one[how]).reduce(least, never);
    const exits = branches.map((branch) => branch.exit);
    // Side by side, the longest wait counts.
    const all = exits.reduce(
      (a, b) =>
        a.map((one, at) =>
          measures[at] === 'waitMs' ? Math.max(one, b[at] ?? 0) : one + (b[at] ?? 0),
        ),
      nothing,
    );
    return { exit: node.compete ? any('exit') : all, end: any('end'), raise: any('raise') };
  }

  private ofTry(node: IrNode & { readonly kind: 'try' }): Outcomes {
    const body = this.ofScope(node.body);
    const { catch: handler } = node;
    const handled =
      handler.body === undefined ? { ...impossible, exit: nothing } : this.ofScope(handler.body);
    const sure =
      handler.with === undefined && handler.when === undefined && handler.exceptWhen === undefined;
    return {
      exit: least(body.exit, add(body.raise, handled.exit)),
      end: least(body.end, add(body.raise, handled.end)),
      raise: least(add(body.raise, handled.raise), sure ? never : body.raise),
    };
  }
}

function loop(body: Outcomes, count: number): Outcomes {
  const exit = count === 0 ? nothing : body.exit.map((one) => one * count);
  return { ...body, exit };
}

/** Items side by side wait no longer than one. */
function mapped(body: Outcomes, count: number, collects: boolean): Outcomes {
  const failed = collects ? least(body.exit, body.raise) : body.exit;
  const exit = failed.map((one, at) =>
    count === 0 ? 0 : measures[at] === 'waitMs' ? one : one * count,
  );
  return { exit, end: body.end, raise: collects ? never : body.raise };
}

function arrive(
  arrivals: Map<NodeId, Vector>,
  target: Target & { readonly to: 'node' },
  there: Vector,
): boolean {
  const before = arrivals.get(target.node);
  const after = before === undefined ? there : least(before, there);
  if (before?.every((one, at) => one === after[at]) === true) return false;
  arrivals.set(target.node, after);
  return true;
}

function least(a: Vector, b: Vector): Vector {
  return a.map((one, at) => Math.min(one, b[at] ?? one));
}

function add(a: Vector, b: Vector): Vector {
  return a.map((one, at) => one + (b[at] ?? 0));
}
