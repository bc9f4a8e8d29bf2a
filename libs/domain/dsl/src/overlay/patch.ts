import {
  copyObject,
  err,
  isJsonObject,
  jsonEquals,
  objectOf,
  ok,
  putMember,
  type Json,
  type Result,
} from '@parley/kernel';
import { unescapeToken } from '../source/tree.js';

/** One operation of RFC 6902; what an operation has not got is ignored, as the RFC says. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** Why a patch does not apply. */
export interface PatchProblem {
  /** Which operation, from 0. */
  readonly operation: number;
  readonly message: string;
}

/**
 * Applies a JSON Patch (RFC 6902): all of it or nothing. The document is not changed, and shares with
 * the result what is the same in both. Unlike the libraries for it this one keeps the order of keys and
 * the digits of numbers, by which the hash of a definition goes.
 */
export function applyPatch(
  document: Json,
  operations: readonly PatchOperation[],
): Result<Json, PatchProblem> {
  let patched = document;
  for (const [operation, one] of operations.entries()) {
    try {
      patched = apply(patched, one);
    } catch (thrown) {
      if (thrown instanceof Misfit) return err({ operation, message: thrown.message });
      throw thrown;
    }
  }
  return ok(patched);
}

/** The value at a JSON Pointer, or undefined. */
export function valueAt(document: Json, pointer: string): Json | undefined {
  let value: Json | undefined = document;
  for (const token of tokensOf(pointer)) {
    if (Array.isArray(value))
      value = /^(?:0|[1-9]\d*)$/.test(token) ? value[Number(token)] : undefined;
    else value = isJsonObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

export function tokensOf(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new Misfit(`"${pointer}" is not a JSON Pointer`);
  return pointer.slice(1).split('/').map(unescapeToken);
}

/** Something that does not fit the document. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
}

function apply(document: Json, operation: PatchOperation): Json {
  const { op, path } = operation;
  switch (op) {
    case 'add':
      return add(document, path, operation.value);
    case 'remove':
      return remove(document, path);
    case 'replace':
      return replace(document, path, operation.value);
    case 'move': {
      const { from } = operation;
      if (path.startsWith(`${from}/`)) throw new Misfit(`${from} cannot be moved into itself`);
      return add(remove(document, from), path, found(document, from));
    }
    case 'copy':
      return add(document, path, found(document, operation.from));
    case 'test':
      if (jsonEquals(found(document, path), operation.value)) return document;
      throw new Misfit(`${path} is not what it should be`);
  }
}

function found(document: Json, pointer: string): Json {
  const value = valueAt(document, pointer);
  if (value === undefined) throw new Misfit(`there is nothing at ${pointer}`);
  return value;
}

type Change = (container: Json, token: string) => Json;

/** Changes what holds the value at a pointer, and copies what is around it. */
function changed(value: Json, tokens: readonly string[], change: Change): Json {
  const [token = '', ...rest] = tokens;
  if (rest.length === 0) return change(value, token);
  if (Array.isArray(value)) {
    const index = indexIn(value, token, value.length - 1);
    return value.with(index, changed(value[index] ?? null, rest, change));
  }
  if (!isJsonObject(value)) throw new Misfit(`there is nothing at "${token}"`);
  return putMember(copyObject(value), token, changed(memberOf(value, token), rest, change));
}

function add(document: Json, pointer: string, value: Json): Json {
  const tokens = tokensOf(pointer);
  if (tokens.length === 0) return value;
  return changed(document, tokens, (container, token) => {
    if (Array.isArray(container)) {
      const index = token === '-' ? container.length : indexIn(container, token, container.length);
      return container.toSpliced(index, 0, value);
    }
    if (!isJsonObject(container)) throw new Misfit(`nothing can be added at ${pointer}`);
    return putMember(copyObject(container), token, value);
  });
}

function remove(document: Json, pointer: string): Json {
  const tokens = tokensOf(pointer);
  if (tokens.length === 0) throw new Misfit('the whole document cannot be removed');
  return changed(document, tokens, (container, token) => {
    if (Array.isArray(container)) {
      return container.toSpliced(indexIn(container, token, container.length - 1), 1);
    }
    if (!isJsonObject(container)) throw new Misfit(`there is nothing at ${pointer}`);
    memberOf(container, token);
    return objectOf(Object.entries(container).filter(([key]) => key !== token));
  });
}

function replace(document: Json, pointer: string, value: Json): Json {
  const tokens = tokensOf(pointer);
  if (tokens.length === 0) return value;
  return changed(document, tokens, (container, token) => {
    if (Array.isArray(container)) {
      return container.with(indexIn(container, token, container.length - 1), value);
    }
    if (!isJsonObject(container)) throw new Misfit(`there is nothing at ${pointer}`);
    memberOf(container, token);
    return putMember(copyObject(container), token, value);
  });
}

function indexIn(list: readonly Json[], token: string, last: number): number {
  const index = /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : Infinity;
  if (index <= last) return index;
  throw new Misfit(`a list of ${list.length} has no place "${token}"`);
}

function memberOf(object: { readonly [key: string]: Json }, key: string): Json {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  if (value === undefined) throw new Misfit(`there is no member "${key}"`);
  return value;
}
