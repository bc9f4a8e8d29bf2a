import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { openHome } from './home.ts';
import { findPortBase } from './ports.ts';
import { isReady, readState, type PlatformState } from './state.ts';

let home: string;
let portBase: number;
let launchers: ChildProcess[];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'parley-launch-'));
  portBase = await findPortBase();
  launchers = [];
});

afterEach(async () => {
  for (const one of launchers) one.kill('SIGKILL');
  await until(() => processesOf(home).length === 0);
  rmSync(home, { recursive: true, force: true });
});

interface Launcher {
  readonly process: ChildProcess;
  readonly pid: number;
  output(): string;
  readonly exit: Promise<number | null>;
}

function start(env: Record<string, string> = {}): Launcher {
  const program = join(import.meta.dirname, 'fixtures/fake-launch.ts');
  const { PATH, PARLEY_TEST_CLUSTER = '' } = process.env;
  const settings = { PARLEY_HOME: home, PARLEY_PORT_BASE: String(portBase), PARLEY_TEST_CLUSTER };
  const child = spawn(process.execPath, [program], {
    env: { PATH, ...settings, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  launchers.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString()));
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { process: child, pid: child.pid ?? 0, output: () => output, exit };
}

async function startReady(
  env?: Record<string, string>,
): Promise<Launcher & { state: PlatformState }> {
  const launcher = start(env);
  await until(() => launcher.output().includes('#login='));
  return { ...launcher, state: stateNow() };
}

function stateNow(): PlatformState {
  const state = readState(openHome(home));
  if (state === undefined) throw new Error('no state file');
  return state;
}

async function until(condition: () => boolean, limitMs = 45_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await sleep(25);
  }
}

/** Every process that mentions the home on its command line or works in it. */
function processesOf(dir: string): { pid: number; command: string }[] {
  const { stdout } = spawnSync('ps', ['-eww', '-o', 'pid=,stat=,command='], {
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  });
  return stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null && !match[2]!.startsWith('Z'))
    .map((match) => ({ pid: Number(match![1]), command: match![3]! }))
    .filter(({ pid, command }) => command.includes(dir) || cwdOf(pid).startsWith(dir));
}

function cwdOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // Gone, or no such folder on this system.
  }
}

function startsOf(name: string): number {
  return readFileSync(join(home, `${name}.starts`), 'utf8')
    .trim()
    .split('\n').length;
}

describe('npm start', () => {
  it('prints one address when everything is ready, and stops everything on Ctrl-C', async () => {
    const first = await startReady();
    expect(first.output()).toMatch(new RegExp(`http://127.0.0.1:${portBase}/#login=[\\w-]{32}`));
    expect(isReady(first.state)).toBe(true);
    expect(Object.keys(first.state.services)).toEqual(['postgres', 'task', 'workflow', 'gateway']);
    expect((await fetch(`http://127.0.0.1:${portBase}/`)).status).toBe(200);
    first.process.kill('SIGINT');
    expect(await first.exit).toBe(0);
    expect(processesOf(home)).toEqual([]);
  });

  it('stops a process that ignores the request, too', async () => {
    const launcher = await startReady({ PARLEY_IGNORES_SIGTERM: 'workflow' });
    launcher.process.kill('SIGTERM');
    expect(await launcher.exit).toBe(0);
    expect(processesOf(home)).toEqual([]);
  });

  it('ends with one line when a service says that it cannot start', async () => {
    const launcher = start({ PARLEY_WRONG: 'workflow' });
    expect(await launcher.exit).toBe(1);
    const lines = launcher.output().split('\n');
    const why = 'workflow cannot start: Not usable: PARLEY_WRONG: no';
    expect(lines.filter((line) => line.startsWith('parley: '))).toEqual([`parley: ${why}`]);
    expect(startsOf('workflow')).toBe(1);
    expect(processesOf(home)).toEqual([]);
  });

  it('points to the first launcher when the home is in use', async () => {
    const first = start();
    await until(() => first.output().includes('Starting'));
    const second = start({ PARLEY_PORT_BASE: String(portBase + 1) });
    expect(await second.exit).toBe(0);
    const address = /http:\S+#login=\S+/;
    expect(second.output()).toContain('already runs');
    expect(address.exec(second.output())?.[0]).toBe(address.exec(first.output())?.[0]);
  });

  it('lets exactly one of several simultaneous starts win', async () => {
    const all = [start(), start(), start()];
    await until(() => all.every((one) => one.output().includes('#login=')));
    expect(all.filter((one) => one.output().includes('already runs'))).toHaveLength(2);
  });

  it('names the port that another program listens on, and the cure', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(portBase + 13, '127.0.0.1', done));
    const launcher = start();
    expect(await launcher.exit).toBe(1);
    expect(launcher.output()).toContain(`${portBase + 13} (workflow)`);
    expect(launcher.output()).toContain('PARLEY_PORT_BASE=');
    await new Promise((done) => other.close(done));
  });

  it('refuses a port base that is none', async () => {
    const launcher = start({ PARLEY_PORT_BASE: 'high' });
    expect(await launcher.exit).toBe(1);
    expect(launcher.output()).toContain('PARLEY_PORT_BASE must be a port');
  });
});

