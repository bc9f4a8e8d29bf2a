/** What repeated runs of one thing took. */
export interface Timing {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly runs: number;
}

/** Runs until it has been going for `warmUpMs`, then measures for `measureMs`, at least five times. */
export function timingOf(run: () => unknown, { warmUpMs = 300, measureMs = 700 } = {}): Timing {
  const warm = performance.now() + warmUpMs;
  do run();
  while (performance.now() < warm);
  const taken: number[] = [];
  const end = performance.now() + measureMs;
  while (taken.length < 5 || performance.now() < end) {
    const started = performance.now();
    run();
    taken.push(performance.now() - started);
  }
  return timingFrom(taken);
}

export function timingFrom(taken: readonly number[]): Timing {
  const sorted = [...taken].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { medianMs: at(0.5), p99Ms: at(0.99), runs: sorted.length };
}
