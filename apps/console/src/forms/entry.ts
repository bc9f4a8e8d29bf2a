import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@parley/kernel';
import { parseJson } from '../json/json-text';
import { pointerTo } from '../json/pointer';
import type { Field, FieldOf } from './field';

/**
 * What has been entered into a field so far. Texts stay as typed, so an unfinished number is not
 * lost; `readEntry` makes JSON of it.
 */
export type Entry =
  | {
      readonly kind: 'object';
      readonly entries: Readonly<Record<string, Entry>>;
      /** Members that the form does not show; they are passed on as they are. */
      readonly extra: JsonObject;
      readonly given: boolean;
    }
  | { readonly kind: 'array'; readonly items: readonly Item[]; readonly given: boolean }
  | {
      readonly kind: 'text';
      readonly text: string;
      /** The value that the text was made from; typing drops it, until then it is passed on as is. */
      readonly source?: Json;
    }
  | { readonly kind: 'flag'; readonly on: boolean | undefined };

/** `key` stays with an element when others are removed. */
export interface Item {
  readonly key: number;
  readonly entry: Entry;
}

/** Messages by JSON Pointer. */
export type Faults = ReadonlyMap<string, string>;

let nextKey = 0;

export function newItem(field: Field): Item {
  return { key: nextKey++, entry: entryOf(field, field.initial) };
}

/** An entry that shows `value`; without one, what the schema gives to begin with. */
export function entryOf(field: Field, value: Json | undefined): Entry {
  switch (field.kind) {
    case 'object':
      return objectEntry(field, isJsonObject(value) ? value : undefined);
    case 'array':
      return arrayEntry(field, Array.isArray(value) ? value : undefined);
    case 'boolean':
      return { kind: 'flag', on: typeof value === 'boolean' ? value : undefined };
    default: {
      const source = value === undefined || !fits(field, value) ? {} : { source: value };
      return { kind: 'text', text: textFor(field, value), ...source };
    }
  }
}

function arrayEntry(field: FieldOf<'array'>, values: readonly Json[] | undefined): Entry {
  const least = Array.from({ length: field.required ? field.itemsMin : 0 });
  const items =
    values?.map((one) => ({ key: nextKey++, entry: entryOf(field.item, one) })) ??
    least.map(() => newItem(field.item));
  return { kind: 'array', items, given: values !== undefined };
}

function objectEntry(field: FieldOf<'object'>, value: JsonObject | undefined): Entry {
  const extra = { ...value };
  const entries: Record<string, Entry> = {};
  for (const { name, field: child } of field.fields) {
    entries[name] = entryOf(child, value === undefined ? child.initial : value[name]);
    delete extra[name];
  }
  return { kind: 'object', entries, extra, given: value !== undefined };
}

/** Whether the form can show `value` without losing anything of it. */
export function fits(field: Field, value: Json | undefined): boolean {
  if (value === undefined) return !field.required;
  if (value === null) return field.nullable || field.kind === 'json' || field.kind === 'choice';
  switch (field.kind) {
    case 'object':
      return (
        isJsonObject(value) &&
        field.fields.every(
          ({ name, field: child }) => value[name] === undefined || fits(child, value[name]),
        )
      );
    case 'array':
      return Array.isArray(value) && value.every((one) => fits(field.item, one));
    case 'boolean':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number';
    case 'text':
      return typeof value === 'string' && isShowable(field, value);
    case 'choice':
      return field.options.some((option) => jsonEquals(option, value));
    case 'json':
      return true;
  }
}

/**
 * The JSON of what was entered; undefined when nothing was and nothing must be.
 * @param faults takes what is wrong, by pointer
 */
export function readEntry(
  field: Field,
  entry: Entry,
  at: { pointer: string; faults: Map<string, string> },
): Json | undefined {
  const { pointer, faults } = at;
  if (field.kind === 'object' && entry.kind === 'object') return readObject(field, entry, at);
  if (field.kind === 'array' && entry.kind === 'array') {
    if (entry.items.length === 0 && !field.required && !entry.given) return undefined;
    return entry.items.map(
      (item, index) =>
        readEntry(field.item, item.entry, { pointer: pointerTo(pointer, index), faults }) ?? null,
    );
  }
  if (entry.kind === 'flag') return entry.on ?? (field.required ? false : undefined);
  if (entry.kind !== 'text') return undefined;
  if (entry.source !== undefined) return entry.source;
  if (entry.text.trim() === '') {
    if (field.required && field.nullable) return null;
    if (field.required) faults.set(pointer, 'This is needed.');
    return undefined;
  }
  const read = readText(field, entry.text);
  if ('fault' in read) faults.set(pointer, read.fault);
  return 'fault' in read ? undefined : read.value;
}

