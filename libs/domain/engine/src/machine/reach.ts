import { edgesOf, type Ir, type IrEdge, type NodeId, type ScopeId } from '@parley/ir';
import { descendantsOf } from '../frames.js';
import { isOwner, type Frame, type OwnerFrame, type RunState, type TryFrame } from '../state.js';

/**
 * Where a run can still come to.
 *
 * V1  `enterable` leaves out no task that the run may begin from here on, by whatever way: also after
 *     an error, a retry, or to undo what was done.
 * V2  `repeatable` leaves out no task of which an occurrence that has begun may begin once more. That
 *     is what a retry does: it keeps the occurrences of its body and raises the attempt.
 */
export function enterable(ir: Ir, { frames, ready, kept = [] }: RunState): ReadonlySet<NodeId> {
  const ways = new Ways(ir);
  for (const item of ready) if (item.do === 'enter') ways.enter(item.node);
  for (const { node } of kept) ways.enter(node);
  for (const frame of frames.values()) {
    if (frame.kind === 'run' || frame.kind === 'item') continue;
    for (const edge of ways.from(frame.node)) {
      if (edge.to !== undefined && isOpen(ir, frame, edge)) ways.enter(edge.to);
    }
    const undoer = ir.nodes[frame.node]?.compensation;
    if (undoer !== undefined) ways.enter(undoer);
  }
  return ways.entered;
}

class Ways {
  readonly entered = new Set<NodeId>();
  private readonly ir: Ir;
  private readonly edges: ReadonlyMap<NodeId, readonly IrEdge[]>;

  constructor(ir: Ir) {
    this.ir = ir;
    this.edges = Map.groupBy(edgesOf(ir), ({ from }) => from);
  }

  from(node: NodeId): readonly IrEdge[] {
    return this.edges.get(node) ?? [];
  }

  enter(first: NodeId): void {
    const waiting = [first];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (this.entered.has(node)) continue;
      this.entered.add(node);
      for (const { to } of this.from(node)) if (to !== undefined) waiting.push(to);
      const undoer = this.ir.nodes[node]?.compensation;
      if (undoer !== undefined) waiting.push(undoer);
    }
  }
}

/** Whether a task that is in progress may still go that way. */
function isOpen(ir: Ir, frame: Frame, { kind }: IrEdge): boolean {
  if (kind === 'next' || kind === 'case') return true;
  switch (frame.kind) {
    case 'for':
      return frame.index + 1 < frame.items.length;
    case 'try':
      return frame.stage !== 'catch' && (kind === 'catch' || mayRetry(ir, frame));
    case 'map':
      return frame.started < frame.items.length;
    case 'listen':
      return frame.isOpen || frame.taken + 1 < frame.heard.length;
    default:
      return false;
  }
}

function mayRetry({ nodes }: Ir, { node: id }: TryFrame): boolean {
  const node = nodes[id];
  return node?.kind === 'try' && node.catch.retry !== undefined;
}

/** V2 */
export function repeatable(ir: Ir, { frames }: RunState): ReadonlySet<NodeId> {
  const inside = new Insides(ir);
  for (const frame of frames.values()) {
    if (frame.kind !== 'try' || frame.stage === 'catch' || !mayRetry(ir, frame)) continue;
    const node = ir.nodes[frame.node];
    const isFirst = frame.retries === 0 && frame.stage === 'body';
    if (!isFirst && node?.kind === 'try') inside.addScope(node.body);
    else addBegun(inside, frames, frame);
  }
  return inside.found;
}

/** What has begun in an attempt: the tasks that were visited, and all inside those that are through. */
function addBegun(inside: Insides, frames: RunState['frames'], attempt: TryFrame): void {
  const below = descendantsOf(frames, attempt.occurrence);
  const live = new Set(below.map(({ parent, node }) => `${parent ?? ''} ${node}`));
  for (const owner of [attempt, ...below]) {
    if (!isOwner(owner)) continue;
    if (hasPassed(owner)) inside.addNode(owner.node);
    for (const [node, visits] of Object.entries(owner.visits)) {
      if (visits > 1 || !live.has(`${owner.occurrence} ${node}`)) inside.addNode(node);
    }
  }
}

/** Whether it has been through its tasks before, with other items. */
function hasPassed(owner: OwnerFrame): boolean {
  if (owner.kind === 'for') return owner.index > 0;
  if (owner.kind === 'map') return owner.done > 0;
  return owner.kind === 'listen' && owner.taken > 0;
}

class Insides {
  readonly found = new Set<NodeId>();
  private readonly ir: Ir;
  private readonly scopes: ReadonlyMap<NodeId | undefined, readonly { readonly id: ScopeId }[]>;

  constructor(ir: Ir) {
    this.ir = ir;
    this.scopes = Map.groupBy(Object.values(ir.scopes), ({ owner }) => owner);
  }

  addScope(scope: ScopeId): void {
    for (const node of this.ir.scopes[scope]?.nodes ?? []) this.addNode(node);
  }

  /** A task with everything inside it. */
  addNode(node: NodeId): void {
    if (this.found.has(node)) return;
    this.found.add(node);
    for (const { id } of this.scopes.get(node) ?? []) this.addScope(id);
  }
}
