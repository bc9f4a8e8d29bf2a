import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { resolve } from './schema.ts';
import type { Schema } from './schema.ts';

/** Stands in the files for the address under which the demo is reached. */
const ORIGIN_IN_FILES = 'http://localhost:7420';
const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Public on purpose: whoever loads the demo gets it from the index. */
export const DEMO_API_KEY = 'demo-till-key';

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
  example?: unknown;
}

export interface Media {
  schema: Schema;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

export interface Operation {
  system: string;
  id: string;
  method: string;
  path: string;
  segments: string[];
  parameters: Parameter[];
  body: (Media & { required: boolean }) | undefined;
  responses: Record<string, { content?: Record<string, Media> }>;
  takesKey: boolean;
  /** Header that must carry the key, when the system asks for one. */
  keyHeader: string | undefined;
}

export interface System {
  name: string;
  title: string;
  description: string;
  fileName: string;
  mediaType: string;
  text: string;
  document: OpenApi;
  operations: Operation[];
  /** Name of the security scheme and its header, when the system asks for a key. */
  apiKey: { scheme: string; header: string } | undefined;
}

interface RawOperation {
  operationId: string;
  parameters?: (Parameter & { $ref?: string })[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, { $ref?: string; content?: Record<string, Media> }>;
}

export interface OpenApi {
  openapi: string;
  info: { title: string; description: string };
  servers: { url: string }[];
  security?: Record<string, string[]>[];
  paths: Record<string, Record<string, unknown>>;
  components: { securitySchemes?: Record<string, { type: string; in: string; name: string }> };
}

const files = ['kitchen.yaml', 'inventory.json', 'pos.yaml', 'staff.json', 'delivery.yaml'];

/** The documents are the routing table: what is not described does not exist. */
export function loadSystems(): System[] {
  return files.map((file) => loadSystem(file));
}

/** The document as this server publishes it, for the host under which it was asked. */
export function publish(system: System, origin: string): string {
  return system.text.replaceAll(ORIGIN_IN_FILES, origin);
}

export function findOperation(system: System, method: string, segments: string[]) {
  const samePath = system.operations.filter((operation) => matches(operation.segments, segments));
  const operation = samePath.find((candidate) => candidate.method === method);
  return { operation, allowed: samePath.map((candidate) => candidate.method) };
}

function loadSystem(file: string): System {
  const text = readFileSync(new URL(`documents/${file}`, import.meta.url), 'utf8');
  const [name = '', format = ''] = file.split('.');
  const document = (format === 'yaml' ? parse(text) : JSON.parse(text)) as OpenApi;
  const apiKey = apiKeyOf(document);
  return {
    name,
    title: document.info.title,
    description: document.info.description,
    fileName: `openapi.${format}`,
    mediaType: `application/${format}`,
    text,
    document,
    operations: operationsOf(name, document, apiKey?.header),
    apiKey,
  };
}

function apiKeyOf(document: OpenApi): System['apiKey'] {
  const name = Object.keys(document.security?.[0] ?? {})[0];
  if (name === undefined) return undefined;
  const scheme = document.components.securitySchemes?.[name];
  if (scheme?.type !== 'apiKey' || scheme.in !== 'header') {
    throw new Error(`the security scheme ${name} is not a key in a header`);
  }
  return { scheme: name, header: scheme.name };
}

function operationsOf(system: string, root: OpenApi, keyHeader: string | undefined): Operation[] {
  return Object.entries(root.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const raw = item[method] as RawOperation | undefined;
      if (!raw) return [];
      const shared = (item.parameters ?? []) as (Parameter & { $ref?: string })[];
      const parameters = [...shared, ...(raw.parameters ?? [])].map((one) => resolve(one, root));
      const media = raw.requestBody?.content['application/json'];
      const responses = Object.entries(raw.responses).map(
        ([status, response]) => [status, resolve(response, root)] as const,
      );
      return {
        ...{
          system,
          id: raw.operationId,
          method: method.toUpperCase(),
          path,
          parameters,
          keyHeader,
        },
        segments: path.split('/').slice(1),
        body: media && { ...media, required: raw.requestBody?.required === true },
        responses: Object.fromEntries(responses),
        takesKey: parameters.some(({ name }) => name.toLowerCase() === 'idempotency-key'),
      };
    }),
  );
}

/** A fixed segment wins by being listed first: the documents hold no ambiguous pair. */
function matches(template: string[], segments: string[]): boolean {
  return (
    template.length === segments.length &&
    template.every((part, index) => part.startsWith('{') || part === segments[index])
  );
}
