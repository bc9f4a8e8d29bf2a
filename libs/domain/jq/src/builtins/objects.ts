import { isJsonObject, putMember, type Json, type JsonObject } from '@parley/kernel';
import type { Native } from '../core.js';
import { describe, failure, typeError } from '../errors.js';
import type { Meter } from '../limits.js';
import { getIndex, hasKey } from '../values/access.js';
import { sortedKeys } from '../values/order.js';
import { isTruthy } from '../values/types.js';
import { members } from './arrays.js';

function keys(sorted: boolean): Native {
  return (input, _args, meter) => {
    if (Array.isArray(input)) return [...input.keys()];
    if (!isJsonObject(input)) throw typeError(input, 'has no keys');
    const names = sorted ? sortedKeys(input) : Object.keys(input);
    meter.spend(names.length);
    return names;
  };
}

function toEntries(input: Json, _args: readonly Json[], meter: Meter): Json {
  if (Array.isArray(input)) return input.map((value, key) => ({ key, value }));
  if (!isJsonObject(input)) throw typeError(input, 'has no keys');
  const entries = Object.keys(input).map((key) => ({ key, value: input[key] as Json }));
  meter.spend(entries.length);
  return entries;
}

const KEY_NAMES = ['key', 'Key', 'name', 'Name'] as const;

/** Reads the spellings that jq reads: key, Key, name, Name with value, Value. */
function fromEntries(input: Json, _args: readonly Json[], meter: Meter): Json {
  let result: JsonObject = {};
  for (const entry of members(input)) {
    meter.spend(1);
    result = putMember(result, entryKey(entry, meter), entryValue(entry, meter));
  }
  return result;
}

function entryKey(entry: Json, meter: Meter): string {
  let key: Json = null;
  for (const name of KEY_NAMES) {
    key = getIndex(entry, name, meter);
    if (isTruthy(key)) break;
  }
  if (typeof key !== 'string') throw failure(`Cannot use ${describe(key)} as object key`);
  return key;
}

function entryValue(entry: Json, meter: Meter): Json {
  return getIndex(entry, hasKey(entry, 'value') ? 'value' : 'Value', meter);
}

export const objectNatives: Record<string, Native> = {
  'keys/0': keys(true),
  'keys_unsorted/0': keys(false),
  'to_entries/0': toEntries,
  'from_entries/0': fromEntries,
};
