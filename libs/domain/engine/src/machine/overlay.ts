import { changesBetween, type Ir, type IrChanges, type NodeId } from '@parley/ir';
import { assert, jsonEquals, type Json } from '@parley/kernel';
import { jsonSize } from '../json-size.js';
import { nameOf } from '../names.js';
import type { OverlayGiven } from '../overlay-entries.js';
import { holds, revisionOf } from '../overlays.js';
import { refusedByStatus } from '../run-states.js';
import type { Frame, RunState } from '../state.js';
import type { ApplyOverlay, Rejection, Stimulus } from '../stimuli.js';
import { enterable, repeatable } from './reach.js';
import type { TurnDraft } from './turn.js';

/**
 * An overlay leads a run to another revision of its definition.
 *
 * O1  It is judged when it is applied, by what the run is then: whoever made it saw an earlier moment.
 * O2  It was made for the revision in force, whose tasks are what its `test` operations say.
 * O3  No occurrence that has begun changes: what is open, what a retry would begin once more, and
 *     what is kept to be undone stay as they are. What follows them may be another task. What is about
 *     to begin stays where it is: elsewhere, what the run has been through would follow once more.
 * O4  Every change has an effect: the run can still come to what is added, removed or changed, and to
 *     what is moved both where it stood and where it stands then.
 * O5  It changes what it names and nothing else, whatever became of connectors and documents since.
 */
export function applyOverlay(
  turn: TurnDraft,
  { program, ...stimulus }: Stimulus & ApplyOverlay,
): Rejection | undefined {
  const { state } = turn;
  const { overlays = [] } = state;
  const given = givenBy(stimulus);
  if (overlays.some(({ overlay }) => overlay === given.overlay)) return undefined;
  assert(program?.ir.hash === given.revision, 'the revision of an overlay comes with it');
  const { valueBytesMax } = turn.limits;
  const refused = judged({ state, ir: turn.program.ir, valueBytesMax }, given, program.ir);
  if (refused !== undefined) return refused;
  turn.emit({ kind: 'overlaid', ...given });
  turn.adopt(program);
  return undefined;
}

/** What an overlay is judged by. */
export interface OverlayTarget {
  readonly state: RunState;
  /** What the run goes by. */
  readonly ir: Ir;
  readonly valueBytesMax: number;
}

/**
 * Why a run would not take an overlay now. When it does not, it would have to change before it could;
 * when it does, that is for it to say once more when the overlay is applied (O1).
 */
export function judgeOverlay(
  target: OverlayTarget,
  given: OverlayGiven,
  revision: Ir,
): Rejection | undefined {
  return refusedByStatus(target.state, 'applyOverlay') ?? judged(target, given, revision);
}

function judged(
  { state, ir, valueBytesMax }: OverlayTarget,
  given: OverlayGiven,
  revision: Ir,
): Rejection | undefined {
  if (jsonSize(given.operations as Json) > valueBytesMax) return tooLarge;
  return whyNotNow(state, given, ir) ?? whyNot(state, given, [ir, revision]);
}

const tooLarge: Rejection = {
  reason: 'unfit',
  message: 'The overlay is larger than a value of a run may be.',
};

/** Each is a definition to be stored and a line of the state. */
const overlaysMax = 100;

function givenBy(stimulus: ApplyOverlay): OverlayGiven {
  const { overlay, base, revision, tasks, tests, operations, by, reason } = stimulus;
  const why = reason === undefined ? {} : { reason };
  return { overlay, base, revision, tasks, tests, operations, by, ...why };
}

/** O2 */
function whyNotNow(state: RunState, given: OverlayGiven, ir: Ir): Rejection | undefined {
  if (state.undo !== undefined) {
    return { reason: 'not-allowed', message: 'What the run has done is being undone.' };
  }
  if ((state.overlays ?? []).length >= overlaysMax) {
    return { reason: 'unfit', message: `A run takes at most ${overlaysMax} overlays.` };
  }
  if (given.base !== ir.hash) {
    const how = revisionOf(state) === undefined ? 'was started with' : 'was led to by an overlay';
    const message = `The overlay was made for the revision ${short(given.base)}, and the run goes by ${short(ir.hash)}, which it ${how}.`;
    return { reason: 'other-revision', message };
  }
  const failed = given.tests.find((test) => !holds(ir, test));
  if (failed === undefined) return undefined;
  const message = `${named(failed.task)} is not what the overlay was made for.`;
  return { reason: 'other-revision', message };
}

