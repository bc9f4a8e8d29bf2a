import { assert, err, ok, type Json, type Result } from '@parley/kernel';
import { Draft } from './draft.js';
import type { Entry, Place } from './entries.js';
import { fold } from './evolve.js';
import { nameOf } from './names.js';
import {
  logicalOccurrence,
  nextGeneration,
  rootOccurrence,
  type Occurrence,
} from './occurrence.js';
import type { StateBefore } from './rerun-entries.js';
import {
  initialState,
  type CallFrame,
  type OwnerFrame,
  type Ready,
  type RunState,
} from './state.js';
import { timeline, type Step } from './timeline.js';

/** What running a step of an earlier run again comes down to. */
export interface RerunPlan {
  /** The step, as the timeline names it. */
  readonly step: Occurrence;
  readonly name: string;
  /** What the step gets, before `input.from`. */
  readonly input: Json;
  readonly state: StateBefore;
  /** Steps whose recorded outputs are used. */
  readonly reused: readonly Step[];
  /** Steps of the earlier run that did something outside from there on. */
  readonly repeats: readonly Step[];
}

/**
 * Plans a new run that begins where an earlier one last began a step.
 *
 * R1  The new run begins in the state right before that: whatever was done until then is not done
 *     again. What other branches had called without an answer is called again.
 *     It goes by the revision of the definition that was in force then.
 * R2  What runs again has the same names, one rerun generation higher.
 * R3  What the earlier run did is undone by that run, if at all: the new one undoes what it does itself.
 *
 * @param input what the step gets instead of what it got
 * @param start what the earlier run was before the entries, when they are not all that it has
 */
export function planRerun(
  entries: readonly Entry[],
  step: Occurrence,
  { input, start = initialState() }: { readonly input?: Json; readonly start?: RunState } = {},
): Result<RerunPlan, string> {
  const done = start.undo === undefined ? untilUndone(entries) : [];
  const begun = lastBeginning(done, step, start);
  if (begun === undefined) {
    const undoing = entries.slice(done.length);
    if (lastBeginning(undoing, step, start) !== undefined) {
      return err(`The step ${step} undoes another one: a run cannot begin with it.`);
    }
    const since = start.entries === 0 ? '' : ` since its entry ${start.entries + 1}`;
    const known = `${othersThan(step, done)}${unrecordedNote(entries)}`;
    return err(`The run has not begun a step ${step}${since}.${known}`);
  }
  const { cut, place } = begun;
  const before = fold(start, done.slice(0, cut));
  const item = readyFor(before, place);
  assert(item !== undefined, `${place.occurrence} was ready when it began`);
  const given = input === undefined ? item.input : input;
  const undone = new Set(
    timeline(entries, start).flatMap(({ id, undone: is }) => (is ? [id] : [])),
  );
  const reused = timeline(done.slice(0, cut), start)
    .filter(({ status }) => isThrough(status))
    .map((one): Step => (undone.has(one.id) ? { ...one, undone: true } : one));
  const again = new Set(effectsOf(done.slice(cut)));
  for (const frame of openCalls(before)) again.add(logicalOccurrence(frame.occurrence));
  return ok({
    step,
    name: nameOf(place.node),
    input: given,
    state: stateFrom(before, place, given),
    reused,
    repeats: timeline(done, start).filter(({ id }) => again.has(id)),
  });
}

/** Steps of a run that did something outside: what running it again from its beginning repeats. */
export function effectsOfRun(entries: readonly Entry[]): Step[] {
  const done = untilUndone(entries);
  const again = new Set(effectsOf(done));
  return timeline(done).filter(({ id }) => again.has(id));
}

/** Undoing is no part of what a run is for. */
function untilUndone(entries: readonly Entry[]): readonly Entry[] {
  const end = entries.findIndex(({ kind }) => kind === 'undoStarted');
  return end < 0 ? entries : entries.slice(0, end);
}

function effectsOf(entries: readonly Entry[]): Occurrence[] {
  return entries.flatMap((entry) => {
    const isEffect =
      entry.kind === 'dispatched' || entry.kind === 'approvalOpened' || entry.kind === 'emitted';
    return isEffect ? [logicalOccurrence(entry.occurrence)] : [];
  });
}

function isThrough(status: Step['status']): boolean {
  return status === 'completed' || status === 'skipped';
}

