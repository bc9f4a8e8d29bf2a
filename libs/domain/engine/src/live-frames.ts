import type { Json } from '@parley/kernel';
import { jsonSize } from './json-size.js';
import type { Occurrence } from './occurrence.js';
import type { Frame } from './state.js';

/** The live frames of a run, in the order in which they were entered. */
export interface LiveFrames extends Iterable<readonly [Occurrence, Frame]> {
  readonly size: number;
  get(occurrence: Occurrence): Frame | undefined;
  has(occurrence: Occurrence): boolean;
  values(): IteratorObject<Frame, undefined>;
  /** About the bytes of their JSON text. */
  bytes(): number;
  toJSON(): Record<Occurrence, Frame>;
}

/** What has become of frames since somebody began to watch. */
export interface FrameChanges {
  /** Those that were there then and are not any more, or were entered anew. */
  readonly closed: Set<Occurrence>;
  /** Those that others stand in the place of, as they were. */
  readonly edited: Map<Occurrence, Frame>;
  /** Those that were entered since and are there, in order. */
  readonly opened: Set<Occurrence>;
}

const nothing: ReadonlyMap<Occurrence, Frame> = new Map();

/** So many changes are copied with a state before they are worth a map of their own. */
const changesMin = 32;

/**
 * Live frames that can be changed, and that later ones are made from.
 *
 * LF1  What one was made from is never changed: what has changed since lies over a map that many
 *      states share. So a turn costs what it changes and about the square root of how many frames
 *      there are, not all of them.
 * LF2  What is known of the size of the former ones is known of these: only what changed is measured.
 */
export class FrameMap implements LiveFrames {
  /** Shared, never changed. */
  #base: ReadonlyMap<Occurrence, Frame>;
  /** Of the base: what stands there now, undefined where nothing does any more. */
  #changed: Map<Occurrence, Frame | undefined> | undefined;
  /** What was entered since, in order. */
  readonly #added: Map<Occurrence, Frame>;
  #size: number;
  #bytes: number | undefined;
  /** What these were made from, and what is different: until they are measured. */
  #since: { readonly from: LiveFrames; readonly bytes: number; at?: Set<Occurrence> } | undefined;

  #watched: FrameChanges | undefined;

  constructor(from?: LiveFrames) {
    if (from instanceof FrameMap) {
      const changes = (from.#changed?.size ?? 0) + from.#added.size;
      const settles = changes > changesMin + Math.sqrt(from.#size);
      this.#base = settles ? new Map(from) : from.#base;
      this.#changed = settles || from.#changed === undefined ? undefined : new Map(from.#changed);
      this.#added = settles ? new Map<Occurrence, Frame>() : new Map(from.#added);
      this.#size = from.#size;
      if (from.#bytes !== undefined) {
        this.#since = { from, bytes: from.#bytes };
      }
    } else {
      this.#base = nothing;
      this.#added = new Map(from ?? []);
      this.#size = this.#added.size;
    }
  }

  get size(): number {
    return this.#size;
  }

  get(occurrence: Occurrence): Frame | undefined {
    const added = this.#added.get(occurrence);
    if (added !== undefined || this.#base.size === 0) return added;
    const frame = this.#base.get(occurrence);
    return this.#changed?.has(occurrence) === true ? this.#changed.get(occurrence) : frame;
  }

  has(occurrence: Occurrence): boolean {
    return this.get(occurrence) !== undefined;
  }

  values(): IteratorObject<Frame, undefined> {
    return this.#base.size === 0 ? this.#added.values() : this.#laidOver();
  }

  *#laidOver(): Generator<Frame, undefined> {
    for (const [occurrence, frame] of this.#base) {
      const now = this.#changed?.has(occurrence) === true ? this.#changed.get(occurrence) : frame;
      if (now !== undefined) yield now;
    }
    yield* this.#added.values();
    return undefined;
  }

  *[Symbol.iterator](): Generator<readonly [Occurrence, Frame], undefined> {
    for (const frame of this.values()) yield [frame.occurrence, frame];
    return undefined;
  }

  /** Puts a frame in the place of the one of its occurrence, or behind all others. */
  set(frame: Frame): void {
    const { occurrence } = frame;
    this.touch(occurrence);
    const before = this.get(occurrence);
    if (this.#watched !== undefined) noteSet(this.#watched, occurrence, before);
    if (before === undefined) {
      this.#size += 1;
      this.#added.set(occurrence, frame);
    } else if (this.#added.has(occurrence)) this.#added.set(occurrence, frame);
    else this.#change(occurrence, frame);
  }

  delete(occurrence: Occurrence): void {
    if (!this.has(occurrence)) return;
    this.touch(occurrence);
    if (this.#watched !== undefined) noteDeleted(this.#watched, occurrence);
    this.#size -= 1;
    if (!this.#added.delete(occurrence)) this.#change(occurrence, undefined);
  }

  #change(occurrence: Occurrence, frame: Frame | undefined): void {
    this.#changed = (this.#changed ?? new Map<Occurrence, Frame | undefined>()).set(
      occurrence,
      frame,
    );
  }

  watch(): FrameChanges {
    this.#watched = { closed: new Set(), edited: new Map(), opened: new Set() };
    return this.#watched;
  }

  unwatch(): void {
    this.#watched = undefined;
  }

  /** To be asked when nothing is changed any more. LF2 */
  bytes(): number {
    this.#bytes ??= this.#measured();
    this.#since = undefined;
    return this.#bytes;
  }

  #measured(): number {
    if (this.#since === undefined) {
      let bytes = 0;
      for (const frame of this.values()) bytes += sizeOf(frame);
      return bytes;
    }
    let { bytes } = this.#since;
    for (const occurrence of this.#since.at ?? []) {
      bytes += sizeOf(this.get(occurrence)) - sizeOf(this.#since.from.get(occurrence));
    }
    return bytes;
  }

  /** A frame that was put here is changed in place. */
  touch(occurrence: Occurrence): void {
    if (this.#since !== undefined) this.#since.at = (this.#since.at ?? new Set()).add(occurrence);
    this.#bytes = undefined;
  }

  toJSON(): Record<Occurrence, Frame> {
    return Object.fromEntries(this);
  }
}

function noteSet(changes: FrameChanges, occurrence: Occurrence, before?: Frame): void {
  const { opened, edited } = changes;
  if (before === undefined) opened.add(occurrence);
  else if (!opened.has(occurrence) && !edited.has(occurrence)) edited.set(occurrence, before);
}

function noteDeleted({ opened, edited, closed }: FrameChanges, occurrence: Occurrence): void {
  edited.delete(occurrence);
  if (!opened.delete(occurrence)) closed.add(occurrence);
}

function sizeOf(frame: Frame | undefined): number {
  return frame === undefined ? 0 : jsonSize(frame as unknown as Json);
}

/** Frames as they are written down. */
export function framesFrom(record: Readonly<Record<Occurrence, Frame>>): LiveFrames {
  const frames = new FrameMap();
  for (const frame of Object.values(record)) frames.set(frame);
  return frames;
}