function whyNot(
  state: RunState,
  { tasks }: OverlayGiven,
  [before, after]: readonly [Ir, Ir],
): Rejection | undefined {
  if (!sameHead(before, after)) {
    const message = 'An overlay changes tasks; what a run begins with stays as it was.';
    return { reason: 'unfit', message };
  }
  const changes = changesBetween(before, after);
  const isNamed = within(idsOf(tasks));
  const stray =
    [...changes.added, ...changes.removed, ...changes.reshaped].find((id) => !isNamed(id)) ??
    shiftedIn([before, after], (id) => !isNamed(id))[0];
  if (stray !== undefined) {
    const message = `${named(stray)} would change too, and the overlay does not name it.`;
    return { reason: 'unfit', message };
  }
  // Also what is taken out and put in elsewhere, though the overlay calls it changed.
  const isElse = (id: NodeId) => !tasks.moved.includes(id);
  const moved = new Set([...tasks.moved, ...shiftedIn([before, after], isElse).filter(isNamed)]);
  const unsettled = new Set([...changes.removed, ...changes.reshaped, ...moved]);
  const begun = begunIn(state, { unsettled, moved }, [before, after]);
  if (begun !== undefined) return { reason: 'reached', message: `${named(begun.id)} ${begun.is}.` };
  const late = outOfReach(state, { tasks, changes, moved }, [before, after]);
  if (late === undefined) return undefined;
  const message = `${named(late)} can no longer be reached by this run.`;
  return { reason: 'reached', message };
}

/** Of the tasks that stay and that `matter`, those of lists in which they have changed places. */
function shiftedIn(
  [before, after]: readonly [Ir, Ir],
  matter: (id: NodeId) => boolean,
): readonly NodeId[] {
  return Object.entries(before.scopes).flatMap(([id, { nodes }]) => {
    const then = after.scopes[id]?.nodes ?? [];
    const was = nodes.filter((node) => matter(node) && then.includes(node));
    const is = then.filter((node) => matter(node) && nodes.includes(node));
    return was.some((node, at) => is[at] !== node) ? was : [];
  });
}

/** What took effect when the run began. */
function sameHead(before: Ir, after: Ir): boolean {
  const headOf = ({ format, document, root, input, timeout, schedule, timezone }: Ir) =>
    ({ format, document, root, input, timeout, schedule, timezone }) as unknown as Json;
  return jsonEquals(headOf(before), headOf(after));
}

function idsOf({ added, removed, changed, moved }: OverlayGiven['tasks']): NodeId[] {
  return [...added, ...removed, ...changed, ...moved];
}

/** Whether a task is one of these, or inside one. */
function within(ids: readonly NodeId[]): (id: NodeId) => boolean {
  const all = new Set(ids);
  return (id) => {
    for (let end = id.length; end > 0; end = id.lastIndexOf('/', end - 1)) {
      if (all.has(id.slice(0, end))) return true;
    }
    return false;
  };
}

/** O3 */
function begunIn(
  state: RunState,
  {
    unsettled,
    moved,
  }: { readonly unsettled: ReadonlySet<NodeId>; readonly moved: ReadonlySet<NodeId> },
  [before, after]: readonly [Ir, Ir],
): { readonly id: NodeId; readonly is: string } | undefined {
  for (const frame of state.frames.values()) {
    if (unsettled.has(frame.node)) return { id: frame.node, is: 'has begun' };
    if (!sameBranches(frame, before, after)) {
      return { id: frame.node, is: 'has begun, and with it all of its branches' };
    }
  }
  for (const { node } of state.kept ?? []) {
    if (unsettled.has(node)) return { id: node, is: 'is kept to undo what was done' };
  }
  for (const item of state.ready) {
    if (item.do !== 'enter') continue;
    const stays = Object.hasOwn(after.nodes, item.node) && !moved.has(item.node);
    if (!stays) return { id: item.node, is: 'is about to begin' };
  }
  if (unsettled.size === 0) return undefined;
  for (const id of repeatable(before, state)) {
    if (unsettled.has(id)) return { id, is: 'may have begun, and a retry may begin it once more' };
  }
  return undefined;
}

function sameBranches({ kind, node: id }: Frame, before: Ir, after: Ir): boolean {
  if (kind !== 'fork') return true;
  const branchesOf = ({ nodes, scopes }: Ir) => {
    const node = nodes[id];
    return node?.kind === 'fork' ? [...(scopes[node.branches]?.nodes ?? [])] : [];
  };
  return jsonEquals(branchesOf(before), branchesOf(after));
}

/** O4 */
function outOfReach(
  state: RunState,
  {
    tasks,
    changes,
    moved,
  }: {
    readonly tasks: OverlayGiven['tasks'];
    readonly changes: IrChanges;
    readonly moved: ReadonlySet<NodeId>;
  },
  [before, after]: readonly [Ir, Ir],
): NodeId | undefined {
  const [was, is] = [enterable(before, state), enterable(after, state)];
  const changed = new Set([...changes.added, ...changes.removed, ...changes.reshaped]);
  const ownerOf = (id: NodeId) => {
    const { nodes, scopes } = Object.hasOwn(after.nodes, id) ? after : before;
    return scopes[nodes[id]?.scope ?? '']?.owner ?? '';
  };
  const outermost = [...changed].filter((id) => !changed.has(ownerOf(id)));
  const open = new Set(state.frames.values().map(({ node }) => node));
  const isLost = (id: NodeId) => !is.has(id) && !open.has(id);
  const isBehind = (id: NodeId) => isLost(id) || (!was.has(id) && !open.has(id));
  return (
    [...moved].find(isBehind) ??
    [...outermost, ...idsOf(tasks)].find((id) => !was.has(id) && isLost(id))
  );
}

function named(id: NodeId): string {
  return `The task "${nameOf(id)}" (${id})`;
}

function short(hash: string): string {
  return hash.slice(0, 12);
}
