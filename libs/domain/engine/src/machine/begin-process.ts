import type { Delivery, IrRunNode } from '@parley/ir';
import { idempotencyKey } from '../keys.js';
import { logicalOccurrence } from '../occurrence.js';
import { timeoutMs, type Entering } from './entering.js';
import { armTimeout, finish } from './finish.js';
import type { TurnDraft } from './turn.js';

/** A script has no hands: when nobody knows how it ended, it is simply run again. */
const deliveries: Readonly<Record<IrRunNode['process'], Delivery>> = {
  workflow: 'keyed',
  script: 'idempotent',
  shell: 'once',
  container: 'once',
};

/** Begins a process; without `await` the task is through as soon as the process is under way. */
export function beginProcess(turn: TurnDraft, entering: Entering, node: IrRunNode): void {
  const { loaded, place, env } = entering;
  const { occurrence, attempt } = place;
  const args = loaded.value?.(env) ?? null;
  const rejections = turn.state.rejections[logicalOccurrence(occurrence)] ?? 0;
  const key = idempotencyKey({ run: turn.state.run, occurrence, rejections, args });
  turn.emit({ kind: 'entered', ...place });
  if (node.await) armTimeout(turn, place, timeoutMs(turn, entering));
  const { process } = node;
  turn.emit({
    kind: 'dispatched',
    occurrence,
    attempt,
    function: process,
    args,
    delivery: deliveries[process],
    key,
  });
  const frame = turn.state.frames.get(occurrence);
  if (!node.await && frame !== undefined) finish(turn, frame, place.input);
}
