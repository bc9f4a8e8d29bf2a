import type { CatalogueConnector, Operation } from '@parley/contracts';
import type { JsonObject } from '@parley/kernel';

/** A short way to write down what an imported OpenAPI document amounts to. */
export interface Described {
  readonly id: string;
  /** Method and path. */
  readonly at: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag?: string;
  /** Query parameters; a name with `!` is required. */
  readonly query?: Record<string, JsonObject>;
  /** Members of the body; a name with `!` is required. */
  readonly body?: Record<string, JsonObject>;
  readonly answers?: JsonObject;
  readonly delivery?: Operation['delivery'];
}

export const text: JsonObject = { type: 'string' };
export const number: JsonObject = { type: 'number' };
export const integer: JsonObject = { type: 'integer' };
export const flag: JsonObject = { type: 'boolean' };
export const time: JsonObject = { type: 'string', format: 'date-time' };
export const day: JsonObject = { type: 'string', format: 'date' };

export function oneOf(...choices: string[]): JsonObject {
  return { type: 'string', enum: choices };
}

export function list(items: JsonObject): JsonObject {
  return { type: 'array', items };
}

export function thing(members: Record<string, JsonObject>): JsonObject {
  return { type: 'object', required: Object.keys(members), properties: { ...members } };
}

export function about(schema: JsonObject, description: string): JsonObject {
  return { ...schema, description };
}

export function system(
  name: string,
  title: string,
  operations: readonly Described[],
): CatalogueConnector {
  return { name, title, documentHash: `hash-of-${name}`, operations: operations.map(describeOne) };
}

function describeOne(one: Described): Operation {
  const [method = 'GET', path = '/'] = one.at.split(' ');
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const query = Object.entries(one.query ?? {});
  return {
    id: one.id,
    method: method as Operation['method'],
    path,
    summary: one.summary,
    ...(one.description === undefined ? {} : { description: one.description }),
    tags: one.tag === undefined ? [] : [one.tag],
    deprecated: false,
    parameters: [
      ...inPath.map((name) => ({
        name,
        in: 'path' as const,
        required: true,
        schema: text,
      })),
      ...query.map(([name, schema]) => ({
        name: name.replace('!', ''),
        in: 'query' as const,
        required: name.endsWith('!'),
        schema,
      })),
    ],
    ...(one.body === undefined ? {} : { body: bodyOf(one.body) }),
    ...(one.answers === undefined
      ? {}
      : { response: { status: '200', mediaType: 'application/json', schema: one.answers } }),
    delivery: one.delivery ?? (method === 'GET' ? 'safe' : 'once'),
    security: [],
  };
}

function bodyOf(members: Record<string, JsonObject>): NonNullable<Operation['body']> {
  const entries = Object.entries(members);
  const required = entries
    .filter(([name]) => name.endsWith('!'))
    .map(([name]) => name.replace('!', ''));
  return {
    required: required.length > 0,
    mediaType: 'application/json',
    schema: {
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(
        entries.map(([name, schema]) => [name.replace('!', ''), schema]),
      ),
    },
  };
}
