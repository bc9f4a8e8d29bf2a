import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson, isJsonObject, type Json } from '@parley/kernel';

/** Bytes that are collected before they go into the hash. */
const pieceLength = 16_384;
const quote = 0x22;
const backslash = 0x5c;
/** Objects with more members are left to the engine's own sort. */
const insertionLengthMax = 12;

/**
 * SHA-256 of a JSON value's canonical text, in hex. The text is never there as a whole: a large IR
 * has megabytes of it, and most of the time would go into making and encoding them.
 */
export function hashCanonical(value: Json): string {
  return new Hashing().of(value);
}

class Hashing {
  private readonly hash = sha256.create();
  private readonly piece = new Uint8Array(pieceLength);
  private at = 0;

  of(value: Json): string {
    this.value(value);
    this.flush();
    return bytesToHex(this.hash.digest());
  }

  private value(value: Json): void {
    if (typeof value === 'string') this.text(value);
    else if (Array.isArray(value)) this.list(value);
    else if (isJsonObject(value)) this.object(value);
    else this.ascii(canonicalJson(value));
  }

  private list(items: readonly Json[]): void {
    this.byte(0x5b);
    let first = true;
    for (const item of items) {
      if (!first) this.byte(0x2c);
      first = false;
      this.value(item);
    }
    this.byte(0x5d);
  }

  private object(value: Readonly<Record<string, Json | undefined>>): void {
    let mark = 0x7b;
    for (const key of inOrder(Object.keys(value))) {
      const member = value[key];
      if (member === undefined) continue;
      this.byte(mark);
      mark = 0x2c;
      this.text(key);
      this.byte(0x3a);
      this.value(member);
    }
    if (mark === 0x7b) this.byte(mark);
    this.byte(0x7d);
  }

  /** Most texts are short and of ASCII characters, which are their own bytes. */
  private text(text: string): void {
    const { length } = text;
    const longest = 2 * length + 2;
    if (longest > pieceLength) {
      this.bytes(utf8ToBytes(JSON.stringify(text)));
      return;
    }
    if (this.at + longest > pieceLength) this.flush();
    const { piece } = this;
    let at = this.at;
    piece[at++] = quote;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code < 0x20 || code > 0x7e) {
        this.bytes(utf8ToBytes(JSON.stringify(text)));
        return;
      }
      if (code === quote || code === backslash) piece[at++] = backslash;
      piece[at++] = code;
    }
    piece[at++] = quote;
    this.at = at;
  }

  private ascii(text: string): void {
    for (let index = 0; index < text.length; index += 1) this.byte(text.charCodeAt(index));
  }

  private bytes(bytes: Uint8Array): void {
    this.flush();
    this.hash.update(bytes);
  }

  private byte(byte: number): void {
    if (this.at === pieceLength) this.flush();
    this.piece[this.at++] = byte;
  }

  private flush(): void {
    if (this.at > 0) this.hash.update(this.piece.subarray(0, this.at));
    this.at = 0;
  }
}

/** Sorts the few keys that objects have in place, by UTF-16 code units. */
function inOrder(keys: string[]): string[] {
  if (keys.length > insertionLengthMax) return keys.sort();
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index] as string;
    let at = index;
    while (at > 0 && (keys[at - 1] as string) > key) {
      keys[at] = keys[at - 1] as string;
      at -= 1;
    }
    keys[at] = key;
  }
  return keys;
}
