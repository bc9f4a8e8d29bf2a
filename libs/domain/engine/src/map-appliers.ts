import type { Draft } from './draft.js';
import type { Entry } from './entries.js';
import { itemOccurrence, type Occurrence } from './occurrence.js';
import type { FrameBase, ItemFrame, MapFrame } from './state.js';

type Of<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

/** The appliers of `map`; what holds for appliers holds here. */
export const mapAppliers = {
  mapped(draft: Draft, entry: Of<'mapped'>, base: FrameBase): void {
    const { items, concurrency, occurrence } = entry;
    const results = items.map(() => null);
    const progress = { started: 0, done: 0, results, children: 0, visits: {} };
    draft.add({ ...base, kind: 'map', items, concurrency, ...progress });
    if (items.length === 0) draft.enterScope(occurrence, undefined, []);
    else offerItem(draft, occurrence);
  },

  itemStarted(draft: Draft, entry: Of<'itemStarted'>): void {
    const { occurrence: scope, index, first } = entry;
    draft.take((ready) => ready.do === 'item' && ready.scope === scope);
    const map = draft.edit<MapFrame>(scope);
    map.started = index + 1;
    const { node, attempt, input } = map;
    const occurrence = itemOccurrence(scope, index);
    const item: ItemFrame = {
      kind: 'item',
      occurrence,
      node,
      parent: scope,
      index,
      attempt,
      startedAt: entry.at,
      input,
      children: 0,
      visits: {},
    };
    draft.add(item);
    offerItem(draft, scope);
    draft.enterScope(occurrence, first, input);
  },

  itemEnded(draft: Draft, entry: Of<'itemEnded'>): void {
    delete draft.state.failure;
    const item = draft.state.frames.get(entry.occurrence) as ItemFrame;
    draft.take((ready) => ready.do === 'leave' && ready.scope === entry.occurrence);
    draft.remove(entry.occurrence);
    const scope = item.parent ?? '';
    const map = draft.edit<MapFrame>(scope);
    map.results = draft.put(map.results, item.index, entry.result);
    map.done += 1;
    if (map.done === map.items.length) draft.enterScope(scope, undefined, [...map.results]);
    else offerItem(draft, scope);
  },
};

/** Lets another item begin, if there is one and not too many are in progress. */
function offerItem(draft: Draft, scope: Occurrence): void {
  const map = draft.state.frames.get(scope) as MapFrame;
  if (map.started >= map.items.length || map.children >= map.concurrency) return;
  const isOffered = draft.state.ready.some((item) => item.do === 'item' && item.scope === scope);
  if (!isOffered) draft.state.ready.push({ do: 'item', scope });
}
