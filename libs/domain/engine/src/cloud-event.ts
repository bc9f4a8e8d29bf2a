import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { isoTime } from './durations.js';
import { Fault, runError } from './errors.js';

/** What an event gets when its author does not say. */
export interface EventDefaults {
  readonly id: string;
  readonly source: string;
  /** Journal time in milliseconds since the epoch. */
  readonly now: number;
  /** Bytes that the whole event may have as JSON. */
  readonly bytesMax: number;
}

/**
 * The CloudEvent that the evaluated attributes of an `emit` stand for. An attribute that is null is
 * as good as not there.
 * @throws Fault a `validation` error that names the attribute
 */
export function cloudEventOf(attributes: Json, defaults: EventDefaults): JsonObject {
  if (!isJsonObject(attributes)) throw notAnEvent('The attributes of an event are an object.');
  const { id, source, now, bytesMax } = defaults;
  const event: JsonObject = {
    specversion: '1.0',
    id,
    source,
    type: null,
    time: isoTime(now),
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null && name !== 'data') continue;
    const wrong = faultOf(name, value);
    if (wrong !== undefined) throw notAnEvent(wrong);
    event[name] = value;
  }
  if (event['type'] === null) throw notAnEvent('An event needs a `type`.');
  if (utf8Length(JSON.stringify(event)) > bytesMax) {
    throw notAnEvent(`The event is larger than ${bytesMax} bytes.`);
  }
  return event;
}

/** What tells an event from every other. */
export function eventIdentity(event: JsonObject): {
  readonly source: string;
  readonly id: string;
} {
  return { source: attributeText(event['source']), id: attributeText(event['id']) };
}

function attributeText(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

type Check = readonly [fits: (text: string) => boolean, expected: string];

const text: Check = [(value) => value !== '', 'a text that is not empty'];
const uriReference: Check = [
  (value) => /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[\dA-Fa-f]{2})+$/.test(value),
  'a URI or a reference such as /orders',
];
const uri: Check = [
  (value) => /^[A-Za-z][A-Za-z\d+.-]*:/.test(value) && uriReference[0](value),
  'an absolute URI',
];
const time: Check = [
  (value) =>
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/.test(
      value,
    ),
  'an RFC 3339 time such as 2026-11-20T19:00:00Z',
];

const attributeChecks: Readonly<Record<string, Check>> = {
  specversion: [(value) => value === '1.0', '"1.0"'],
  id: text,
  type: text,
  subject: text,
  datacontenttype: text,
  source: uriReference,
  dataschema: uri,
  time,
};

function faultOf(name: string, value: Json): string | undefined {
  if (name === 'data') return undefined;
  const check = Object.hasOwn(attributeChecks, name) ? attributeChecks[name] : undefined;
  if (check !== undefined) {
    const [fits, expected] = check;
    if (typeof value === 'string' && fits(value)) return undefined;
    return `\`${name}\` of an event is ${expected}, not ${shown(value)}.`;
  }
  if (!/^[a-z\d]+$/.test(name)) {
    return `"${name.slice(0, 100)}" cannot be an attribute of an event: lower-case letters and digits.`;
  }
  const isSimple =
    typeof value === 'string' || typeof value === 'boolean' || Number.isInteger(value);
  return isSimple
    ? undefined
    : `\`${name}\` of an event is a text, an integer or a boolean, not ${shown(value)}.`;
}

/** Bytes of a text in UTF-8; JSON text has no halves of surrogate pairs. */
function utf8Length(json: string): number {
  let bytes = 0;
  for (let at = 0; at < json.length; at += 1) {
    const unit = json.charCodeAt(at);
    const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
    bytes += unit < 0x80 ? 1 : unit < 0x800 || isSurrogate ? 2 : 3;
  }
  return bytes;
}

function shown(value: Json): string {
  return JSON.stringify(value).slice(0, 100);
}

function notAnEvent(detail: string): Fault {
  return new Fault(runError('validation', 'Not an event', { detail }));
}
