import type { TaskDataFlow } from '@parley/contracts';
import type {
  Ir,
  IrConsumption,
  IrDuration,
  IrForeach,
  IrNode,
  IrSubscription,
  NodeId,
} from '../ir.js';
import { contextWriteOf, Reads } from './reads.js';

type Path = (string | number)[];

/** A path that stands for the whole value. */
const whole: Path = [];

/**
 * What every task reads and writes.
 *
 * D1  Nothing that is read is left out; a part that cannot be told apart counts with all around it.
 * D2  `reads.input` is about what the task before hands on, so through `input.from` only what that
 *     reads counts.
 * D3  A context that is only carried along (`$context + { a: . }`) is not read.
 */
export function dataFlowOf(ir: Ir): Record<NodeId, TaskDataFlow> {
  return Object.fromEntries(Object.values(ir.nodes).map((node) => [node.id, taskDataFlow(node)]));
}

function taskDataFlow(node: IrNode): TaskDataFlow {
  const found = new Found(ownVariables(node));
  const from = node.input?.from;
  const result = resultOf(node);
  const seesInput = from === undefined ? 'input' : undefined;
  if (from !== undefined) found.take(new Reads().template(from), 'input', 'input');
  found.take(ownReads(node), seesInput, seesInput);
  const as = node.output?.as;
  const ofResult = result === 'input' ? seesInput : 'output';
  if (as !== undefined) found.take(new Reads().template(as), ofResult, seesInput);
  const context = exported(node, found, {
    result: as === undefined ? ofResult : undefined,
    seesInput,
  });
  return {
    reads: found.sorted(),
    writes: {
      output: handedOn(node, result),
      context,
      variables: [...ownVariables(node)].sort(),
    },
    unknown: found.unknown,
  };
}

type Part = 'input' | 'output';

class Found {
  unknown = false;
  private readonly parts = { input: new Map<string, Path>(), output: new Map<string, Path>() };
  private readonly context = new Map<string, Path>();
  private readonly variables = new Map<string, Map<string, Path>>();

  constructor(private readonly own: ReadonlySet<string>) {}

  /** Notes reads of expressions whose `.` and `$input` are these parts of what the task gets. */
  take(reads: Reads, dot: Part | undefined, input: Part | undefined): void {
    if (reads.unknown) {
      this.unknown = true;
      this.parts.input.set('[]', whole);
      this.context.set('[]', whole);
    }
    for (const { root, path } of reads.paths.values()) {
      const copy = [...path];
      if (root === '.') this.part(dot, copy);
      else if (root === '$input') this.part(input, copy);
      else if (root === '$output') this.part(dot, copy);
      else if (root === '$context') this.context.set(JSON.stringify(copy), copy);
      else if (root === '$task') this.task(copy);
      else this.variable(root.slice(1), copy);
    }
  }

  sorted(): TaskDataFlow['reads'] {
    return {
      input: widest(this.parts.input),
      context: widest(this.context),
      output: widest(this.parts.output),
      variables: Object.fromEntries(
        [...this.variables]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, paths]) => [name, widest(paths)]),
      ),
    };
  }

  private part(part: Part | undefined, path: Path): void {
    if (part !== undefined) this.parts[part].set(JSON.stringify(path), path);
  }

  /** `$task` holds the input and the output of the task, too. */
  private task(path: Path): void {
    const [member, ...rest] = path;
    if (member === undefined || member === 'input') this.part('input', rest);
    if (member === undefined || member === 'output') this.part('output', rest);
    this.variable('task', path);
  }

  private variable(name: string, path: Path): void {
    if (this.own.has(name)) return;
    const paths = this.variables.get(name) ?? new Map<string, Path>();
    paths.set(JSON.stringify(path), path);
    this.variables.set(name, paths);
  }
}

/** In order, without those that another one includes. */
function widest(paths: ReadonlyMap<string, Path>): Path[] {
  const sorted = [...paths].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted
    .filter(
      ([, path]) => !path.some((_, length) => paths.has(JSON.stringify(path.slice(0, length)))),
    )
    .map(([, path]) => path);
}

