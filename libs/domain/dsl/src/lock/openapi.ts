import type { IrOpenApiParameter, IrOpenApiRequest } from '@parley/ir';
import { err, isJsonObject, ok, type Json, type JsonObject, type Result } from '@parley/kernel';
import type { LockedExternal } from './lock.js';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/**
 * What one operation of a pinned OpenAPI document (2.0 or 3.x) needs to be called. The error is
 * what is wrong with the document, in words that follow its name.
 */
export function resolveOpenApiOperation(
  external: Pick<LockedExternal, 'content' | 'sha256' | 'uri'>,
  operationId: string,
): Result<IrOpenApiRequest, string> {
  const document = external.content;
  if (!isJsonObject(document)) return err('is not an OpenAPI document');
  const found = findOperation(document, operationId);
  if (found === undefined) return err(`has no operation "${operationId}"`);
  const { method, path, item, operation } = found;
  const server = serverOf(document, { item, operation }, external.uri);
  if (server === undefined) return err('names no server with an absolute address');
  const given = parametersOf(document, item, operation);
  const body = bodyOf(document, operation, given);
  return ok({
    documentHash: external.sha256,
    operation: operationId,
    method: method.toUpperCase(),
    address: `${server.replace(/\/+$/, '')}${path.startsWith('/') ? path : `/${path}`}`,
    parameters: given.flatMap((parameter) => parameterOf(parameter) ?? []),
    ...(body === undefined ? {} : { body }),
  });
}

interface FoundOperation {
  readonly method: string;
  readonly path: string;
  readonly item: JsonObject;
  readonly operation: JsonObject;
}

function findOperation(document: JsonObject, id: string): FoundOperation | undefined {
  for (const [path, written] of Object.entries(objectIn(document, 'paths'))) {
    const item = dereference(document, written);
    for (const method of methods) {
      const operation = item?.[method];
      if (item && isJsonObject(operation) && operation['operationId'] === id) {
        return { method, path, item, operation };
      }
    }
  }
  return undefined;
}

/** The first server, the nearest first; relative ones are relative to the document. */
function serverOf(
  document: JsonObject,
  { item, operation }: Pick<FoundOperation, 'item' | 'operation'>,
  uri: string,
): string | undefined {
  if (document['swagger'] !== undefined) return swaggerServer(document, operation, uri);
  const own = [operation, item, document].flatMap((one) => listIn(one, 'servers'))[0];
  const address = isJsonObject(own) ? withVariables(own) : '/';
  return resolveAddress(address, uri);
}

function withVariables(server: JsonObject): string {
  const variables = objectIn(server, 'variables');
  return textIn(server, 'url', '/').replaceAll(/\{([^{}]+)\}/g, (whole, name: string) =>
    textIn(objectIn(variables, name), 'default', whole),
  );
}

