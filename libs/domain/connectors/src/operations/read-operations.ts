import type { Operation } from '@parley/contracts';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { nameOf, type Located } from '../document/references.js';
import { join, type Pointer } from '../document/pointer.js';
import { limits } from '../limits.js';
import type { ConnectorOperation } from '../model.js';
import { membersOf } from '../schema/normalise.js';
import { deliveryOf } from './delivery.js';
import { chooseMedia, isFormMedia, isJsonMedia, isTextMedia } from './media.js';
import { OperationNames } from './names.js';
import { readParameters } from './parameters.js';
import type { ReadContext } from './read-context.js';
import { readRequirements } from './security.js';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
const textLengthMax = 4_000;

interface Place {
  readonly path: string;
  readonly method: Operation['method'];
  readonly operation: Located<JsonObject>;
  /** The path item that holds the operation. */
  readonly item: Located<JsonObject>;
}

/** Reads every operation under `paths`, in document order. */
export function readOperations(root: JsonObject, context: ReadContext): ConnectorOperation[] {
  const places = [...placesOf(root['paths'], context)];
  if (places.length > limits.operationsMax) {
    const message = `The document has ${places.length} operations; at most ${limits.operationsMax} can be imported. Import a part of it.`;
    context.findings.fault('/paths', message);
    return [];
  }
  const names = new OperationNames(
    places.map(({ operation, method, path }) => ({
      declared: operation.value['operationId'],
      method,
      path,
    })),
    context.findings,
  );
  return places.flatMap((place, index) => {
    const operation = operationOf(place, { id: names.at(index), root, context });
    return operation ? [operation] : [];
  });
}

/** The number of schemas that reading the operations will write out, at least. */
export function countOperations(root: JsonObject): number {
  let count = 0;
  for (const item of Object.values(membersOf(root['paths']))) {
    count += methods.filter((method) => isJsonObject(membersOf(item)[method])).length;
  }
  return count;
}

function* placesOf(paths: Json | undefined, context: ReadContext): Generator<Place> {
  const { findings, references } = context;
  if (paths === undefined) {
    findings.fault('', 'The document has no `paths`, so there is nothing to call.');
    return;
  }
  if (!isJsonObject(paths)) {
    findings.fault('/paths', `Paths are expected here, not ${nameOf(paths)}.`);
    return;
  }
  for (const [path, raw] of Object.entries(paths)) {
    if (path.startsWith('x-')) continue;
    const pointer = join('/paths', path);
    if (!path.startsWith('/')) {
      findings.fault(pointer, 'A path begins with `/`.');
      continue;
    }
    const item = references.object(raw, pointer);
    if (item) yield* operationsOf(path, item, context);
  }
}

function* operationsOf(
  path: string,
  item: Located<JsonObject>,
  { findings }: ReadContext,
): Generator<Place> {
  for (const method of methods) {
    const value = item.value[method];
    if (value === undefined) continue;
    const pointer = join(item.pointer, method);
    if (!isJsonObject(value)) {
      findings.fault(pointer, `An operation is expected here, not ${nameOf(value)}.`);
      continue;
    }
    const name = method.toUpperCase() as Operation['method'];
    yield { path, method: name, operation: { value, pointer }, item };
  }
}

function operationOf(
  place: Place,
  { id, root, context }: { id: string; root: JsonObject; context: ReadContext },
): ConnectorOperation | undefined {
  const { path, method, item } = place;
  const { value: raw, pointer } = place.operation;
  const label = `${method} ${path}`;
  if (raw['servers'] !== undefined || item.value['servers'] !== undefined) {
    context.findings.notice(`${label} names a server of its own; it is called at the base URL.`);
  }
  const { parameters, keyHeader } = readParameters(
    [
      { value: item.value['parameters'], pointer: join(item.pointer, 'parameters') },
      { value: raw['parameters'], pointer: join(pointer, 'parameters') },
    ],
    path,
    context,
  );
  const body = bodyOf(raw, pointer, context);
  if (body?.required && !isWritable(body.mediaType)) {
    context.findings.notice(
      `${label} was left out: a body of type ${body.mediaType} cannot be sent.`,
    );
    return undefined;
  }
  const response = responseOf(raw['responses'], join(pointer, 'responses'), context);
  const ownSecurity = raw['security'] !== undefined;
  return {
    id,
    method,
    path,
    ...texts(raw),
    tags: strings(raw['tags']),
    deprecated: raw['deprecated'] === true,
    parameters,
    ...(body && isWritable(body.mediaType) ? { body } : {}),
    ...(response ? { response } : {}),
    delivery: deliveryOf(method, keyHeader !== undefined),
    ...(keyHeader === undefined ? {} : { keyHeader }),
    security: readRequirements(
      ownSecurity ? raw['security'] : root['security'],
      ownSecurity ? join(pointer, 'security') : '/security',
      context,
    ),
  };
}

function isWritable(mediaType: string): boolean {
  return isJsonMedia(mediaType) || isFormMedia(mediaType) || isTextMedia(mediaType);
}

function bodyOf(raw: JsonObject, pointer: Pointer, context: ReadContext): Operation['body'] {
  if (raw['requestBody'] === undefined) return undefined;
  const body = context.references.object(raw['requestBody'], join(pointer, 'requestBody'));
  if (body === undefined) return undefined;
  const media = chooseMedia(body.value['content'], join(body.pointer, 'content'), context);
  return media && { required: body.value['required'] === true, ...media };
}

function responseOf(
  value: Json | undefined,
  pointer: Pointer,
  context: ReadContext,
): Operation['response'] {
  const responses = membersOf(value);
  const statuses = Object.keys(responses);
  const status =
    statuses.filter((name) => /^2\d\d$/.test(name)).sort()[0] ??
    statuses.find((name) => name.toUpperCase() === '2XX') ??
    statuses.find((name) => name === 'default');
  if (status === undefined) return undefined;
  const response = context.references.object(responses[status], join(pointer, status));
  if (response === undefined) return undefined;
  const content = join(response.pointer, 'content');
  return { status, ...chooseMedia(response.value['content'], content, context) };
}

function texts(raw: JsonObject): { summary?: string; description?: string } {
  const { summary, description } = raw;
  return {
    ...(typeof summary === 'string' ? { summary: summary.slice(0, textLengthMax) } : {}),
    ...(typeof description === 'string'
      ? { description: description.slice(0, textLengthMax) }
      : {}),
  };
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
