import type { Draft } from './draft.js';
import type { Entry } from './entries.js';

/** The applier of overlays; what holds for appliers holds here. */
export const overlayAppliers = {
  overlaid(draft: Draft, entry: Extract<Entry, { kind: 'overlaid' }>): void {
    const { overlay, base, revision, by, reason, at } = entry;
    const why = reason === undefined ? {} : { reason };
    const applied = { overlay, base, revision, by, ...why, at };
    draft.state.overlays = [...(draft.state.overlays ?? []), applied];
  },
};
