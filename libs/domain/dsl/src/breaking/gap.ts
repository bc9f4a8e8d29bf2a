import type { Json } from '@parley/kernel';

/** Why a value that fits one schema may not fit the other. */
export interface Gap {
  /** Of the member in the value; `[]` stands for the items of a list. */
  readonly path: readonly string[];
  readonly kind:
    'required' | 'type' | 'values' | 'bound' | 'closed' | 'removed' | 'added' | 'unsure';
  /** What the giving and the taking schema say, in words. */
  readonly given?: string;
  readonly taken?: string;
  /** For `unsure`: what could not be compared. */
  readonly because?: string;
}

export function unsure(path: readonly string[], because: string): Gap {
  return { path, kind: 'unsure', because };
}

/** What the comparison of members of objects needs of the one around. */
export interface SchemaComparison {
  readonly earlier: 'given' | 'taken';
  /** What fits all of `given` fits `taken`. */
  schemas(given: readonly Json[], taken: Json, path: readonly string[]): Gap[];
  /** Whether two schemas are the same, also in what they refer to. */
  isSame(a: Json | undefined, b: Json | undefined): boolean;
}
