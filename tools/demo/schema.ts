import type { Violation } from './reply.ts';

/** The part of JSON Schema that the demo documents use; the test fails on any other keyword. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  nullable?: boolean;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  format?: string;
  default?: unknown;
  description?: string;
  example?: unknown;
  examples?: unknown[];
}

const VIOLATIONS_MAX = 20;
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Where a value does not fit its schema; empty when it does. `root` resolves `#/…` references. */
export function violationsOf(value: unknown, schema: Schema, root: unknown): Violation[] {
  const found: Violation[] = [];
  check(value, schema, { root, pointer: '', found });
  return found;
}

export function resolve<T>(node: T & { $ref?: string }, root: unknown): T {
  if (node.$ref === undefined) return node;
  const target = at(root, node.$ref);
  if (target === undefined) throw new Error(`${node.$ref} leads nowhere`);
  return resolve(target as T & { $ref?: string }, root);
}

function at(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let node = root;
  for (const raw of reference.slice(2).split('/')) {
    const key = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as Record<string, unknown>)[key];
  }
  return node;
}

interface Place {
  root: unknown;
  pointer: string;
  found: Violation[];
}

function check(value: unknown, unresolved: Schema, place: Place): void {
  if (place.found.length >= VIOLATIONS_MAX) return;
  const schema = resolve(unresolved, place.root);
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (schema.nullable === true) types.push('null');
  if (types.length > 0 && !types.some((type) => hasType(value, type))) {
    return report(place, `must be ${types.join(' or ')}`);
  }
  if (schema.enum && value !== null && !schema.enum.includes(value)) {
    report(place, `must be one of ${schema.enum.join(', ')}`);
  }
  if (typeof value === 'string') checkString(value, schema, place);
  if (typeof value === 'number') checkNumber(value, schema, place);
  if (Array.isArray(value)) checkArray(value, schema, place);
  else if (typeof value === 'object' && value !== null) checkObject(value, schema, place);
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isSafeInteger(value);
    default:
      return typeof value === type;
  }
}

function checkString(value: string, schema: Schema, place: Place): void {
  const { minLength = 0, maxLength = Infinity } = schema;
  if (value.length < minLength) report(place, `must have at least ${minLength} characters`);
  if (value.length > maxLength) report(place, `must have at most ${maxLength} characters`);
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) {
    report(place, `must match ${schema.pattern}`);
  }
  if (schema.format === 'date-time' && !isDateTime(value)) {
    report(place, 'must be a date and time with zone, as in 2035-03-01T18:30:00Z');
  }
  if (schema.format === 'email' && !email.test(value)) report(place, 'must be an e-mail address');
}

function isDateTime(value: string): boolean {
  return dateTime.test(value) && !Number.isNaN(Date.parse(value));
}

function checkNumber(value: number, schema: Schema, place: Place): void {
  const { minimum = -Infinity, maximum = Infinity } = schema;
  if (value < minimum) report(place, `must be at least ${minimum}`);
  if (value > maximum) report(place, `must be at most ${maximum}`);
}

function checkArray(value: unknown[], schema: Schema, place: Place): void {
  const { minItems = 0, maxItems = Infinity, items } = schema;
  if (value.length < minItems) report(place, `must have at least ${minItems} items`);
  if (value.length > maxItems) return report(place, `must have at most ${maxItems} items`);
  if (!items) return;
  for (const [index, item] of value.entries()) {
    check(item, items, { ...place, pointer: `${place.pointer}/${index}` });
  }
}

function checkObject(value: object, schema: Schema, place: Place): void {
  const below = (key: string): Place => ({ ...place, pointer: `${place.pointer}/${key}` });
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(value, key)) report(below(key), 'is required');
  }
  for (const [key, member] of Object.entries(value)) {
    const properties = schema.properties ?? {};
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known) check(member, known, below(key));
    else if (schema.additionalProperties === false) report(below(key), 'is not known');
  }
}

function report({ pointer, found }: Place, detail: string): void {
  if (found.length < VIOLATIONS_MAX) found.push({ pointer, detail });
}
