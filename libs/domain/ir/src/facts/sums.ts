/** What a run is counted in; members of the cost estimate. */
export const measures = ['tasks', 'calls', 'asks', 'events', 'waits', 'waitMs'] as const;
export type Measure = (typeof measures)[number];

/** Terms of one formula; more of them are not told apart. */
const termsMax = 20;

/**
 * An amount that depends on numbers which only a run knows: a number for certain, and so many for
 * each item of a loop, or item of a loop in a loop.
 */
export interface Sum {
  readonly constant: number;
  /** By product of unknown numbers, e.g. `items(do/each)`. */
  readonly terms: ReadonlyMap<string, number>;
  /** Depends on more loops than are told apart. */
  readonly blurred: boolean;
  /** Can be any number. */
  readonly unbounded: boolean;
}

export const zero: Sum = { constant: 0, terms: new Map(), blurred: false, unbounded: false };
export const unbounded: Sum = { ...zero, unbounded: true };

export function constant(number: number): Sum {
  return number === 0 ? zero : { ...zero, constant: number };
}

export function isZero(sum: Sum): boolean {
  return sum.constant === 0 && sum.terms.size === 0 && !sum.blurred && !sum.unbounded;
}

export function plus(a: Sum, b: Sum): Sum {
  return merged(a, b, (one, other) => one + other);
}

/** At least as much as each of the two. */
export function atLeast(a: Sum, b: Sum): Sum {
  return merged(a, b, Math.max);
}

/** So many times. */
export function times(sum: Sum, count: number | string): Sum {
  if (isZero(sum) || sum.unbounded) return sum;
  if (count === 0) return zero;
  if (typeof count === 'number') {
    const terms = [...sum.terms].map(([term, factor]) => [term, factor * count] as const);
    return { ...sum, constant: sum.constant * count, terms: new Map(terms) };
  }
  const terms = new Map([...sum.terms].map(([term, factor]) => [`${count} × ${term}`, factor]));
  if (sum.constant > 0) terms.set(count, sum.constant);
  return { ...sum, constant: 0, terms };
}

function merged(a: Sum, b: Sum, join: (one: number, other: number) => number): Sum {
  if (isZero(b)) return a;
  if (isZero(a)) return b;
  if (a.unbounded || b.unbounded) return unbounded;
  const terms = new Map(a.terms);
  for (const [term, factor] of b.terms) terms.set(term, join(terms.get(term) ?? 0, factor));
  const blurred = a.blurred || b.blurred || terms.size > termsMax;
  return {
    constant: join(a.constant, b.constant),
    terms: blurred ? new Map() : terms,
    blurred,
    unbounded: false,
  };
}

/** The amount as a number, when it is one. */
export function numberOf(sum: Sum): number | null {
  return sum.terms.size === 0 && !sum.blurred && !sum.unbounded ? sum.constant : null;
}

/** `2 + 3 × items(do/each)`. */
export function formulaOf(sum: Sum): string {
  if (sum.unbounded) return 'unbounded';
  const terms = [...sum.terms].map(([term, factor]) =>
    factor === 1 ? term : `${String(factor)} × ${term}`,
  );
  if (sum.blurred) terms.push('an amount for the items of many loops');
  const parts = sum.constant > 0 || terms.length === 0 ? [String(sum.constant), ...terms] : terms;
  return parts.join(' + ');
}
