import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { createPool, type Pool } from '@parley/postgres';
import type { Platform } from '../dev/platform.ts';

/** The first byte of a stored payload that is compressed. */
const zstd = 1;

/** A superuser's connections to the platform's database. */
export function adminPool(platform: Platform): Pool {
  const password = readFileSync(join(platform.home, 'secrets/postgres-superuser'), 'utf8').trim();
  const embedded = `postgres://postgres:${password}@127.0.0.1:${String(platform.portBase + 32)}/parley`;
  const url = process.env['DATABASE_URL'] || embedded;
  return createPool(url, { applicationName: 'testbed', max: 2 });
}

/** Every value of every table as text, payloads unpacked, by table. */
export async function databaseTexts(pool: Pool): Promise<Map<string, string>> {
  const { rows: columns } = await pool.query<{ place: string; column: string; type: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS place, column_name AS column,
       data_type AS type
     FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const texts = new Map<string, string>();
  for (const { place, column, type } of columns) {
    const value = type === 'bytea' ? `"${column}"` : `"${column}"::text`;
    const { rows } = await pool.query<{ value: string | Buffer | null }>(
      `SELECT ${value} AS value FROM ${place} WHERE "${column}" IS NOT NULL`,
    );
    const found = rows.map(({ value: one }) =>
      Buffer.isBuffer(one) ? unpacked(one) : String(one),
    );
    texts.set(place, `${texts.get(place) ?? ''}\n${found.join('\n')}`);
  }
  return texts;
}

function unpacked(bytes: Buffer): string {
  const body = bytes.subarray(1);
  return (bytes[0] === zstd ? zstdDecompressSync(body) : bytes).toString('latin1');
}

/** Every log file, by name. */
export function logTexts(platform: Platform): Map<string, string> {
  const folder = join(platform.home, 'logs');
  const files = readdirSync(folder);
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
