import type { Target } from '@parley/ir';
import type { Json } from '@parley/kernel';
import { isTruthy } from '../expressions.js';
import { rootOccurrence } from '../occurrence.js';
import type { ForFrame, Ready, TryFrame } from '../state.js';
import { envFor } from './env.js';
import { guarded, placeOf, rawInputOf } from './fail.js';
import { completeRun, finish } from './finish.js';
import { endEvent } from './listen.js';
import { endItem } from './map.js';
import type { TurnDraft } from './turn.js';
import { endUndo } from './undo.js';

/** The tasks of a scope are through: completes its owner, or begins a loop's next iteration. */
export function leaveScope(turn: TurnDraft, item: Extract<Ready, { do: 'leave' }>): void {
  if (item.scope === rootOccurrence) return endRoot(turn, item.output);
  const owner = turn.owner(item.scope);
  if (owner.kind === 'item') return endItem(turn, owner, item.output);
  if (owner.kind === 'listen') return endEvent(turn, owner, item.output);
  if (owner.kind === 'try') return finish(turn, owner, item.output, afterCatch(turn, owner));
  if (owner.kind !== 'for') return finish(turn, owner, item.output);
  guarded(
    turn,
    () => placeOf(turn, owner),
    () => {
      iterate(turn, owner, item);
    },
  );
}

/** The tasks of the run are through, or those of a compensation. */
export function endRoot(turn: TurnDraft, output: Json): void {
  if (turn.state.undo === undefined) completeRun(turn, output);
  else endUndo(turn);
}

/** A handler may lead elsewhere than the body does. */
function afterCatch(turn: TurnDraft, frame: TryFrame): Target | undefined {
  return frame.stage === 'catch' ? turn.node(frame).catch?.policy.then : undefined;
}

function iterate(turn: TurnDraft, frame: ForFrame, item: Extract<Ready, { do: 'leave' }>): void {
  const index = frame.index + 1;
  const { occurrence } = frame;
  if (index < frame.items.length && wantsMore(turn, frame, item)) {
    const { first } = turn.node(frame);
    turn.emit({ kind: 'iterated', occurrence, index, input: item.output, first });
  } else finish(turn, frame, item.output);
}

function wantsMore(
  turn: TurnDraft,
  frame: ForFrame,
  { output }: { readonly output: Json },
): boolean {
  const loaded = turn.node(frame);
  if (loaded.while === undefined || loaded.node.kind !== 'for') return true;
  const index = frame.index + 1;
  const extra = { [loaded.node.each]: frame.items[index] ?? null, [loaded.node.at]: index };
  const { parent: scope, input, startedAt } = frame;
  const rawInput = rawInputOf(frame);
  const at = { loaded, scope, input, rawInput, startedAt, extra };
  return isTruthy(loaded.while(envFor(turn, output, at)));
}
