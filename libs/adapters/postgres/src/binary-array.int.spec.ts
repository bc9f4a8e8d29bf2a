import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from './testing/index.js';
import { binaryArray, binaryValue, createPool, type ArrayType, type Pool } from './index.js';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await testDatabase([]);
  pool = createPool(database.adminUrl, { applicationName: 'test', max: 1 });
}, 60_000);

afterAll(async () => {
  await pool.end();
  await database.stop();
});

const moment = Date.UTC(2026, 1, 28, 23, 59, 59, 999);

/** Values, and how the database writes them. */
const cases: Record<ArrayType, readonly (readonly [value: unknown, text: string | null])[]> = {
  bool: [
    [true, 'true'],
    [false, 'false'],
    [null, null],
  ],
  int: [
    [0, '0'],
    [-2_147_483_648, '-2147483648'],
    [2_147_483_647, '2147483647'],
    [undefined, null],
  ],
  bigint: [
    [0, '0'],
    [-1, '-1'],
    [4_294_967_296, '4294967296'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [Number.MIN_SAFE_INTEGER, '-9007199254740991'],
  ],
  text: [
    ['', ''],
    ['{"a", NULL}', '{"a", NULL}'],
    ['größer 🍕', 'größer 🍕'],
    [null, null],
  ],
  json: [['{"b": 1, "a": 1.0}', '{"b": 1, "a": 1.0}']],
  jsonb: [
    ['{"b":1,"a":1.0}', '{"a": 1.0, "b": 1}'],
    [null, null],
  ],
  bytea: [
    [Buffer.from([0, 255, 92]), '\\x00ff5c'],
    [Buffer.alloc(0), '\\x'],
  ],
  timestamptz: [
    [moment, '2026-02-28 23:59:59.999+00'],
    [0, '1970-01-01 00:00:00+00'],
    [-1, '1969-12-31 23:59:59.999+00'],
    [null, null],
  ],
};

it.each(Object.keys(cases) as ArrayType[])('%s arrays arrive as they were', async (type) => {
  const wanted = cases[type];
  const { rows } = await pool.query<{ value: string | null }>(
    `SELECT value::text FROM unnest($1::${type}[]) AS value`,
    [
      binaryArray(
        type,
        wanted.map(([value]) => value),
      ),
    ],
  );
  expect(rows.map(({ value }) => value)).toEqual(wanted.map(([, text]) => text));
});

it.each(Object.keys(cases) as ArrayType[])('each %s by itself, too', async (type) => {
  for (const [value, text] of cases[type]) {
    const { rows } = await pool.query(`SELECT ($1::${type})::text AS value`, [
      binaryValue(type, value),
    ]);
    expect(rows).toEqual([{ value: text }]);
  }
});

it('an empty array is one', async () => {
  const { rows } = await pool.query<{ count: number }>('SELECT cardinality($1::text[]) AS count', [
    binaryArray('text', []),
  ]);
  expect(rows).toEqual([{ count: 0 }]);
});

it('text that the database cannot hold is refused as data at fault', async () => {
  const refused = pool.query('SELECT $1::text[]', [binaryArray('text', ['a\0b'])]);
  await expect(refused).rejects.toMatchObject({ code: 'invalid' });
});
