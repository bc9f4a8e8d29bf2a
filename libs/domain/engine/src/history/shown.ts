import type { Json } from '@parley/kernel';
import { withoutCredentials } from '../credentials.js';
import type { Entry } from '../entries.js';
import type { Frame } from '../state.js';

/**
 * What leaves the platform of a run's journal: no credentials.
 *
 * H1  Showing and folding commute: the state of shown entries is the shown state of the entries. So
 *     a file without credentials can be checked as if it had them.
 */
export function shownEntry(entry: Entry): Entry {
  if (entry.kind !== 'dispatched') return entry;
  return { ...entry, args: withoutCredentials(entry.args) };
}

/** A frame as the fold of shown entries has it (H1). */
export function shownFrame(frame: Frame): Frame {
  if (frame.kind !== 'call' || frame.call === undefined || frame.call.function === 'human') {
    return frame;
  }
  const args: Json = withoutCredentials(frame.call.args);
  return { ...frame, call: { ...frame.call, args } };
}
