import type { NodeId } from '@parley/ir';
import type { JsonObject } from '@parley/kernel';

/** An overlay as a run takes it: made for one revision of the definition, it leads to another. */
export interface OverlayGiven {
  /** Id of the overlay; the same one that comes again is the one that was applied. */
  readonly overlay: string;
  /** Hash of the compiled definition that it was made for. */
  readonly base: string;
  /** Hash of the compiled definition that it leads to. */
  readonly revision: string;
  readonly tasks: OverlaidTasks;
  /** What its `test` operations come to in the compiled definition. */
  readonly tests: readonly TaskTest[];
  /** RFC 6902, lowered to indices, the `test` operations first: for the record. */
  readonly operations: readonly JsonObject[];
  readonly by: string;
  readonly reason?: string;
}

/** Static ids of the tasks that an overlay names; whatever is inside them is named with them. */
export interface OverlaidTasks {
  readonly added: readonly NodeId[];
  readonly removed: readonly NodeId[];
  readonly changed: readonly NodeId[];
  /** Another task of the same list follows, or comes before. */
  readonly moved: readonly NodeId[];
}

/** A task of the base stands where it stood, and is what it was. */
export interface TaskTest {
  readonly task: NodeId;
  readonly pointer: string;
  /** SHA-256 (hex) of the compiled task. */
  readonly digest: string;
}

/** From here on the run goes by another revision of its definition. */
export interface Overlaid extends OverlayGiven {
  readonly kind: 'overlaid';
}

/** An overlay that a run goes by, as its state has it. */
export type AppliedOverlay = Pick<
  OverlayGiven,
  'overlay' | 'base' | 'revision' | 'by' | 'reason'
> & { readonly at: number };
