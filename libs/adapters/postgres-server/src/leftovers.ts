import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { AppError } from '@parley/kernel';

/** How long processes of a dead server may take to notice it before they are killed. */
const orphanGraceMs = 1000;
const stopTimeoutMs = 10_000;

/**
 * Makes a data folder safe to start on after its server or its launcher died: stops what still
 * runs on it, and removes a lock file whose process id meanwhile belongs to somebody else. The
 * caller must be the only one who may start a server on the folder.
 */
export async function clearLeftovers(dataDir: string): Promise<void> {
  const lock = join(dataDir, 'postmaster.pid');
  const pid = lockOwner(lock);
  if (pid !== undefined && isAlive(pid)) {
    if (isServerOn(dataDir, pid)) {
      process.kill(pid, 'SIGQUIT');
      await waitUntil(() => !isServerOn(dataDir, pid), stopTimeoutMs);
    } else {
      rmSync(lock, { force: true });
    }
  }
  await waitUntil(() => orphans(dataDir).length === 0, orphanGraceMs).catch(async () => {
    for (const orphan of orphans(dataDir)) process.kill(orphan, 'SIGKILL');
    await waitUntil(() => orphans(dataDir).length === 0, stopTimeoutMs);
  });
}

function lockOwner(lock: string): number | undefined {
  if (!existsSync(lock)) return undefined;
  const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

function isServerOn(dataDir: string, pid: number): boolean {
  if (process.platform === 'linux') return isPostgresIn(dataDir, String(pid));
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.includes('postgres') && stdout.includes(dataDir);
}

/** Every PostgreSQL process works in its data folder; elsewhere than on Linux they leave alone. */
function orphans(dataDir: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isPostgresIn(dataDir, name))
    .map(Number);
}

function isPostgresIn(dataDir: string, pid: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/cwd`) !== dataDir) return false;
    return basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('postgres');
  } catch {
    return false; // The process is gone, or another user's.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function waitUntil(condition: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) {
      throw new AppError('unavailable', 'Processes of an earlier PostgreSQL server do not end.');
    }
    await sleep(25);
  }
}
