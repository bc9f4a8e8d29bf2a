import type { Occurrence } from './occurrence.js';
import { isOwner, type Frame, type RunState } from './state.js';

/** Live frames below an occurrence, nearest first in the order in which they were entered. */
export function descendantsOf(frames: RunState['frames'], occurrence: Occurrence): Frame[] {
  const top = frames.get(occurrence);
  if (top === undefined || !isOwner(top) || top.children === 0) return [];
  return frames
    .values()
    .filter((frame) => isBelow(frames, frame, occurrence))
    .toArray();
}

function isBelow(frames: RunState['frames'], frame: Frame, ancestor: Occurrence): boolean {
  let parent = frame.parent;
  while (parent !== undefined) {
    if (parent === ancestor) return true;
    parent = frames.get(parent)?.parent;
  }
  return false;
}

/** The owners around an occurrence, innermost first; the run itself is the last. */
export function* ownersFrom(frames: RunState['frames'], first: Occurrence | undefined) {
  let next = first;
  while (next !== undefined) {
    const frame = frames.get(next);
    if (frame === undefined || !isOwner(frame)) return;
    yield frame;
    next = frame.parent;
  }
}
