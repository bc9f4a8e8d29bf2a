/** Queues change all the time. */
export const refreshMs = 5_000;

/** How many tasks workers have, and how many they may have. */
export function outText(leased: number, capacity: number | undefined): string {
  if (capacity === undefined) return `${String(leased)} with workers`;
  return `${String(leased)} of at most ${String(capacity)} with workers`;
}

export function workersText(workers: number): string {
  if (workers === 0) return 'no worker is there';
  return workers === 1 ? '1 worker' : `${String(workers)} workers`;
}
