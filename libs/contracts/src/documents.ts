import { z } from 'zod';
import { eventTypes, EventEnvelopeSchema, subjectPattern } from './define-event.js';
import { errorRow, type ErrorCode, Problem } from './errors.js';
import { allRoutes, mayLackBody, type Route } from './routes.js';

type Schema = Record<string, unknown>;

const componentUri = (id: string) => `#/components/schemas/${id}`;
const everyRoute: ErrorCode[] = [
  ...(['malformed', 'invalid', 'overloaded', 'unavailable', 'timeout', 'internal'] as const),
];
const everySecuredRoute: ErrorCode[] = ['unauthenticated', 'token-expired', 'forbidden'];
const everyRouteWithBody: ErrorCode[] = ['too-large', 'unsupported-media-type'];

/** JSON Schema 2020-12 of every named shape, by name. */
export function jsonSchemas(): Record<string, Schema> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    uri: componentUri,
    unrepresentable: 'any',
    io: 'input', // The other way says that answers and events never get new members.
  });
  const named = Object.entries(schemas).map(([id, schema]): [string, Schema] => [
    id,
    withoutIds(schema as Schema),
  ]);
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The OpenAPI 3.1 document of the public REST API. */
export function openApiDocument(): Schema {
  const paths: Record<string, Schema> = {};
  for (const route of allRoutes()) {
    const item = (paths[route.path] ??= {});
    item[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: jsonSchemas(),
    },
  };
}

/** The AsyncAPI 3 document of every event: one channel per topic. */
export function asyncApiDocument(): Schema {
  const channels: Record<string, { address: string; messages: Schema }> = {};
  const operations: Schema = {};
  const messages: Schema = {};
  for (const type of eventTypes()) {
    messages[type.type] = {
      name: type.type,
      summary: type.description,
      description: `Subject: ${subjectPattern(type)}`,
      contentType: 'application/cloudevents+json',
      payload: {
        allOf: [
          schemaOf(EventEnvelopeSchema),
          { properties: { type: { const: type.type }, data: schemaOf(type.schema) } },
        ],
      },
    };
    const channel = (channels[type.topic] ??= { address: type.topic, messages: {} });
    channel.messages[type.type] = { $ref: `#/components/messages/${type.type}` };
    operations[`publish-${type.topic}`] = {
      action: 'send',
      channel: { $ref: `#/channels/${type.topic}` },
    };
  }
  return {
    asyncapi: '3.0.0',
    info: { title: 'Parley events', version: '1' },
    defaultContentType: 'application/cloudevents+json',
    channels,
    operations,
    components: { messages, schemas: jsonSchemas() },
  };
}

function operationOf(route: Route): Schema {
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.service],
    ...(route.permission === undefined ? { security: [] } : {}),
    parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: !mayLackBody(route),
            content: { 'application/json': { schema: schemaOf(route.body) } },
          },
        }),
    responses: { [route.status]: successOf(route), ...problemsOf(route) },
  };
}

function successOf(route: Route): Schema {
  const description = route.summary;
  if (route.events !== undefined) {
    return { description, content: { 'text/event-stream': { schema: schemaOf(route.events) } } };
  }
  if (route.response === undefined) return { description };
  return { description, content: { 'application/json': { schema: schemaOf(route.response) } } };
}

function problemsOf(route: Route): Schema {
  const codes = [
    ...everyRoute,
    ...(route.permission === undefined ? [] : everySecuredRoute),
    ...(route.body === undefined ? [] : everyRouteWithBody),
    ...(route.ifMatch === true ? (['precondition-required'] as const) : []),
    ...(route.errors ?? []),
  ];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...new Set(codes)].sort()) {
    const { http } = errorRow(code);
    byStatus.set(http, [...(byStatus.get(http) ?? []), code]);
  }
  const content = { 'application/problem+json': { schema: schemaOf(Problem) } };
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [status, { description: of.join(', '), content }]),
  );
}

function pathParameters(route: Route): Schema[] {
  return [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

/** The query parameters that a route knows. */
export function queryNames(route: Route): readonly string[] {
  return queryParameters(route).map(({ name }) => String(name));
}

function queryParameters(route: Route): Schema[] {
  if (route.query === undefined) return [];
  const schema = schemaInPlace(route.query);
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema: property,
  }));
}

function headerParameters(route: Route): Schema[] {
  const header = (name: string, required: boolean, description: string) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(route.idempotent === true
      ? [header('Idempotency-Key', false, 'Repeating a request with the same key changes nothing')]
      : []),
    ...(route.ifMatch === true ? [header('If-Match', true, 'The content hash that was seen')] : []),
    ...(route.resumable === true
      ? [header('Last-Event-ID', false, 'Resume after this event')]
      : []),
  ];
}

/** A reference for named shapes, the schema itself for others. */
function schemaOf(schema: z.ZodType): Schema {
  const id = z.globalRegistry.get(schema)?.id;
  if (id !== undefined) return { $ref: componentUri(id) };
  return withoutIds(schemaInPlace(schema));
}

/** The schema itself; the named shapes inside it are references to the components. */
function schemaInPlace(schema: z.ZodType): z.core.JSONSchema.JSONSchema {
  const made = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' });
  const { $defs: _inComponents, ...rest } = made;
  const text = JSON.stringify(rest).replaceAll('"#/$defs/', `"${componentUri('')}`);
  return JSON.parse(text) as z.core.JSONSchema.JSONSchema;
}

function withoutIds({ $id: _id, $schema: _schema, id: _name, ...schema }: Schema): Schema {
  return schema;
}
