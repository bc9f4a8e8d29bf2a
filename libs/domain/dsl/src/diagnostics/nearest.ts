const suggestionsMax = 3;
/** Names that are compared; a list of so many helps nobody anyway. */
const candidatesMax = 2_000;

/** The names most like `name`, best first; none when nothing is near. */
export function nearest(name: string, names: Iterable<string>): string[] {
  const limit = name.length <= 3 ? 1 : Math.max(2, Math.floor(name.length / 3));
  const wanted = name.toLowerCase();
  const scored: { name: string; distance: number }[] = [];
  let compared = 0;
  for (const candidate of names) {
    if ((compared += 1) > candidatesMax) break;
    const other = candidate.toLowerCase();
    const distance = distanceOf(wanted, other, limit);
    if (distance <= limit) scored.push({ name: candidate, distance });
  }
  scored.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return scored.slice(0, suggestionsMax).map((entry) => entry.name);
}

/** The distance, if it is not certainly beyond the limit. */
function distanceOf(wanted: string, other: string, limit: number): number {
  if (other === wanted) return 0;
  const part = partOf(wanted, other);
  if (part !== undefined) return part;
  const apart = Math.abs(wanted.length - other.length);
  return apart > limit ? apart : editDistance(wanted, other, limit);
}

/** A name of which the other is a substantial part is near, however long the rest. */
function partOf(a: string, b: string): number | undefined {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= 4 && long.includes(short) ? 2 : undefined;
}

/**
 * Damerau-Levenshtein distance with adjacent transpositions; anything beyond `limit` may be told as
 * `limit + 1`.
 */
function editDistance(one: string, other: string, limit: number): number {
  const { a, b } = withoutCommon(one, other);
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, at(beforeLast, j - 2) + 1);
      }
      row.push(best);
      least = Math.min(least, best);
    }
    // A transposition reaches back two rows, but costs one more than what it reaches.
    if (least > limit + 1) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

/** Two words without what both begin and end with: mostly nearly all of them. */
function withoutCommon(a: string, b: string): { a: string; b: string } {
  let start = 0;
  const shorter = Math.min(a.length, b.length);
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a.charCodeAt(endA - 1) === b.charCodeAt(endB - 1)) {
    endA -= 1;
    endB -= 1;
  }
  return { a: a.slice(start, endA), b: b.slice(start, endB) };
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
