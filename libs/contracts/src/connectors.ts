import { z } from 'zod';
import { idOf, JsonValue, pageOf, Timestamp } from './ids.js';

/** A name that people write in definitions: `call: connector` with `connector: <slug>`. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
  .describe('Lower-case letters, digits and dashes, at most 63 characters');

/** One parameter of an operation that is not part of the body. */
export const OperationParameter = z
  .object({
    name: z.string(),
    in: z.enum(['path', 'query', 'header', 'cookie']),
    required: z.boolean(),
    description: z.string().optional(),
    schema: JsonValue.describe('JSON Schema 2020-12, references resolved'),
  })
  .meta({ id: 'OperationParameter' });
export type OperationParameter = z.infer<typeof OperationParameter>;

/** Something that a connector can be asked to do. */
export const Operation = z
  .object({
    /** The document's operationId, or a stable one derived from method and path. */
    id: z.string(),
    method: z.enum(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']),
    path: z.string().describe('Path template below the base URL, e.g. /orders/{orderId}'),
    summary: z.string().optional(),
    description: z.string().optional(),
    tags: z.array(z.string()),
    deprecated: z.boolean(),
    parameters: z.array(OperationParameter),
    body: z
      .object({
        required: z.boolean(),
        mediaType: z.string(),
        schema: JsonValue,
      })
      .optional(),
    response: z
      .object({
        status: z.string(),
        mediaType: z.string().optional(),
        schema: JsonValue.optional(),
      })
      .optional()
      .describe('The first successful response'),
    /** What repeating a call does; see Delivery in the IR. */
    delivery: z.enum(['safe', 'idempotent', 'keyed', 'once']),
    /** Header that carries the idempotency key when delivery is `keyed`. */
    keyHeader: z.string().optional(),
    /** Alternatives; each is a set of security schemes that must all be given. Empty: none. */
    security: z.array(z.array(z.string())),
  })
  .meta({ id: 'Operation' });
export type Operation = z.infer<typeof Operation>;

/** A way of proving who calls, as declared by the document. */
export const SecurityScheme = z
  .object({
    name: z.string(),
    type: z.enum(['apiKey', 'bearer', 'basic', 'unsupported']),
    in: z.enum(['header', 'query', 'cookie']).optional(),
    parameter: z.string().optional().describe('Header, query or cookie name of an API key'),
    description: z.string().optional(),
    /** Whether a credential has been stored; the credential itself is never readable. */
    configured: z.boolean(),
  })
  .meta({ id: 'SecurityScheme' });
export type SecurityScheme = z.infer<typeof SecurityScheme>;

/** A business system of a tenant, imported from an OpenAPI document. */
export const Connector = z
  .object({
    id: idOf('connector'),
    name: Slug,
    title: z.string(),
    description: z.string().optional(),
    version: z.string(),
    documentHash: z.string().describe('SHA-256 of the document as imported'),
    /** Servers of the document; relative ones are resolved against the document's address if known. */
    servers: z.array(z.string()),
    baseUrl: z.string().optional().describe('Where calls go; absent until somebody has chosen'),
    /** Whether calls to the base URL's host and port may leave (see approved addresses). */
    addressApproved: z.boolean(),
    securitySchemes: z.array(SecurityScheme),
    operationCount: z.int(),
    /** What still keeps the connector from being called, in words; empty when it is ready. */
    openQuestions: z.array(z.string()),
    /** What the import left out or assumed. */
    notices: z.array(z.string()).optional(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Connector' });
export type Connector = z.infer<typeof Connector>;

export const ConnectorPage = pageOf('ConnectorPage', Connector);

/** Body of `POST /v1/connectors`. */
export const ImportConnector = z
  .strictObject({
    name: Slug.optional().describe('Default: derived from the title'),
    document: z.string().min(1).describe('The OpenAPI document, JSON or YAML text, at most 10 MiB'),
    /** Where the document came from; relative servers are resolved against it. */
    sourceUrl: z.url().optional(),
  })
  .meta({ id: 'ImportConnector' });
export type ImportConnector = z.infer<typeof ImportConnector>;

/** Body of `PATCH /v1/connectors/{connector}`. */
export const ConfigureConnector = z
  .strictObject({
    baseUrl: z.url().optional(),
    /** Approve the base URL's host and port for outbound calls of this connector (admins only). */
    approveAddress: z.boolean().optional(),
  })
  .meta({ id: 'ConfigureConnector' });
export type ConfigureConnector = z.infer<typeof ConfigureConnector>;

/** Body of `PUT /v1/connectors/{connector}/credentials/{scheme}`; write-only. */
export const SetCredential = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('apiKey'), value: z.string().min(1).max(8192) }),
    z.strictObject({ type: z.literal('bearer'), token: z.string().min(1).max(8192) }),
    z.strictObject({
      type: z.literal('basic'),
      username: z.string().max(1024),
      password: z.string().max(8192),
    }),
  ])
  .meta({ id: 'SetCredential' });
export type SetCredential = z.infer<typeof SetCredential>;

/** Result of `POST /v1/connectors/{connector}/test`. */
export const ConnectorTest = z
  .object({
    ok: z.boolean(),
    operation: z.string().describe('The operation that was called'),
    status: z.int().optional(),
    durationMs: z.number(),
    detail: z.string().describe('What happened and, on failure, what to do'),
  })
  .meta({ id: 'ConnectorTest' });
export type ConnectorTest = z.infer<typeof ConnectorTest>;

/** What `POST /v1/connectors/demo` did. */
export const DemoLoaded = z
  .object({
    connectors: z.array(Connector),
    approvedAddresses: z.array(z.string()).describe('host:port pairs that were approved'),
  })
  .meta({ id: 'DemoLoaded' });
export type DemoLoaded = z.infer<typeof DemoLoaded>;

/** The part of a connector that planners and the compiler see: no addresses, no credentials. */
export const CatalogueConnector = z
  .object({
    name: Slug,
    title: z.string(),
    description: z.string().optional(),
    documentHash: z.string(),
    operations: z.array(Operation),
  })
  .meta({ id: 'CatalogueConnector' });
export type CatalogueConnector = z.infer<typeof CatalogueConnector>;

/** Every operation that a tenant's workflows may call (`GET /v1/catalogue`). */
export const Catalogue = z
  .object({ connectors: z.array(CatalogueConnector) })
  .meta({ id: 'Catalogue' });
export type Catalogue = z.infer<typeof Catalogue>;
