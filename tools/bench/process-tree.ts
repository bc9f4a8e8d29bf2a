import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second on every machine that we run on. */
const ticksPerSecond = 100;
const kibibytesPerMebibyte = 1024;

export interface ProcessSample {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** Processor time of its own. */
  readonly seconds: number;
  /** Processor time of children that have ended. */
  readonly endedChildrenSeconds: number;
}

/** A process and everything below it, as it is now. */
export function sampleTree(root: number): Map<number, ProcessSample> {
  const all = new Map<number, ProcessSample>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const sample = readSample(Number(name));
    if (sample !== undefined) all.set(sample.pid, sample);
  }
  const isBelow = (pid: number): boolean => {
    for (let at = all.get(pid); at !== undefined; at = all.get(at.parent)) {
      if (at.pid === root) return true;
    }
    return false;
  };
  return new Map([...all].filter(([pid]) => isBelow(pid)));
}

/** Memory of a process with shared pages divided among those who share them; 0 when it has ended. */
export function pssMibOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / kibibytesPerMebibyte;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return 0;
    throw new Error(`the memory of process ${pid} cannot be read (${String(code)})`, {
      cause: error,
    });
  }
}

/**
 * Processor seconds that a tree used between two samples, by process of the later one. What ended in
 * between is counted at its parent, less what it had used before.
 */
export function secondsBetween(
  before: ReadonlyMap<number, ProcessSample>,
  after: ReadonlyMap<number, ProcessSample>,
): Map<number, number> {
  const used = new Map<number, number>();
  for (const { pid, seconds, endedChildrenSeconds } of after.values()) {
    const earlier = before.get(pid);
    const own = seconds - (earlier?.seconds ?? 0);
    used.set(pid, own + endedChildrenSeconds - (earlier?.endedChildrenSeconds ?? 0));
  }
  for (const { pid, parent, seconds, endedChildrenSeconds } of before.values()) {
    if (after.has(pid) || !after.has(parent)) continue;
    used.set(parent, (used.get(parent) ?? 0) - seconds - endedChildrenSeconds);
  }
  return used;
}

function readSample(pid: number): ProcessSample | undefined {
  try {
    // The name in parentheses may itself hold spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = (at: number) => Number(fields[at]) / ticksPerSecond;
    return {
      pid,
      parent: Number(fields[1]),
      command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
      seconds: ticks(11) + ticks(12),
      endedChildrenSeconds: ticks(13) + ticks(14),
    };
  } catch {
    return undefined; // It has ended meanwhile.
  }
}
