import { isParleyError } from '@parley/sdk';
import { pointerTo } from '../json/pointer';
import type { Faults } from './entry';

/**
 * What the platform found wrong with a value, by pointer into that value.
 * @param member of the request's body that carries the value, e.g. `input`
 */
export function problemFaults(error: unknown, member: string): Faults {
  const faults = new Map<string, string>();
  if (!isParleyError(error)) return faults;
  const prefix = `/${member}`;
  for (const { pointer = '', message } of error.problem.errors ?? []) {
    if (pointer !== prefix && !pointer.startsWith(`${prefix}/`)) continue;
    // A missing member is reported at the object around it; it is shown where it is entered.
    const missing = /required property '(.+)'/.exec(message)?.[1];
    const inside = pointer.slice(prefix.length);
    const at = missing === undefined ? inside : pointerTo(inside, missing);
    faults.set(at, missing === undefined ? sentence(message) : 'This is needed.');
  }
  return faults;
}

function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
