const candidatesMax = 500;
const lengthMax = 80;

/** The name most like `wanted`, when one is close enough to be a slip of the pen. */
export function nearest(wanted: string, names: readonly string[]): string | undefined {
  if (wanted.length > lengthMax) return undefined;
  let best: string | undefined;
  let bestDistance = Math.floor(Math.max(2, wanted.length / 3)) + 1;
  for (const name of names.slice(0, candidatesMax)) {
    if (Math.abs(name.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
