/**
 * Values and arrays as PostgreSQL reads them from a binary parameter: nothing to quote here, nothing
 * to parse there. The driver sends a Buffer as it is.
 */

/** How the elements of a type are written; `size` and `write` of one element agree. */
interface Elements<V> {
  readonly oid: number;
  readonly size: (value: V) => number;
  readonly write: (value: V, into: Buffer, at: number) => void;
}

const text: Elements<string> = {
  oid: 25,
  size: (value) => Buffer.byteLength(value),
  write: (value, into, at) => void into.write(value, at),
};

const dateEpochMs = Date.UTC(2000, 0, 1);
const wordValues = 2 ** 32;

/** Exact for every integer that a number carries exactly. */
function writeInt64(value: number, into: Buffer, at: number): void {
  into.writeInt32BE(Math.floor(value / wordValues), at);
  into.writeUInt32BE(((value % wordValues) + wordValues) % wordValues, at + 4);
}

const elements = {
  bool: {
    oid: 16,
    size: () => 1,
    write: (value: boolean, into, at) => void into.writeUInt8(value ? 1 : 0, at),
  } satisfies Elements<boolean>,
  bytea: {
    oid: 17,
    size: (value: Buffer) => value.length,
    write: (value: Buffer, into, at) => void value.copy(into, at),
  } satisfies Elements<Buffer>,
  bigint: { oid: 20, size: () => 8, write: writeInt64 } satisfies Elements<number>,
  int: {
    oid: 23,
    size: () => 4,
    write: (value: number, into, at) => void into.writeInt32BE(value, at),
  } satisfies Elements<number>,
  text,
  json: { ...text, oid: 114 },
  jsonb: {
    oid: 3802,
    size: (value: string) => text.size(value) + 1,
    write: (value: string, into, at) => {
      into.writeUInt8(1, at); // Version of the format.
      text.write(value, into, at + 1);
    },
  } satisfies Elements<string>,
  /** Milliseconds since the epoch. */
  timestamptz: {
    oid: 1184,
    size: () => 8,
    write: (value: number, into, at) => writeInt64((value - dateEpochMs) * 1000, into, at),
  } satisfies Elements<number>,
};

export type ArrayType = keyof typeof elements;

const headBytes = 20;
const lengthBytes = 4;
const isNull = -1;

/** @param value null and undefined are NULL; anything else must be what the type takes */
export function binaryValue(type: ArrayType, value: unknown): Buffer | null {
  if (value === null || value === undefined) return null;
  const { size, write } = elements[type] as unknown as Elements<unknown>;
  const into = Buffer.allocUnsafe(size(value));
  write(value, into, 0);
  return into;
}

/** @param values null and undefined are NULL; anything else must be what the type takes */
export function binaryArray(type: ArrayType, values: readonly unknown[]): Buffer {
  const { oid, size, write } = elements[type] as unknown as Elements<unknown>;
  let bytes = values.length === 0 ? headBytes - 8 : headBytes;
  const sizes = new Array<number>(values.length);
  let hasNull = 0;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at];
    const length = value === null || value === undefined ? isNull : size(value);
    sizes[at] = length;
    if (length === isNull) hasNull = 1;
    else bytes += length;
    bytes += lengthBytes;
  }
  const into = Buffer.allocUnsafe(bytes);
  into.writeInt32BE(values.length === 0 ? 0 : 1, 0); // Dimensions.
  into.writeInt32BE(hasNull, 4);
  into.writeInt32BE(oid, 8);
  if (values.length === 0) return into;
  into.writeInt32BE(values.length, 12);
  into.writeInt32BE(1, 16); // The first subscript.
  let place = headBytes;
  for (let at = 0; at < values.length; at += 1) {
    const length = sizes[at] ?? isNull;
    into.writeInt32BE(length, place);
    place += lengthBytes;
    if (length === isNull) continue;
    write(values[at], into, place);
    place += length;
  }
  return into;
}
