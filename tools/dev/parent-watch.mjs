import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';

// Elsewhere than on Linux a check is a program run.
const checkMs = process.platform === 'linux' ? 1000 : 5000;
const shells = /(^|\/)-?(sh|bash|dash|ash|zsh|busybox)$/;

/**
 * Calls back once when the program that waits for this one is gone, which means that this one should
 * go too. npm and our own first stage wait to the end, so they are gone earlier only if killed; a
 * shell of the user's may end and leave us running.
 */
export function whenParentDies(callback) {
  const parent = process.ppid;
  const npm = process.env.npm_lifecycle_event === undefined ? undefined : npmBehindShell(parent);
  const isFirstStage = process.env.PARLEY_FIRST_STAGE === String(parent);
  if (process.env.npm_lifecycle_event === undefined && !isFirstStage) return;
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || parentOf(parent) === npm)) return;
    clearInterval(timer);
    callback();
  }, checkMs);
  timer.unref();
}

/** npm runs its scripts in a shell, which does not end when npm is killed. */
function npmBehindShell(parent) {
  return shells.test(field(parent, 'comm') ?? '') ? parentOf(parent) : undefined;
}

function parentOf(pid) {
  return Number(field(pid, 'ppid'));
}

function field(pid, name) {
  if (process.platform !== 'linux') {
    return spawnSync('ps', ['-o', `${name}=`, '-p', String(pid)], {
      encoding: 'utf8',
    }).stdout.trim();
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = stat.lastIndexOf(')');
    return name === 'comm'
      ? stat.slice(stat.indexOf('(') + 1, end)
      : stat.slice(end + 2).split(' ')[1];
  } catch {
    return undefined; // No such process.
  }
}
