import type { Draft } from './draft.js';
import type { Entry } from './entries.js';

/** Commands that a run remembers: those that may still be repeated by whoever did not hear of them. */
const rememberedMax = 32;

type Of<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

/** The appliers of what operators do; what holds for appliers holds here. */
export const controlAppliers = {
  suspended(draft: Draft, { by, reason, at }: Of<'suspended'>): void {
    draft.state.suspended = { by, at, ...(reason === undefined ? {} : { reason }) };
  },

  resumed(draft: Draft): void {
    delete draft.state.suspended;
  },

  commanded(draft: Draft, { command }: Of<'commanded'>): void {
    const known = draft.state.commands ?? [];
    draft.state.commands = [...known.slice(-(rememberedMax - 1)), command];
  },

  labelled(draft: Draft, { tags, attributes }: Of<'labelled'>): void {
    if (tags.length > 0 || Object.keys(attributes).length > 0) {
      draft.state.labels = { tags, attributes };
    } else delete draft.state.labels;
  },

  stepSkipped(draft: Draft, entry: Of<'stepSkipped'>): void {
    delete draft.state.failure;
    draft.remove(entry.occurrence);
    if (entry.context !== undefined) draft.state.context = entry.context;
    draft.flow(entry.parent, entry.next, { output: entry.output, index: entry.index });
  },
};
