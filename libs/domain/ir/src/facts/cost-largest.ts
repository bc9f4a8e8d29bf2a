import type { Ir, IrNode, ScopeId } from '../ir.js';
import { lengthOf, ownAmounts } from './own-amounts.js';
import { nodesOf, successorsOf } from './scopes.js';
import {
  atLeast,
  constant,
  isZero,
  measures,
  plus,
  times,
  unbounded,
  zero,
  type Measure,
  type Sum,
} from './sums.js';

type Amounts = Readonly<Record<Measure, Sum>>;

const nothing: Amounts = all(() => zero);

/** The largest amounts of each list of tasks. */
export class LargestAmounts {
  constructor(private readonly ir: Ir) {}

  /**
   * Along a list everything leads forward, except inside stretches that jumps backwards go round.
   * Such a stretch counts as one task that does without bound what anything in it does.
   */
  ofScope(scope: ScopeId): Amounts {
    const tasks = nodesOf(this.ir, scope);
    const stretches = stretchesOf(tasks);
    const from: Amounts[] = [];
    const stretchAt = new Map<string, number>();
    for (const [number, { tasks: inside }] of stretches.entries()) {
      for (const task of inside) stretchAt.set(task.id, number);
    }
    for (const [number, stretch] of [...stretches.entries()].reverse()) {
      const later = stretch.tasks
        .flatMap((task) => successorsOf(task).map((next) => stretchAt.get(next) ?? 0))
        .filter((next) => next > number);
      const rest = [...new Set(later)].reduce(
        (most, next) => join(most, from[next] ?? nothing, atLeast),
        nothing,
      );
      from[number] = join(this.ofStretch(stretch), rest, plus);
    }
    return from[0] ?? nothing;
  }

  private ofStretch({ tasks, repeats }: Stretch): Amounts {
    const together = tasks
      .map((task) => this.ofTask(task))
      .reduce((a, b) => join(a, b, plus), nothing);
    return repeats ? map(together, (sum) => (isZero(sum) ? zero : unbounded)) : together;
  }

  private ofTask(node: IrNode): Amounts {
    const numbers = ownAmounts(node);
    const own = all((measure) => constant(numbers[measure]));
    const inner = this.inside(node);
    return inner === undefined ? own : join(own, inner, plus);
  }

  private inside(node: IrNode): Amounts | undefined {
    switch (node.kind) {
      case 'do':
        return this.ofScope(node.body);
      case 'for':
        return repeated(this.ofScope(node.body), lengthOf(node.in) ?? `items(${node.id})`);
      case 'map':
        return this.ofMap(node);
      case 'fork':
        return this.ofBranches(node.branches);
      case 'try':
        return this.ofTry(node);
      case 'listen':
      case 'call':
        return node.foreach?.body === undefined
          ? undefined
          : repeated(this.ofScope(node.foreach.body), `events(${node.id})`);
      default:
        return undefined;
    }
  }

  private ofMap(node: IrNode & { readonly kind: 'map' }): Amounts {
    const body = this.ofScope(node.body);
    const most = repeated(body, lengthOf(node.in) ?? `items(${node.id})`);
    // All at once wait no longer than one.
    return node.concurrency === undefined ? { ...most, waitMs: body.waitMs } : most;
  }

  private ofBranches(scope: ScopeId): Amounts {
    const branches = nodesOf(this.ir, scope).map((branch) => this.ofTask(branch));
    return all((measure) =>
      branches.map((branch) => branch[measure]).reduce(measure === 'waitMs' ? atLeast : plus, zero),
    );
  }

  private ofTry(node: IrNode & { readonly kind: 'try' }): Amounts {
    const { retry, body } = node.catch;
    const once = this.ofScope(node.body);
    const attempts =
      retry === undefined ? 1 : retry.attemptsMax === undefined ? undefined : retry.attemptsMax + 1;
    const tried =
      attempts === undefined
        ? map(once, (sum) => (isZero(sum) ? zero : unbounded))
        : repeated(once, attempts);
    return body === undefined ? tried : join(tried, this.ofScope(body), plus);
  }
}

interface Stretch {
  readonly tasks: readonly IrNode[];
  /** A jump backwards goes round in it. */
  readonly repeats: boolean;
}

/** A list cut into tasks, and stretches between the ends of jumps backwards. */
function stretchesOf(tasks: readonly IrNode[]): Stretch[] {
  const places = new Map(tasks.map((task, at) => [task.id, at]));
  /** For each place the furthest one that jumps to it or further back from there. */
  const roundUntil = new Map<number, number>();
  for (const [at, task] of tasks.entries()) {
    for (const next of successorsOf(task)) {
      const to = places.get(next) ?? at + 1;
      if (to <= at) roundUntil.set(to, Math.max(at, roundUntil.get(to) ?? 0));
    }
  }
  const stretches: Stretch[] = [];
  for (let at = 0; at < tasks.length;) {
    let end = roundUntil.get(at) ?? -1;
    for (let inside = at; inside <= end; inside += 1) {
      end = Math.max(end, roundUntil.get(inside) ?? -1);
    }
    const next = Math.max(at, end) + 1;
    stretches.push({ tasks: tasks.slice(at, next), repeats: end >= at });
    at = next;
  }
  return stretches;
}

function repeated(amounts: Amounts, count: number | string): Amounts {
  return map(amounts, (sum) => times(sum, count));
}

function join(a: Amounts, b: Amounts, how: (one: Sum, other: Sum) => Sum): Amounts {
  return all((measure) => how(a[measure], b[measure]));
}

function map(amounts: Amounts, change: (sum: Sum) => Sum): Amounts {
  return all((measure) => change(amounts[measure]));
}

function all(value: (measure: Measure) => Sum): Amounts {
  return Object.fromEntries(measures.map((measure) => [measure, value(measure)])) as Record<
    Measure,
    Sum
  >;
}
