import type { Diagnostic } from '@parley/contracts';
import { isJsonObject, type Json } from '@parley/kernel';
import { parseDefinition, validateDefinition } from '../../src/index.js';
import { catalogue } from './corpus.js';
import { fixed, offsetOf } from './fixes.js';
import type { Mutant } from './mutant.js';
import type { SchemaVerdict } from './oracle.js';
import type { Semantics } from './semantics.js';
import { parentOf } from './sites.js';
import { twoPlaces } from './structural.js';

/** What should become of a mutant. */
export type Demand = 'refused' | 'accepted' | 'nothing';

export interface Outcome {
  readonly mutant: Mutant;
  readonly demand: Demand;
  readonly errors: readonly Diagnostic[];
  /** One error, at the mutated place, and with the expected code if there is one. */
  readonly exact: boolean;
  /** What a fix of the one error did, if it has one. */
  readonly fix?: 'cures' | 'helps' | 'fails';
  /** Why it is not as it should be; absent: it is. */
  readonly complaint?: string;
}

export interface Judges {
  readonly schema?: (value: Json) => SchemaVerdict;
  readonly semantics: Semantics;
}

export function outcomeOf(mutant: Mutant, judges: Judges): Outcome {
  const { demand, wrong } = demandOf(mutant, judges);
  const { diagnostics, thrown } = validated(mutant.text);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const complaint = thrown ?? complaintOf(mutant, demand, { errors, wrong, diagnostics });
  const exact = demand === 'refused' && complaint === undefined;
  const fix = effectOfFix(mutant.text, errors);
  const harm = fix === 'fails' ? 'the fix does not help' : undefined;
  const said = complaint ?? harm;
  return { mutant, demand, errors, exact, ...(fix && { fix }), ...(said && { complaint: said }) };
}

function validated(text: string): { diagnostics: readonly Diagnostic[]; thrown?: string } {
  try {
    return validateDefinition(text, { catalogue });
  } catch (error) {
    return { diagnostics: [], thrown: `threw ${String(error)}` };
  }
}

/** Applies the fix of a lone error; what stood behind it may come to light. */
function effectOfFix(text: string, errors: readonly Diagnostic[]): Outcome['fix'] {
  const [error] = errors;
  const next = error !== undefined && errors.length === 1 ? fixed(text, error) : undefined;
  if (next === undefined) return undefined;
  const { diagnostics } = validateDefinition(next, { catalogue });
  const left = diagnostics.filter(({ severity }) => severity === 'error');
  if (left.length === 0) return 'cures';
  const same = left.some(
    ({ code, pointer, message }) =>
      code === error?.code && pointer === error.pointer && message === error.message,
  );
  return same || parseDefinition(next).root === undefined ? 'fails' : 'helps';
}

function demandOf(
  mutant: Mutant,
  { schema, semantics }: Judges,
): { demand: Demand; wrong: readonly string[] } {
  if (mutant.expected !== undefined) {
    return { demand: mutant.expected.length === 0 ? 'accepted' : 'refused', wrong: [] };
  }
  if (mutant.value === undefined) return { demand: 'refused', wrong: [] };
  const verdict = schema?.(mutant.value) ?? 'unclear';
  if (verdict === 'refuses') return { demand: 'refused', wrong: [] };
  if (verdict === 'unclear' || !isJsonObject(mutant.value)) return { demand: 'nothing', wrong: [] };
  const { wrong, unclear } = semantics.judge(mutant.value);
  if (unclear !== undefined) return { demand: 'nothing', wrong };
  return { demand: wrong.length > 0 ? 'refused' : 'accepted', wrong };
}

interface Found {
  readonly errors: readonly Diagnostic[];
  readonly diagnostics: readonly Diagnostic[];
  readonly wrong: readonly string[];
}

function complaintOf(mutant: Mutant, demand: Demand, found: Found): string | undefined {
  const astray = found.diagnostics.find((diagnostic) => !pointsInside(mutant, diagnostic));
  if (astray !== undefined) return `the range of ${astray.code} is not at ${astray.pointer}`;
  const [first] = found.errors;
  if (demand === 'nothing') return undefined;
  if (demand === 'accepted') return first && `refused: ${first.code} ${first.message}`;
  if (first === undefined) return 'accepted';
  if (found.errors.length > 1 && !onePerPlace(mutant, found.errors)) {
    return `${found.errors.length} errors: ${listed(found.errors)}`;
  }
  if (mutant.expected !== undefined && !(mutant.expected as string[]).includes(first.code)) {
    return `${first.code} instead of ${mutant.expected.join(' or ')}`;
  }
  const places = [...mutant.touched, ...found.wrong];
  if (places.length > 0 && !places.some((place) => isAt(first.pointer, place))) {
    return `elsewhere: ${first.code} at ${first.pointer}`;
  }
  return undefined;
}

/**
 * At the place: the touched value itself, something in it, or what it is a member of, which is where
 * missing and surplus members are told.
 */
function isAt(pointer: string, touched: string): boolean {
  return pointer === touched || pointer.startsWith(`${touched}/`) || pointer === parentOf(touched);
}

/** Where two values were exchanged, two places are wrong. */
function onePerPlace({ kind, touched }: Mutant, errors: readonly Diagnostic[]): boolean {
  if (kind !== twoPlaces) return false;
  const places = errors.map(({ pointer }) => touched.find((place) => isAt(pointer, place)));
  return new Set(places).size === errors.length && !places.includes(undefined);
}

/** A finding about a pointer must be shown within the key and value that the pointer names. */
function pointsInside(mutant: Mutant, { pointer, range }: Diagnostic): boolean {
  if (mutant.value === undefined) return true;
  let named = pointer;
  while (!mutant.extents.has(named) && named !== '') named = parentOf(named);
  const extent = mutant.extents.get(named);
  if (extent === undefined) return true;
  const start = offsetOf(mutant.text, range.start);
  const end = offsetOf(mutant.text, range.end);
  return start >= extent.start && end <= extent.end && start <= end;
}

function listed(errors: readonly Diagnostic[]): string {
  return errors.map(({ code, pointer }) => `${code} ${pointer || '(root)'}`).join(', ');
}
