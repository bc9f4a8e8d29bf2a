import { appliers } from './appliers.js';
import { Draft } from './draft.js';
import type { Entry, EntryBody } from './entries.js';
import { unreadable } from './journal-levels.js';
import type { RunState } from './state.js';

/** The state after one entry. Pure: `state` is not changed, equal arguments give equal results. */
export function evolve(state: RunState, entry: Entry): RunState {
  return fold(state, [entry]);
}

/** The state after many entries; what recovery does. */
export function fold(state: RunState, entries: Iterable<Entry>): RunState {
  const draft = new Draft(state);
  for (const entry of entries) applyEntry(draft, entry);
  return draft.state;
}

/**
 * Applies one entry in place; for the machine, which owns its draft.
 * @throws AppError `unavailable` when the entry is of a kind that only a newer release knows
 */
export function applyEntry(draft: Draft, entry: Entry): void {
  if (!Object.hasOwn(appliers, entry.kind)) throw unreadable(entry.kind);
  const apply = appliers[entry.kind] as (draft: Draft, entry: EntryBody & { at: number }) => void;
  apply(draft, entry);
  draft.state.entries += 1;
  draft.state.at = entry.at;
}
