import type { Definition } from './core.js';

export type Entry =
  | { readonly kind: 'variable' | 'label'; readonly name: string; readonly at: number }
  | { readonly kind: 'parameter'; readonly name: string; readonly at: number }
  | { readonly kind: 'definition'; readonly definition: Definition; readonly at: number };

/** Names in reach, innermost first. `depth` is the length of the environment at run time. */
export interface Scope {
  readonly entry?: Entry;
  readonly outer?: Scope;
  readonly depth: number;
}

export const ROOT: Scope = { depth: 0 };

export function withEntry(outer: Scope, entry: Entry): Scope {
  return { entry, outer, depth: outer.depth + 1 };
}

/** A definition takes no place in the environment: it is code. */
export function withDefinition(outer: Scope, definition: Definition): Scope {
  return {
    entry: { kind: 'definition', definition, at: outer.depth },
    outer,
    depth: outer.depth,
  };
}