function swaggerServer(
  document: JsonObject,
  operation: JsonObject,
  uri: string,
): string | undefined {
  const origin = /^(https?):\/\/([^/?#]+)/i.exec(uri);
  const schemes = [operation, document].flatMap((one) => listIn(one, 'schemes'));
  const known = schemes.filter((scheme) => scheme === 'https' || scheme === 'http');
  const scheme = known.includes('https') ? 'https' : (known[0] ?? origin?.[1] ?? 'https');
  const host = textIn(document, 'host', origin?.[2] ?? '');
  return host === '' ? undefined : `${scheme}://${host}${textIn(document, 'basePath', '')}`;
}

function resolveAddress(address: string, base: string): string | undefined {
  if (/^https?:\/\/[^/?#]+/i.test(address)) return address;
  const origin = /^(https?:)(\/\/[^/?#]+)([^?#]*)/i.exec(base);
  if (origin === null) return undefined;
  const [, scheme = '', host = '', path = ''] = origin;
  if (address.startsWith('//')) return `${scheme}${address}`;
  if (address.startsWith('/')) return `${scheme}${host}${address}`;
  const steps = path.split('/').slice(0, -1);
  for (const step of address.split('/')) {
    if (step === '..') steps.splice(Math.max(1, steps.length - 1));
    else if (step !== '.') steps.push(step);
  }
  return `${scheme}${host}${steps.join('/')}`;
}

/** Parameters of the path and the operation; those of the operation win. */
function parametersOf(document: JsonObject, item: JsonObject, operation: JsonObject): JsonObject[] {
  const found = new Map<string, JsonObject>();
  for (const written of [...listIn(item, 'parameters'), ...listIn(operation, 'parameters')]) {
    const parameter = dereference(document, written);
    if (parameter === undefined) continue;
    found.set(`${textIn(parameter, 'in', '')} ${textIn(parameter, 'name', '')}`, parameter);
  }
  return [...found.values()];
}

function parameterOf(parameter: JsonObject): IrOpenApiParameter | undefined {
  const places = ['path', 'query', 'header', 'cookie'] as const;
  const place = places.find((one) => one === parameter['in']);
  const name = textIn(parameter, 'name', '');
  if (place === undefined || name === '') return undefined;
  const required = place === 'path' || parameter['required'] === true;
  return { name, in: place, required, explode: explodes(parameter, place) };
}

/** OpenAPI 3: form style (query, cookie) repeats names by default. 2.0: only `multi` does. */
function explodes(parameter: JsonObject, place: IrOpenApiParameter['in']): boolean {
  if (typeof parameter['explode'] === 'boolean') return parameter['explode'];
  if (parameter['schema'] === undefined && parameter['content'] === undefined) {
    return parameter['collectionFormat'] === 'multi';
  }
  const style = textIn(parameter, 'style', place === 'query' || place === 'cookie' ? 'form' : '');
  return style === 'form';
}

function bodyOf(
  document: JsonObject,
  operation: JsonObject,
  parameters: readonly JsonObject[],
): string | undefined {
  if (document['swagger'] === undefined) {
    const body = dereference(document, operation['requestBody']);
    return body && preferred(Object.keys(objectIn(body, 'content')));
  }
  const consumed = operation['consumes'] === undefined ? document : operation;
  const types = listIn(consumed, 'consumes').filter((one) => typeof one === 'string');
  const places = new Set(parameters.map((one) => one['in']));
  if (places.has('body')) return preferred(types) ?? 'application/json';
  if (!places.has('formData')) return undefined;
  const forms = types.filter((one) => /form/.test(one));
  const file = parameters.some((one) => one['type'] === 'file');
  const usual = file ? 'multipart/form-data' : 'application/x-www-form-urlencoded';
  return forms.includes(usual) ? usual : (forms[0] ?? usual);
}

function preferred(types: readonly string[]): string | undefined {
  const json = types.find((one) => /^application\/json\b/.test(one));
  return json ?? types.find((one) => /\+json\b/.test(one)) ?? types[0];
}

const referencesMax = 20;

/** Follows references within the document. */
function dereference(document: JsonObject, value: Json | undefined): JsonObject | undefined {
  let found = value;
  for (let count = 0; count < referencesMax; count += 1) {
    if (!isJsonObject(found)) return undefined;
    const reference = found['$ref'];
    if (typeof reference !== 'string') return found;
    found = pointedAt(document, reference);
  }
  return undefined;
}

function pointedAt(document: JsonObject, reference: string): Json | undefined {
  if (!reference.startsWith('#/')) return undefined;
  let found: Json | undefined = document;
  for (const token of reference.slice(2).split('/')) {
    const key = decode(token).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found)) found = found[Number(key)];
    else found = isJsonObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}

function decode(token: string): string {
  return /^(?:[^%]|%[0-7][0-9a-f])*$/i.test(token) ? decodeURIComponent(token) : token;
}

function objectIn(value: JsonObject, key: string): JsonObject {
  const found = value[key];
  return Object.hasOwn(value, key) && isJsonObject(found) ? found : {};
}

function listIn(value: JsonObject, key: string): readonly Json[] {
  const found = value[key];
  return Array.isArray(found) ? found : [];
}

function textIn(value: JsonObject, key: string, otherwise: string): string {
  const found = value[key];
  return typeof found === 'string' ? found : otherwise;
}
