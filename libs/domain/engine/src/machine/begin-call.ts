import type { IrCallNode } from '@parley/ir';
import { isJsonObject, type Json } from '@parley/kernel';
import { Fault, runError } from '../errors.js';
import { idempotencyKey } from '../keys.js';
import { logicalOccurrence } from '../occurrence.js';
import { httpArgumentsOf } from '../openapi-request.js';
import { timeoutMs, type Entering } from './entering.js';
import { armTimeout, durationOf } from './finish.js';
import type { TurnDraft } from './turn.js';

/** Begins a call: journals what is to be called, or asks a person. */
export function beginCall(turn: TurnDraft, entering: Entering, node: IrCallNode): void {
  const { loaded, place, env } = entering;
  const { request, function: name } = node;
  const evaluated = loaded.value?.(env) ?? null;
  const intent = request === undefined ? evaluated : httpArgumentsOf(request, evaluated);
  const { occurrence, attempt } = place;
  const rejections = turn.state.rejections[logicalOccurrence(occurrence)] ?? 0;
  // A new password or token does not make it another intention.
  const key = idempotencyKey({ run: turn.state.run, occurrence, rejections, args: intent });
  if (name === 'human') return ask(turn, entering, { args: intent, key });
  const { delivery, operation } = node;
  const pinned = operation === undefined ? {} : { operation };
  const args = authenticated(entering, node, intent);
  turn.emit({ kind: 'entered', ...place });
  armTimeout(turn, place, timeoutMs(turn, entering));
  const call = { function: name, args, delivery, key, ...pinned };
  turn.emit({ kind: 'dispatched', occurrence, attempt, ...call });
}

/** Adds what the shell makes credentials of, as `{ basic: { username, password } }`. */
function authenticated({ loaded, env }: Entering, node: IrCallNode, args: Json): Json {
  const { authentication } = node;
  if (authentication === undefined) return args;
  const { secret } = authentication;
  // Its name alone: what it holds is put in its place when the call leaves, and is seen by nobody.
  const properties = secret === undefined ? loaded.credentials?.(env) : { use: secret };
  if (!isJsonObject(args) || !isJsonObject(properties)) {
    const detail = `The ${authentication.scheme} authentication has no properties.`;
    throw new Fault(runError('configuration', 'No credentials', { detail }));
  }
  return { ...args, authentication: { [authentication.scheme]: properties } };
}

/** Opens an approval. Its `due` ends it like a time-out of the task; the earlier of both counts. */
function ask(
  turn: TurnDraft,
  entering: Entering,
  call: { readonly args: Json; readonly key: string },
) {
  const { place } = entering;
  const due = isJsonObject(call.args) ? call.args['due'] : undefined;
  const dueMs = due === undefined || due === null ? undefined : durationOf(turn, due);
  const limits = [timeoutMs(turn, entering), dueMs].filter((ms) => ms !== undefined);
  const { occurrence, attempt } = place;
  turn.emit({ kind: 'entered', ...place });
  armTimeout(turn, place, limits.length === 0 ? undefined : Math.min(...limits));
  const dueAt = dueMs === undefined ? {} : { dueAt: turn.now + dueMs };
  turn.emit({ kind: 'approvalOpened', occurrence, attempt, ...call, ...dueAt });
}