describe('a process that ends', () => {
  it('is started again, each time it crashes or is killed, PostgreSQL included', async () => {
    const { state, output } = await startReady();
    process.kill(state.services.workflow!.pid!, 'SIGKILL');
    process.kill(state.services.postgres!.pid!, 'SIGKILL');
    await fetch(`http://127.0.0.1:${portBase}/crash`).catch(() => undefined);
    await until(() => {
      const { services } = stateNow();
      return ['workflow', 'postgres', 'gateway'].every(
        (name) => services[name]!.status === 'ready' && services[name]!.restarts === 1,
      );
    });
    expect(startsOf('workflow')).toBe(2);
    expect(output()).toMatch(/workflow ended \(SIGKILL\), starts again in 0\.2 s/);
    expect(output()).toMatch(/gateway ended \(exit 3/);
  });
});

describe('kill -9 of the launcher', () => {
  it('leaves nothing running, and the next start goes on with the data', async () => {
    const first = await startReady();
    first.process.kill('SIGKILL');
    await until(() => processesOf(home).length === 0);
    const second = await startReady();
    expect(second.state.services.postgres!.status).toBe('ready');
  });

  it('leaves nothing running at any moment of a start', async () => {
    for (const delayMs of [100, 200, 300, 400, 500, 600, 700]) {
      const launcher = start({ PARLEY_TEST_CLUSTER: '' }); // with all that a first start does
      await sleep(delayMs);
      launcher.process.kill('SIGKILL');
      await launcher.exit;
      await until(() => processesOf(home).length === 0);
    }
  });

  it('leaves nothing running while restarts are under way', async () => {
    const first = await startReady();
    for (const name of ['workflow', 'gateway', 'postgres']) {
      process.kill(first.state.services[name]!.pid!, 'SIGKILL');
    }
    await sleep(210);
    first.process.kill('SIGKILL');
    await until(() => processesOf(home).length === 0);
  });

  it('leaves nothing running when the watchdog was killed before', async () => {
    const first = await startReady();
    const watchdog = processesOf(home).find(({ command }) => command.includes('parley-watchdog'));
    process.kill(watchdog!.pid, 'SIGKILL');
    await until(() =>
      processesOf(home).some(
        ({ command, pid }) => command.includes('parley-watchdog') && pid !== watchdog!.pid,
      ),
    );
    first.process.kill('SIGKILL');
    await until(() => processesOf(home).length === 0);
  });

  it('is made up for by the next start when the watchdog was killed with it', async () => {
    const first = await startReady();
    const watchdog = processesOf(home).find(({ command }) => command.includes('parley-watchdog'));
    first.process.kill('SIGKILL');
    process.kill(watchdog!.pid, 'SIGKILL');
    await first.exit;
    await sleep(200);
    expect(processesOf(home).length).toBeGreaterThan(0);
    const second = await startReady();
    expect(second.state.services.workflow!.pid).not.toBe(first.state.services.workflow!.pid);
    const programs = processesOf(home).filter(({ command }) => command.includes('fake-service'));
    expect(programs).toHaveLength(2);
  });
});
