import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { outboundLimits } from './limits.js';
import type { ResponseBody } from './outcome.js';

/** The answer is larger than the limit, or is not what its headers say. */
export class BadResponse extends Error {
  override readonly name = 'BadResponse';
}

export type ParseJson = (text: string) => unknown;

const limit = outboundLimits.responseBytesMax;
const tooLarge = `The answer is larger than ${limit / 1_048_576} MiB.`;

/** A body as it comes in, up to the limit. */
export class BodyBytes {
  private readonly chunks: Buffer[] = [];
  private size = 0;

  /** @throws BadResponse */
  add(chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > limit) throw new BadResponse(tooLarge);
    this.chunks.push(chunk);
  }

  all(): Buffer {
    const [first] = this.chunks;
    return this.chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.chunks);
  }
}

/** Whether there is an encoding that `decode` undoes. */
export function isEncoded(encoding: string | undefined): encoding is string {
  const name = encoding?.trim().toLowerCase() ?? '';
  return name !== '' && name !== 'identity';
}

/** Undoes the content encoding; what it unfolds to has the same limit. @throws BadResponse */
export async function decode(bytes: Buffer, encoding: string): Promise<Buffer> {
  if (bytes.length === 0) return bytes;
  const name = encoding.trim().toLowerCase();
  const decoder = decoders.get(name);
  if (decoder === undefined)
    throw new BadResponse(`The answer is encoded as ${name.slice(0, 40)}.`);
  try {
    return await decoder(bytes, { maxOutputLength: limit });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new BadResponse(tooLarge);
    throw new BadResponse(`The answer cannot be decompressed (${name}).`);
  }
}

const decoders = new Map<
  string,
  (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>
>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

/** Reads a body by its media type: JSON, text, or bytes as base64. */
export function interpret(
  bytes: Buffer,
  contentType: string | undefined,
  parseJson: ParseJson,
): ResponseBody {
  if (bytes.length === 0) return { kind: 'empty' };
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/^(?:application\/json|[^/]+\/[^/]*\+json)$/.test(mediaType)) return json(bytes, parseJson);
  if (mediaType === '' || isText(mediaType)) {
    const text = textOf(bytes);
    if (text !== undefined) return { kind: 'text', text };
  }
  return binary(bytes, mediaType);
}

/** A body as the bytes that it is. */
export function binary(bytes: Buffer, contentType: string | undefined): ResponseBody {
  if (bytes.length === 0) return { kind: 'empty' };
  const mediaType = contentType || 'application/octet-stream';
  return { kind: 'binary', base64: bytes.toString('base64'), mediaType };
}

function json(bytes: Buffer, parseJson: ParseJson): ResponseBody {
  const text = textOf(bytes);
  if (text === undefined) return { kind: 'text', text: bytes.toString('latin1'), brokenJson: true };
  try {
    return { kind: 'json', value: parseJson(text) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: 'text', text, brokenJson: true };
  }
}

function isText(mediaType: string): boolean {
  return (
    mediaType.startsWith('text/') ||
    /^application\/(?:xml|yaml|x-yaml|javascript|x-www-form-urlencoded|x-ndjson)$/.test(
      mediaType,
    ) ||
    /\+(?:xml|yaml)$/.test(mediaType)
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