const othersMax = 5;

/** Steps that could be meant: those of the same name, else the first ones. */
function othersThan(step: Occurrence, done: readonly Entry[]): string {
  const begun = new Set(
    done.flatMap((entry) => (isPlace(entry) ? [logicalOccurrence(entry.occurrence)] : [])),
  );
  begun.delete(rootOccurrence);
  const wanted = step.split('/').at(-1)?.toLowerCase();
  const named = [...begun].filter((id) => id.split('/').at(-1)?.toLowerCase() === wanted);
  const others = named.length > 0 ? named : [...begun];
  if (others.length === 0) return '';
  const listed = others.slice(0, othersMax).join(', ');
  if (named.length > 0) return ` Did you mean ${listed}?`;
  const more = others.length - othersMax;
  return ` It has begun ${listed}${more > 0 ? ` and ${more} more` : ''}.`;
}

/** Nobody can go back to where a step began that was not recorded. */
function unrecordedNote(entries: readonly Entry[]): string {
  if (!entries.some(({ kind }) => kind === 'changed')) return '';
  return ' The run takes the fast path: where most of its steps began was not recorded.';
}

/** Where a step was begun for the last time; one that fails at once begins with its failure. */
function lastBeginning(
  entries: readonly Entry[],
  step: Occurrence,
  { frames }: RunState,
): { readonly cut: number; readonly place: Place } | undefined {
  let begun: { readonly cut: number; readonly place: Place } | undefined;
  for (const [cut, place] of entries.entries()) {
    if (!isPlace(place) || logicalOccurrence(place.occurrence) !== step) continue;
    const open = begun?.place ?? frames.get(place.occurrence);
    const isOpen = open?.occurrence === place.occurrence && open.attempt === place.attempt;
    if (place.kind !== 'failed' || !isOpen) begun = { cut, place };
  }
  return begun;
}

/** Whether an entry says that a task begins, as its first one. */
function isPlace(entry: Entry): entry is Extract<Entry, Place> {
  switch (entry.kind) {
    case 'entered':
    case 'invoked':
    case 'mapped':
    case 'listening':
    case 'ran':
    case 'emitted':
    case 'skipped':
    case 'failed':
      return true;
    default:
      return false;
  }
}

type EnterItem = Extract<Ready, { do: 'enter' }>;

function readyFor(state: RunState, place: Place): EnterItem | undefined {
  return state.ready.findLast(
    (item): item is EnterItem => item.do === 'enter' && isFor(item, place),
  );
}

function isFor(item: EnterItem, { parent, node, occurrence }: Place): boolean {
  const again = item.again?.occurrence ?? occurrence;
  return item.scope === parent && item.node === node && again === occurrence;
}

function openCalls({ frames }: RunState): CallFrame[] {
  return [...frames.values()].filter((frame) => frame.kind === 'call');
}

/** R1, R2 */
function stateFrom(before: RunState, place: Place, input: Json): StateBefore {
  const draft = new Draft(before);
  const item = draft.take((ready) => ready.do === 'enter' && isFor(ready, place));
  if (item?.do === 'enter' && item.again === undefined) draft.countVisit(place.parent, place.node);
  for (const frame of openCalls(before)) {
    const { occurrence, node, parent = rootOccurrence, index, attempt, input: got, raw } = frame;
    draft.remove(occurrence);
    const { frames } = draft.state;
    if (!frames.has(parent)) continue;
    draft.state.ready.push({
      do: 'enter',
      scope: parent,
      node,
      input: raw === undefined ? got : raw,
      ...(index === undefined ? {} : { index }),
      again: { occurrence: nextGeneration(occurrence), attempt },
    });
  }
  const { occurrence, node, parent, index, attempt } = place;
  draft.state.ready.push({
    do: 'enter',
    scope: parent,
    node,
    input,
    ...(index === undefined ? {} : { index }),
    again: { occurrence: nextGeneration(occurrence), attempt },
  });
  delete draft.edit<OwnerFrame>(rootOccurrence).timeout;
  const { input: given, context, ready, generation, heard, overlays } = draft.state;
  const frames = draft.state.frames.toJSON();
  const events = heard === undefined ? {} : { heard };
  const revised = overlays === undefined ? {} : { overlays };
  return { input: given, context, frames, ready, generation, ...events, ...revised };
}
