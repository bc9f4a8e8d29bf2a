import type { Draft } from './draft.js';
import { ownersFrom } from './frames.js';
import { logicalOccurrence, type Occurrence } from './occurrence.js';

export function countRejection(draft: Draft, occurrence: Occurrence): void {
  const logical = logicalOccurrence(occurrence);
  const count = (draft.state.rejections[logical] ?? 0) + 1;
  draft.state.rejections = { ...draft.state.rejections, [logical]: count };
}

/** Refusals below a completed task matter only while a `try` around it may run it once more. */
export function forgetRejections(draft: Draft, occurrence: Occurrence, parent?: Occurrence): void {
  const refused = Object.entries(draft.state.rejections);
  if (refused.length === 0) return;
  for (const owner of ownersFrom(draft.state.frames, parent)) if (owner.kind === 'try') return;
  const logical = logicalOccurrence(occurrence);
  const below = [`${logical}/`, `${logical}[`];
  draft.state.rejections = Object.fromEntries(
    refused.filter(
      ([place]) => place !== logical && !below.some((start) => place.startsWith(start)),
    ),
  );
}
