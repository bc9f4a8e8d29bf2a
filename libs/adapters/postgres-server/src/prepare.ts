import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';

import { AppError } from '@parley/kernel';

import { chooseAccount, giveTo, inAccount } from './account.js';
import { adminUrlOf, socketDirOf } from './address.js';
import { findBinaries } from './binaries.js';
import { createCluster, resetPassword } from './cluster.js';
import { clearLeftovers } from './leftovers.js';
import type { Watchdog } from './watchdog.js';

/** One embedded PostgreSQL server. */
export interface PostgresOptions {
  /** Folder of the server; `data` is made in it. */
  readonly dir: string;
  readonly port: number;
  /** Password of the superuser `postgres`. */
  readonly password: string;
  /** Set the password anew on existing data, because the one it had is lost. */
  readonly passwordIsNew?: boolean;
  /** Database that is made with the data. @default 'parley' */
  readonly database?: string;
  /** Whether commits survive a crash of the machine. @default true */
  readonly durable?: boolean;
  /**
   * Folder that keeps the first data that is made, so that later ones are copies of it: for tests, who
   * make many. What is copied is not synced.
   */
  readonly template?: string;
  /** Ends the making of the data too when this process dies. */
  readonly watchdog: Watchdog;
}

/** What to spawn for the server; the process that results is the server itself. */
export interface PreparedPostgres {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly dataDir: string;
  readonly port: number;
  readonly adminUrl: string;
  /** Whether the server with this process id accepts connections. */
  readonly isReady: (pid: number) => boolean;
}

/**
 * Makes the data folder on the first call, clears what a crash left behind on later ones, and says
 * how to start the server.
 */
export async function preparePostgres(options: PostgresOptions): Promise<PreparedPostgres> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const dir = realpathSync(options.dir);
  const dataDir = join(dir, 'data');
  const database = options.database ?? 'parley';
  const binaries = findBinaries(join(dir, 'lib'));
  const exists = existsSync(dataDir);
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC', ...binaries.env };
  const owner = statSync(exists ? dataDir : dir).uid;
  const account = chooseAccount({ program: binaries.postgres, dir, env, owner });
  if (account.uid !== undefined) giveTo(account.uid, dir);
  const { watchdog } = options;
  const programs = { dir, dataDir, binaries, account, env, watchdog };
  if (exists) {
    checkVersion(dataDir);
    await clearLeftovers(dataDir);
    removeSockets(dir);
    if (options.passwordIsNew === true) await resetPassword(programs, options.password);
  } else {
    const durable = options.durable ?? true;
    const { password, template } = options;
    await createCluster(programs, { password, database, durable, template });
  }
  const [command, ...args] = inAccount(account, binaries.postgres);
  return {
    command,
    args: [...args, '-D', dataDir, ...settings(options, await socketDirOf(options))],
    env,
    ...(account.switchUser === true && { uid: account.uid }),
    dataDir,
    port: options.port,
    adminUrl: await adminUrlOf(options, { password: options.password, database }),
    isReady: (pid) => isReady(dataDir, pid),
  };
}

/** Small enough for a laptop beside eight services; one server per installation needs no replicas. */
function settings(
  { port, durable = true }: PostgresOptions,
  socketDir: string | undefined,
): string[] {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: socketDir === undefined ? '' : `"${socketDir}"`,
    unix_socket_permissions: '0700',
    max_connections: 100,
    shared_buffers: '64MB',
    // The writers do as much as by default, in fewer goes: an idle server sleeps.
    bgwriter_delay: '1s',
    bgwriter_lru_maxpages: 500,
    wal_writer_delay: '1s',
    huge_pages: 'off',
    work_mem: '4MB',
    maintenance_work_mem: '32MB',
    effective_cache_size: '256MB',
    io_method: 'sync',
    max_worker_processes: 4,
    max_parallel_workers: 2,
    max_parallel_workers_per_gather: 0,
    jit: 'off',
    fsync: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    min_wal_size: '32MB',
    max_wal_size: '512MB',
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] ',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** What a server that died left behind: its process id may belong to somebody else by now. */
function removeSockets(dir: string): void {
  for (const name of readdirSync(dir)) {
    if (name.startsWith('.s.PGSQL.')) rmSync(join(dir, name), { force: true });
  }
}

const dataVersion = '18';

function checkVersion(dataDir: string): void {
  const file = join(dataDir, 'PG_VERSION');
  const found = existsSync(file) ? readFileSync(file, 'utf8').trim() : 'unknown';
  if (found === dataVersion) return;
  throw new AppError(
    'unavailable',
    `${dataDir} was written by PostgreSQL ${found}, this is PostgreSQL ${dataVersion}. ` +
      'Move the folder away to start with empty data, or set DATABASE_URL to a server that reads it.',
  );
}

/** The server writes its state into the lock file, for programs that wait for it. */
function isReady(dataDir: string, pid: number): boolean {
  const lock = join(dataDir, 'postmaster.pid');
  if (!existsSync(lock)) return false;
  const lines = readFileSync(lock, 'utf8').split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}
