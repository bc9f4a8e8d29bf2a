import type { IrOpenApiParameter, IrOpenApiRequest } from '@parley/ir';
import { isJsonObject, objectOf, type Json, type JsonObject } from '@parley/kernel';
import { Fault, runError } from './errors.js';

/**
 * The arguments of a `call: http` that a call of an operation comes down to: what is journaled is
 * what is sent, and nobody needs the document any more.
 * @throws Fault a `validation` error that names the parameter
 */
export function httpArgumentsOf(request: IrOpenApiRequest, args: Json): JsonObject {
  const given = isJsonObject(args) ? args : {};
  const { parameters: values = {}, output, redirect } = given;
  if (values !== null && !isJsonObject(values)) throw misfit('`parameters` is an object.');
  const parts = new RequestParts(request.address);
  for (const parameter of request.parameters) {
    const value = ownMember(values, parameter.name);
    if (value !== undefined && value !== null) parts.place(parameter, value);
    else if (parameter.required) {
      throw misfit(`${request.operation} needs the parameter "${parameter.name}".`);
    }
  }
  const body = bodyOf(request, values ?? {});
  return {
    method: request.method.toLowerCase(),
    endpoint: { uri: parts.address },
    ...parts.http(body === undefined ? undefined : request.body),
    ...(body === undefined ? {} : { body }),
    ...(output === undefined ? {} : { output }),
    ...(redirect === undefined ? {} : { redirect }),
  };
}

/** Never what every object inherits, such as `constructor`. */
function ownMember(values: JsonObject | null, name: string): Json | undefined {
  return values !== null && Object.hasOwn(values, name) ? values[name] : undefined;
}

/**
 * The body is the parameter `body`, or what of the parameters the operation does not place elsewhere:
 * the fields of a form, one value by whatever name the document gives it, several as an object.
 */
function bodyOf(request: IrOpenApiRequest, values: JsonObject): Json | undefined {
  if (request.body === undefined) return undefined;
  const placed = new Set(request.parameters.map(({ name }) => name));
  const left = Object.entries(values).filter(
    ([name, value]) => !placed.has(name) && value !== null,
  );
  const named = left.find(([name]) => name === 'body')?.[1];
  if (named !== undefined) return named;
  const [first] = left;
  if (first === undefined) return undefined;
  const isForm = request.body.startsWith('application/x-www-form-urlencoded');
  return left.length === 1 && !isForm ? first[1] : objectOf(left);
}

class RequestParts {
  address: string;
  private readonly query: [string, Json][] = [];
  private readonly headers: JsonObject = {};
  private readonly cookies: string[] = [];

  constructor(address: string) {
    this.address = address;
  }

  place(parameter: IrOpenApiParameter, value: Json): void {
    const { name, in: where, explode } = parameter;
    switch (where) {
      case 'path':
        this.address = this.address.replaceAll(`{${name}}`, pathText(name, value));
        return;
      case 'query':
        for (const pair of queryPairs(parameter, value)) this.query.push(pair);
        return;
      case 'header':
        this.headers[name.toLowerCase()] = joined(name, value, explode);
        return;
      case 'cookie':
        this.cookies.push(`${name}=${encodeURIComponent(joined(name, value, false))}`);
    }
  }

  http(mediaType: string | undefined): JsonObject {
    const headers: JsonObject = { ...this.headers };
    if (this.cookies.length > 0) headers['cookie'] = this.cookies.join('; ');
    if (mediaType !== undefined) headers['content-type'] = mediaType;
    const query = objectOf(this.query);
    return {
      ...(Object.keys(query).length === 0 ? {} : { query }),
      ...(Object.keys(headers).length === 0 ? {} : { headers }),
    };
  }
}

/** A list is joined by commas in a path, each item encoded by itself. */
function pathText(name: string, value: Json): string {
  const items = Array.isArray(value) ? value : [value];
  return items.map((item) => encodeURIComponent(simple(name, item))).join(',');
}

function queryPairs({ name, explode }: IrOpenApiParameter, value: Json): [string, Json][] {
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([key, item]) => [key, simple(name, item)] as const);
    return explode ? members.map(([key, item]) => [key, item]) : [[name, members.flat().join(',')]];
  }
  if (!Array.isArray(value)) return [[name, simple(name, value)]];
  const items = value.map((item) => simple(name, item));
  return [[name, explode ? items : items.join(',')]];
}

function joined(name: string, value: Json, explode: boolean): string {
  if (Array.isArray(value)) return value.map((item) => simple(name, item)).join(',');
  if (!isJsonObject(value)) return simple(name, value);
  return Object.entries(value)
    .map(([key, item]) => `${key}${explode ? '=' : ','}${simple(name, item)}`)
    .join(',');
}

function simple(name: string, value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw misfit(
    `The parameter "${name}" is a text, a number, a boolean, or a list or object of these.`,
  );
}

function misfit(detail: string): Fault {
  return new Fault(runError('validation', 'The call does not fit the operation', { detail }));
}
