import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';

import { AppError, assert } from '@parley/kernel';

import { giveTo, inAccount, type Account } from './account.js';
import type { PostgresBinaries } from './binaries.js';
import type { Watchdog } from './watchdog.js';

/** The server's programs and the folder that they work on. */
export interface Programs {
  readonly dir: string;
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account;
  readonly env: Readonly<Record<string, string>>;
  readonly watchdog: Watchdog;
}

interface NewCluster {
  readonly password: string;
  readonly database: string;
  readonly durable: boolean;
  readonly template: string | undefined;
}

/** All or nothing: the folder gets its name when its content is complete. */
export async function createCluster(programs: Programs, cluster: NewCluster): Promise<void> {
  const { dir, account } = programs;
  for (const name of readdirSync(dir)) {
    if (name.startsWith('new-')) rmSync(join(dir, name), { recursive: true });
  }
  const draft = join(dir, `new-${process.pid}`);
  const template = cluster.template ? join(cluster.template, cluster.database) : undefined;
  if (template !== undefined && existsSync(template)) {
    cpSync(template, draft, { recursive: true });
    chmodSync(draft, 0o700); // The server refuses data that others may read.
    if (account.uid !== undefined) giveTo(account.uid, draft);
    await setPassword(programs, draft, cluster.password);
  } else {
    await makeCluster(programs, draft, cluster);
    if (template !== undefined) keep(draft, template);
  }
  renameSync(draft, programs.dataDir);
}

async function makeCluster(programs: Programs, draft: string, cluster: NewCluster): Promise<void> {
  const { dir, account } = programs;
  const passwordFile = join(dir, `new-${process.pid}.password`);
  writeFileSync(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
  if (account.uid !== undefined) chownSync(passwordFile, account.uid, account.uid);
  try {
    await run(programs, programs.binaries.initdb, [
      ...['--pgdata', draft, '--username', 'postgres', '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C'],
      ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--no-instructions'],
      ...(cluster.durable ? [] : ['--no-sync']),
    ]);
  } finally {
    rmSync(passwordFile);
  }
  await execute(programs, draft, `CREATE DATABASE "${cluster.database}"`);
}

/** Whole or not at all; whoever comes second keeps nothing. */
function keep(made: string, template: string): void {
  const draft = `${template}-${process.pid}`;
  cpSync(made, draft, { recursive: true });
  try {
    renameSync(draft, template);
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (!existsSync(template)) throw error;
  }
}

/** Needs no running server and no old password: who may write the data may do this. */
export async function resetPassword(programs: Programs, password: string): Promise<void> {
  await setPassword(programs, programs.dataDir, password);
}

async function setPassword(programs: Programs, dataDir: string, password: string): Promise<void> {
  const literal = password.replaceAll("'", "''");
  await execute(programs, dataDir, `ALTER ROLE postgres PASSWORD '${literal}'`);
}

/** Runs one statement in the server's single-user mode. */
async function execute(programs: Programs, dataDir: string, statement: string): Promise<void> {
  const args = ['--single', '-D', dataDir, 'postgres'];
  const output = await run(programs, programs.binaries.postgres, args, `${statement}\n`);
  const fault = output.split('\n').find((line) => /\b(ERROR|FATAL|PANIC):/.test(line));
  if (fault !== undefined) throw new AppError('unavailable', `PostgreSQL: ${fault}`);
}

/** @returns what it wrote to the error stream. */
async function run(
  { account, env, dir, watchdog }: Programs,
  program: string,
  args: readonly string[],
  input = '',
): Promise<string> {
  const [command, ...rest] = inAccount(account, program);
  const user = account.switchUser === true ? { uid: account.uid, gid: account.uid } : {};
  const stdio = ['pipe', 'pipe', 'pipe'] as const;
  const child = watchdog.spawn(command, [...rest, ...args], { cwd: dir, env, stdio, ...user });
  const { stdin, stdout, stderr } = child;
  assert(stdin !== null && stdout !== null && stderr !== null, 'three pipes were asked for');
  stdin.on('error', () => undefined); // It ended early: its exit code and output tell why.
  stdin.end(input);
  const [output, errors, [code]] = await Promise.all([
    text(stdout),
    text(stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code === 0) return errors;
  const cause = (errors.trim() || output.trim()).split('\n').slice(-12).join('\n');
  throw new AppError(
    'unavailable',
    `${basename(program)} failed (exit ${code ?? 'by signal'}):\n${cause}`,
  );
}
