import type { Draft } from './draft.js';
import type { Entry } from './entries.js';
import type { Occurrence } from './occurrence.js';
import type { FrameBase, HeardEvent, ListenFrame } from './state.js';

type Of<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

/** Events that a run remembers having heard, so that one that is brought twice counts once. */
const rememberedMax = 256;

/** The appliers of `listen`; what holds for appliers holds here. */
export const listenAppliers = {
  listening(draft: Draft, entry: Of<'listening'>, base: FrameBase): void {
    const { interests, expected, each = false } = entry;
    const progress = { matched: [], keys: {}, heard: [], results: [], taken: -1, isOpen: true };
    draft.add({
      ...base,
      kind: 'listen',
      interests,
      expected,
      each,
      ...progress,
      children: 0,
      visits: {},
    });
  },

  eventHeard(draft: Draft, entry: Of<'eventHeard'>): void {
    const { occurrence, source, id, value, filter, keys, last } = entry;
    const frame = draft.edit<ListenFrame>(occurrence);
    if (value !== undefined) frame.heard = draft.put(frame.heard, frame.heard.length, value);
    if (filter !== undefined) frame.matched = [...frame.matched, filter];
    if (keys !== undefined) frame.keys = { ...frame.keys, ...keys };
    if (last === true) frame.isOpen = false;
    remember(draft, { occurrence, source, id });
    offerNext(draft, occurrence);
  },

  eventTaken(draft: Draft, entry: Of<'eventTaken'>): void {
    const { occurrence, index, first } = entry;
    draft.take((ready) => ready.do === 'event' && ready.scope === occurrence);
    const frame = draft.edit<ListenFrame>(occurrence);
    frame.taken = index;
    frame.visits = {};
    draft.enterScope(occurrence, first, frame.heard[index] ?? null);
  },

  eventDone(draft: Draft, entry: Of<'eventDone'>): void {
    const { occurrence, result, context } = entry;
    draft.take((ready) => ready.do === 'leave' && ready.scope === occurrence);
    if (context !== undefined) draft.state.context = context;
    const frame = draft.edit<ListenFrame>(occurrence);
    frame.results = draft.put(frame.results, frame.results.length, result);
    offerNext(draft, occurrence);
  },
};

function remember(draft: Draft, event: HeardEvent): void {
  const known = draft.state.heard ?? [];
  draft.state.heard = [...known.slice(-(rememberedMax - 1)), event];
}

/** One event at a time: the next is for when the tasks are through with the one before. */
function offerNext(draft: Draft, scope: Occurrence): void {
  const frame = draft.state.frames.get(scope) as ListenFrame;
  const isBusy = frame.taken >= frame.results.length;
  if (isBusy || draft.state.ready.some((item) => item.do === 'event' && item.scope === scope)) {
    return;
  }
  const isNext = frame.each && frame.taken + 1 < frame.heard.length;
  if (isNext || !frame.isOpen) draft.state.ready.push({ do: 'event', scope });
}
