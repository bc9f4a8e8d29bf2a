import type { Draft } from './draft.js';
import type { Entered, Entry, EntryKind, Place } from './entries.js';
import { rootOccurrence } from './occurrence.js';
import { countRejection, forgetRejections } from './rejections.js';
import { changedAppliers } from './changed-appliers.js';
import { controlAppliers } from './control-appliers.js';
import { listenAppliers } from './listen-appliers.js';
import { mapAppliers } from './map-appliers.js';
import type { CallFrame, ForFrame, Frame, FrameBase, Timer, TryFrame, WaitFrame } from './state.js';
import { FrameMap, framesFrom } from './live-frames.js';
import { overlayAppliers } from './overlay-appliers.js';
import { undoAppliers } from './undo-appliers.js';

/**
 * What each kind of entry does to the state: the only code that changes one.
 *
 * A1  An applier decides nothing: it reads the entry and the state, never the definition.
 * A2  A released applier is never edited; changed behaviour is a new kind of entry.
 */
export const appliers: { readonly [K in EntryKind]: Applier<K> } = {
  started(draft, entry) {
    const data = entry.data ?? entry.input;
    Object.assign(draft.state, {
      phase: 'running',
      run: entry.run,
      input: entry.input,
      startedAt: entry.at,
    });
    draft.add({
      kind: 'run',
      occurrence: rootOccurrence,
      node: '',
      attempt: 1,
      startedAt: entry.at,
      input: data,
      children: 0,
      visits: {},
    });
    draft.enterScope(rootOccurrence, entry.first, data);
  },

  startedFrom(draft, entry) {
    const { frames, ready, ...rest } = entry.state;
    const { run, at } = entry;
    Object.assign(draft.state, { ...rest, phase: 'running', run, startedAt: at });
    draft.replace(framesFrom(frames));
    draft.state.ready = [...ready];
  },

  entered(draft, entry) {
    takeEnter(draft, entry);
    draft.add(frameOf(entry));
    const { occurrence, input } = entry;
    if (entry.task === 'do' || entry.task === 'try') {
      draft.enterScope(occurrence, entry.first, input);
    } else if (entry.task === 'for') {
      draft.enterScope(occurrence, undefined, input);
    } else if (entry.task === 'fork') enterBranches(draft, entry);
  },

  iterated(draft, entry) {
    draft.take((item) => item.do === 'leave' && item.scope === entry.occurrence);
    const frame = draft.edit<ForFrame>(entry.occurrence);
    frame.index = entry.index;
    frame.visits = {};
    draft.enterScope(entry.occurrence, entry.first, entry.input);
  },

  ran(draft, entry) {
    takeEnter(draft, entry);
    if (entry.context !== undefined) draft.state.context = entry.context;
    draft.flow(entry.parent, entry.next, entry);
  },

  emitted(draft, entry) {
    takeEnter(draft, entry);
    if (entry.context !== undefined) draft.state.context = entry.context;
    const { event, index } = entry;
    const output = entry.output === undefined ? event : entry.output;
    draft.flow(entry.parent, entry.next, { output, index });
  },

  invoked(draft, entry) {
    takeEnter(draft, entry);
    draft.add(frameOf({ ...entry, kind: 'entered' }));
    draft.enterScope(entry.occurrence, entry.first, entry.data);
  },

  attemptTimed(draft, entry) {
    const { attempt, generation, dueAt } = entry;
    draft.state.generation = generation;
    draft.edit<TryFrame>(entry.occurrence).attemptTimer = { attempt, generation, dueAt };
  },

  mapped(draft, entry) {
    takeEnter(draft, entry);
    mapAppliers.mapped(draft, entry, frameOf({ ...entry, kind: 'entered' }));
  },

  itemStarted(draft, entry) {
    mapAppliers.itemStarted(draft, entry);
  },

  itemEnded(draft, entry) {
    mapAppliers.itemEnded(draft, entry);
  },

  listening(draft, entry) {
    takeEnter(draft, entry);
    listenAppliers.listening(draft, entry, frameOf({ ...entry, kind: 'entered' }));
  },

  listeningAgain() {
    // Only for what follows from it: events are brought to the run again.
  },

  eventHeard(draft, entry) {
    listenAppliers.eventHeard(draft, entry);
  },

  eventTaken(draft, entry) {
    listenAppliers.eventTaken(draft, entry);
  },

  eventDone(draft, entry) {
    listenAppliers.eventDone(draft, entry);
  },

  skipped(draft, entry) {
    takeEnter(draft, entry);
    const output = entry.raw === undefined ? entry.input : entry.raw;
    draft.flow(entry.parent, entry.next, { output, index: entry.index });
  },

  dispatched(draft, entry) {
    const { function: name, args, delivery, key, operation } = entry;
    draft.edit<CallFrame>(entry.occurrence).call = {
      function: name,
      args,
      delivery,
      key,
      ...(operation === undefined ? {} : { operation }),
    };
  },

  approvalOpened(draft, entry) {
    const { args, key, dueAt } = entry;
    draft.edit<CallFrame>(entry.occurrence).call = {
      function: 'human',
      args,
      delivery: 'idempotent',
      key,
      ...(dueAt === undefined ? {} : { dueAt }),
    };
  },

  decided() {
    // For the record: who decided. The `completed` entry of the same turn moves the run on.
  },

  timerArmed(draft, entry) {
    const timer: Timer = { generation: entry.generation, dueAt: entry.dueAt };
    draft.state.generation = entry.generation;
    if (entry.purpose === 'timeout') draft.edit(entry.occurrence).timeout = timer;
    else if (entry.purpose === 'wait') draft.edit<WaitFrame>(entry.occurrence).timer = timer;
    else draft.edit<TryFrame>(entry.occurrence).backoff = timer;
  },

  completed(draft, entry) {
    const frame = draft.state.frames.get(entry.occurrence);
    draft.remove(entry.occurrence);
    forgetRejections(draft, entry.occurrence, frame?.parent);
    if (entry.context !== undefined) draft.state.context = entry.context;
    if (frame?.parent === undefined) return;
    draft.flow(frame.parent, entry.next, { output: entry.output, index: frame.index });
  },

  failed(draft, entry) {
    const { occurrence, node, task, parent, index, attempt, error } = entry;
    if (draft.state.frames.has(occurrence)) draft.remove(occurrence);
    else takeEnter(draft, entry);
    if (entry.outcome === 'definitive') countRejection(draft, occurrence);
    const raw = entry.raw === undefined ? entry.input : entry.raw;
    const failure = { occurrence, node, task, parent, attempt, raw, error };
    draft.state.failure = index === undefined ? failure : { ...failure, index };
  },

  caught(draft, entry) {
    delete draft.state.failure;
    draft.removeBelow(entry.occurrence);
    const frame = draft.edit<TryFrame>(entry.occurrence);
    frame.stage = 'catch';
    frame.error = entry.error;
    frame.visits = {};
    draft.enterScope(entry.occurrence, entry.first, frame.input);
  },

  retryScheduled(draft, entry) {
    delete draft.state.failure;
    draft.removeBelow(entry.occurrence);
    const frame = draft.edit<TryFrame>(entry.occurrence);
    frame.stage = 'backoff';
    frame.error = entry.error;
    frame.backoff = { generation: entry.generation, dueAt: entry.dueAt };
    frame.retries += 1;
    frame.visits = {};
    draft.state.generation = entry.generation;
  },

  retried(draft, entry) {
    const frame = draft.edit<TryFrame>(entry.occurrence);
    delete frame.backoff;
    frame.stage = 'body';
    frame.bodyAttempt = entry.attempt;
    draft.raiseAttempt(entry.occurrence, entry.attempt);
    draft.enterScope(entry.occurrence, entry.first, frame.input);
  },

  yielded() {
    // Only counted: the ready list already says where the run goes on.
  },

  reopened(draft, entry) {
    draft.state.phase = 'running';
    delete draft.state.failure;
    for (const again of entry.reenter.toReversed()) {
      if (again.replaces !== undefined) draft.remove(again.replaces);
      const { occurrence, attempt, node, input, index, parent } = again;
      draft.state.ready.push({
        do: 'enter',
        scope: parent,
        node,
        input,
        ...(index === undefined ? {} : { index }),
        again: { occurrence, attempt },
      });
    }
  },

  suspended(draft, entry) {
    controlAppliers.suspended(draft, entry);
  },

  resumed(draft) {
    controlAppliers.resumed(draft);
  },

  commanded(draft, entry) {
    controlAppliers.commanded(draft, entry);
  },

  labelled(draft, entry) {
    controlAppliers.labelled(draft, entry);
  },

  stepSkipped(draft, entry) {
    controlAppliers.stepSkipped(draft, entry);
    forgetRejections(draft, entry.occurrence, entry.parent);
  },

  changed(draft, entry) {
    changedAppliers.changed(draft, entry);
  },

  overlaid(draft, entry) {
    overlayAppliers.overlaid(draft, entry);
  },

  undoKept(draft, entry) {
    undoAppliers.undoKept(draft, entry);
  },

  undoStarted(draft, entry) {
    undoAppliers.undoStarted(draft, entry);
  },

  stepUndoing(draft, entry) {
    undoAppliers.stepUndoing(draft, entry);
  },

  stepUndone(draft) {
    undoAppliers.stepUndone(draft);
  },

  undoFailed(draft, entry) {
    undoAppliers.undoFailed(draft, entry);
  },

  runTerminated(draft) {
    close(draft, 'terminated');
  },

  runCompleted(draft, entry) {
    close(draft, 'completed');
    draft.state.output = entry.output;
  },

  runFailed(draft, entry) {
    const { occurrence, error } = entry;
    draft.state.phase = 'failed';
    if (draft.state.failure?.occurrence !== occurrence) {
      draft.state.failure = { occurrence, node: '', attempt: 1, raw: null, error };
    }
  },

  runCancelled(draft) {
    close(draft, 'cancelled');
  },
};