/** The members of the context that the task sets; the whole when it becomes something else. */
function exported(
  node: IrNode,
  found: Found,
  {
    result,
    seesInput,
  }: { readonly result: Part | undefined; readonly seesInput: Part | undefined },
): Path[] {
  const written = new Map<string, Path>();
  const write = (as: NonNullable<IrNode['export']>['as'], dot: Part | undefined) => {
    if (as === undefined) return;
    const { members, reads } = contextWriteOf(as);
    found.take(reads, dot, seesInput);
    for (const path of members?.map((name) => [name]) ?? [whole])
      written.set(JSON.stringify(path), path);
  };
  write(node.export?.as, result);
  write(foreachOf(node)?.export?.as, undefined);
  return widest(written);
}

function foreachOf(node: IrNode): IrForeach | undefined {
  return node.kind === 'listen' || node.kind === 'call' ? node.foreach : undefined;
}

/** Variables that the task itself gives to its expressions and to the tasks inside it. */
function ownVariables(node: IrNode): ReadonlySet<string> {
  if (node.kind === 'for' || node.kind === 'map') return new Set([node.each, node.at]);
  if (node.kind === 'try') return new Set([node.catch.as]);
  const foreach = foreachOf(node);
  return new Set(foreach === undefined ? [] : [foreach.item, foreach.at]);
}

/** What the task's own expressions read, all of which see its input as `.`. */
function ownReads(node: IrNode): Reads {
  const reads = new Reads().expression(node.if);
  const time = (duration: IrDuration | undefined) =>
    duration !== undefined && 'source' in duration ? reads.expression(duration.source) : reads;
  time(node.timeout);
  switch (node.kind) {
    case 'do':
      return reads.template(node.with);
    case 'set':
      return reads.template(node.value);
    case 'switch':
      for (const branch of node.cases) reads.expression(branch.when);
      return reads;
    case 'for':
      return reads.template(node.in).expression(node.while);
    case 'map':
      return reads.template(node.in);
    case 'wait':
      return time(node.duration);
    case 'try':
      return tryReads(node, reads);
    case 'raise':
      for (const value of Object.values(node.error)) reads.template(value);
      return reads;
    case 'emit':
      return reads.template(node.event);
    case 'listen':
      return foreachReads(node.foreach, consumptionReads(node.to, reads));
    case 'run':
      return reads.template(node.with);
    case 'call':
      reads.template(node.with).template(node.authentication?.properties);
      subscriptionReads(node.subscription, reads);
      return foreachReads(node.foreach, reads);
    case 'fork':
      return reads;
  }
}

function tryReads(node: IrNode & { readonly kind: 'try' }, reads: Reads): Reads {
  const { when, exceptWhen, retry } = node.catch;
  for (const duration of Object.values(retry?.computed ?? {})) reads.expression(duration);
  return reads
    .expression(when)
    .expression(exceptWhen)
    .expression(retry?.when)
    .expression(retry?.exceptWhen);
}

/** An expression over an event sees the event as `.`; counting that as input does no harm. */
function consumptionReads(to: IrConsumption, reads: Reads): Reads {
  for (const filter of to.filters) {
    for (const [, value] of filter.with) reads.template(value);
    for (const [, key] of filter.correlate ?? []) reads.expression(key.from).template(key.expect);
  }
  if (to.until === undefined) return reads;
  return 'source' in to.until
    ? reads.expression(to.until.source)
    : consumptionReads(to.until, reads);
}

/** The same holds for messages. */
function subscriptionReads(subscription: IrSubscription | undefined, reads: Reads): void {
  if (subscription === undefined) return;
  const { filter, for: period, while: goesOn, until } = subscription;
  reads.expression(filter).expression(goesOn).expression(until);
  if (period !== undefined && 'source' in period) reads.expression(period.source);
}

function foreachReads(foreach: IrForeach | undefined, reads: Reads): Reads {
  return reads.template(foreach?.output?.as);
}

/** What the task's result is before `output.as`. */
function resultOf(node: IrNode): TaskDataFlow['writes']['output'] {
  switch (node.kind) {
    case 'switch':
    case 'wait':
      return 'input';
    case 'do':
    case 'try':
    case 'for':
    case 'map':
    case 'fork':
      return 'inner';
    case 'raise':
      return 'none';
    default:
      return 'new';
  }
}

function handedOn(
  node: IrNode,
  result: TaskDataFlow['writes']['output'],
): TaskDataFlow['writes']['output'] {
  if (node.aside === true) return 'input';
  if (node.output?.as !== undefined) return result === 'none' ? 'none' : 'new';
  return result === 'input' && node.input?.from !== undefined ? 'new' : result;
}
