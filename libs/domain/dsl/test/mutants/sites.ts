import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { token } from './write.js';

export type Path = readonly (string | number)[];

/** A place in a definition. */
export interface Site {
  readonly path: Path;
  readonly value: Json;
}

/** Every place below `value`, itself included, in document order. */
export function* sitesOf(value: Json, path: Path = []): Generator<Site> {
  yield { path, value };
  const inner = Array.isArray(value)
    ? value.entries()
    : isJsonObject(value)
      ? Object.entries(value)
      : [];
  for (const [key, item] of inner) yield* sitesOf(item, [...path, key]);
}

export function pointerOf(path: Path): string {
  return path.map((key) => `/${token(key)}`).join('');
}

export function parentOf(pointer: string): string {
  return pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')));
}

export function valueAt(value: Json, path: Path): Json | undefined {
  let at: Json | undefined = value;
  for (const key of path) {
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

/** The same value with another one at `path`. */
export function replaced(value: Json, path: Path, next: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return next;
  if (Array.isArray(value)) {
    const index = Number(key);
    return value.with(index, replaced(value[index] ?? null, rest, next));
  }
  if (!isJsonObject(value)) throw new Error(`nothing at ${pointerOf(path)}`);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === key ? replaced(member, rest, next) : member,
    ]),
  );
}

/** The same value without the member or item at `path`. */
export function removed(value: Json, path: Path): Json {
  const owner = path.slice(0, -1);
  const key = path.at(-1);
  const inside = valueAt(value, owner);
  if (Array.isArray(inside)) return replaced(value, owner, inside.toSpliced(Number(key), 1));
  const { [String(key)]: _, ...rest } = inside as JsonObject;
  return replaced(value, owner, rest);
}

/** The same value with the member at `path` under another key, in its old place. */
export function renamed(value: Json, path: Path, to: string): Json {
  const owner = path.slice(0, -1);
  const inside = valueAt(value, owner) as JsonObject;
  const entries = Object.entries(inside).map(([key, member]) => [
    key === path.at(-1) ? to : key,
    member,
  ]);
  return replaced(value, owner, Object.fromEntries(entries) as JsonObject);
}

/** The same value with one member more in the object at `path`. */
export function added(value: Json, path: Path, key: string, member: Json): Json {
  const inside = valueAt(value, path) as JsonObject;
  return replaced(value, path, { ...inside, [key]: member });
}
