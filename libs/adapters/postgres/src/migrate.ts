import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '@parley/kernel';
import type pg from 'pg';
import { sqlState } from './database-error.js';
import { createPool, waitForDatabase } from './pool.js';

export interface MigrateOptions {
  /** Connection of the schema's owner. */
  readonly ownerUrl: string;
  /** e.g. `conversation`; exists already, see `provision`. */
  readonly schema: string;
  /** Holds `0001-name.sql`, `0002-…`; nothing else is read. */
  readonly directory: string;
}

export interface Migrated {
  /** Names of the files applied now, in order. */
  readonly applied: readonly string[];
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** How long a start waits for another one that migrates the same schema. */
const lockWaitMs = 60_000;
const statementTimeoutMs = 300_000;

/**
 * Applies the SQL files of `directory` that are not applied yet, each in a transaction, forward
 * only. Starts of several processes wait for one another. A changed or missing applied file is an
 * error; names that this build does not know yet, at the end, are not: an older build may start on
 * a newer schema, because migrations only add.
 *
 * Before the first file, the schema gets the functions that declare tables and the outbox
 * (`sql/service`).
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const pool = createPool(options.ownerUrl, {
    applicationName: `migrate ${options.schema}`,
    max: 1,
    statementTimeoutMs,
  });
  try {
    await waitForDatabase(pool);
    const client = await pool.connect();
    try {
      const supplied = fileURLToPath(new URL('sql/service/', import.meta.url));
      const files = [
        ...(await readMigrations(supplied, 'parley/')),
        ...(await readMigrations(options.directory)),
      ];
      return { applied: await applyMigrations(client, options.schema, files) };
    } finally {
      client.release(true);
    }
  } finally {
    await pool.end();
  }
}

/** Reads `NNNN-name.sql` files in order. */
export async function readMigrations(directory: string, prefix = ''): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const expected = String(index + 1).padStart(4, '0');
      if (!/^\d{4}-[a-z0-9-]+\.sql$/.test(name) || !name.startsWith(expected)) {
        throw new Error(`${join(directory, name)}: the next migration is ${expected}-<name>.sql`);
      }
      const sql = await readFile(join(directory, name), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { name: prefix + name, sql, checksum };
    }),
  );
}

/** Applies what is missing on a connection whose role owns `schema`. */
export async function applyMigrations(
  client: pg.ClientBase,
  schema: string,
  files: readonly Migration[],
): Promise<string[]> {
  await client.query(`SELECT set_config('search_path', $1, false)`, [schema]);
  await client.query(`SELECT set_config('lock_timeout', $1, false)`, [`${lockWaitMs}ms`]);
  // What rewrites a table takes as long as the table is large; given up, it would only begin again.
  await client.query(`SELECT set_config('statement_timeout', '0', false)`);
  await client.query(`SELECT pg_advisory_lock(hashtextextended('parley/migrate/' || $1, 0))`, [
    schema,
  ]);
  await client.query(
    `CREATE TABLE IF NOT EXISTS schema_migration (
       name text PRIMARY KEY,
       checksum text NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT now()
     )`,
  );
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM schema_migration',
  );
  const known = new Map(rows.map((row) => [row.name, row.checksum]));
  const pending = pendingOf(schema, files, known);
  for (const file of pending) await applyOne(client, schema, file);
  return pending.map((file) => file.name);
}

function pendingOf(
  schema: string,
  files: readonly Migration[],
  known: ReadonlyMap<string, string>,
): Migration[] {
  for (const file of files) {
    const checksum = known.get(file.name);
    if (checksum === undefined || checksum === file.checksum) continue;
    throw new AppError(
      'conflict',
      `${file.name} was changed after it was applied to schema ${schema}; ` +
        `restore its text and put the change into a new migration`,
    );
  }
  for (const prefix of ['', 'parley/']) {
    const group = files.filter((file) => folderOf(file.name) === prefix);
    const appliedNames = [...known.keys()].filter((name) => folderOf(name) === prefix).sort();
    appliedNames.slice(0, group.length).forEach((name, index) => {
      if (group[index]?.name === name) return;
      throw new AppError(
        'conflict',
        `${name} was applied to schema ${schema}, but its file is gone or renamed; restore it`,
      );
    });
  }
  return files.filter((file) => !known.has(file.name));
}

function folderOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/') + 1);
}

async function applyOne(client: pg.ClientBase, schema: string, file: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(file.sql);
    await client.query(`SELECT set_config('search_path', $1, false)`, [schema]);
    await client.query('INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)', [
      file.name,
      file.checksum,
    ]);
    await refuseUndeclaredTables(client);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined); // the cause below says what happened
    const position = Number((error as { position?: string }).position ?? NaN);
    const line = Number.isNaN(position) ? '' : `:${file.sql.slice(0, position).split('\n').length}`;
    const state = sqlState(error);
    throw new AppError(
      'internal',
      `migration ${file.name}${line} of schema ${schema} failed: ${(error as Error).message}` +
        (state === undefined ? '' : ` (SQLSTATE ${state})`),
      { cause: error },
    );
  }
}

/** Only schemas that declare their tables; `bus` has functions in front of them instead. */
async function refuseUndeclaredTables(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ declared: string | null }>(
    `SELECT to_regclass('declared_table')::text AS declared`,
  );
  if (rows[0]?.declared === null) return;
  const undeclared = await client.query<{ relname: string }>(
    `SELECT relname FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
       AND NOT relispartition AND relname NOT IN (SELECT name FROM declared_table)`,
  );
  const names = undeclared.rows.map((row) => row.relname);
  if (names.length === 0) return;
  throw new Error(
    `nobody may read ${names.join(', ')}: declare each new table with ` +
      `SELECT tenant_table('…'), system_table('…') or shared_table('…')`,
  );
}