type Applier<K extends EntryKind> = (draft: Draft, entry: Extract<Entry, { kind: K }>) => void;

/** Consumes the ready item that an entry answers; counts the visit unless it was re-entered. */
function takeEnter(draft: Draft, entry: Place): void {
  const item = draft.take(
    (ready) =>
      ready.do === 'enter' &&
      ready.scope === entry.parent &&
      ready.node === entry.node &&
      (ready.again === undefined || ready.again.occurrence === entry.occurrence),
  );
  if (item?.do === 'enter' && item.again === undefined) draft.countVisit(entry.parent, entry.node);
}

function frameOf(entry: Entered & { readonly at: number }): Frame {
  const { occurrence, node, parent, index, attempt, raw, input } = entry;
  const base: FrameBase = {
    occurrence,
    node,
    parent,
    ...(index === undefined ? {} : { index }),
    attempt,
    startedAt: entry.at,
    ...(raw === undefined ? {} : { raw }),
    input,
  };
  const owner = { ...base, children: 0, visits: {} };
  switch (entry.task) {
    case 'for':
      return { ...owner, kind: 'for', items: entry.items ?? [], index: -1 };
    case 'fork': {
      const branches = entry.branches?.length ?? 0;
      const outputs = Array.from({ length: branches }, () => null);
      return {
        ...owner,
        kind: 'fork',
        compete: entry.compete === true,
        branches,
        done: 0,
        outputs,
      };
    }
    case 'try': {
      const counters = { bodyAttempt: attempt, attemptMax: attempt, retries: 0 };
      return { ...owner, kind: 'try', stage: 'body', ...counters };
    }
    case 'wait':
    case 'call':
      return { ...base, kind: entry.task };
    case 'run':
      return { ...base, kind: 'call' };
    default:
      return { ...owner, kind: 'do' };
  }
}

function enterBranches(draft: Draft, entry: Entered): void {
  const branches = entry.branches ?? [];
  if (branches.length === 0) draft.enterScope(entry.occurrence, undefined, []);
  for (let index = branches.length - 1; index >= 0; index -= 1) {
    const node = branches[index] ?? '';
    const { occurrence: scope, input } = entry;
    draft.state.ready.push({ do: 'enter', scope, node, input, index });
  }
}

function close(draft: Draft, phase: 'completed' | 'cancelled' | 'terminated'): void {
  const { state } = draft;
  state.phase = phase;
  draft.replace(new FrameMap());
  state.ready = [];
  state.rejections = {};
  delete state.failure;
}
