import { clearInterval, setInterval } from 'node:timers';

const parentCheckMs = 1000;

/**
 * Calls back once when the process that started this one is gone, where that means that this one
 * should go too: npm and our own first stage wait for us, so they end earlier only if killed.
 */
export function whenParentDies(callback) {
  const parent = process.ppid;
  const waitedFor =
    process.env.npm_lifecycle_event !== undefined ||
    process.env.PARLEY_FIRST_STAGE === String(parent);
  if (!waitedFor) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, parentCheckMs);
  timer.unref();
}
