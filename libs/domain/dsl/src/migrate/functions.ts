import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { dataOf, program, wrapped, type Around } from './expressions.js';
import { impossible, type Migration } from './migration.js';
import type { Old } from './old.js';

/** A call of a function, as a task without its data filters. */
export function callOf(migration: Migration, reference: Old, around: Around): JsonObject {
  const name = reference.words ?? reference.text('refName') ?? '';
  const definition = migration.functions.get(name);
  const given = reference.member('arguments');
  if (definition === undefined) {
    migration.report.dropped(reference.pointer, `There is no function "${name}" to call`);
    return impossible(`There is no function ${name}`);
  }
  if (reference.text('invoke') === 'async') {
    migration.report.approximated(reference.pointer, 'The call is waited for; it was not before');
  }
  const operation = definition.member('operation')?.words ?? '';
  const type = definition.text('type') ?? 'rest';
  if (type === 'expression') {
    const source = program(migration, operation, { ...around, pointer: definition.pointer });
    return { set: wrapped(source) };
  }
  const data = given === undefined ? {} : dataOf(migration, given.json, around);
  const arguments_ = isJsonObject(data) ? data : {};
  const called = { migration, definition, reference, operation, arguments: arguments_ };
  const builder = Object.hasOwn(builders, type) ? builders[type] : undefined;
  const task = builder?.(called) ?? unknownType(called, type);
  return 'call' in task ? task : { ...task };
}

interface Called {
  readonly migration: Migration;
  readonly definition: Old;
  readonly reference: Old;
  readonly operation: string;
  readonly arguments: JsonObject;
}

const builders: Readonly<Record<string, (called: Called) => JsonObject>> = {
  rest: callOpenApi,
  rpc: callGrpc,
  asyncapi: callAsyncApi,
  graphql: callGraphQl,
  odata: callOData,
  custom: callCustom,
};

function callOpenApi(called: Called): JsonObject {
  const [document, operationId] = split(called.operation);
  if (operationId === undefined) return custom(called, called.operation);
  return {
    call: 'openapi',
    with: {
      document: { endpoint: address(called, document) },
      operationId,
      ...(isEmpty(called.arguments) ? {} : { parameters: called.arguments }),
      ...authentication(called),
    },
  };
}

function callGrpc(called: Called): JsonObject {
  const { migration, definition } = called;
  const [document, service = '', method = ''] = called.operation.split('#');
  const host = definition.member('metadata')?.text('host');
  if (host === undefined) {
    migration.report.approximated(
      definition.pointer,
      'The old definition does not say where the service is: set with.service.host',
    );
  }
  return {
    call: 'grpc',
    with: {
      proto: { endpoint: address(called, document ?? '') },
      service: { name: service, host: host ?? 'localhost', ...authentication(called) },
      method,
      ...(isEmpty(called.arguments) ? {} : { arguments: called.arguments }),
    },
  };
}

function callAsyncApi(called: Called): JsonObject {
  const [document, operation = ''] = split(called.operation);
  called.migration.report.approximated(
    called.definition.pointer,
    'The arguments are sent as the payload of a message',
  );
  return {
    call: 'asyncapi',
    with: {
      document: { endpoint: address(called, document) },
      operation,
      message: { payload: called.arguments },
      ...authentication(called),
    },
  };
}

/** `<address>#query|mutation#<field>`: a POST with the query, its arguments as variables. */
function callGraphQl(called: Called): JsonObject {
  const { migration, definition, reference } = called;
  const [uri = '', kind = 'query', field = ''] = called.operation.split('#');
  const selection = reference.text('selectionSet') ?? '';
  const names = Object.keys(called.arguments);
  const list = names.map((name) => `${name}: ${literal(called.arguments[name] ?? null)}`);
  migration.report.approximated(
    definition.pointer,
    'The GraphQL request is sent over HTTP, with the arguments written into it',
  );
  const head = `${kind} { ${field}${list.length === 0 ? '' : `(${list.join(', ')})`} ${selection} }`;
  return {
    call: 'http',
    with: {
      method: 'post',
      endpoint: endpoint(called, uri),
      body: { query: head.replaceAll(/\s+/g, ' ').trim() },
    },
    output: { as: wrapped(`.data.${field}`) },
  };
}

