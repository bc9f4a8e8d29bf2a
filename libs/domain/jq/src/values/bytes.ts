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

/** What is not UTF-8 is cut into pieces as jq does: one replacement character for each. */
export function utf8Decode(bytes: readonly number[]): Decoded {
  let text = '';
  let valid = true;
  for (let at = 0; at < bytes.length;) {
    const { size, code } = nextCharacter(bytes, at);
    if (code < 0) valid = false;
    text += code < 0 ? '\ufffd' : String.fromCodePoint(code);
    at += size;
  }
  return { text, valid };
}

const BROKEN = -1;

/** The smallest code that needs as many bytes. */
const SHORTEST = [0, 0, 0x80, 0x800, 0x10000] as const;

function nextCharacter(
  bytes: readonly number[],
  at: number,
): { readonly size: number; readonly code: number } {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return { size: 1, code: first };
  if (first < 0xc2 || first > 0xf4) return { size: 1, code: BROKEN };
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (size > bytes.length - at) return { size: bytes.length - at, code: BROKEN };
  let code = first & (0xff >> (size + 1));
  for (let i = 1; i < size; i += 1) {
    const byte = bytes[at + i] ?? 0;
    if ((byte & 0xc0) !== 0x80) return { size: i, code: BROKEN };
    code = (code << 6) | (byte & 0x3f);
  }
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  const isBroken = code < (SHORTEST[size] ?? 0) || code > 0x10ffff || isSurrogate;
  return { size, code: isBroken ? BROKEN : code };
}
