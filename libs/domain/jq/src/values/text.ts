import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { secretFailure } from '../failure.js';
import { isSurrogate } from './codepoints.js';
import { isLiteral, numberText } from './number.js';
import { isOpaque } from './opaque.js';
import { quoted } from './quote.js';

/** Building text is slow beside walking over values. */
const CONTAINER_STEPS = 20;

/** Levels that are written by recursion, and levels that are written at all, as in jq. */
const RECURSIVE_DEPTH = 500;
const DEPTH_MAX = 10_000;
const SKIPPED = '<skipped: too deep>';

/** Counts what is written, so that text of a value that shares parts cannot grow without bound. */
export interface TextBudget {
  spend(steps: number): void;
  stringOf(length: number): void;
  /** See `numberText`. */
  readonly exact: boolean;
}

/** The JSON text of a value: `tojson`. NaN is null and infinities are the largest finite numbers. */
export function toJsonText(value: Json, budget: TextBudget): string {
  return textAt(value, budget, 0);
}

function textAt(value: Json, budget: TextBudget, depth: number): string {
  switch (typeof value) {
    case 'string':
      budget.stringOf(value.length + 2);
      return quoted(value);
    case 'number':
      return numberText(value, budget.exact);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return value === null ? 'null' : containerText(value, budget, depth);
  }
}

function containerText(value: Json[] | JsonObject, budget: TextBudget, depth: number): string {
  if (isLiteral(value)) return value.toString();
  if (isOpaque(value)) throw secretFailure('written as text');
  if (depth >= RECURSIVE_DEPTH) return deepText(value, budget, depth);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += (text === '' ? '[' : ',') + textAt(item, budget, depth + 1);
    text = text === '' ? '[]' : `${text}]`;
  } else {
    for (const key of Object.keys(value)) {
      const member = textAt(value[key] as Json, budget, depth + 1);
      text += `${text === '' ? '{' : ','}${quoted(key)}:${member}`;
    }
    text = text === '' ? '{}' : `${text}}`;
  }
  budget.spend(CONTAINER_STEPS);
  budget.stringOf(text.length);
  return text;
}

interface Frame {
  readonly container: Json[] | JsonObject;
  /** Undefined for an array. */
  readonly keys: readonly string[] | undefined;
  at: number;
}

/** The same without recursion. */
function deepText(value: Json[] | JsonObject, budget: TextBudget, depth: number): string {
  const stack: Frame[] = [];
  let text = '';
  let length = 0;
  const open = (container: Json[] | JsonObject): void => {
    const isArray = Array.isArray(container);
    stack.push({ container, keys: isArray ? undefined : Object.keys(container), at: 0 });
    text += isArray ? '[' : '{';
    budget.spend(CONTAINER_STEPS);
  };
  open(value);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = nextMember(top);
    if (next === undefined) {
      text += top.keys === undefined ? ']' : '}';
      stack.pop();
      continue;
    }
    text += next.label;
    const isNested = Array.isArray(next.value) || isJsonObject(next.value);
    if (!isNested) text += textAt(next.value, budget, 0);
    else if (depth + stack.length > DEPTH_MAX) text += SKIPPED;
    else open(next.value);
    if (text.length > length * 2) {
      length = text.length;
      budget.stringOf(length);
    }
  }
  return text;
}

function nextMember(frame: Frame): { readonly label: string; readonly value: Json } | undefined {
  const { container, keys, at } = frame;
  frame.at += 1;
  const comma = at > 0 ? ',' : '';
  if (keys === undefined) {
    const items = container as Json[];
    return at < items.length ? { label: comma, value: items[at] as Json } : undefined;
  }
  const key = keys[at];
  if (key === undefined) return undefined;
  return { label: `${comma}${quoted(key)}:`, value: (container as JsonObject)[key] as Json };
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
