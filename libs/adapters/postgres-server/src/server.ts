import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { AppError } from '@parley/kernel';

import { preparePostgres, type PostgresOptions } from './prepare.js';

export interface StartPostgresOptions extends PostgresOptions {
  readonly logFile: string;
}

export interface RunningPostgres {
  readonly pid: number;
  readonly port: number;
  readonly adminUrl: string;
  /** Settles when the server process has ended. */
  readonly ended: Promise<void>;
  /** Ends sessions, writes everything out and stops. */
  stop(): Promise<void>;
}

const readyTimeoutMs = 60_000;
const fastStopMs = 10_000;
const immediateStopMs = 5000;

/** Starts a server and waits until it accepts connections. */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const prepared = await preparePostgres(options);
  const logStart = existsSync(options.logFile) ? statSync(options.logFile).size : 0;
  const log = openSync(options.logFile, 'a', 0o600);
  const child = options.watchdog.spawn(prepared.command, prepared.args, {
    cwd: options.dir,
    env: prepared.env,
    stdio: ['ignore', log, log],
    ...(prepared.uid !== undefined && { uid: prepared.uid, gid: prepared.uid }),
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const running = () =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const pid = child.pid ?? 0;
  const deadline = Date.now() + readyTimeoutMs;
  while (!prepared.isReady(pid)) {
    if (!running() || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new AppError(
        'unavailable',
        `PostgreSQL did not start:\n${tail(options.logFile, logStart)}`,
      );
    }
    await sleep(20);
  }
  const stop = async () => {
    for (const [signal, limitMs] of stopSteps) {
      if (!running()) return;
      child.kill(signal);
      await Promise.race([ended, sleep(limitMs, undefined, { ref: false })]);
    }
  };
  return { pid, port: options.port, adminUrl: prepared.adminUrl, ended, stop };
}

const stopSteps = [
  ['SIGINT', fastStopMs],
  ['SIGQUIT', immediateStopMs],
  ['SIGKILL', immediateStopMs],
] as const;

function tail(file: string, from: number): string {
  const lines = readFileSync(file).subarray(from).toString('utf8').trim().split('\n');
  return lines.slice(-12).join('\n');
}
