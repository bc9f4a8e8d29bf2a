import type { TaskDataFlow, TaskDependency } from '@parley/contracts';
import type { Ir, IrNode, NodeId } from '../ir.js';
import { pointsOf, type Points } from './points.js';
import { innerOf, nodesOf, successorsOf } from './scopes.js';
import { arriving, has, membersOf, spread, type PointTransfer, type Sets } from './spread.js';

type DataFlow = Readonly<Record<NodeId, TaskDataFlow>>;
type Via = NonNullable<TaskDependency['via']>;

/** More than this are not listed. */
const dependenciesMax = 100_000;

export interface Dependencies {
  readonly dependencies: TaskDependency[];
  /** All of them are there. */
  readonly complete: boolean;
}

/**
 * Which task depends on which.
 *
 * T1  By control: the one can be entered right after the other, or inside it.
 * T2  By data: a value that the one writes can reach the other, which reads it. What a chain of
 *     dependencies says is not said again: a task that is skipped hands its input on, so it depends
 *     on where that is from.
 */
export function dependenciesOf(ir: Ir, flow: DataFlow): Dependencies {
  const points = pointsOf(ir);
  const found = new Collector();
  for (const node of Object.values(ir.nodes)) addControl(ir, node, found);
  addInputs({ ir, flow, points }, found);
  addContext({ ir, flow, points }, found);
  for (const node of Object.values(ir.nodes)) addVariables(ir, node, { flow, found });
  return { dependencies: found.list, complete: !found.full };
}

class Collector {
  readonly list: TaskDependency[] = [];
  full = false;
  private readonly seen = new Set<string>();

  add(task: NodeId, on: NodeId, by: TaskDependency['by'], via?: Via): void {
    const key = `${task}\n${on}\n${by}\n${via ?? ''}`;
    if (task === on || this.full || this.seen.has(key)) return;
    if (this.list.length >= dependenciesMax) this.full = true;
    else {
      this.seen.add(key);
      this.list.push({ task, on, by, ...(via === undefined ? {} : { via }) });
    }
  }
}

function addControl(ir: Ir, node: IrNode, found: Collector): void {
  for (const next of successorsOf(node)) found.add(next, node.id, 'control');
  for (const { scope, role } of innerOf(node)) {
    const tasks = nodesOf(ir, scope);
    for (const task of role === 'branches' ? tasks : tasks.slice(0, 1)) {
      found.add(task.id, node.id, 'control');
    }
  }
}

interface World {
  readonly ir: Ir;
  readonly flow: DataFlow;
  readonly points: Points;
}

/** Values that are handed on from task to task. */
function addInputs({ ir, flow, points }: World, found: Collector): void {
  const nodes = Object.values(ir.nodes);
  const transfers = new Map<number, PointTransfer>();
  for (const [number, node] of nodes.entries()) {
    if (makesValue(node, flow)) {
      transfers.set(points.after(node.id), { clears: true, gen: [number] });
    }
    if (makesInput(node)) transfers.set(points.before(node.id), { clears: true, gen: [number] });
    const error = points.error(node.id);
    if (error !== undefined) transfers.set(error, { clears: true, gen: [number] });
  }
  const sets = spread(points, nodes.length, transfers);
  const addAll = (node: IrNode, set: Uint32Array) => {
    for (const one of membersOf(set)) found.add(node.id, nodes[one]?.id ?? '', 'data', 'input');
  };
  for (const node of nodes) {
    if (needsInput(node, flow)) addAll(node, arriving(points, sets, points.before(node.id)));
    if (innerOf(node).length > 0 && makesValue(node, flow)) {
      addAll(node, arriving(points, sets, points.after(node.id)));
    }
  }
}

/** Whether what follows gets something other than what the task, or one inside it, hands on. */
function makesValue(node: IrNode, flow: DataFlow): boolean {
  const output = flow[node.id]?.writes.output;
  if (output === 'inner') return node.kind !== 'do' && node.kind !== 'try';
  return output !== 'input';
}

/** Whether the tasks inside get something that the task itself has made. */
function makesInput(node: IrNode): boolean {
  if (innerOf(node).length === 0) return false;
  return node.input?.from !== undefined || (node.kind === 'do' && node.with !== undefined);
}

