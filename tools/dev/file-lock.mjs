import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const retryMs = 200;
const waitMs = 10 * 60_000;

/** Runs `work` while no other process of this checkout runs work of the same name. */
export async function withLock(root, name, work) {
  const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const file = join(tmpdir(), `parley-${process.getuid?.() ?? 0}-${id}-${name}.lock`);
  const deadline = Date.now() + waitMs;
  while (!take(file)) {
    if (Date.now() > deadline) throw new Error(`${file} is held for more than ten minutes`);
    await sleep(retryMs);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!ownerLives(file)) rmSync(file, { force: true });
    return false;
  }
}

function ownerLives(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // An empty file is one that is just being written.
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
