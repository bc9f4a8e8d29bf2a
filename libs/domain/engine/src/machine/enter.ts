import type { IrCallNode, IrNode, IrSwitchNode } from '@parley/ir';
import { isJsonObject, jsonEquals, type Json } from '@parley/kernel';
import type { Entered, Place } from '../entries.js';
import { Fault, runError, type RunError } from '../errors.js';
import { isTruthy, type Env } from '../expressions.js';
import { idempotencyKey } from '../keys.js';
import type { LoadedNode } from '../loaded-ir.js';
import { childOccurrence, logicalOccurrence, type Occurrence } from '../occurrence.js';
import { attemptInside, type OwnerFrame, type Ready } from '../state.js';
import { envFor } from './env.js';
import { guarded } from './fail.js';
import { armTimeout, durationMs, durationOf, transformOutput } from './finish.js';
import type { TurnDraft } from './turn.js';

type EnterItem = Extract<Ready, { do: 'enter' }>;

/** A task about to begin, its input transformed. */
interface Entering {
  readonly loaded: LoadedNode;
  readonly place: Place;
  readonly env: Env;
}

/** Begins a task; a task that is one step is also completed. */
export function enterTask(turn: TurnDraft, item: EnterItem): void {
  const loaded = turn.node(item);
  let place = placeOfItem(turn, item, loaded);
  guarded(
    turn,
    () => place,
    () => {
      place = transformInput(turn, place, loaded);
      const { parent: scope, input, raw } = place;
      const rawInput = raw ?? input;
      const env = envFor(turn, input, { loaded, scope, input, rawInput });
      if (loaded.if !== undefined && !isTruthy(loaded.if(env))) {
        turn.emit({ kind: 'skipped', ...place, next: loaded.node.next });
      } else begin(turn, { loaded, place, env });
    },
  );
}

function placeOfItem(turn: TurnDraft, item: EnterItem, loaded: LoadedNode): Place {
  const owner = turn.owner(item.scope);
  return {
    occurrence: item.again?.occurrence ?? occurrenceIn(owner, item, loaded),
    node: item.node,
    task: loaded.node.kind,
    parent: item.scope,
    attempt: item.again?.attempt ?? attemptInside(owner),
    ...(item.index === undefined ? {} : { index: item.index }),
    input: item.input,
  };
}

function occurrenceIn(owner: OwnerFrame, item: EnterItem, loaded: LoadedNode): Occurrence {
  const index = owner.kind === 'for' ? owner.index : item.index;
  const visit = (owner.visits[item.node] ?? 0) + 1;
  return childOccurrence(owner.occurrence, loaded.tail, { index, visit });
}

function transformInput(turn: TurnDraft, place: Place, loaded: LoadedNode): Place {
  if (loaded.from === undefined) return place;
  const raw = place.input;
  const input = loaded.from(envFor(turn, raw, { loaded, scope: place.parent, rawInput: raw }));
  return jsonEquals(raw, input) ? place : { ...place, raw, input };
}

function begin(turn: TurnDraft, entering: Entering): void {
  const { node } = entering.loaded;
  switch (node.kind) {
    case 'set':
      return run(turn, entering, { output: entering.loaded.value?.(entering.env) ?? null });
    case 'switch':
      return choose(turn, entering, node);
    case 'raise':
      throw new Fault(raisedError(entering));
    case 'call':
      return beginCall(turn, entering, node);
    default:
      return beginLong(turn, entering, node);
  }
}

/** Completes a task that is one step. */
function run(
  turn: TurnDraft,
  { loaded, place }: Entering,
  how: { readonly output: Json; readonly case?: { readonly index: number } },
): void {
  const { node } = loaded;
  const { input, parent: scope, raw } = place;
  const at = { scope, input, rawInput: raw ?? input, rawOutput: how.output };
  const { output, context } = transformOutput(turn, loaded, at);
  const branch = node.kind === 'switch' ? node.cases[how.case?.index ?? -1] : undefined;
  turn.emit({
    kind: 'ran',
    ...place,
    output,
    next: branch?.then ?? node.next,
    ...(context === undefined ? {} : { context }),
    ...(branch === undefined ? {} : { case: branch.name }),
  });
}

