/** UTF-8 without platform encoders: this library runs where there are none. */

/** Lone surrogates become the replacement character. */
export function utf8Encode(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const raw = character.codePointAt(0) ?? 0;
    const code = raw >= 0xd800 && raw <= 0xdfff ? 0xfffd : raw;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
  }
  return bytes;
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

interface Decoded {
  readonly text: string;
  /** False when some bytes were not UTF-8; the text has a replacement character for them. */
  readonly valid: boolean;
}

export function utf8Decode(bytes: readonly number[]): Decoded {
  let text = '';
  let valid = true;
  for (let at = 0; at < bytes.length;) {
    const size = sequenceLength(bytes, at);
    if (size === 0) {
      valid = false;
      text += '\ufffd';
      at += 1;
      while (at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
      continue;
    }
    text += String.fromCodePoint(codeAt(bytes, at, size));
    at += size;
  }
  return { text, valid };
}

/** Bytes of the valid sequence at `at`, or 0. */
function sequenceLength(bytes: readonly number[], at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (let i = 1; i < size; i += 1) {
    if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  const code = codeAt(bytes, at, size);
  const shortest = size === 4 ? 0x10000 : size === 3 ? 0x800 : 0x80;
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < shortest || code > 0x10ffff || surrogate ? 0 : size;
}

function codeAt(bytes: readonly number[], at: number, size: number): number {
  const first = bytes[at] ?? 0;
  let code = size === 1 ? first : first & (0xff >> (size + 1));
  for (let i = 1; i < size; i += 1) code = (code << 6) | ((bytes[at + i] ?? 0) & 0x3f);
  return code;
}