function readObject(
  field: FieldOf<'object'>,
  entry: Extract<Entry, { kind: 'object' }>,
  at: { pointer: string; faults: Map<string, string> },
): Json | undefined {
  // What is optional as a whole and was left empty asks for nothing inside.
  const faults = new Map<string, string>();
  const members: JsonObject = { ...entry.extra };
  for (const { name, field: child } of field.fields) {
    const inside = entry.entries[name];
    if (inside === undefined) continue;
    const value = readEntry(child, inside, { pointer: pointerTo(at.pointer, name), faults });
    if (value !== undefined) members[name] = value;
  }
  const isLeftOut = !field.required && !entry.given && isUntouched(field, entry);
  if (isLeftOut) return undefined;
  for (const [pointer, message] of faults) at.faults.set(pointer, message);
  return members;
}

function isUntouched(field: Field, entry: Entry): boolean {
  if (entry.kind === 'object' && field.kind === 'object') {
    return field.fields.every(({ name, field: child }) => {
      const inside = entry.entries[name];
      return inside === undefined || isUntouched(child, inside);
    });
  }
  if (entry.kind === 'array') return entry.items.length === 0;
  return entry.kind === 'text' ? entry.text.trim() === '' : entry.kind === 'flag' && !entry.on;
}

type Read = { readonly value: Json } | { readonly fault: string };

function readText(field: Field, text: string): Read {
  switch (field.kind) {
    case 'choice': {
      const option = field.options[Number(text)];
      return option === undefined ? { fault: 'Choose one.' } : { value: option };
    }
    case 'number':
      return readNumber(field, text.trim());
    case 'json': {
      const read = parseJson(text);
      if (read.ok) return { value: read.value };
      const { line, column, message } = read.error;
      return { fault: `Line ${String(line)}, column ${String(column)}: ${message}.` };
    }
    case 'text':
      return checkText(field, fromText(field, text));
    default:
      return { fault: 'This cannot be read.' };
  }
}

function readNumber(field: FieldOf<'number'>, text: string): Read {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) {
    return { fault: `${text} is not a number.` };
  }
  const value = Number(text);
  if (field.integer && !Number.isInteger(value)) return { fault: 'This must be a whole number.' };
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    return { fault: 'This number is too large to be passed on exactly.' };
  }
  const { min, max } = field;
  if (min !== undefined && value < min) return { fault: `This must be at least ${String(min)}.` };
  if (max !== undefined && value > max) return { fault: `This must be at most ${String(max)}.` };
  return { value };
}

function checkText(field: FieldOf<'text'>, value: string): Read {
  const { lengthMin, lengthMax } = field;
  const length = Array.from(value).length;
  if (lengthMin !== undefined && length < lengthMin) {
    return { fault: `This must have at least ${String(lengthMin)} characters.` };
  }
  if (lengthMax !== undefined && length > lengthMax) {
    return { fault: `This must have at most ${String(lengthMax)} characters.` };
  }
  return { value };
}

function textFor(field: Field, value: Json | undefined): string {
  if (value === undefined) return '';
  switch (field.kind) {
    case 'choice': {
      const at = field.options.findIndex((option) => jsonEquals(option, value));
      return at < 0 ? '' : String(at);
    }
    case 'number':
      return typeof value === 'number' ? String(value) : '';
    case 'text':
      if (typeof value !== 'string') return '';
      return field.format === 'date-time' ? localTime(value) : value;
    default:
      return JSON.stringify(value, null, 2);
  }
}

/** Browsers leave date and time inputs blank when their text has another form. */
function isShowable(field: FieldOf<'text'>, value: string): boolean {
  if (field.format === 'date') return /^\d{4}-\d\d-\d\d$/.test(value);
  return field.format !== 'date-time' || !Number.isNaN(Date.parse(value));
}

/** Times are shown in the zone of the person and passed on in UTC. */
function localTime(value: string): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return '';
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().replace(/(?::00)?\.000Z$|Z$/, '');
}

function fromText(field: FieldOf<'text'>, text: string): string {
  if (field.format !== 'date-time') return text;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}