function choose(turn: TurnDraft, entering: Entering, node: IrSwitchNode): void {
  const { loaded, env, place } = entering;
  const index = node.cases.findIndex((_, position) => {
    const when = loaded.cases?.[position];
    return when === undefined || isTruthy(when(env));
  });
  run(turn, entering, { output: place.input, case: { index } });
}

/** Begins a task that ends in a later step. */
function beginLong(turn: TurnDraft, entering: Entering, node: LongNode): void {
  const { loaded, place, env } = entering;
  const limitMs = timeoutMs(turn, entering);
  const waitMs = loaded.wait === undefined ? undefined : durationMs(turn, loaded.wait, env);
  turn.emit({ kind: 'entered', ...place, ...particulars(entering, node) });
  if (waitMs !== undefined) {
    const { occurrence } = place;
    const generation = turn.nextGeneration();
    const dueAt = turn.now + waitMs;
    turn.emit({ kind: 'timerArmed', occurrence, generation, purpose: 'wait', dueAt });
  }
  armTimeout(turn, place, limitMs);
}

type LongNode = Exclude<IrNode, { kind: 'set' | 'switch' | 'raise' | 'call' }>;

function particulars({ loaded, env }: Entering, node: LongNode): Partial<Entered> {
  switch (node.kind) {
    case 'do':
    case 'try':
      return loaded.first === undefined ? {} : { first: loaded.first };
    case 'for':
      return { items: listOf(loaded.value?.(env) ?? null) };
    case 'fork':
      return { branches: loaded.branches ?? [], compete: node.compete };
    case 'wait':
      return {};
    case 'emit':
    case 'listen':
    case 'run':
    case 'map':
      throw new Error(`${node.kind} is refused when a definition is loaded`);
  }
}

function beginCall(turn: TurnDraft, entering: Entering, node: IrCallNode): void {
  const { loaded, place, env } = entering;
  const args = loaded.value?.(env) ?? null;
  const { occurrence, attempt } = place;
  const rejections = turn.state.rejections[logicalOccurrence(occurrence)] ?? 0;
  const key = idempotencyKey({ run: turn.state.run, occurrence, rejections, args });
  if (node.function === 'human') return ask(turn, entering, { args, key });
  const { function: name, delivery, operation } = node;
  const pinned = operation === undefined ? {} : { operation };
  turn.emit({ kind: 'entered', ...place });
  armTimeout(turn, place, timeoutMs(turn, entering));
  const call = { function: name, args, delivery, key, ...pinned };
  turn.emit({ kind: 'dispatched', occurrence, attempt, ...call });
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

function timeoutMs(turn: TurnDraft, { loaded, env }: Entering): number | undefined {
  return loaded.timeout === undefined ? undefined : durationMs(turn, loaded.timeout, env);
}

function listOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  const detail = `for.in is ${JSON.stringify(value).slice(0, 100)}, not an array.`;
  throw new Fault(runError('validation', 'Nothing to iterate over', { detail }));
}

function raisedError({ loaded, env }: Entering): RunError {
  const members = Object.entries(loaded.raise ?? {});
  const raised = Object.fromEntries(members.map(([name, member]) => [name, member(env)]));
  const { type, status, title, detail, instance } = raised;
  const wrong = typeof type !== 'string' || typeof status !== 'number';
  if (wrong) {
    const problem = 'A raised error needs a type (text) and a status (number).';
    return runError('validation', 'Not an error', { detail: problem });
  }
  return {
    type,
    status,
    ...optionalText('title', title),
    ...optionalText('detail', detail),
    ...optionalText('instance', instance),
  };
}

function optionalText(name: string, value: Json | undefined): Record<string, string> {
  if (value === undefined || value === null) return {};
  return { [name]: typeof value === 'string' ? value : JSON.stringify(value) };
}
