import type { Cost, Lag } from './watch.ts';

/** What one workload came to. */
export interface Figures {
  readonly name: string;
  readonly completedPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of one core, while it ran. */
  readonly cpuPercent: Readonly<Record<string, number>>;
  readonly engineMib: number;
  readonly walBytesPerRun: number;
  readonly lag: Lag;
  /** Load of the machine at the end, everything else on it included. */
  readonly load: number;
}

export interface Taken {
  readonly name: string;
  readonly completed: number;
  /** From the start to the end of each run. */
  readonly ms: readonly number[] | { readonly p50: number; readonly p99: number };
  readonly cost: Cost;
  readonly engineMib: number;
  readonly lag: Lag;
  readonly load: number;
}

export function figuresOf(taken: Taken): Figures {
  const { name, completed, ms, cost, engineMib, lag, load } = taken;
  const { p50, p99 } = 'p50' in ms ? ms : { p50: quantile(ms, 0.5), p99: quantile(ms, 0.99) };
  const cpu = Object.entries(cost.cpuSeconds).map(
    ([process, seconds]) => [process, (seconds / cost.seconds) * 100] as const,
  );
  return {
    name,
    completedPerSecond: completed / cost.seconds,
    p50Ms: p50,
    p99Ms: p99,
    cpuPercent: Object.fromEntries(cpu.filter(([, percent]) => percent >= 0.05)),
    engineMib,
    walBytesPerRun: completed === 0 ? 0 : cost.walBytes / completed,
    lag,
    load,
  };
}

export function figuresText(figures: Figures): string {
  const { name, completedPerSecond, p50Ms, p99Ms, cpuPercent, engineMib, lag } = figures;
  const cpu = Object.entries(cpuPercent)
    .toSorted((a, b) => b[1] - a[1])
    .filter(([, percent]) => percent >= 1)
    .map(([process, percent]) => `${process} ${percent.toFixed(0)} %`);
  return [
    `  ${name}: ${completedPerSecond.toFixed(0)} completed/s, start to end p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
    `    of one core: ${cpu.join(', ')}; load ${figures.load.toFixed(1)}`,
    `    engine ${engineMib.toFixed(0)} MiB, WAL ${figures.walBytesPerRun.toFixed(0)} bytes per run, behind at the end: relay ${lag.relay}, audit ${lag.audit}`,
  ].join('\n');
}

/** Sorts a copy. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Which processes used most of a core, as what bounds a figure. */
export function processorText(cpuPercent: Readonly<Record<string, number>>): string {
  const most = Object.entries(cpuPercent).toSorted((a, b) => b[1] - a[1]);
  const each = most.slice(0, 3).map(([name, percent]) => `${name} ${percent.toFixed(0)} %`);
  return `processor: ${each.join(', ')} of one core`;
}
