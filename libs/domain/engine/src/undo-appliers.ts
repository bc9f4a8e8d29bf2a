import { jsonEquals } from '@parley/kernel';
import type { Draft } from './draft.js';
import type { Entry } from './entries.js';
import { rootOccurrence } from './occurrence.js';
import type { KeptStep, OwnerFrame } from './state.js';

type Of<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

/** The appliers of what undoes steps; what holds for appliers holds here. */
export const undoAppliers = {
  /** What is done twice and gives the same was done once: the receiver dropped the repeat. */
  undoKept(draft: Draft, { kind: _kind, at: _at, ...step }: Of<'undoKept'>): void {
    const { kept = [] } = draft.state;
    const others = kept.some((other) => isSame(other, step))
      ? kept.filter((other) => !isSame(other, step))
      : kept;
    draft.state.kept = draft.put(others, others.length, step);
  },

  undoStarted(draft: Draft, { cause }: Of<'undoStarted'>): void {
    const { state } = draft;
    state.phase = 'running';
    state.undo = { cause };
    state.rejections = {};
    delete state.failure;
    draft.removeBelow(rootOccurrence);
    delete draft.edit<OwnerFrame>(rootOccurrence).timeout;
  },

  stepUndoing(draft: Draft, { occurrence }: Of<'stepUndoing'>): void {
    const { state } = draft;
    const { kept = [], undo } = state;
    const current = kept.find((step) => step.as === occurrence);
    if (undo === undefined || current === undefined) return;
    state.kept = kept.filter((step) => step !== current);
    state.undo = { ...undo, current };
    const { node, input, output } = current;
    state.ready.push({
      do: 'enter',
      scope: rootOccurrence,
      node,
      input: { input, output },
      again: { occurrence, attempt: 1 },
    });
  },

  stepUndone(draft: Draft): void {
    const { state } = draft;
    draft.removeBelow(rootOccurrence);
    if (state.undo !== undefined) state.undo = { cause: state.undo.cause };
  },

  undoFailed(draft: Draft, { occurrence, error }: Of<'undoFailed'>): void {
    const { state } = draft;
    state.phase = 'compensation-failed';
    if (state.failure?.occurrence !== occurrence) {
      state.failure = { occurrence, node: '', attempt: 1, raw: null, error };
    }
  },
};

function isSame(a: KeptStep, b: KeptStep): boolean {
  return a.occurrence === b.occurrence && a.node === b.node && jsonEquals(a.output, b.output);
}
