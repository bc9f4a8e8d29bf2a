import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** One measured value against its budget. */
export interface Line {
  readonly name: string;
  readonly value: number;
  readonly unit: 's' | 'ms' | 'MiB' | '%' | '×' | '/s' | 'runs' | 'requests';
  /** The most that it may be; with `atLeast` the least. */
  readonly budget: number;
  readonly atLeast?: true;
  /** What makes it as large as it is. */
  readonly boundBy: string;
}

/** A measurement that this machine, or the options, did not allow. */
export interface Skipped {
  readonly name: string;
  readonly skipped: string;
}

/** A process of the tree, or several that belong together. */
export interface ProcessUse {
  readonly name: string;
  readonly processes: number;
  /** Proportional set size: shared pages are divided among those who share them. */
  readonly pssMib: number;
  /** Of one core. */
  readonly cpuPercent: number;
  /** From the start of the launcher until it answered. */
  readonly readySeconds?: number;
}

export interface Report {
  readonly lines: readonly (Line | Skipped)[];
  readonly processes: readonly ProcessUse[];
  /** What else was measured, for those who read the JSON. */
  readonly figures?: readonly object[];
}

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryMib: number;
  readonly node: string;
  readonly platform: string;
  readonly commit: string;
}

const mebibyte = 1_048_576;

export function machineFacts(root: string): Machine {
  const processors = cpus();
  return {
    cores: processors.length,
    processor: processors[0]?.model.trim() ?? 'unknown',
    memoryMib: Math.round(totalmem() / mebibyte),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
    }).trim(),
  };
}

export function machineText(machine: Machine): string {
  const { cores, processor, memoryMib, node, platform, commit } = machine;
  const memory = (memoryMib / 1024).toFixed(1);
  return `${cores} cores (${processor}), ${memory} GiB, ${platform}, Node ${node}, commit ${commit}`;
}

export function passes(line: Line | Skipped): boolean {
  if ('skipped' in line) return true;
  return line.atLeast === true ? line.value >= line.budget : line.value <= line.budget;
}

export function lineText(line: Line | Skipped): string {
  if ('skipped' in line) return `SKIPPED  ${line.name}: ${line.skipped}`;
  const { name, value, unit, budget, atLeast, boundBy } = line;
  const verdict = passes(line) ? 'PASS' : 'FAIL';
  const limit = atLeast === true ? 'at least' : 'at most';
  const digits = ['MiB', '/s', 'runs', 'requests'].includes(unit) ? 0 : 1;
  return `${verdict.padEnd(7)}  ${name}: ${value.toFixed(digits)} ${unit} (${limit} ${budget} ${unit}); ${boundBy}`;
}

export function processText(processes: readonly ProcessUse[]): string {
  const rows = processes.map(({ name, processes: count, pssMib, cpuPercent, readySeconds }) => [
    count === 1 ? name : `${name} (${count})`,
    `${pssMib.toFixed(1)} MiB`,
    `${cpuPercent.toFixed(2)} %`,
    readySeconds === undefined ? '' : `${readySeconds.toFixed(1)} s`,
  ]);
  const titles = ['process', 'PSS', 'CPU', 'ready after'];
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  return [titles, ...rows]
    .map((row) =>
      row
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
