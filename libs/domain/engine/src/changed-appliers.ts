import type { Json } from '@parley/kernel';
import type { Changed, FrameChange, MemberChanges } from './changed-entries.js';
import type { Draft } from './draft.js';
import { FrameMap } from './live-frames.js';

/** The applier of the fast path; what holds for appliers holds here. */
export const changedAppliers = {
  changed(draft: Draft, entry: Changed): void {
    const { closed = [], frames = [], opened = [], ready, state, over, count } = entry;
    for (const occurrence of closed) draft.drop(occurrence);
    for (const change of frames) applyToFrame(draft, change);
    for (const frame of opened) draft.lay(frame);
    if (ready !== undefined) draft.state.ready = [...ready];
    if (state !== undefined) applyMembers(draft.state as unknown as Members, state);
    if (over === true) {
      draft.replace(new FrameMap());
      draft.state.ready = [];
    }
    draft.state.unrecorded = (draft.state.unrecorded ?? 0) + count;
  },
};

type Members = Record<string, Json | undefined>;

function applyToFrame(draft: Draft, { occurrence, items = {}, ...members }: FrameChange): void {
  const frame = draft.edit(occurrence) as unknown as Members;
  applyMembers(frame, members);
  for (const [name, changes] of Object.entries(items)) {
    for (const [index, value] of changes) {
      frame[name] = draft.put(frame[name] as readonly Json[], index, value) as Json;
    }
  }
}

function applyMembers(target: Members, { set = {}, unset = [] }: MemberChanges): void {
  Object.assign(target, set);
  for (const name of unset) Reflect.deleteProperty(target, name);
}
