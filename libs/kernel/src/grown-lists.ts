/**
 * Lists that grow at their end without being changed: each is a copy of the one before, with more items.
 *
 * Of two lists of one lineage the shorter is the beginning of the longer. So what somebody has found out
 * about one (its size, that it can be written down, where it is stored) holds for the beginning of all that
 * grow from it, and to follow a list that grows costs what is new in it.
 */
export interface Lineage {
  /** Items of its longest list. */
  readonly length: number;
}

/** Shorter lists are looked at as a whole: that costs less than to remember them. */
const lengthMin = 64;

const lineages = new WeakMap<readonly unknown[], { length: number }>();

/** What a list that has grown, or that another one has grown from, has in common with those. */
export function lineageOf(list: readonly unknown[]): Lineage | undefined {
  return list.length < lengthMin ? undefined : lineages.get(list);
}

/** The items of both, as a list that has grown from the first. Neither may ever be changed. */
export function appended<T>(list: readonly T[], items: readonly T[]): T[] {
  const longer = list.concat(items);
  if (list.length < lengthMin) return longer;
  const known = lineages.get(list);
  // What two lists grow into from the same one differs: only the first goes on with the lineage.
  const lineage = known?.length === list.length ? known : { length: 0 };
  if (known === undefined) lineages.set(list, lineage);
  lineage.length = longer.length;
  lineages.set(longer, lineage);
  return longer;
}

/** What is known of the lists of a lineage, by the longest of them that was looked at. */
export class KnownOfLists<Known extends { readonly length: number }> {
  private readonly known = new WeakMap<Lineage, Known>();

  /** What is known of a beginning of the list. */
  of(list: readonly unknown[]): Known | undefined {
    const lineage = lineageOf(list);
    const known = lineage && this.known.get(lineage);
    return known === undefined || known.length > list.length ? undefined : known;
  }

  /** Does nothing for a list that nobody grew. */
  learn(list: readonly unknown[], known: Known): void {
    const lineage = lineageOf(list);
    if (lineage === undefined) return;
    if (known.length >= (this.known.get(lineage)?.length ?? 0)) this.known.set(lineage, known);
  }
}
