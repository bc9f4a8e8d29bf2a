import { isJsonObject, type Json } from '@parley/kernel';
import { doubleText, isLiteral } from './number.js';
import { HIDDEN, isOpaque } from './opaque.js';
import { quoted } from './quote.js';

/** jq's own buffer for values in messages, in bytes of UTF-8. */
const PREVIEW_BYTES = 30;

/** The beginning of a value's text, cut as jq cuts it in its messages. */
export function preview(value: Json): string {
  const text = previewText(value, PREVIEW_BYTES * 2, 0);
  if (utf8Prefix(text, PREVIEW_BYTES - 1).length === text.length) return text;
  const closing = { '"': '"', '[': ']', '{': '}' }[text.charAt(0)] ?? '';
  return `${utf8Prefix(text, PREVIEW_BYTES - 4 - closing.length)}...${closing}`;
}

/** Enough of the text to be cut; never walks a large value. */
function previewText(value: Json, room: number, depth: number): string {
  if (typeof value === 'string') {
    return quoted(value.length > room ? value.slice(0, room) : value);
  }
  if (typeof value === 'number') return doubleText(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (isLiteral(value)) return value.toString();
  if (isOpaque(value)) return HIDDEN;
  const isArray = Array.isArray(value);
  if (depth > room || !(isArray || isJsonObject(value))) return isArray ? '[' : '{';
  let text = '';
  for (const key of isArray ? value.keys() : Object.keys(value)) {
    if (text.length > room) break;
    const member = (value as Record<string | number, Json>)[key] as Json;
    const label = isArray ? '' : `${quoted(String(key))}:`;
    text += (text === '' ? '' : ',') + label + previewText(member, room - text.length, depth + 1);
  }
  return isArray ? `[${text}]` : `{${text}}`;
}

/** The longest prefix of whole characters that takes at most `bytes` bytes of UTF-8. */
function utf8Prefix(text: string, bytes: number): string {
  let used = 0;
  let end = 0;
  while (end < text.length) {
    const code = text.codePointAt(end) ?? 0;
    used += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (used > bytes) break;
    end += code > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}
