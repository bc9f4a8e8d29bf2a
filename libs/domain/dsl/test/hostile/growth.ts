/** Processor time of `work`, in microseconds: the least of several, which other processes disturb least. */
function cost(work: () => void): number {
  let least = Infinity;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}

/** How many times more work a text of four times the size is. Linear: 4; quadratic: 16. */
export function growth(
  make: (size: number) => string,
  size: number,
  run: (text: string) => void,
): number {
  const [small, large] = [make(size), make(4 * size)];
  run(small);
  return cost(() => run(large)) / cost(() => run(small));
}
