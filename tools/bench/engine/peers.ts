import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Their own package: nobody but who compares needs them. */
const folder = resolve(import.meta.dirname, '../peers');
const startMsMax = 60_000;
const pollMs = 100;

/** Another engine with the same workflows behind HTTP: a request is answered when its run is through. */
export interface Peer {
  readonly name: string;
  /** What it makes durable, and when. */
  readonly durability: string;
  readonly port: number;
  readonly pathOf: (workload: 'W1s' | 'W2') => string;
  readonly stop: () => Promise<void>;
}

export interface PeersOptions {
  /** Of the superuser, on the server that Parley uses. */
  readonly adminUrl: string;
  readonly businessUrl: string;
  readonly say: (text: string) => void;
}

/** Starts every peer, one after the other. */
export async function startPeers(options: PeersOptions): Promise<Peer[]> {
  install(options.say);
  const dbos = await startDbos(options);
  try {
    return [dbos, await startRestate(options)];
  } catch (error) {
    await dbos.stop();
    throw error;
  }
}

function install(say: (text: string) => void): void {
  const { dependencies } = readJson('package.json') as { dependencies: Record<string, string> };
  const isInstalled = Object.entries(dependencies).every(([name, version]) => {
    const file = join('node_modules', name, 'package.json');
    return (
      existsSync(join(folder, file)) && (readJson(file) as { version: string }).version === version
    );
  });
  if (isInstalled) return;
  say('Installing the peers …');
  const { status, stderr } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`the peers cannot be installed: ${stderr}`);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

async function startDbos({ adminUrl, businessUrl }: PeersOptions): Promise<Peer> {
  const url = new URL(adminUrl);
  url.pathname = '/bench_dbos';
  const port = await freePort();
  const child = start('node', ['dbos.mjs'], {
    PORT: String(port),
    DATABASE_URL: url.href,
    BUSINESS_URL: businessUrl,
  });
  await ready(child, port);
  return {
    name: 'DBOS',
    durability:
      'the start, the result of every step and the end, each a commit of its own in the same PostgreSQL (fsync on)',
    port,
    pathOf: (workload) => `/${workload}`,
    stop: () => end(child),
  };
}

async function startRestate({ businessUrl }: PeersOptions): Promise<Peer> {
  const base = mkdtempSync(join(tmpdir(), 'parley-bench-restate-'));
  const [node, admin, ingress, service] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const server = start('node_modules/.bin/restate-server', ['--no-logo', '--base-dir', base], {
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LOG_FILTER: 'error',
    RESTATE_LOG_SERVER__ROCKSDB_DISABLE_WAL_FSYNC: 'false',
  });
  const handlers = start('node', ['restate.mjs'], {
    PORT: String(service),
    BUSINESS_URL: businessUrl,
    NODE_ENV: 'production',
  });
  const stop = async () => {
    await Promise.all([end(server), end(handlers)]);
    rmSync(base, { recursive: true, force: true });
  };
  try {
    await Promise.all([ready(server, admin), ready(server, ingress), ready(handlers, service)]);
    await register(admin, service);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: 'Restate',
    durability:
      'the start, the result of every step and the end, in its replicated log of one node (RocksDB, WAL with fsync, grouped)',
    port: ingress,
    pathOf: (workload) => `/bench/${workload}`,
    stop,
  };
}

async function register(admin: number, service: number): Promise<void> {
  const deadline = Date.now() + startMsMax;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${admin}/deployments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ uri: `http://127.0.0.1:${service}` }),
    }).catch(() => undefined);
    if (answer?.ok === true) return;
    if (Date.now() > deadline) throw new Error(`Restate refuses: ${await answer?.text()}`);
    await sleep(pollMs);
  }
}

function start(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const command = program === 'node' ? process.execPath : join(folder, program);
  return spawn(command, args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  });
}

/** Waits until something listens. */
async function ready(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + startMsMax;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended by itself`);
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error);
    // Whoever speaks another protocol has answered, too.
    if (!isRefused(answer)) return;
    if (Date.now() > deadline) throw new Error(`${child.spawnfile} does not listen on ${port}`);
    await sleep(pollMs);
  }
}

function isRefused(answer: unknown): boolean {
  const cause = answer instanceof Error ? answer.cause : undefined;
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(late);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
