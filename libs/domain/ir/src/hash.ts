import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Json } from '@parley/kernel';
import { hashCanonical } from './canonical-hash.js';
import type { Ir } from './ir.js';

/** SHA-256 of a JSON value's canonical text, in hex. */
export function hashJson(value: Json): string {
  return hashCanonical(value);
}

/** SHA-256 of a text's UTF-8 bytes, in hex. */
export function hashText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Completes an IR with the hash over everything else in it. */
export function sealIr(ir: Omit<Ir, 'hash'>): Ir {
  return { ...ir, hash: hashJson(ir as unknown as Json) };
}
