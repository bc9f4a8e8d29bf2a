import { isJsonObject, objectOf, type Json } from '@parley/kernel';

/**
 * An answer in which whatever is as before is the very same value, so that what shows it is not drawn
 * again. Unlike the query client's own way it keeps the order of keys and members of any name.
 */
export function shareEqual(before: unknown, now: unknown): unknown {
  if (before === now) return before;
  if (Array.isArray(before) && Array.isArray(now)) {
    const items = now.map((item, at) => shareEqual(before[at], item));
    const isSame = before.length === items.length && items.every((item, at) => item === before[at]);
    return isSame ? before : items;
  }
  if (!isJsonObject(before) || !isJsonObject(now)) return now;
  if (!isPlain(before) || !isPlain(now)) return now;
  const keys = Object.keys(before);
  const members = Object.keys(now).map((key) => {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    return [key, shareEqual(old, now[key]) as Json] as const;
  });
  const isSame =
    keys.length === members.length &&
    members.every(([key, value], at) => keys[at] === key && before[key] === value);
  return isSame ? before : objectOf(members);
}

function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}
