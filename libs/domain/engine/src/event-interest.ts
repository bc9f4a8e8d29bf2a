import { compileExpression, isLimit } from './expressions.js';
import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@parley/kernel';
import { JqError } from '@parley/jq';
import type { EventInterest } from './listen-entries.js';

/** Steps that finding out one key may take here, where every event is looked at. */
const keyEvaluationMax = 10_000;

const noVariables = () => null;

/** Whether a task with these interests might want the event; none at all: it might want every one. */
export function isInteresting(
  event: JsonObject,
  interests: readonly EventInterest[],
  now: number,
): boolean {
  if (interests.length === 0) return true;
  return interests.some(
    ({ attributes, keys }) =>
      attributes.every(([name, value]) => jsonEquals(memberOf(event, name), value)) &&
      keys.every(({ from, equals }) => keyIs(event, { from, equals, now })),
  );
}

/** What cannot be read here, because it needs what only the run knows, is left to the run. */
function keyIs(
  event: JsonObject,
  { from, equals, now }: { from: string; equals: Json; now: number },
): boolean {
  const compiled = compileExpression(from, new Set());
  if (!compiled.ok) return true;
  try {
    const work = { steps: 0, max: keyEvaluationMax };
    return jsonEquals(compiled.value({ input: event, lookup: noVariables, now, work }), equals);
  } catch (error) {
    if (isLimit(error)) return true; // It is looked at in a turn of the run.
    if (error instanceof JqError) return false;
    throw error;
  }
}

function memberOf(event: JsonObject, name: string): Json {
  return isJsonObject(event) && Object.hasOwn(event, name) ? (event[name] ?? null) : null;
}
