// One launcher per home.
//
// L1 The lock is a link made from a finished file: it exists with its content or not at all.
// L2 A lock is dead when no process has its id and start mark; then its name is taken away from it
//    in one step, and put back if it turned out to be somebody's new one.
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import { readIfThere, type Home } from './home.ts';
import { startMark } from './process-identity.ts';

export interface LockHolder {
  readonly pid: number;
  readonly mark: string;
}

const attemptsMax = 20;

/** @returns the launcher that holds the home, or undefined: then it is ours until released. */
export function lockHome(home: Home): LockHolder | undefined {
  const mine: LockHolder = { pid: process.pid, mark: startMark(process.pid) ?? '' };
  const draft = `${home.lockFile}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      if (tryLink(draft, home.lockFile)) return undefined; // L1
      const content = readIfThere(home.lockFile);
      if (content === undefined) continue;
      const holder = JSON.parse(content) as LockHolder;
      if (startMark(holder.pid) === holder.mark) return holder;
      takeAway(home.lockFile, content); // L2
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new Error(`${home.lockFile} changes hands all the time`);
}

export function unlockHome(home: Home): void {
  rmSync(home.lockFile, { force: true });
}

function takeAway(lockFile: string, dead: string): void {
  const aside = `${lockFile}.dead-${process.pid}`;
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // Somebody else was first.
    throw error;
  }
  if (readIfThere(aside) !== dead) tryLink(aside, lockFile);
  rmSync(aside, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
