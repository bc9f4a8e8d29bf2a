import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a process started, in whatever unit the system has: with the id it tells a process from a
 * later one that got the same id. Undefined when no such process runs.
 */
export function startMark(pid: number): string | undefined {
  if (process.platform !== 'linux') return psField(pid, 'lstart');
  try {
    // The name in parentheses may itself hold spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return undefined; // No such process.
  }
}

/** Whether a process was started with this variable in its environment. */
export function hasEnvironment(pid: number, name: string, value: string): boolean {
  if (process.platform !== 'linux')
    return psField(pid, 'command', '-E')?.includes(`${name}=${value}`) ?? false;
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${name}=${value}`);
  } catch {
    return false; // No such process, or another user's.
  }
}

function psField(pid: number, field: string, ...options: string[]): string | undefined {
  const args = [...options, '-o', `${field}=`, '-p', String(pid)];
  const { stdout } = spawnSync('ps', args, { encoding: 'utf8' });
  return stdout.trim() || undefined;
}