function needsInput(node: IrNode, flow: DataFlow): boolean {
  const facts = flow[node.id];
  if ((facts?.reads.input.length ?? 0) > 0) return true;
  if (node.if !== undefined && facts?.writes.output !== 'input') return true;
  return node.kind === 'try' && node.catch.body !== undefined;
}

/** Values that are kept in the context. */
function addContext({ ir, flow, points }: World, found: Collector): void {
  const writes = writesOf(ir, flow);
  const transfers = new Map<number, PointTransfer>();
  for (const node of Object.values(ir.nodes)) {
    const own = writes.byNode.get(node.id);
    if (own === undefined) continue;
    const sure = node.if === undefined && own.every(({ member }) => member !== undefined);
    const replaced = sure
      ? own.flatMap(({ member }) => writes.byMember.get(member ?? '') ?? [])
      : [];
    transfers.set(points.after(node.id), {
      clears: node.if === undefined && !sure,
      kill: replaced,
      gen: own.map(({ number }) => number),
    });
  }
  const sets = spread(points, writes.all.length, transfers);
  for (const node of Object.values(ir.nodes)) addReads(node, { flow, points, sets, writes }, found);
}

interface ContextWrites {
  /** A write of one member, or of the whole context. */
  readonly all: readonly { readonly node: NodeId; readonly member: string | undefined }[];
  readonly byNode: ReadonlyMap<NodeId, readonly { number: number; member: string | undefined }[]>;
  readonly byMember: ReadonlyMap<string, readonly number[]>;
  readonly ofWhole: readonly number[];
}

function writesOf(ir: Ir, flow: DataFlow): ContextWrites {
  const all = Object.keys(ir.nodes).flatMap((node) =>
    (flow[node]?.writes.context ?? []).map(([member]) => ({
      node,
      member: member === undefined ? undefined : String(member),
    })),
  );
  const numbered = all.map((write, number) => ({ ...write, number }));
  const members = numbered.filter(({ member }) => member !== undefined);
  const byMember = Map.groupBy(members, ({ member }) => member ?? '');
  return {
    all,
    byNode: Map.groupBy(numbered, ({ node }) => node),
    ofWhole: numbered.flatMap(({ member, number }) => (member === undefined ? [number] : [])),
    byMember: new Map(
      [...byMember].map(([name, list]) => [name, list.map(({ number }) => number)]),
    ),
  };
}

interface ContextFacts {
  readonly flow: DataFlow;
  readonly points: Points;
  readonly sets: Sets;
  readonly writes: ContextWrites;
}

function addReads(node: IrNode, { flow, points, sets, writes }: ContextFacts, found: Collector) {
  const reads = flow[node.id]?.reads.context ?? [];
  if (reads.length === 0) return;
  // What is read at the end of a task with others inside it may be from them.
  const inside = innerOf(node).length > 0;
  const arrivals = [
    sets[points.before(node.id)] ?? new Uint32Array(),
    ...(inside ? [arriving(points, sets, points.after(node.id))] : []),
  ];
  for (const set of arrivals) {
    for (const [member] of reads) {
      for (const one of candidates(member, set, writes)) {
        found.add(node.id, writes.all[one]?.node ?? '', 'data', 'context');
      }
    }
  }
}

/** The writes that arrive and that a read of `member`, or of the whole context, can see. */
function candidates(
  member: string | number | undefined,
  set: Uint32Array,
  { byMember, ofWhole }: ContextWrites,
): readonly number[] {
  if (member === undefined) return membersOf(set);
  const same = byMember.get(String(member)) ?? [];
  return [...same, ...ofWhole].filter((one) => has(set, one));
}

/** Variables of the loops and handlers around a task. */
function addVariables(
  ir: Ir,
  node: IrNode,
  { flow, found }: { readonly flow: DataFlow; readonly found: Collector },
): void {
  const facts = flow[node.id];
  const wanted = new Set(Object.keys(facts?.reads.variables ?? {}));
  if (wanted.size === 0 && facts?.unknown !== true) return;
  let owner = ir.scopes[node.scope]?.owner;
  while (owner !== undefined) {
    const given = flow[owner]?.writes.variables ?? [];
    if (given.some((name) => wanted.delete(name) || facts?.unknown === true)) {
      for (const name of given) wanted.delete(name);
      found.add(node.id, owner, 'data', 'variable');
    }
    owner = ir.scopes[ir.nodes[owner]?.scope ?? '']?.owner;
  }
}
