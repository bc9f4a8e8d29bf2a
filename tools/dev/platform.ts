import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { AppError } from '@parley/kernel';
import { clearLeftovers } from '@parley/postgres-server';

import { parseWorkflowReplicas, serviceNames, urlOf, type Installation } from './environment.ts';
import { lockHome, unlockHome } from './home-lock.ts';
import { loginToken, openHome, type Home } from './home.ts';
import { openKeys } from './keys.ts';
import { checkPorts, findPortBase } from './ports.ts';
import { embeddedPostgres } from './postgres.ts';
import { hasEnvironment } from './process-identity.ts';
import type { ProcessSpec } from './process-spec.ts';
import { processTable, type TableOptions } from './process-table.ts';
import { readState, type PlatformState } from './state.ts';
import { Supervisor } from './supervisor.ts';

export const repositoryRoot = resolve(import.meta.dirname, '../..');

export interface PlatformOptions {
  /** Data folder. @default a fresh temporary one, removed by `stop` */
  readonly home?: string;
  /** First port. @default one from which every port needed is free */
  readonly portBase?: number;
  /** Keep restart messages off the terminal. */
  readonly quiet?: boolean;
  /** Variables on top of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the demo business runs too. @default true */
  readonly demo?: boolean;
  /** The processes. @default `processTable`, the real ones */
  readonly table?: (installation: Installation, options: TableOptions) => ProcessSpec[];
}

export interface Platform {
  /** Address of console and API. */
  readonly url: string;
  /** Signs one browser in: `${url}/#login=${loginToken}`. */
  readonly loginToken: string;
  readonly home: string;
  readonly portBase: number;
  state(): PlatformState;
  /** @returns whether there was a process to send the signal to. */
  kill(service: string, signal: NodeJS.Signals): boolean;
  waitReady(service: string): Promise<void>;
  stop(stepMsMax?: number): Promise<void>;
}

/** A platform whose processes are being started. */
export interface StartingPlatform extends Platform {
  whenReady(): Promise<void>;
  /** What the processes that are not ready wrote last. */
  troubles(): string;
}

/** Another launcher runs the same home. */
export class HomeInUse extends AppError {
  readonly home: Home;

  constructor(home: Home, pid: number) {
    super('conflict', `Parley already runs on ${home.dir} (process ${pid}).`);
    this.home = home;
  }
}

/** Many times what it takes: a machine that does other things, too, is slow but not wrong. */
const startTimeoutMs = 180_000;
const exitWaitMs = 3000;
const pollMs = 50;

/** Starts a platform and waits until all of it is ready; leaves nothing running if that fails. */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const platform = await beginPlatform(options);
  const failed = new Promise<never>((_, reject) => {
    setTimeout(() => {
      const cause = `The platform is not ready after ${startTimeoutMs / 1000} s.\n${platform.troubles()}`;
      reject(new AppError('unavailable', cause));
    }, startTimeoutMs).unref();
  });
  try {
    await Promise.race([platform.whenReady(), failed]);
    return platform;
  } catch (error) {
    await platform.stop();
    throw error;
  }
}

/** Starts a platform. @throws HomeInUse, or an error that names the ports others listen on. */
export async function beginPlatform(options: PlatformOptions): Promise<StartingPlatform> {
  const temporary = options.home === undefined;
  const home = openHome(options.home ?? mkdtempSync(join(tmpdir(), 'parley-home-')));
  const holder = lockHome(home);
  if (holder !== undefined) throw new HomeInUse(home, holder.pid);
  const release = () => {
    unlockHome(home);
    if (temporary) rmSync(home.dir, { recursive: true, force: true });
  };
  try {
    await endLeftovers(home);
    return await launchTable(
      home,
      { ...options, portBase: options.portBase ?? (await findPortBase()) },
      release,
    );
  } catch (error) {
    release();
    throw error;
  }
}

async function launchTable(
  home: Home,
  options: PlatformOptions & { readonly portBase: number },
  release: () => void,
): Promise<StartingPlatform> {
  const { portBase, table = processTable, demo = true } = options;
  const outer = { ...process.env, ...options.env };
  const external = outer.DATABASE_URL || undefined;
  const postgres = external === undefined ? await embeddedPostgres(home, portBase) : undefined;
  const keys = openKeys(home, serviceNames);
  const adminUrl = external ?? postgres?.adminUrl ?? '';
  const installation: Installation = {
    root: repositoryRoot,
    home,
    keys,
    portBase,
    workflowReplicas: parseWorkflowReplicas(outer.PARLEY_WORKFLOW_REPLICAS),
    adminUrl,
    outer,
  };
  const url = urlOf(installation, 'gateway');
  const specs: ProcessSpec[] = table(installation, {
    postgres,
    demo,
    watchdog: () => supervisor.watchdog,
  });
  await checkPorts(
    new Map(specs.flatMap(({ name, port }) => (port === undefined ? [] : [[name, port]]))),
  );
  const token = loginToken(home);
  const report = (line: string) => {
    if (options.quiet !== true) console.log(`  ${line}`);
  };
  const temporary = options.home === undefined;
  const supervisor = new Supervisor({ home, portBase, url, specs, temporary, report });
  supervisor.start();
  const stop = async (stepMsMax?: number) => {
    await supervisor.stop(stepMsMax);
    release();
  };
  return {
    url,
    loginToken: token,
    home: home.dir,
    portBase,
    state: () => supervisor.state(),
    kill: (service, signal) => supervisor.kill(service, signal),
    waitReady: (service) => supervisor.waitReady(service),
    whenReady: () => supervisor.whenReady(),
    troubles: () => supervisor.troubles(),
    stop,
  };
}

/**
 * Ends what an earlier launcher left: nothing, unless its watchdog was killed at the same moment.
 * A process counts as ours only if it was started for this home.
 */
async function endLeftovers(home: Home): Promise<void> {
  const { postgres: _postgres, ...services } = readState(home)?.services ?? {};
  const ours = ({ pid }: { pid: number | undefined }) =>
    pid !== undefined && hasEnvironment(pid, 'PARLEY_HOME', home.dir);
  const left = Object.values(services).filter(ours);
  for (const { pid } of left) if (pid !== undefined) process.kill(pid, 'SIGKILL');
  const deadline = Date.now() + exitWaitMs;
  while (left.some(ours) && Date.now() < deadline) await sleep(pollMs);
  const dataDir = join(realpathSync(home.dir), 'postgres/data');
  if (existsSync(dataDir)) await clearLeftovers(dataDir);
}
