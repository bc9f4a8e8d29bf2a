import { errorToJson, type RunError } from '../errors.js';
import type { ItemFrame } from '../state.js';
import type { TurnDraft } from './turn.js';

/** Takes an error that nobody inside the item caught, if the map collects errors. */
export function collectError(turn: TurnDraft, item: ItemFrame, error: RunError): boolean {
  if (!collects(turn, item)) return false;
  const result = { error: errorToJson(error) };
  turn.emit({ kind: 'itemEnded', occurrence: item.occurrence, result, failed: true });
  return true;
}

/** Whether errors become results. */
export function collects(turn: TurnDraft, item: ItemFrame): boolean {
  const { node } = turn.node(item);
  return node.kind === 'map' && node.onError === 'collect';
}
