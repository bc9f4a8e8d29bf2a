import {
  copyObject,
  isOrdered,
  JsonNumber,
  JsonScalar,
  KnownOfLists,
  plainNumber,
  plainOrder,
  putMember,
  type Json,
  type JsonObject,
} from '@parley/kernel';
import { overLimit } from './errors.js';
import type { Limits } from './limits.js';
import { doubleText } from './values/number.js';

/** What has been output so far. */
interface Size {
  nodes: number;
  /** Whether numbers keep the spelling of their source. */
  readonly exact: boolean;
}

/**
 * An output must be a JSON value of bounded size. Shared parts count as often as they would be
 * written. NaN becomes null and infinities the largest finite numbers, as jq prints them.
 */
export function checkOutput(output: Json, limits: Required<Limits>, size: Size): Json {
  count(size, limits, 1);
  return checked(output, limits, size, 0);
}

function count(size: Size, limits: Required<Limits>, nodes: number): void {
  size.nodes += nodes;
  if (size.nodes > limits.outputNodes) {
    throw overLimit(`outputs hold more than ${limits.outputNodes} values`);
  }
}

/** Levels that are checked by recursion, which is faster. */
const RECURSIVE_DEPTH = 500;

/** Of a value that was counted. */
function checked(value: Json, limits: Required<Limits>, size: Size, depth: number): Json {
  if (typeof value !== 'object' || value === null) return checkedScalar(value, size);
  if (depth >= RECURSIVE_DEPTH) return checkDeep(value, limits, size);
  return Array.isArray(value)
    ? checkArray(value, limits, size, depth + 1)
    : checkObject(value, limits, size, depth + 1);
}

function checkedScalar(value: Json, size: Size): Json {
  return typeof value === 'number' ? writable(value, size.exact) : value;
}

/** JSON has neither NaN nor infinities; and the sign of zero is in no double that is written. */
function writable(value: number, exact: boolean): Json {
  if (Number.isFinite(value)) return exact ? spelled(value) : value;
  if (Number.isNaN(value)) return null;
  return value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE;
}

/** As jq writes it, where JavaScript would write it otherwise. */
function spelled(value: number): Json {
  const text = doubleText(value);
  return text === JSON.stringify(value) ? value : asJson(new JsonNumber(text));
}

function asJson(value: number | JsonNumber): Json {
  return value as Json;
}

/** Lists that were output as they are, and the values in them. */
const checkedLists = new KnownOfLists<{
  readonly length: number;
  readonly nodes: number;
  readonly exact: boolean;
}>();

/** Copies only when a member had to change. */
function checkArray(array: Json[], limits: Required<Limits>, size: Size, depth: number): Json[] {
  let copy: Json[] | undefined;
  const { length } = array;
  const { exact, nodes: outside } = size;
  const known = checkedLists.of(array);
  const before = known?.exact === exact ? known : { length: 0, nodes: 0 };
  count(size, limits, before.nodes + length - before.length);
  for (let i = before.length; i < length; i += 1) {
    const member = array[i] as Json;
    if (typeof member === 'string' || typeof member === 'boolean') continue;
    const kept = checked(member, limits, size, depth);
    if (kept === member) continue;
    copy ??= [...array];
    copy[i] = kept;
  }
  if (copy !== undefined) return copy;
  checkedLists.learn(array, { length, nodes: size.nodes - outside, exact });
  return array;
}

function checkObject(
  object: JsonObject,
  limits: Required<Limits>,
  size: Size,
  depth: number,
): Json {
  if (object instanceof JsonScalar) return checkedSpecial(object, size);
  let copy: JsonObject | undefined;
  let members = 0;
  // Objects have no inherited members, and this is the fastest way through them.
  for (const key in object) {
    members += 1;
    const member = object[key] as Json;
    if (typeof member === 'string' || typeof member === 'boolean') continue;
    const kept = checked(member, limits, size, depth);
    if (kept !== member) copy = putMember(copy ?? copyObject(object), key, kept);
  }
  count(size, limits, members);
  return isOrdered(object) ? plainOrder(copy ?? object) : (copy ?? object);
}

function checkedSpecial(value: Json, size: Size): Json {
  if (size.exact || !((value as unknown) instanceof JsonNumber)) return value;
  return asJson(plainNumber(value as unknown as JsonNumber));
}

interface Frame {
  readonly value: Json[] | JsonObject;
  /** Undefined for an array. */
  readonly keys: readonly string[] | undefined;
  at: number;
  copy: Json[] | JsonObject | undefined;
}

/** The same without recursion. */
function checkDeep(root: Json[] | JsonObject, limits: Required<Limits>, size: Size): Json {
  const stack: Frame[] = [];
  let done = open(root, stack, limits, size);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    if (done !== undefined) keep(top, done);
    const member = nextMember(top);
    if (member === undefined) done = close(stack, top);
    else done = open(member, stack, limits, size);
  }
  return done as Json;
}

function nextMember({ value, keys, at }: Frame): Json | undefined {
  if (keys === undefined) return (value as Json[])[at];
  const key = keys[at];
  return key === undefined ? undefined : (value as JsonObject)[key];
}

function close(stack: Frame[], frame: Frame): Json {
  stack.pop();
  const result = frame.copy ?? frame.value;
  return Array.isArray(result) ? result : plainOrder(result);
}

/** A scalar is done at once; of a container the members are next. */
function open(value: Json, stack: Frame[], limits: Required<Limits>, size: Size): Json | undefined {
  if (typeof value !== 'object' || value === null) return checkedScalar(value, size);
  if (value instanceof JsonScalar) return checkedSpecial(value, size);
  const keys = Array.isArray(value) ? undefined : Object.keys(value);
  count(size, limits, keys?.length ?? (value as Json[]).length);
  stack.push({ value, keys, at: 0, copy: undefined });
  return undefined;
}

/** Takes what became of the member that is next. */
function keep(frame: Frame, member: Json): void {
  const { value, keys, at } = frame;
  frame.at += 1;
  if (keys === undefined) {
    if ((value as Json[])[at] === member) return;
    frame.copy ??= [...(value as Json[])];
    (frame.copy as Json[])[at] = member;
    return;
  }
  const key = keys[at] as string;
  if ((value as JsonObject)[key] === member) return;
  frame.copy = putMember(
    (frame.copy ?? copyObject(value as JsonObject)) as JsonObject,
    key,
    member,
  );
}
