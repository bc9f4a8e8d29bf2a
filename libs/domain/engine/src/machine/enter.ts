import type { IrNode, IrSwitchCase, IrSwitchNode } from '@parley/ir';
import { jsonEquals, type Json } from '@parley/kernel';
import { cloudEventOf } from '../cloud-event.js';
import type { Entered, Place } from '../entries.js';
import { Fault, runError, type RunError } from '../errors.js';
import { isTruthy } from '../expressions.js';
import { idempotencyKey } from '../keys.js';
import type { LoadedNode } from '../loaded-ir.js';
import { childOccurrence, type Occurrence } from '../occurrence.js';
import { attemptInside, type OwnerFrame, type Ready } from '../state.js';
import { beginCall } from './begin-call.js';
import { beginProcess } from './begin-process.js';
import { timeoutMs, type Entering } from './entering.js';
import { envFor } from './env.js';
import { guarded } from './fail.js';
import { armAttempt, armTimeout, durationMs, transformOutput, type Finished } from './finish.js';
import { assertFits } from './fits.js';
import { listOf } from './list.js';
import { beginListen } from './listen.js';
import { beginMap } from './map.js';
import type { TurnDraft } from './turn.js';
import { keepUndo } from './undo.js';

type EnterItem = Extract<Ready, { do: 'enter' }>;

/** Begins a task; a task that is one step is also completed. */
export function enterTask(turn: TurnDraft, item: EnterItem): void {
  const loaded = turn.node(item);
  let place = placeOfItem(turn, item, loaded);
  guarded(
    turn,
    () => place,
    () => {
      if (!isWanted(turn, place, loaded)) {
        const { next, nextIfSkipped = next } = loaded.node;
        turn.emit({ kind: 'skipped', ...place, next: nextIfSkipped });
        return;
      }
      assertFits(loaded.inputFits, place.input, 'input');
      place = transformInput(turn, place, loaded);
      const { parent: scope, input } = place;
      const env = envFor(turn, input, { loaded, scope, input, rawInput: rawOf(place) });
      begin(turn, { loaded, place, env });
    },
  );
}

/** The condition of a task looks at what comes in, before `input.from`. */
function isWanted(turn: TurnDraft, place: Place, loaded: LoadedNode): boolean {
  if (loaded.if === undefined) return true;
  const { parent: scope, input } = place;
  return isTruthy(loaded.if(envFor(turn, input, { loaded, scope, input, rawInput: input })));
}

function rawOf({ raw, input }: Place): Json {
  return raw === undefined ? input : raw;
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
  const index = iterationOf(owner) ?? item.index;
  const visit = (owner.visits[item.node] ?? 0) + 1;
  return childOccurrence(owner.occurrence, loaded.tail, { index, visit });
}

/** The pass through its scope that an owner is in, where there are several. */
function iterationOf(owner: OwnerFrame): number | undefined {
  if (owner.kind === 'for') return owner.index;
  return owner.kind === 'listen' ? owner.taken : undefined;
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
      return run(turn, entering, entering.loaded.value?.(entering.env) ?? null);
    case 'emit':
      return emit(turn, entering);
    case 'switch':
      return choose(turn, entering, node);
    case 'raise':
      throw new Fault(raisedError(entering));
    case 'call':
      return beginCall(turn, entering, node);
    case 'listen':
      return beginListen(turn, entering);
    case 'run':
      return beginProcess(turn, entering, node);
    case 'map':
      return beginMap(turn, entering, node.concurrency);
    case 'do':
      if (entering.loaded.value !== undefined) return invoke(turn, entering);
      return beginLong(turn, entering, node);
    default:
      return beginLong(turn, entering, node);
  }
}

/** Completes a task that is one step. */
function run(turn: TurnDraft, entering: Entering, rawOutput: Json, chosen?: IrSwitchCase): void {
  const { place, loaded } = entering;
  const { result: _result, output, ...rest } = finishedStep(turn, entering, rawOutput);
  const next = chosen?.then ?? loaded.node.next;
  const named = chosen === undefined ? {} : { case: chosen.name };
  keepUndo(turn, place, rest.own ?? output);
  turn.emit({ kind: 'ran', ...place, output, next, ...rest, ...named });
}

function finishedStep(turn: TurnDraft, { loaded, place }: Entering, rawOutput: Json): Finished {
  const { input, parent: scope } = place;
  return transformOutput(turn, loaded, { scope, input, rawInput: rawOf(place), rawOutput });
}

function choose(turn: TurnDraft, entering: Entering, node: IrSwitchNode): void {
  const { loaded, env } = entering;
  const chosen = node.cases.find((_, position) => {
    const when = loaded.cases?.[position];
    return when === undefined || isTruthy(when(env));
  });
  run(turn, entering, entering.place.input, chosen);
}

/** The same event, also when the task is entered once more, has the same id. */
function emit(turn: TurnDraft, entering: Entering): void {
  const { loaded, place, env } = entering;
  const args = loaded.value?.(env) ?? null;
  const { run } = turn.state;
  const { namespace, name, version } = turn.program.ir.document;
  const event = cloudEventOf(args, {
    id: idempotencyKey({ run, occurrence: place.occurrence, rejections: 0, args }),
    source: `/${namespace}/${name}/${version}`,
    now: turn.now,
    bytesMax: turn.limits.eventBytesMax,
  });
  const { result: _result, output, ...rest } = finishedStep(turn, entering, event);
  const handedOn = output === event ? {} : { output };
  const { next } = loaded.node;
  keepUndo(turn, place, rest.own ?? output);
  turn.emit({ kind: 'emitted', ...place, event, ...handedOn, next, ...rest });
}

/** Begins a function: its body gets the arguments. */
function invoke(turn: TurnDraft, entering: Entering): void {
  const { loaded, place, env } = entering;
  const limitMs = timeoutMs(turn, entering);
  const first = loaded.first === undefined ? {} : { first: loaded.first };
  turn.emit({ kind: 'invoked', ...place, data: loaded.value?.(env) ?? null, ...first });
  armTimeout(turn, place, limitMs);
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
  if (node.kind === 'try') armAttempt(turn, place.occurrence);
}

type LongNode = Exclude<
  IrNode,
  { kind: 'set' | 'emit' | 'switch' | 'raise' | 'call' | 'map' | 'run' | 'listen' }
>;

function particulars({ loaded, env }: Entering, node: LongNode): Partial<Entered> {
  switch (node.kind) {
    case 'do':
    case 'try':
      return loaded.first === undefined ? {} : { first: loaded.first };
    case 'for':
      return { items: listOf(loaded.value?.(env) ?? null, 'for.in') };
    case 'fork':
      return { branches: loaded.branches ?? [], compete: node.compete };
    case 'wait':
      return {};
  }
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
