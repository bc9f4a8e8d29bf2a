import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { giveTo } from './account.js';
import { findBinaries } from './binaries.js';
import { startPostgres, type RunningPostgres } from './server.js';
import { Watchdog } from './watchdog.js';

const isRoot = process.getuid?.() === 0;
const ordinaryUid = 65534;

let dir: string;
let port: number;
let watchdog: Watchdog;
let running: RunningPostgres | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-server-'));
  port = 30_000 + Math.floor(Math.random() * 2000);
  watchdog = new Watchdog();
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  watchdog.close();
  rmSync(dir, { recursive: true, force: true });
});

async function start(
  options: { password?: string; passwordIsNew?: boolean; template?: string } = {},
): Promise<RunningPostgres> {
  const logFile = join(dir, 'log');
  const template = process.env.PARLEY_TEST_CLUSTER;
  const usual = { dir, port, password: 'first', template, logFile, watchdog };
  running = await startPostgres({ ...usual, ...options });
  return running;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows as unknown[];
}

describe('the embedded server', () => {
  it('sorts and folds text by Unicode code points, whatever the locale of the machine', async () => {
    const { adminUrl } = await start({ template: undefined });
    expect(
      await query(adminUrl, `SELECT upper('é') u, 'a' > 'B' c, current_setting('fsync') f`),
    ).toEqual([{ u: 'É', c: true, f: 'on' }]);
  });

  it('keeps committed data when it is killed, again and again', async () => {
    let server = await start();
    await query(server.adminUrl, 'CREATE TABLE kept (n int)');
    for (let n = 0; n < 3; n += 1) {
      await query(server.adminUrl, `INSERT INTO kept VALUES (${n})`);
      const busy = query(server.adminUrl, 'SELECT pg_sleep(30)').catch(() => 'cut');
      process.kill(server.pid, 'SIGKILL');
      await server.ended;
      server = await start();
      expect(await busy).toBe('cut');
    }
    expect(await query(server.adminUrl, 'SELECT n FROM kept ORDER BY n')).toHaveLength(3);
  });

  it('starts on a lock file whose process id belongs to another program', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    const lock = join(dir, 'data/postmaster.pid');
    const lines = readFileSync(lock, 'utf8').split('\n');
    writeFileSync(lock, [process.pid, ...lines.slice(1)].join('\n'));
    expect(await query((await start()).adminUrl, 'SELECT 1')).toHaveLength(1);
  });

  it('sets a new superuser password when the old one is lost', async () => {
    const first = await start();
    await first.stop();
    const second = await start({ password: 'second', passwordIsNew: true });
    expect(await query(second.adminUrl, 'SELECT 1')).toHaveLength(1);
    await expect(query(first.adminUrl, 'SELECT 1')).rejects.toThrow(
      'password authentication failed',
    );
  });

  it('names the cause when it cannot start', async () => {
    await (await start()).stop();
    writeFileSync(join(dir, 'data/postgresql.auto.conf'), 'no_such_setting = 1\n');
    await expect(start()).rejects.toThrow(/unrecognized configuration parameter "no_such_setting"/);
    writeFileSync(join(dir, 'data/PG_VERSION'), '12\n');
    await expect(start()).rejects.toThrow(/written by PostgreSQL 12/);
  });

  it('can begin with a copy of the first data, under a password of its own', async () => {
    const template = join(dir, 'template');
    mkdirSync(template);
    const first = await start({ template });
    await query(first.adminUrl, 'CREATE TABLE made_later (n int)');
    await first.stop();
    rmSync(join(dir, 'data'), { recursive: true });
    const second = await start({ template, password: 'second' });
    expect(await query(second.adminUrl, `SELECT to_regclass('made_later') found`)).toEqual([
      { found: null },
    ]);
    await expect(query(first.adminUrl, 'SELECT 1')).rejects.toThrow(
      'password authentication failed',
    );
  });

  it('gives its programs what they need to load their libraries', () => {
    const { env, postgres } = findBinaries(join(dir, 'lib'));
    const { status } = spawnSync(postgres, ['--version'], { env });
    expect(status).toBe(0);
  });
});

(isRoot ? describe : describe.skip)('started by root', () => {
  it('runs below a folder that only root may enter', async () => {
    chmodSync(dir, 0o700);
    expect(await query((await start()).adminUrl, 'SELECT 1')).toHaveLength(1);
  });

  it('runs on data that another user owns', async () => {
    await (await start()).stop();
    giveTo(ordinaryUid, join(dir, 'data'));
    const server = await start();
    expect(await query(server.adminUrl, 'SELECT 1')).toHaveLength(1);
    expect(readFileSync(`/proc/${server.pid}/status`, 'utf8')).toContain(`Uid:\t${ordinaryUid}`);
  });
});

describe('when the process that started everything is killed', () => {
  it('leaves neither the test server nor its folder', async () => {
    const owner = await startOwner(`
      import { startTestPostgres } from '@parley/postgres-server';
      console.log((await startTestPostgres()).adminUrl);
    `);
    const settings = await query(owner.line, `SELECT current_setting('data_directory') dir`);
    const [{ dir: dataDir }] = settings as [{ dir: string }];
    expect(existsSync(dataDir)).toBe(true);
    const busy = query(owner.line, 'SELECT count(*) FROM generate_series(1, 1e12)').catch(
      () => 'cut',
    );
    await sleep(100);
    owner.kill();
    expect(await busy).toBe('cut');
    const gone = ['ECONNREFUSED', 'ENOENT'];
    await until(async () => gone.includes(String(await refusal(owner.line))));
    await until(() => !existsSync(dataDir));
  });

  it('leaves no child and no grandchild, even after the watchdog was killed first', async () => {
    const owner = await startOwner(`
      import { Watchdog } from '@parley/postgres-server';
      const watchdog = new Watchdog();
      const child = watchdog.spawn('/bin/sh', ['-c', 'sleep 97 & echo $! $$; wait'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [pids] = await once(child.stdout, 'data');
      process.kill(watchdog.pid, 'SIGKILL');
      setTimeout(() => console.log(String(pids).trim()), 200);
    `);
    const pids = owner.line.split(' ').map(Number);
    expect(pids.map(isRunning)).toEqual([true, true]);
    owner.kill();
    await until(() => !pids.some(isRunning));
  });
});

/** Why a connection fails. A server on its way out still resets some before it refuses them. */
async function refusal(url: string): Promise<unknown> {
  return query(url, 'SELECT 1').then(
    () => 'none',
    (error: unknown) => (error as { code?: unknown }).code,
  );
}

/** Waits for what another process does in its own time; the time limit of the test ends it. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

/** Runs a script on the built package, in a process of its own, until its first line of output. */
async function startOwner(script: string): Promise<{ line: string; kill(): void }> {
  const code = `import { once } from 'node:events';\n${script}\nsetInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { line: line.toString().trim(), kill: () => void child.kill('SIGKILL') };
}

function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}
