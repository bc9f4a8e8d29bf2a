import type { Place } from '../entries.js';
import type { Env } from '../expressions.js';
import type { LoadedNode } from '../loaded-ir.js';
import { durationMs } from './finish.js';
import type { TurnDraft } from './turn.js';

/** A task about to begin, its input transformed. */
export interface Entering {
  readonly loaded: LoadedNode;
  readonly place: Place;
  readonly env: Env;
}

/** The time-out of the task, if it has one. */
export function timeoutMs(turn: TurnDraft, { loaded, env }: Entering): number | undefined {
  return loaded.timeout === undefined ? undefined : durationMs(turn, loaded.timeout, env);
}