/** A value in a GraphQL text; expressions stay expressions. */
function literal(value: Json): string {
  if (typeof value === 'string') {
    const expression = /^\$\{ (.*) \}$/s.exec(value)?.[1];
    return expression === undefined ? JSON.stringify(value) : wrapped(`${expression} | tojson`);
  }
  return JSON.stringify(value);
}

function callOData(called: Called): JsonObject {
  const [uri, entity = ''] = split(called.operation);
  called.migration.report.approximated(
    called.definition.pointer,
    'The entity set is read over HTTP, with the arguments as query options',
  );
  const options = isJsonObject(called.arguments['queryOptions'])
    ? called.arguments['queryOptions']
    : called.arguments;
  const query = Object.fromEntries(
    Object.entries(options).map(([key, value]) => [
      `$${key}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  return {
    call: 'http',
    with: {
      method: 'get',
      endpoint: endpoint(called, `${uri}/${entity}`),
      ...(isEmpty(query) ? {} : { query }),
    },
  };
}

function callCustom(called: Called): JsonObject {
  return custom(called, called.operation);
}

/** `rest:get:https://…` is what some runtimes call over HTTP; other custom types are unknown. */
function custom(called: Called, operation: string): JsonObject {
  const [, method, uri] = /^rest:(\w+):(https?:.+)$/i.exec(operation) ?? [];
  if (method === undefined || uri === undefined) return unknownType(called, 'custom');
  called.migration.report.approximated(
    called.definition.pointer,
    'The arguments are sent as the body of an HTTP request',
  );
  const hasBody = !/^(get|head|delete)$/i.test(method) && !isEmpty(called.arguments);
  return {
    call: 'http',
    with: {
      method: method.toLowerCase(),
      endpoint: endpoint(called, uri),
      ...(hasBody ? { body: called.arguments } : {}),
    },
  };
}

function unknownType({ migration, definition, operation }: Called, type: string): JsonObject {
  migration.report.dropped(
    definition.pointer,
    `Functions of type "${type}" (${operation}) have no counterpart: the task raises an error`,
  );
  return impossible(`The function ${definition.text('name') ?? ''} could not be migrated`);
}

function endpoint(called: Called, uri: string): Json {
  const { authentication: policy } = authentication(called);
  return policy === undefined
    ? address(called, uri)
    : { uri: address(called, uri), authentication: policy };
}

function authentication({ migration, definition }: Called): { authentication?: Json } {
  const name = definition.member('authRef');
  if (name?.words === undefined) return {};
  if (migration.authentications.has(name.words)) return { authentication: { use: name.words } };
  migration.report.dropped(name.pointer, `There is no authentication "${name.words}"`);
  return {};
}

/** Addresses of documents; a file beside the definition has none. */
function address({ migration, definition }: Called, text: string): string {
  const uri = text.replaceAll(/[\s{}]/g, encodeURIComponent);
  if (/^https?:\/\//i.test(uri)) return uri;
  migration.report.approximated(
    definition.pointer,
    `"${text}" is no web address: put the document where it can be read`,
  );
  return /^[a-z][a-z\d+.-]*:/i.test(uri) ? uri : `file:///${uri.replace(/^\/+/, '')}`;
}

function split(operation: string): [string, string | undefined] {
  const at = operation.lastIndexOf('#');
  return at === -1 ? [operation, undefined] : [operation.slice(0, at), operation.slice(at + 1)];
}

function isEmpty(value: JsonObject): boolean {
  return Object.keys(value).length === 0;
}
