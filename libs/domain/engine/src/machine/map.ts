import { assert, type Json } from '@parley/kernel';
import { Fault, runError } from '../errors.js';
import type { Occurrence } from '../occurrence.js';
import type { ItemFrame } from '../state.js';
import { armTimeout } from './finish.js';
import { collects } from './collect.js';
import { timeoutMs, type Entering } from './entering.js';
import { listOf } from './list.js';
import type { TurnDraft } from './turn.js';

/** Begins a `map`; its items follow one step each. */
export function beginMap(turn: TurnDraft, entering: Entering, wanted: number | undefined): void {
  const { loaded, place, env } = entering;
  const limitMs = timeoutMs(turn, entering);
  const items = listOf(loaded.value?.(env) ?? null, 'map.in');
  assertFewEnough(items.length, turn.limits.mapItemsMax);
  const concurrency = Math.min(wanted ?? Infinity, turn.limits.mapConcurrencyMax);
  turn.emit({ kind: 'mapped', ...place, items, concurrency });
  armTimeout(turn, place, limitMs);
}

function assertFewEnough(count: number, max: number): void {
  if (count <= max) return;
  const detail = `A \`map\` goes over at most ${max} items, and \`map.in\` has ${count}. Split the list and go over its parts with a \`for\` around the \`map\`.`;
  throw new Fault(runError('validation', 'Too many items', { detail }));
}

export function startItem(turn: TurnDraft, occurrence: Occurrence): void {
  const map = turn.owner(occurrence);
  assert(map.kind === 'map', `${occurrence} is a map`);
  const { first } = turn.node(map);
  turn.emit({ kind: 'itemStarted', occurrence, index: map.started, first });
}

/** The tasks of an item are through. */
export function endItem(turn: TurnDraft, item: ItemFrame, output: Json): void {
  const result = collects(turn, item) ? { output } : output;
  turn.emit({ kind: 'itemEnded', occurrence: item.occurrence, result });
}
