import { typeError } from '../errors.js';
import { utf8Decode, utf8Encode } from '../values/bytes.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Bits per letter, and letters that make whole bytes. */
const BITS = 6;
const GROUP = 4;

export function base64Encode(text: string): string {
  let encoded = '';
  let buffer = 0;
  let held = 0;
  for (const byte of utf8Encode(text)) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    held += 8;
    while (held >= BITS) {
      held -= BITS;
      encoded += ALPHABET.charAt((buffer >> held) & 0x3f);
    }
  }
  if (held > 0) encoded += ALPHABET.charAt((buffer << (BITS - held)) & 0x3f);
  return encoded.padEnd(Math.ceil(encoded.length / GROUP) * GROUP, '=');
}

/** Padding is optional; bytes that are not UTF-8 become replacement characters. */
export function base64Decode(text: string): string {
  const bytes: number[] = [];
  let buffer = 0;
  let held = 0;
  let letters = 0;
  for (const letter of text.replace(/=.*$/s, '')) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) throw typeError(text, 'is not valid base64 data');
    letters += 1;
    buffer = ((buffer << BITS) | value) & 0xffff;
    held += BITS;
    if (held < 8) continue;
    held -= 8;
    bytes.push((buffer >> held) & 0xff);
  }
  if (letters % GROUP === 1) throw typeError(text, 'trailing base64 byte found');
  return utf8Decode(bytes).text;
}
