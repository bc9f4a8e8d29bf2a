import type { Json } from '@parley/kernel';
import type { Native } from '../core.js';
import { failure, typeError } from '../errors.js';
import type { Meter } from '../limits.js';
import { utf8Decode, utf8Encode } from '../values/bytes.js';
import { isLiteral, numberText } from '../values/number.js';
import { toJsonText } from '../values/text.js';
import { isContainer } from '../values/types.js';
import { base64Decode, base64Encode } from './base64.js';

export type Format = (value: Json, meter: Meter) => string;

const HTML: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
};

const TSV: Record<string, string> = { '\t': '\\t', '\r': '\\r', '\n': '\\n', '\\': '\\\\' };

const formats: Record<string, Format> = {
  text,
  json: toJsonText,
  csv: (value, meter) => row(value, ',', { name: 'csv', meter, quote: quoteCsv }),
  tsv: (value, meter) => row(value, '\t', { name: 'tsv', meter, quote: escapeTsv }),
  html: (value, meter) => text(value, meter).replace(/[&<>'"]/g, (found) => HTML[found] ?? found),
  uri: (value, meter) => percentEncode(metered(text(value, meter), meter)),
  urid: (value, meter) => percentDecode(metered(text(value, meter), meter)),
  sh: shell,
  base64: (value, meter) => base64Encode(metered(text(value, meter), meter)),
  base64d: (value, meter) => base64Decode(metered(text(value, meter), meter)),
};

export function isFormat(name: string): boolean {
  return Object.hasOwn(formats, name);
}

export function formatOf(name: string): Format {
  const format = isFormat(name) ? formats[name] : undefined;
  if (format === undefined) throw failure(`${name} is not a valid format`);
  return format;
}

export const formatNatives: Record<string, Native> = {
  'format/1': (input, [name = null], meter) => {
    if (typeof name !== 'string') throw typeError(name, 'is not a valid format');
    return formatOf(name)(input, meter);
  },
};

function text(value: Json, meter: Meter): string {
  return typeof value === 'string' ? value : toJsonText(value, meter);
}

/** Encoding costs steps by length. */
function metered(value: string, meter: Meter): string {
  meter.spend(value.length / 8);
  return value;
}

interface RowStyle {
  readonly name: string;
  readonly meter: Meter;
  readonly quote: (value: string) => string;
}

function row(value: Json, separator: string, { name, meter, quote }: RowStyle): string {
  if (!Array.isArray(value)) throw typeError(value, `cannot be ${name}-formatted, only array`);
  meter.spend(value.length);
  const cells = value.map((cell) => {
    if (cell === null) return '';
    if (typeof cell === 'string') return quote(cell);
    if (typeof cell === 'boolean') return String(cell);
    if (typeof cell === 'number') return Number.isNaN(cell) ? '' : numberText(cell, meter.exact);
    if (isLiteral(cell)) return cell.toString();
    throw typeError(cell, 'is not valid in a csv row');
  });
  return cells.join(separator);
}

function quoteCsv(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

function escapeTsv(cell: string): string {
  return cell.replace(/[\t\r\n\\]/g, (found) => TSV[found] ?? found);
}

function shell(value: Json, meter: Meter): string {
  const words = Array.isArray(value) ? value : [value];
  meter.spend(words.length);
  return words
    .map((word) => {
      if (typeof word === 'string') return `'${word.replaceAll("'", "'\\''")}'`;
      if (isContainer(word)) throw typeError(word, 'can not be escaped for shell');
      return toJsonText(word, meter);
    })
    .join(' ');
}

function percentEncode(value: string): string {
  let encoded = '';
  for (const byte of utf8Encode(value)) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9\-._~]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

function percentDecode(value: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < value.length;) {
    if (value[at] !== '%') {
      const character = String.fromCodePoint(value.codePointAt(at) ?? 0);
      bytes.push(...utf8Encode(character));
      at += character.length;
      continue;
    }
    const digits = value.slice(at + 1, at + 3);
    if (!/^[0-9a-fA-F]{2}$/.test(digits)) throw typeError(value, 'is not a valid uri encoding');
    bytes.push(Number.parseInt(digits, 16));
    at += 3;
  }
  const decoded = utf8Decode(bytes);
  if (!decoded.valid) throw typeError(value, 'is not a valid uri encoding');
  return decoded.text;
}
