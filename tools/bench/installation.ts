import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { openHome } from '../dev/home.ts';
import { readState, type PlatformState } from '../dev/state.ts';

const pollMs = 50;
const stopMsMax = 30_000;
const outputCharsKept = 4_000;

export interface StartOptions {
  /** Checkout that is started. */
  readonly root: string;
  readonly home: string;
  readonly portBase: number;
  readonly msMax: number;
}

/** How a start went. */
export interface Started {
  readonly child: ChildProcess;
  readonly seconds: number;
  /** Until the launcher began to start processes: installing and building before it. */
  readonly preparedSeconds: number;
  readonly built: boolean;
  /** From the start of the launcher until each process was ready. */
  readonly readySeconds: ReadonlyMap<string, number>;
  readonly state: PlatformState;
}

/**
 * Starts an installation as `npm start` does, on the machine's own Node, and waits until all of it is
 * ready. It ends when this process ends.
 */
export async function startInstallation(options: StartOptions): Promise<Started> {
  const { root, home, portBase, msMax } = options;
  const since = performance.now();
  const passed = () => (performance.now() - since) / 1000;
  const child = spawn(machineNode(), ['tools/dev/start.mjs'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PARLEY_FIRST_STAGE: '',
      npm_lifecycle_event: 'start', // Its parent is to be watched, as npm would be.
      PARLEY_HOME: home,
      PARLEY_PORT_BASE: String(portBase),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-outputCharsKept);
    });
  }
  const readySeconds = new Map<string, number>();
  let preparedSeconds: number | undefined;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the start failed:\n${output}`);
    if (passed() * 1000 > msMax) {
      await stopInstallation(child);
      throw new Error(`not ready after ${msMax / 1000} s:\n${output}`);
    }
    if (output.includes('Starting Parley')) preparedSeconds ??= passed();
    const state = preparedSeconds === undefined ? undefined : readState(openHome(home));
    for (const [name, { status }] of Object.entries(state?.services ?? {})) {
      const isReady = status === 'ready' || status === 'done';
      if (isReady && !readySeconds.has(name)) {
        readySeconds.set(name, passed() - (preparedSeconds ?? 0));
      }
    }
    if (state !== undefined && output.includes('Ready in')) {
      const built = output.includes('Building');
      const seconds = passed();
      return { child, seconds, preparedSeconds: preparedSeconds ?? 0, built, readySeconds, state };
    }
    await sleep(pollMs);
  }
}

export async function stopInstallation(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  const killed = sleep(stopMsMax, undefined, { ref: false }).then(() => child.kill('SIGKILL'));
  await Promise.race([ended, killed.then(() => ended)]);
}

/** The Node that a person's shell finds, not the one of our packages. */
function machineNode(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders
    .filter((folder) => folder !== '' && !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((file) => existsSync(file));
  return found ?? process.execPath;
}
