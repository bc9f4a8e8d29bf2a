import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { repositoryRoot } from '../dev/platform.ts';
import { findPortBase } from '../dev/ports.ts';
import { startInstallation, stopInstallation, type Started } from './installation.ts';
import { pssMibOf, sampleTree, secondsBetween, type ProcessSample } from './process-tree.ts';
import { lineText, type Line, type ProcessUse, type Report, type Skipped } from './report.ts';

const budgets = {
  installSeconds: 120,
  firstStartSeconds: 240,
  laterStartSeconds: 15,
  pssMib: 1536,
  cpuPercent: 2,
};
const idleBeforeMs = 60_000;
const idleWindowMs = 30_000;
/** A start may exceed its budget and is still waited for, so that the value is known. */
const startMsMax = 600_000;

export interface StartupOptions {
  /** Only what needs no installation and no build of its own: this checkout as it is. */
  readonly quick: boolean;
  /** Told what happens now. */
  readonly say: (text: string) => void;
}

/** From a fresh clone to an idle platform: how long, how much memory, how much processor time. */
export async function measureStartup({ quick, say }: StartupOptions): Promise<Report> {
  const temporary = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const lines: (Line | Skipped)[] = [];
  const add = (line: Line | Skipped) => {
    lines.push(line);
    say(lineText(line));
  };
  try {
    const root = quick ? repositoryRoot : join(temporary, 'clone');
    const place = { root, home: join(temporary, 'home'), portBase: await findPortBase() };
    if (quick) {
      const skipped = '--quick measures this checkout as it is';
      add({ name: 'npm ci', skipped });
      add({ name: 'first start', skipped });
      await warmUp(place, say);
    } else {
      add(install(root, say));
      add(await firstStart(place, say));
    }
    const { idle, later, processes } = await laterStart(place, say);
    for (const line of [later, ...idle]) add(line);
    return { lines, processes };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

interface Place {
  readonly root: string;
  readonly home: string;
  readonly portBase: number;
}

function install(root: string, say: (text: string) => void): Line {
  execFileSync('git', ['clone', '--quiet', repositoryRoot, root]);
  const changed = execFileSync('git', ['status', '--porcelain', '--untracked-files=no'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  if (changed !== '')
    say('Note: a clone is measured; changes that are not committed are not in it.');
  say('npm ci …');
  const since = performance.now();
  const { status, stderr, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: '', npm_config_loglevel: 'error' },
  });
  if (status !== 0) throw new Error(`npm ci failed: ${error?.message ?? stderr}`, { cause: error });
  const value = (performance.now() - since) / 1000;
  const lock = JSON.parse(readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8')) as {
    packages: Record<string, unknown>;
  };
  return {
    name: 'npm ci, warm package cache',
    value,
    unit: 's',
    budget: budgets.installSeconds,
    boundBy: `unpacking ${Object.keys(lock.packages).length} packages`,
  };
}

async function firstStart(place: Place, say: (text: string) => void): Promise<Line> {
  say('First start, with builds …');
  const started = await startInstallation({ ...place, msMax: startMsMax });
  await stopInstallation(started.child);
  const { seconds, preparedSeconds } = started;
  return {
    name: 'first start',
    value: seconds,
    unit: 's',
    budget: budgets.firstStartSeconds,
    boundBy: `${preparedSeconds.toFixed(1)} s of it building; then ${slowest(started)}`,
  };
}

/** The database and the compile cache of a first start, so that the next one is a later one. */
async function warmUp(place: Place, say: (text: string) => void): Promise<void> {
  say('First start of this data folder, not measured …');
  const { child } = await startInstallation({ ...place, msMax: startMsMax });
  await stopInstallation(child);
}

async function laterStart(
  place: Place,
  say: (text: string) => void,
): Promise<{ later: Line; idle: (Line | Skipped)[]; processes: ProcessUse[] }> {
  say('Later start …');
  const started = await startInstallation({ ...place, msMax: startMsMax });
  try {
    if (started.built) throw new Error('a later start has built again');
    const later: Line = {
      name: 'later start',
      value: started.seconds,
      unit: 's',
      budget: budgets.laterStartSeconds,
      boundBy: `${started.preparedSeconds.toFixed(1)} s until the launcher runs; then ${slowest(started)}`,
    };
    return { later, ...(await measureIdle(started, say)) };
  } finally {
    await stopInstallation(started.child);
  }
}

async function measureIdle(
  started: Started,
  say: (text: string) => void,
): Promise<{ idle: (Line | Skipped)[]; processes: ProcessUse[] }> {
  const names = ['memory when idle', 'processor when idle'];
  if (process.platform !== 'linux') {
    return {
      idle: names.map((name) => ({ name, skipped: 'needs /proc of Linux' })),
      processes: [],
    };
  }
  say(`Idle for ${(idleBeforeMs + idleWindowMs) / 1000} s …`);
  await sleep(idleBeforeMs);
  const root = started.child.pid ?? 0;
  const before = sampleTree(root);
  const since = performance.now();
  await sleep(idleWindowMs);
  const after = sampleTree(root);
  const windowSeconds = (performance.now() - since) / 1000;
  const processes = usesOf(started, { before, after, windowSeconds });
  const total = (value: (use: ProcessUse) => number) =>
    processes.reduce((sum, use) => sum + value(use), 0);
  const most = (value: (use: ProcessUse) => number) =>
    processes.toSorted((a, b) => value(b) - value(a))[0];
  const idle: Line[] = [
    {
      name: 'memory when idle (PSS of the whole tree)',
      value: total((use) => use.pssMib),
      unit: 'MiB',
      budget: budgets.pssMib,
      boundBy: `the most by ${most((use) => use.pssMib)?.name ?? 'nobody'}`,
    },
    {
      name: 'processor when idle (of one core)',
      value: total((use) => use.cpuPercent),
      unit: '%',
      budget: budgets.cpuPercent,
      boundBy: `the most by ${most((use) => use.cpuPercent)?.name ?? 'nobody'}`,
    },
  ];
  return { idle, processes };
}

/** What each process of the table uses, with everything that it started itself. */
function usesOf(
  { state, readySeconds }: Started,
  samples: {
    before: ReadonlyMap<number, ProcessSample>;
    after: ReadonlyMap<number, ProcessSample>;
    windowSeconds: number;
  },
): ProcessUse[] {
  const { before, after, windowSeconds } = samples;
  const names = new Map(Object.entries(state.services).map(([name, { pid }]) => [pid, name]));
  const nameOf = (pid: number): string => {
    for (let at = after.get(pid); at !== undefined; at = after.get(at.parent)) {
      const name = names.get(at.pid);
      if (name !== undefined) return name;
    }
    return 'launcher';
  };
  const seconds = secondsBetween(before, after);
  const groups = Map.groupBy(after.keys(), nameOf);
  return Array.from(groups, ([name, pids]) => ({
    name,
    processes: pids.length,
    pssMib: pids.reduce((sum, pid) => sum + pssMibOf(pid), 0),
    cpuPercent: (pids.reduce((sum, pid) => sum + (seconds.get(pid) ?? 0), 0) / windowSeconds) * 100,
    readySeconds: readySeconds.get(name),
  })).toSorted((a, b) => b.pssMib - a.pssMib);
}

function slowest({ readySeconds }: Started): string {
  const [name = 'nothing', seconds = 0] =
    [...readySeconds].toSorted((a, b) => b[1] - a[1])[0] ?? [];
  return `${name} is ready last, after ${seconds.toFixed(1)} s`;
}
