/** Which replica each partition has, or is to have. */
export type Owners = ReadonlyMap<number, string | undefined>;

/**
 * Who is to own which partition: everybody gets the same number or one more, and as few as possible
 * move. A function of what all replicas read, so they agree without asking each other; where they
 * have read different states they may differ for a moment, and the epoch decides.
 *
 * @param replicas ids of those that are alive and stay
 * @param owners of every partition, as it is
 */
export function assign(replicas: readonly string[], owners: Owners): Map<number, string> {
  const target = new Map<number, string>();
  if (replicas.length === 0) return target;
  const owned = new Map(replicas.toSorted().map((id) => [id, [] as number[]]));
  for (const [partition, owner] of ascending(owners)) {
    if (owner !== undefined) owned.get(owner)?.push(partition);
  }
  const quotas = quotasOf(owned, owners.size);
  for (const [id, partitions] of owned) {
    for (const partition of partitions.slice(0, quotas.get(id))) target.set(partition, id);
  }
  const open = [...quotas].flatMap(([id, quota]) =>
    Array.from({ length: quota - Math.min(quota, owned.get(id)?.length ?? 0) }, () => id),
  );
  for (const [partition] of ascending(owners)) {
    const next = target.has(partition) ? undefined : open.shift();
    if (next !== undefined) target.set(partition, next);
  }
  return target;
}

/** The odd partitions stay with those that have most already. */
function quotasOf(owned: ReadonlyMap<string, readonly number[]>, count: number) {
  const share = Math.floor(count / owned.size);
  const odd = count % owned.size;
  const byWealth = [...owned].sort(([, a], [, b]) => b.length - a.length);
  return new Map(byWealth.map(([id], at) => [id, at < odd ? share + 1 : share]));
}

function ascending(owners: Owners): [number, string | undefined][] {
  return [...owners].sort(([a], [b]) => a - b);
}
