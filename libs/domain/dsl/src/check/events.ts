import { memberOf, textOf, type MapNode } from '../source/tree.js';
import { keyPlace, type Check } from './context.js';

/** The time of an event is one, unless it is computed. */
export function checkEventTime(check: Check, node: MapNode): void {
  const time = memberOf(node, 'time');
  const text = textOf(time);
  if (time === undefined || text === undefined || text.includes('${') || isDateTime(text)) return;
  check.reporter.report('PL1013', time, {
    message: `"time" cannot be "${text}"`,
    expected: 'a date and time such as 2026-01-31T09:00:00Z',
    actual: text,
  });
}

function isDateTime(text: string): boolean {
  const form = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[-+]\d\d(?::?\d\d)?)$/;
  return form.test(text) && !Number.isNaN(Number(text.slice(5, 7))) && isDay(text.slice(0, 10));
}

function isDay(date: string): boolean {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day >= 1 && day <= (lengths[month - 1] ?? 0);
}

/** The schema lets an event have nothing at all; without a type nobody can take it. */
export function checkEmitted(check: Check, node: MapNode): void {
  if (memberOf(node, 'with') !== undefined) return;
  check.reporter.report('PL1062', keyPlace(node), {
    message: 'The event has no "with", so it has no type by which it could be taken',
    expected: 'with',
  });
}

/** What an error comes from is a JSON Pointer, unless it is computed. */
export function checkErrorInstance(check: Check, node: MapNode): void {
  const instance = memberOf(node, 'instance');
  const text = textOf(instance);
  if (instance === undefined || text === undefined || text.includes('${')) return;
  if (/^(?:\/(?:[^~/]|~0|~1)*)*$/.test(text)) return;
  check.reporter.report('PL1013', instance, {
    message: '"instance" must be a JSON Pointer',
    expected: 'a JSON Pointer such as /do/0/charge',
    actual: text,
  });
}
