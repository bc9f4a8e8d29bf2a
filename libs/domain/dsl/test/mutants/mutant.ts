import type { Json } from '@parley/kernel';
import type { DiagnosticCode } from '../../src/index.js';
import type { Sample } from './corpus.js';
import { token, write, type Extent, type Layout } from './write.js';
import type { Path } from './sites.js';

/** A definition that differs from a right one in one place. */
export interface Mutant {
  readonly kind: string;
  readonly sample: Sample;
  readonly text: string;
  readonly extents: ReadonlyMap<string, Extent>;
  /** Absent when the difference is one of the text alone. */
  readonly value?: Json;
  /** Where the difference is: JSON Pointers into the mutant. */
  readonly touched: readonly string[];
  /** What the maker of the mutant knows to be wrong with it; nothing: it knows that all is well. */
  readonly expected?: readonly DiagnosticCode[];
}

export interface Change {
  readonly value: Json;
  readonly touched: readonly Path[];
}

export function mutantOf(kind: string, sample: Sample, change: Change, layout: Layout): Mutant {
  const { text, extents } = write(change.value, layout);
  const touched = change.touched.map((path) => path.map((key) => `/${token(key)}`).join(''));
  return { kind, sample, text, extents, value: change.value, touched };
}
