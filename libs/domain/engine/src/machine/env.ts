import { assert, isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { isoTime } from '../durations.js';
import { errorToJson, Fault, runError } from '../errors.js';
import type { Env, Lookup } from '../expressions.js';
import { ownersFrom } from '../frames.js';
import type { LoadedNode } from '../loaded-ir.js';
import type { Occurrence } from '../occurrence.js';
import type { ItemFrame, ListenFrame } from '../state.js';
import type { TurnDraft } from './turn.js';

/** Where an expression stands: what its variables are taken from. */
export interface Standpoint {
  readonly loaded?: LoadedNode;
  /** The owner whose variables are visible, with those of all owners around it. */
  readonly scope?: Occurrence;
  /** `$input`: the task's input after `input.from`. */
  readonly input?: Json;
  /** `$output`: the task's output after `output.as`. */
  readonly output?: Json;
  /** `$task.input` and `$task.output`: before the transformations. */
  readonly rawInput?: Json;
  readonly rawOutput?: Json;
  readonly startedAt?: number;
  /** Variables that are not in the state yet: an iteration about to begin, an error being judged. */
  readonly extra?: Readonly<Record<string, Json>>;
  /** The run, while it is not in the state yet. */
  readonly workflow?: { readonly run: string; readonly input: Json };
}

/** What an expression at `at` sees, with `.` being `input`. */
export function envFor(turn: TurnDraft, input: Json, at: Standpoint = {}): Env {
  return { input, lookup: lookupAt(turn, at), now: turn.now, work: turn.work };
}

function lookupAt(turn: TurnDraft, at: Standpoint): Lookup {
  return (name) => {
    // Variables may have any name, also one that every object has a member of.
    if (at.extra !== undefined && Object.hasOwn(at.extra, name)) return at.extra[name] ?? null;
    const scoped = scopedVariable(turn, at.scope, name);
    if (scoped !== undefined) return scoped;
    switch (name) {
      case 'context':
        return turn.state.context;
      case 'input':
        return at.input ?? null;
      case 'output':
        return at.output ?? null;
      case 'task':
        return taskDescriptor(turn, at);
      case 'workflow':
        return workflowDescriptor(turn, at);
      case 'authorization':
        return authorizationDescriptor(at);
      case 'secrets':
        throw new Fault(
          runError('authorization', 'No such secret', {
            detail: 'The workflow declares no secrets.',
          }),
        );
      default:
        assert(
          name === 'runtime',
          `variable ${name} was declared when the expression was compiled`,
        );
        return { name: 'parley', version: '1', metadata: {} };
    }
  };
}

/** Variables of the loops and error handlers around, innermost first. */
function scopedVariable(
  turn: TurnDraft,
  scope: Occurrence | undefined,
  name: string,
): Json | undefined {
  for (const owner of ownersFrom(turn.state.frames, scope)) {
    if (owner.kind === 'for') {
      const { node } = turn.node(owner);
      if (node.kind !== 'for' || owner.index < 0) continue;
      if (node.each === name) return owner.items[owner.index] ?? null;
      if (node.at === name) return owner.index;
    } else if (owner.kind === 'listen') {
      const value = eventVariable(turn, owner, name);
      if (value !== undefined) return value;
    } else if (owner.kind === 'item') {
      const value = itemVariable(turn, owner, name);
      if (value !== undefined) return value;
    } else if (owner.kind === 'try' && owner.stage === 'catch' && owner.error !== undefined) {
      const { node } = turn.node(owner);
      if (node.kind === 'try' && node.catch.as === name) return errorToJson(owner.error);
    }
  }
  const kept = turn.state.undo?.current?.variables;
  return kept !== undefined && Object.hasOwn(kept, name) ? kept[name] : undefined;
}

/** The variables of the loops and error handlers around, as they are now; undefined: there are none. */
export function variablesAround(
  turn: TurnDraft,
  scope: Occurrence,
): Readonly<Record<string, Json>> | undefined {
  const names = new Set<string>();
  for (const owner of ownersFrom(turn.state.frames, scope)) {
    const { node } = owner.kind === 'run' ? { node: undefined } : turn.node(owner);
    if (node?.kind === 'for' || node?.kind === 'map') names.add(node.each).add(node.at);
    else if (node?.kind === 'try') names.add(node.catch.as);
    else if (node?.kind === 'listen' && node.foreach !== undefined) {
      names.add(node.foreach.item).add(node.foreach.at);
    }
  }
  const variables = [...names].flatMap((name) => {
    const value = scopedVariable(turn, scope, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return variables.length === 0 ? undefined : Object.fromEntries(variables);
}

function itemVariable(turn: TurnDraft, item: ItemFrame, name: string): Json | undefined {
  const { node } = turn.node(item);
  const map = turn.state.frames.get(item.parent ?? '');
  if (node.kind !== 'map' || map?.kind !== 'map') return undefined;
  if (node.each === name) return map.items[item.index] ?? null;
  return node.at === name ? item.index : undefined;
}

function eventVariable(turn: TurnDraft, frame: ListenFrame, name: string): Json | undefined {
  const { node } = turn.node(frame);
  if (node.kind !== 'listen' || node.foreach === undefined || frame.taken < 0) return undefined;
  if (node.foreach.item === name) return frame.heard[frame.taken] ?? null;
  return node.foreach.at === name ? frame.taken : undefined;
}

function taskDescriptor(turn: TurnDraft, at: Standpoint): JsonObject {
  const { loaded } = at;
  return {
    name: loaded?.node.name ?? '',
    reference: loaded?.node.pointer ?? '',
    definition: taskDefinition(turn, loaded),
    startedAt: timeDescriptor(at.startedAt ?? turn.now),
    input: at.rawInput ?? at.input ?? null,
    ...(at.rawOutput === undefined ? {} : { output: at.rawOutput }),
  };
}

function workflowDescriptor(turn: TurnDraft, at: Standpoint): JsonObject {
  const { run, input } = at.workflow ?? turn.state;
  const startedAt = at.workflow === undefined ? turn.state.startedAt : turn.now;
  const { ir } = turn.program;
  const definition = ir.definition ?? { document: ir.document as unknown as JsonObject };
  return { id: run, input, startedAt: timeDescriptor(startedAt), definition };
}

/** What stands under the task's name in the definition. */
function taskDefinition(turn: TurnDraft, loaded: LoadedNode | undefined): Json {
  const { definition } = turn.program.ir;
  if (definition === undefined || loaded === undefined) return null;
  let value: Json | undefined = definition;
  for (const token of loaded.node.pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value ?? null;
}

/** The scheme alone: what proves it is made when the call leaves, and is shown to nobody. */
function authorizationDescriptor({ loaded }: Standpoint): Json {
  const node = loaded?.node;
  const scheme = node?.kind === 'call' ? node.authentication?.scheme : undefined;
  if (scheme === undefined) return null;
  const isBearer = scheme === 'oauth2' || scheme === 'oidc';
  return { scheme: isBearer ? 'Bearer' : scheme.charAt(0).toUpperCase() + scheme.slice(1) };
}

function timeDescriptor(ms: number): JsonObject {
  const epoch = { seconds: Math.floor(ms / 1_000), milliseconds: ms };
  return { iso8601: isoTime(ms), epoch };
}
