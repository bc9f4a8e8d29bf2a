import type { Pool } from '../pool.js';

const databaseTypes: Readonly<Record<string, string>> = {
  String: 'text',
  'String[]': '_text',
  Int: 'int4',
  BigInt: 'int8',
  Boolean: 'bool',
  Bytes: 'bytea',
  DateTime: 'timestamptz',
  Json: 'jsonb',
};

/** `table.column type` of each field of a Prisma schema that is no relation; `?` where nullable. */
export function prismaColumns(schema: string): string[] {
  const columns: string[] = [];
  for (const [, body = ''] of schema.matchAll(/^model \w+ \{\n([^}]*)^\}/gm)) {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1] ?? '';
    const fields = body.matchAll(/^ {2}(\w+) +([A-Z]\w+(?:\[\])?)(\??)( .*|)$/gm);
    for (const [, field = '', type = '', optional = '', rest = ''] of fields) {
      const column = /@map\("(\w+)"\)/.exec(rest)?.[1] ?? field;
      const stored = rest.includes('@db.Json') ? 'json' : databaseTypes[type];
      if (stored !== undefined) columns.push(`${table}.${column} ${stored}${optional}`);
    }
  }
  return columns.sort();
}

/** The columns that a schema of the database has, in the same words; of some tables or of all. */
export async function databaseColumns(
  pool: Pool,
  schema: string,
  tables: { readonly only?: readonly string[]; readonly except?: readonly string[] },
): Promise<string[]> {
  const { rows } = await pool.query<{ column: string }>(
    `SELECT table_name || '.' || column_name || ' ' || udt_name
       || CASE is_nullable WHEN 'YES' THEN '?' ELSE '' END AS column
     FROM information_schema.columns
     WHERE table_schema = $1 AND ($2::text[] IS NULL OR table_name = ANY ($2))
       AND table_name <> ALL ($3)`,
    [schema, tables.only ?? null, tables.except ?? []],
  );
  return rows.map(({ column }) => column).sort();
}
