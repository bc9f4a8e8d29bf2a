import { err, isJsonObject, ok, type Json, type JsonObject, type Result } from '@parley/kernel';
import { nearest } from '../document/nearest.js';
import { join, type Pointer } from '../document/pointer.js';
import type { ConnectorOperation, ConnectorParameter } from '../model.js';
import { isFormMedia, isJsonMedia } from '../operations/media.js';
import { bodyShape, inputMembers, type BodyShape } from './input-members.js';
import { headerText, pathText, queryText } from './parameter-text.js';

/** What is wrong with the input of a call. */
export interface RequestFault {
  /** JSON Pointer into the arguments: `/input/…` or `/body/…`. */
  readonly pointer: Pointer;
  readonly message: string;
}

/** A call below a base URL, without credentials. */
export interface BuiltRequest {
  readonly method: ConnectorOperation['method'];
  /** Begins with `/`; encoded. */
  readonly path: string;
  /** Encoded, without `?`; empty when there is none. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: { readonly mediaType: string; readonly text: string };
}

/** The arguments of a `call: connector`. */
export interface CallArguments {
  /** `with.input`: parameters and properties of an object body, by name. */
  readonly input?: Json;
  /** `with.body`: the whole body; `input` then holds parameters only. */
  readonly body?: Json;
}

/** Builds the call of an operation. A null parameter counts as not given. */
export function buildRequest(
  operation: ConnectorOperation,
  { input = {}, body: whole }: CallArguments,
): Result<BuiltRequest, RequestFault> {
  if (!isJsonObject(input)) {
    return fault('/input', 'The input of a call is an object: parameters and properties by name.');
  }
  const unknown = unknownMember(operation, input, whole);
  if (unknown !== undefined) return unknown;
  const path = buildPath(operation, input);
  if (!path.ok) return path;
  const query = buildQuery(operation, input);
  if (!query.ok) return query;
  const headers = buildHeaders(operation, input);
  if (!headers.ok) return headers;
  const body = buildBody(operation, input, whole);
  if (!body.ok) return body;
  return ok({
    method: operation.method,
    path: path.value,
    query: query.value,
    headers: {
      ...headers.value,
      ...(body.value === undefined ? {} : { 'content-type': body.value.mediaType }),
    },
    ...(body.value === undefined ? {} : { body: body.value }),
  });
}

function fault(pointer: Pointer, message: string): { ok: false; error: RequestFault } {
  return err({ pointer, message });
}

/** The value of a parameter; undefined when it is not given. */
function given(input: JsonObject, { name }: ConnectorParameter): Json | undefined {
  const value = Object.hasOwn(input, name) ? input[name] : undefined;
  return value === null ? undefined : value;
}

function buildPath(operation: ConnectorOperation, input: JsonObject): Result<string, RequestFault> {
  const texts = new Map<string, string>();
  for (const parameter of operation.parameters.filter((one) => one.in === 'path')) {
    const value = given(input, parameter);
    if (value === undefined) return fault(at(parameter.name), missing(operation, parameter));
    const text = pathText(parameter, value);
    if (!text.ok)
      return fault(at(parameter.name), `The path parameter ${parameter.name} ${text.error}.`);
    if (text.value === '')
      return fault(at(parameter.name), `The path parameter ${parameter.name} is empty.`);
    texts.set(parameter.name, text.value);
  }
  const segments = operation.path.split('/').map((segment) => {
    const filled = segment.replace(/\{([^{}]+)\}/g, (_, name: string) => texts.get(name) ?? '');
    return { filled, isFilled: filled !== segment };
  });
  // An address is normalised before it is called: these would leave the path of the operation.
  const climbing = segments.find(({ filled, isFilled }) => isFilled && /^\.{1,2}$/.test(filled));
  if (climbing) return fault('/input', `The value ${climbing.filled} cannot stand in a path.`);
  return ok(segments.map(({ filled }) => filled).join('/'));
}

function buildQuery(
  operation: ConnectorOperation,
  input: JsonObject,
): Result<string, RequestFault> {
  const pairs: string[] = [];
  for (const parameter of operation.parameters.filter((one) => one.in === 'query')) {
    const value = given(input, parameter);
    if (value === undefined) {
      if (parameter.required) return fault(at(parameter.name), missing(operation, parameter));
      continue;
    }
    const text = queryText(parameter, value);
    if (!text.ok) {
      return fault(at(parameter.name), `The parameter ${parameter.name} ${text.error}.`);
    }
    if (text.value !== '') pairs.push(text.value);
  }
  return ok(pairs.join('&'));
}

function buildHeaders(
  operation: ConnectorOperation,
  input: JsonObject,
): Result<Record<string, string>, RequestFault> {
  const headers: [string, string][] = [];
  const cookies: string[] = [];
  if (operation.response?.mediaType !== undefined) {
    headers.push(['accept', operation.response.mediaType]);
  }
  for (const parameter of operation.parameters) {
    if (parameter.in !== 'header' && parameter.in !== 'cookie') continue;
    const value = given(input, parameter);
    if (value === undefined) {
      if (parameter.required) return fault(at(parameter.name), missing(operation, parameter));
      continue;
    }
    const text = headerText(parameter, value);
    if (!text.ok) {
      return fault(at(parameter.name), `The ${parameter.in} ${parameter.name} ${text.error}.`);
    }
    if (parameter.in === 'cookie') cookies.push(`${parameter.name}=${text.value}`);
    else headers.push([parameter.name.toLowerCase(), text.value]);
  }
  if (cookies.length > 0) headers.push(['cookie', cookies.join('; ')]);
  return ok(Object.fromEntries(headers));
}

function buildBody(
  operation: ConnectorOperation,
  input: JsonObject,
  whole: Json | undefined,
): Result<BuiltRequest['body'], RequestFault> {
  const { body } = operation;
  if (body === undefined) return ok(undefined);
  if (whole !== undefined) return write(body.mediaType, whole);
  const shape = bodyShape(operation);
  const value = shape.kind === 'object' ? bodyMembers(operation, input, shape) : undefined;
  if (value === undefined) {
    return body.required ? fault('/body', `${operation.id} needs a \`body\`.`) : ok(undefined);
  }
  const required = shape.kind === 'object' ? shape.required : [];
  const absent = required.find((name) => !Object.hasOwn(value, name));
  if (absent !== undefined) {
    return fault(at(absent), `${operation.id} needs \`${absent}\` in its body.`);
  }
  return write(body.mediaType, value);
}

function bodyMembers(
  operation: ConnectorOperation,
  input: JsonObject,
  shape: Extract<BodyShape, { kind: 'object' }>,
): JsonObject | undefined {
  const parameters = new Set(operation.parameters.map(({ name }) => name));
  const members = Object.entries(input).filter(
    ([name]) => !parameters.has(name) || Object.hasOwn(shape.properties, name),
  );
  const onlyParameters = members.every(([name]) => parameters.has(name));
  return onlyParameters && operation.body?.required !== true
    ? undefined
    : Object.fromEntries(members);
}

function write(mediaType: string, value: Json): Result<BuiltRequest['body'], RequestFault> {
  if (isJsonMedia(mediaType)) return ok({ mediaType, text: JSON.stringify(value) });
  if (isFormMedia(mediaType)) {
    if (!isJsonObject(value)) return fault('/body', 'A form is given as an object.');
    const pairs: string[] = [];
    for (const [name, member] of Object.entries(value)) {
      const text = queryText({ name, in: 'query', required: false, schema: {} }, member ?? '');
      if (!text.ok) return fault(join('/body', name), `The form field ${name} ${text.error}.`);
      if (text.value !== '') pairs.push(text.value);
    }
    return ok({ mediaType, text: pairs.join('&') });
  }
  if (typeof value === 'string') return ok({ mediaType, text: value });
  return fault('/body', `A body of type ${mediaType} is given as text.`);
}

function missing(operation: ConnectorOperation, { name, in: place }: ConnectorParameter): string {
  return `${operation.id} needs the ${place} parameter \`${name}\`.`;
}

/** A member that goes nowhere is a mistake, not something to drop silently. */
function unknownMember(
  operation: ConnectorOperation,
  input: JsonObject,
  whole: Json | undefined,
): { ok: false; error: RequestFault } | undefined {
  if (whole !== undefined && operation.body === undefined) {
    return fault('/body', `${operation.id} takes no body.`);
  }
  const shape = bodyShape(operation);
  if (whole === undefined && shape.kind === 'object' && !isClosed(operation)) return undefined;
  const known = inputMembers(operation)
    .filter(({ in: places }) => whole === undefined || places.some((place) => place !== 'body'))
    .map(({ name }) => name);
  const unknown = Object.keys(input).find((name) => !known.includes(name));
  if (unknown === undefined) return undefined;
  const near = nearest(unknown, known);
  const hint = near === undefined ? '' : ` Is \`${near}\` meant?`;
  return fault(at(unknown), `${operation.id} takes no \`${unknown}\`.${hint}`);
}

function isClosed(operation: ConnectorOperation): boolean {
  const schema = operation.body?.schema;
  return isJsonObject(schema) && schema['additionalProperties'] === false && !('allOf' in schema);
}

function at(name: string): Pointer {
  return join('/input', name);
}
