import { err, isJsonObject, ok, type Json, type Result } from '@parley/kernel';
import type { ConnectorParameter } from '../model.js';

type Scalar = string | number | boolean;
type Pair = readonly [name: string, value: string];

/** What a value has become: a scalar, items, or members; nothing is nested any more. */
type Flat =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'items'; readonly items: string[] }
  | { readonly kind: 'members'; readonly members: Pair[] };

/** The text of a path parameter, encoded, for its place in the template. */
export function pathText(parameter: ConnectorParameter, value: Json): Result<string, string> {
  const flat = flatten(parameter, value);
  if (!flat.ok) return flat;
  const style = parameter.style ?? 'simple';
  const explode = parameter.explode ?? false;
  const encoded = encodeFlat(flat.value, encode);
  if (style === 'label') return ok(`.${joined(encoded, explode ? '.' : ',', explode)}`);
  if (style === 'matrix') return ok(matrix(encode(parameter.name), encoded, explode));
  return ok(joined(encoded, ',', explode));
}

/** The pairs of a query parameter, encoded and joined with `&`; empty for an empty list. */
export function queryText(parameter: ConnectorParameter, value: Json): Result<string, string> {
  const name = encodeQuery(parameter.name, false);
  if (parameter.style === 'deepObject' && isJsonObject(value)) {
    const pairs = deepPairs(parameter.name, value, 0);
    if (pairs === undefined) return err('is nested too deeply');
    return ok(pairs.map(([key, text]) => `${encodeQuery(key, false)}=${text}`).join('&'));
  }
  const flat = flatten(parameter, value);
  if (!flat.ok) return flat;
  const encoded = encodeFlat(flat.value, (text) =>
    encodeQuery(text, parameter.allowReserved === true),
  );
  const style = parameter.style ?? 'form';
  const explode = parameter.explode ?? style === 'form';
  if (encoded.kind === 'scalar') return ok(`${name}=${encoded.text}`);
  if (encoded.kind === 'items' && explode) {
    return ok(encoded.items.map((item) => `${name}=${item}`).join('&'));
  }
  if (encoded.kind === 'members' && explode) {
    return ok(encoded.members.map(([key, text]) => `${key}=${text}`).join('&'));
  }
  const separator = style === 'spaceDelimited' ? '%20' : style === 'pipeDelimited' ? '%7C' : ',';
  const text = joined(encoded, separator, false);
  return ok(text === '' ? '' : `${name}=${text}`);
}

/** The text of a header or cookie parameter. Headers cannot carry line breaks. */
export function headerText(parameter: ConnectorParameter, value: Json): Result<string, string> {
  const flat = flatten(parameter, value);
  if (!flat.ok) return flat;
  const isCookie = parameter.in === 'cookie';
  const text = joined(
    isCookie ? encodeFlat(flat.value, encode) : flat.value,
    ',',
    parameter.explode ?? false,
  );
  if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text)) {
    return err('has characters that a header cannot carry');
  }
  return ok(text);
}

function flatten(parameter: ConnectorParameter, value: Json): Result<Flat, string> {
  if (parameter.json === true) return ok({ kind: 'scalar', text: JSON.stringify(value) });
  if (isScalar(value)) return ok({ kind: 'scalar', text: String(value) });
  if (value === null) return ok({ kind: 'scalar', text: '' });
  const parts: [string, Json][] = Array.isArray(value)
    ? value.map((item) => ['', item])
    : Object.entries(value);
  const pairs: Pair[] = [];
  for (const [name, part] of parts) {
    if (part === null) continue;
    if (!isScalar(part)) return err('may hold texts, numbers and booleans only, nothing nested');
    pairs.push([name, String(part)]);
  }
  return ok(
    Array.isArray(value)
      ? { kind: 'items', items: pairs.map(([, text]) => text) }
      : { kind: 'members', members: pairs },
  );
}

function encodeFlat(flat: Flat, write: (text: string) => string): Flat {
  switch (flat.kind) {
    case 'scalar':
      return { kind: 'scalar', text: write(flat.text) };
    case 'items':
      return { kind: 'items', items: flat.items.map(write) };
    case 'members':
      return {
        kind: 'members',
        members: flat.members.map(([key, text]) => [write(key), write(text)]),
      };
  }
}

function joined(flat: Flat, separator: string, explode: boolean): string {
  if (flat.kind === 'scalar') return flat.text;
  if (flat.kind === 'items') return flat.items.join(separator);
  return explode
    ? flat.members.map(([key, text]) => `${key}=${text}`).join(separator)
    : flat.members.flat().join(separator);
}

function matrix(name: string, flat: Flat, explode: boolean): string {
  if (explode && flat.kind === 'items')
    return flat.items.map((item) => `;${name}=${item}`).join('');
  if (explode && flat.kind === 'members') {
    return flat.members.map(([key, text]) => `;${key}=${text}`).join('');
  }
  return `;${name}=${joined(flat, ',', false)}`;
}

const deepObjectDepthMax = 5;

function deepPairs(prefix: string, value: Json, depth: number): Pair[] | undefined {
  if (depth > deepObjectDepthMax) return undefined;
  if (value === null) return [];
  if (isScalar(value)) return [[prefix, encode(String(value))]];
  const out: Pair[] = [];
  for (const [key, part] of Object.entries(value)) {
    const pairs = deepPairs(
      Array.isArray(value) ? `${prefix}[]` : `${prefix}[${key}]`,
      part,
      depth + 1,
    );
    if (pairs === undefined) return undefined;
    out.push(...pairs);
  }
  return out;
}

/** With `allowReserved`, everything stays that cannot end the pair or the query. */
function encodeQuery(text: string, allowReserved: boolean): string {
  const encoded = encode(text);
  return allowReserved
    ? encoded.replace(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/g, decodeURIComponent)
    : encoded;
}

/** Half a surrogate pair has no UTF-8; it becomes the replacement character. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function isScalar(value: Json): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
