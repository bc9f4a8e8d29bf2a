import type { IrNode, NodeId, Target } from '@parley/ir';
import { assert, type Json } from '@parley/kernel';
import { descendantsOf, ownersFrom } from './frames.js';
import { copyOfList, putItem } from './json-size.js';
import type { Occurrence } from './occurrence.js';
import { FrameMap, type FrameChanges, type LiveFrames } from './live-frames.js';
import { isOwner, type Frame, type OwnerFrame, type Ready, type RunState } from './state.js';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type MutableState = Omit<Mutable<RunState>, 'frames' | 'ready'> & {
  frames: FrameMap;
  ready: Ready[];
};

/**
 * A copy of a run's state that appliers may change. Copies are made on first write, so a turn costs
 * what it touches, and the state that the draft was made from is never changed.
 */
export class Draft {
  readonly state: MutableState;
  private readonly copied = new Set<Occurrence>();
  /** Lists that nobody has but this draft. Made when there is one: most turns change none. */
  private lists: Set<object> | undefined;
  /** The visits of scopes that nobody has but this draft; made like the lists. */
  private visits: Map<Occurrence, Record<NodeId, number>> | undefined;

  constructor(base: RunState) {
    this.state = { ...base, frames: new FrameMap(base.frames), ready: [...base.ready] };
  }

  /** A frame that may be changed in place. */
  edit<F extends Frame>(occurrence: Occurrence): Mutable<F> {
    const { frames } = this.state;
    const frame = frames.get(occurrence);
    assert(frame !== undefined, `occurrence ${occurrence} is live`);
    if (this.copied.has(occurrence)) {
      frames.touch(occurrence);
      return frame as Mutable<F>;
    }
    const copy = { ...frame } as Mutable<F>;
    frames.set(copy as Frame);
    this.copied.add(occurrence);
    return copy;
  }

  add(frame: Frame): void {
    if (frame.parent !== undefined) this.edit<OwnerFrame>(frame.parent).children += 1;
    this.state.frames.set(frame);
    this.copied.add(frame.occurrence);
  }

  /** Other frames, in the place of all that there are. */
  replace(frames: LiveFrames): void {
    this.state.frames = new FrameMap(frames);
    this.copied.clear();
  }

  /** Removes a frame, all below it, and what was ready inside it. */
  remove(occurrence: Occurrence): void {
    const frame = this.state.frames.get(occurrence);
    if (frame === undefined) return;
    if (isOwner(frame)) this.removeBelow(occurrence);
    if (frame.parent !== undefined) this.edit<OwnerFrame>(frame.parent).children -= 1;
    this.drop(occurrence);
    if (isOwner(frame)) this.dropReady();
  }

  /** Removes everything below a frame and what was ready inside, the frame's own scope included. */
  removeBelow(occurrence: Occurrence): void {
    for (const below of descendantsOf(this.state.frames, occurrence)) this.drop(below.occurrence);
    const frame = this.state.frames.get(occurrence);
    if (frame !== undefined && isOwner(frame) && frame.children > 0) {
      this.edit<OwnerFrame>(occurrence).children = 0;
    }
    this.dropReady(occurrence);
  }

  /** From now on it is noted which frames change, and each is copied once more before it does. */
  watch(): FrameChanges {
    this.share();
    return this.state.frames.watch();
  }

  /** What was noted is somebody's now. */
  unwatch(): void {
    this.share();
    this.state.frames.unwatch();
  }

  /** Nothing of the state is this draft's alone any more. */
  private share(): void {
    this.copied.clear();
    this.visits = undefined;
    this.lists = undefined;
  }

  /** Puts a frame that others have, too, behind all others. */
  lay(frame: Frame): void {
    this.state.frames.set(frame);
  }

  /** Removes a frame and nothing else. */
  drop(occurrence: Occurrence): void {
    this.state.frames.delete(occurrence);
    this.copied.delete(occurrence);
    this.visits?.delete(occurrence);
  }

  private dropReady(scope?: Occurrence): void {
    if (this.state.ready.length === 0) return;
    this.state.ready = this.state.ready.filter(
      (item) => item.scope !== scope && this.state.frames.has(item.scope),
    );
  }

  /** Takes the topmost ready item that fits. */
  take(fits: (item: Ready) => boolean): Ready | undefined {
    const index = this.state.ready.findLastIndex(fits);
    return index < 0 ? undefined : this.state.ready.splice(index, 1)[0];
  }

  /** Makes the first task of a scope ready, or its end when it is empty. */
  enterScope(scope: Occurrence, first: NodeId | undefined, input: Json): void {
    this.state.ready.push(
      first === undefined
        ? { do: 'leave', scope, output: input }
        : { do: 'enter', scope, node: first, input },
    );
  }

  /** Goes on after a task of the scope `scope` is through. */
  flow(scope: Occurrence, next: Target, from: { readonly output: Json; readonly index?: number }) {
    const { output, index } = from;
    const owner = this.state.frames.get(scope);
    if (next.to === 'end') this.state.ready.push({ do: 'end', scope, output });
    else if (owner?.kind === 'fork') this.join(scope, index ?? 0, output);
    else if (next.to === 'exit') this.state.ready.push({ do: 'leave', scope, output });
    else this.state.ready.push({ do: 'enter', scope, node: next.node, input: output });
  }

  private join(scope: Occurrence, index: number, output: Json): void {
    const fork = this.edit<Extract<Frame, { kind: 'fork' }>>(scope);
    fork.outputs = this.put(fork.outputs, index, output);
    fork.done += 1;
    if (fork.compete) this.state.ready.push({ do: 'leave', scope, output });
    else if (fork.done === fork.branches) {
      this.state.ready.push({ do: 'leave', scope, output: [...fork.outputs] });
    }
  }

  /** The list with another item at `index`; it is copied once for all changes of this draft. */
  put<T>(list: readonly T[], index: number, value: T): readonly T[] {
    let own = list as T[];
    if (this.lists?.has(own) !== true) {
      own = copyOfList(list);
      this.lists = (this.lists ?? new Set()).add(own);
    }
    putItem(own, index, value);
    return own;
  }

  /** Raises the highest attempt known to every `try` from `occurrence` outwards. */
  raiseAttempt(occurrence: Occurrence, attempt: number): void {
    for (const owner of ownersFrom(this.state.frames, occurrence)) {
      if (owner.kind !== 'try' || owner.attemptMax >= attempt) continue;
      this.edit<Extract<Frame, { kind: 'try' }>>(owner.occurrence).attemptMax = attempt;
    }
  }

  /** Counts a visit of `node` in the current pass through its scope. */
  countVisit(scope: Occurrence, node: IrNode['id']): void {
    const owner = this.edit<OwnerFrame>(scope);
    let visits = this.visits?.get(scope);
    if (visits === undefined || visits !== owner.visits) {
      visits = { ...owner.visits };
      this.visits = (this.visits ?? new Map()).set(scope, visits);
    }
    visits[node] = (visits[node] ?? 0) + 1;
    owner.visits = visits;
  }
}
