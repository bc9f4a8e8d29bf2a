import { typeError } from '../errors.js';
import { utf8Decode, utf8Encode } from '../values/bytes.js';
import { codepoints } from '../values/codepoints.js';

const ALPHABET64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const ALPHABET32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function base64Encode(text: string): string {
  return encode(utf8Encode(text), { alphabet: ALPHABET64, bits: 6, group: 4 });
}

export function base32Encode(text: string): string {
  return encode(utf8Encode(text), { alphabet: ALPHABET32, bits: 5, group: 8 });
}

interface Encoding {
  readonly alphabet: string;
  /** Bits per letter. */
  readonly bits: number;
  /** Letters are padded to a multiple of this. */
  readonly group: number;
}

function encode(bytes: readonly number[], { alphabet, bits, group }: Encoding): string {
  let text = '';
  let buffer = 0;
  let held = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    held += 8;
    while (held >= bits) {
      held -= bits;
      text += alphabet.charAt((buffer >> held) & (2 ** bits - 1));
    }
  }
  if (held > 0) text += alphabet.charAt((buffer << (bits - held)) & (2 ** bits - 1));
  return text.padEnd(Math.ceil(text.length / group) * group, '=');
}

/** Padding is optional; bytes that are not UTF-8 become replacement characters. */
export function base64Decode(text: string): string {
  const letters = text.replace(/=.*$/s, '');
  if (letters.length % 4 === 1 && isOf(letters, ALPHABET64)) {
    throw typeError(text, 'trailing base64 byte found');
  }
  return decode(text, letters, { alphabet: ALPHABET64, bits: 6, group: 4 });
}

export function base32Decode(text: string): string {
  return decode(text, text.replace(/=.*$/s, ''), { alphabet: ALPHABET32, bits: 5, group: 8 });
}

function isOf(letters: string, alphabet: string): boolean {
  return codepoints(letters).every((letter) => alphabet.includes(letter));
}

function decode(text: string, letters: string, { alphabet, bits }: Encoding): string {
  const bytes: number[] = [];
  let buffer = 0;
  let held = 0;
  for (const letter of letters) {
    const value = alphabet.indexOf(letter);
    if (value < 0) throw typeError(text, `is not valid base${bits === 6 ? 64 : 32} data`);
    buffer = ((buffer << bits) | value) & 0xffff;
    held += bits;
    if (held < 8) continue;
    held -= 8;
    bytes.push((buffer >> held) & 0xff);
  }
  return utf8Decode(bytes).text;
}
