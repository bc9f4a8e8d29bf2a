import type { Json } from '@parley/kernel';
import { isSurrogate } from './codepoints.js';

/** jq's own buffer for values in messages, in bytes of UTF-8. */
const PREVIEW_BYTES = 30;

/** Integers up to here are written in plain digits, as they most likely stood in the source. */
const PLAIN_INTEGER_MAX = 1e17;

/** Smaller numbers than 0.000001 take an exponent. */
const PLAIN_POINT_MIN = -6;

/** Building text is slow beside walking over values. */
const CONTAINER_STEPS = 5;

/** Counts what is written, so that text of a value that shares parts cannot grow without bound. */
export interface TextBudget {
  spend(steps: number): void;
  stringOf(length: number): void;
  descend(): void;
  depth: number;
}

/** The JSON text of a value: `tojson`. NaN is null and infinities are the largest finite numbers. */
export function toJsonText(value: Json, budget: TextBudget): string {
  switch (typeof value) {
    case 'string':
      budget.stringOf(value.length + 2);
      return JSON.stringify(value);
    case 'number':
      return numberText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return value === null ? 'null' : containerText(value, budget);
  }
}

function containerText(value: Json[] | { [key: string]: Json }, budget: TextBudget): string {
  budget.descend();
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += (text === '' ? '[' : ',') + toJsonText(item, budget);
    text = text === '' ? '[]' : `${text}]`;
  } else {
    for (const key of Object.keys(value)) {
      const member = toJsonText(value[key] as Json, budget);
      text += `${text === '' ? '{' : ','}${JSON.stringify(key)}:${member}`;
    }
    text = text === '' ? '{}' : `${text}}`;
  }
  budget.spend(CONTAINER_STEPS);
  budget.stringOf(text.length);
  budget.depth -= 1;
  return text;
}

/** A number as jq writes it: the shortest digits that read back the same. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < PLAIN_INTEGER_MAX) {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  if (Number.isNaN(value)) return 'null';
  if (!Number.isFinite(value))
    return value > 0 ? '1.7976931348623157e+308' : '-1.7976931348623157e+308';
  return shortestText(value);
}

function shortestText(value: number): string {
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const sign = value < 0 ? '-' : '';
  const point = Number(exponent) + 1;
  if (point <= PLAIN_POINT_MIN || point > digits.length + 15) {
    const power = point - 1;
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const padded = String(Math.abs(power)).padStart(2, '0');
    return `${sign}${digits.charAt(0)}${fraction}e${power < 0 ? '-' : '+'}${padded}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The beginning of a value's text, cut as jq cuts it in its messages. */
export function preview(value: Json): string {
  const text = previewText(value, PREVIEW_BYTES * 2);
  if (utf8Prefix(text, PREVIEW_BYTES - 1).length === text.length) return text;
  const closing = { '"': '"', '[': ']', '{': '}' }[text.charAt(0)] ?? '';
  return `${utf8Prefix(text, PREVIEW_BYTES - 4 - closing.length)}...${closing}`;
}

/** Enough of the text to be cut; never walks a large value. */
function previewText(value: Json, room: number): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > room ? value.slice(0, room) : value);
  if (typeof value === 'number') return numberText(value);
  if (value === null || typeof value === 'boolean') return String(value);
  const isArray = Array.isArray(value);
  let text = '';
  for (const key of isArray ? value.keys() : Object.keys(value)) {
    if (text.length > room) break;
    const member = (value as Record<string | number, Json>)[key] as Json;
    const label = isArray ? '' : `${JSON.stringify(key)}:`;
    text += (text === '' ? '' : ',') + label + previewText(member, room - text.length);
  }
  return isArray ? `[${text}]` : `{${text}}`;
}

/** The longest prefix of whole characters that takes at most `bytes` bytes of UTF-8. */
function utf8Prefix(text: string, bytes: number): string {
  let used = 0;
  let end = 0;
  while (end < text.length) {
    const code = text.codePointAt(end) ?? 0;
    used += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (used > bytes) break;
    end += code > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}

/** Bytes that `text` takes in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 || isSurrogate(unit) ? 1 : 2;
  }
  return bytes;
}
