import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { AppError, isAppError } from '@parley/kernel';

import { whenParentDies } from './parent-watch.mjs';
import { loginToken, type Home } from './home.ts';
import {
  beginPlatform,
  HomeInUse,
  repositoryRoot,
  type PlatformOptions,
  type StartingPlatform,
} from './platform.ts';
import { parsePortBase } from './ports.ts';
import { isReady, readState, type PlatformState } from './state.ts';

export interface LaunchOptions {
  /** Open the console in the browser when everything is ready. */
  readonly open: boolean;
  readonly table?: PlatformOptions['table'];
}

const firstReadyMs = 60_000;
const parentGoneStepMs = 1500;

/** Runs the platform until it is told to stop. */
export async function launch({ open, table }: LaunchOptions): Promise<void> {
  const { PARLEY_HOME, PARLEY_PORT_BASE } = process.env;
  let platform: StartingPlatform | undefined;
  try {
    platform = await beginPlatform({
      home: PARLEY_HOME || join(repositoryRoot, '.parley'),
      portBase: parsePortBase(PARLEY_PORT_BASE),
      table,
    });
    console.log('Starting Parley …');
    stopOnSignal(platform);
    await announce(platform, open);
  } catch (error) {
    if (error instanceof HomeInUse) return pointToFirst(error.home, open);
    if (!isAppError(error)) throw error;
    console.error(`parley: ${error.message}`);
    await platform?.stop();
    process.exit(1);
  }
}

async function announce(platform: StartingPlatform, open: boolean): Promise<void> {
  const since = performance.now();
  const slow = setTimeout(() => {
    console.log(
      `\nNot everything is ready yet:\n${statusTable(platform.state())}\n${platform.troubles()}`,
    );
  }, firstReadyMs);
  slow.unref();
  await platform.whenReady().finally(() => clearTimeout(slow));
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  console.log(`${statusTable(platform.state())}\n`);
  console.log(`Ready in ${seconds} s. Data and logs: ${platform.home}. Ctrl-C stops everything.\n`);
  showAddress(signInUrl(platform.url, platform.loginToken), open);
}

/** A second start of the same home: the first one's address, as soon as it can be opened. */
async function pointToFirst(home: Home, open: boolean): Promise<void> {
  const deadline = Date.now() + firstReadyMs;
  let state = readState(home);
  while ((state === undefined || !isReady(state)) && Date.now() < deadline) {
    await sleep(100);
    state = readState(home);
  }
  if (state === undefined)
    throw new AppError('unavailable', `Parley on ${home.dir} does not start.`);
  console.log(`Parley already runs on ${home.dir} (process ${state.launcherPid}).\n`);
  if (!isReady(state)) console.log(`Not everything is ready:\n${statusTable(state)}\n`);
  showAddress(signInUrl(state.url, loginToken(home)), open);
}

function signInUrl(url: string, token: string): string {
  return `${url}/#login=${token}`;
}

function showAddress(url: string, open: boolean): void {
  console.log(`  ${url}\n`);
  if (!open) return;
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const browser = spawn(command, [url], { stdio: 'ignore', detached: true });
  browser.once('error', () =>
    console.error(`parley: cannot open a browser (${command} is not there).`),
  );
  browser.unref();
}

function stopOnSignal(platform: StartingPlatform): void {
  let stopping = false;
  const stop = (stepMsMax?: number) => {
    if (stopping) return;
    stopping = true;
    console.log('\nStopping …');
    platform.stop(stepMsMax).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop());
  whenParentDies(() => stop(parentGoneStepMs));
}

function statusTable({ services }: PlatformState): string {
  const width = Math.max(...Object.keys(services).map((name) => name.length));
  return Object.entries(services)
    .filter(([, { status }]) => status !== 'done')
    .map(([name, { status, port, restarts }]) => {
      const again = restarts === 0 ? '' : `  ${restarts} restarts`;
      return `  ${name.padEnd(width)}  ${status.padEnd(10)}  ${port ?? ''}${again}`.trimEnd();
    })
    .join('\n');
}
