import { isJsonObject, type Json } from '@parley/kernel';
import { shortened } from '../describe.js';
import { describeDuration, durationUnits, parseDuration } from '../values/duration.js';

export const valueLengthMax = 60;

/** A value in a sentence. */
export function show(value: Json | undefined): string {
  return shortened(JSON.stringify(value ?? null), valueLengthMax);
}

/** The same without quotes around texts. */
export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : show(value);
}

/** A duration in words, in whichever form it is written. */
export function duration(value: Json | undefined): string {
  if (typeof value === 'string') {
    const parsed = parseDuration(value);
    return parsed.ok ? describeDuration(parsed.value.ms) : value;
  }
  if (!isJsonObject(value)) return show(value);
  const ms = Object.entries(durationUnits).reduce((sum, [unit, factor]) => {
    const count = value[unit];
    return sum + (typeof count === 'number' ? count * factor : 0);
  }, 0);
  return describeDuration(ms);
}
