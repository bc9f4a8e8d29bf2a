import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { parseJson, type Json } from '@parley/kernel';

/** The first byte of a stored payload. */
const plain = 0;
const zstd = 1;

const compressBytesMin = 2 * 1024;

/** JSON as it is stored: a codec byte and UTF-8, compressed above 2 KiB. */
export function encodePayload(value: unknown): Buffer {
  return encodeText(JSON.stringify(value));
}

/** The same for what is JSON text already. */
export function encodeText(text: string): Buffer {
  if (text.length > compressBytesMin) return compressed(Buffer.from(text));
  const stored = Buffer.allocUnsafe(1 + Buffer.byteLength(text));
  stored.writeUInt8(plain, 0);
  stored.write(text, 1);
  return stored;
}

function compressed(text: Buffer): Buffer {
  return Buffer.concat([Buffer.of(zstd), zstdCompressSync(text)]);
}

/** Reads what `encodePayload` wrote, every digit of it. @throws when the codec is not known */
export function decodePayload<T = Json>(stored: Buffer): T {
  return parseJson(decodeText(stored)) as T;
}

/** The JSON text of what `encodePayload` wrote. @throws when the codec is not known */
export function decodeText(stored: Buffer): string {
  const body = stored.subarray(1);
  switch (stored[0]) {
    case plain:
      return body.toString();
    case zstd:
      return zstdDecompressSync(body).toString();
    default:
      throw new Error(`a payload has codec ${String(stored[0])}, which this version does not know`);
  }
}
