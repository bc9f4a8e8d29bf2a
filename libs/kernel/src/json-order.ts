import type { Json, JsonObject } from './json.js';

/**
 * Objects whose order of keys JavaScript would change: keys such as `"10"` come first in plain
 * objects, by size. An ordered object looks like a plain one to all code, `JSON.stringify`
 * included; only copying it by spreading or `Object.assign` loses the order (`copyObject` keeps it).
 *
 * O1 An object is ordered only when the order of its keys is not the one of a plain object, or was
 *    not at some time.
 */
class KeyOrder implements ProxyHandler<JsonObject> {
  readonly keys: Set<string>;

  constructor(keys: Set<string>) {
    this.keys = keys;
  }

  ownKeys(): string[] {
    return [...this.keys];
  }

  defineProperty(target: JsonObject, key: string, descriptor: PropertyDescriptor): boolean {
    this.keys.add(key);
    return Reflect.defineProperty(target, key, descriptor);
  }

  deleteProperty(target: JsonObject, key: string): boolean {
    this.keys.delete(key);
    return Reflect.deleteProperty(target, key);
  }
}

interface Ordered {
  readonly target: JsonObject;
  readonly order: KeyOrder;
}

const known = new WeakMap<JsonObject, Ordered>();

/** Most processes never meet one: then asking costs nothing. */
let hasAny = false;

export function isOrdered(object: JsonObject): boolean {
  return hasAny && known.has(object);
}

/** Largest array index, and with it the largest key that JavaScript moves to the front. */
const INDEX_MAX = 2 ** 32 - 2;

/** Whether JavaScript sorts a key to the front of an object. */
export function isIndexKey(key: string): boolean {
  const first = key.charCodeAt(0);
  if (!(first >= 48 && first <= 57)) return false;
  const index = Number(key);
  return Number.isInteger(index) && index <= INDEX_MAX && String(index) === key;
}

function ordered(target: JsonObject, keys: Iterable<string>): JsonObject {
  const order = new KeyOrder(new Set(keys));
  const object = new Proxy(target, order);
  known.set(object, { target, order });
  hasAny = true;
  return object;
}

/** Sets an own member, also when the key is `__proto__`. */
function define(target: JsonObject, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    target[key] = value;
  }
}

/**
 * Sets a member of an object that nobody else holds: a new key comes last. Gives the object to go on
 * with, which is another one when JavaScript would put the key elsewhere.
 */
export function putMember(object: JsonObject, key: string, value: Json): JsonObject {
  if (isIndexKey(key) && !isOrdered(object) && !Object.hasOwn(object, key)) {
    return putIndex(object, key, value);
  }
  define(object, key, value);
  return object;
}

/** Up to so many members it is looked up whether a key is at its place anyway. */
const LOOK_MAX = 8;

function putIndex(object: JsonObject, key: string, value: Json): JsonObject {
  const keys = Object.keys(object);
  const last = keys.at(-1);
  const isLast =
    last === undefined ||
    (keys.length <= LOOK_MAX && isIndexKey(last) && Number(last) < Number(key));
  const target = isLast ? object : ordered(object, keys);
  target[key] = value;
  return target;
}

/** A copy with the same order of keys. */
export function copyObject(object: JsonObject): JsonObject {
  const found = hasAny ? known.get(object) : undefined;
  return found === undefined ? { ...object } : ordered({ ...found.target }, found.order.keys);
}

/** The plain object, when it has the same order of keys. */
export function plainOrder(object: JsonObject): JsonObject {
  const found = hasAny ? known.get(object) : undefined;
  if (found === undefined) return object;
  const natural = Object.keys(found.target);
  let at = 0;
  for (const key of found.order.keys) {
    if (natural[at] !== key) return object;
    at += 1;
  }
  return found.target;
}

/** An object from members in their order; of two members with one key the last value counts. */
export function objectOf(members: Iterable<readonly [string, Json]>): JsonObject {
  let object: JsonObject = {};
  for (const [key, value] of members) object = putMember(object, key, value);
  return plainOrder(object);
}
