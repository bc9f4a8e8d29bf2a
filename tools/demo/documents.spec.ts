import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEMO_API_KEY, loadSystems } from './documents.ts';
import type { Media, Operation, System } from './documents.ts';
import { operationOf } from './operations.ts';
import { resolve, violationsOf } from './schema.ts';
import type { Schema } from './schema.ts';
import { startDemo } from './server.ts';
import type { Demo } from './server.ts';

const systems = loadSystems();
const operations = systems.flatMap((system) =>
  system.operations.map((operation) => ({
    name: `${system.name}.${operation.id}`,
    system,
    operation,
  })),
);

describe('the documents', () => {
  it('mix versions and formats', () => {
    expect(systems.map(({ document }) => document.openapi).sort()).toEqual(
      ['3.0.3', '3.0.3', '3.0.3', '3.1.0', '3.1.0'].sort(),
    );
    expect(new Set(systems.map(({ mediaType }) => mediaType)).size).toBe(2);
  });

  it.each(systems)('$name: references resolve and are all used', ({ document, text }) => {
    const references = new Set(
      walk(document).flatMap(({ value }) => {
        const reference = (value as { $ref?: unknown }).$ref;
        return typeof reference === 'string' ? [reference] : [];
      }),
    );
    for (const reference of references) expect(resolve({ $ref: reference }, document)).toBeTruthy();
    const components = document.components as Record<string, Record<string, unknown>>;
    for (const kind of ['schemas', 'parameters', 'responses']) {
      for (const name of Object.keys(components[kind] ?? {})) {
        expect(references).toContain(`#/components/${kind}/${name}`);
      }
    }
    expect(text).not.toContain('TODO');
  });

  it.each(systems)('$name: every operation is described in words and in schemas', (system) => {
    const ids = system.operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, item, method } of rawOperations(system)) {
      const raw = item[method] as Record<string, unknown>;
      expect(raw).toMatchObject({ operationId: expect.any(String), summary: expect.any(String) });
      expect(raw.description).toEqual(expect.any(String));
      const found = system.operations.find(({ id }) => id === raw.operationId);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = found?.parameters.filter((parameter) => parameter.in === 'path') ?? [];
      expect(declared.map(({ name }) => name)).toEqual(inPath);
      expect(declared.every(({ required, example }) => required && example)).toBe(true);
    }
  });

  it('use no schema keyword that the server does not check', () => {
    const known = new Set(
      ['$ref', 'type', 'nullable', 'enum', 'properties', 'required', 'additionalProperties'].concat(
        ['items', 'minItems', 'maxItems', 'minLength', 'maxLength', 'pattern', 'minimum'],
        ['maximum', 'format', 'default', 'description', 'example', 'examples'],
      ),
    );
    for (const { document } of systems) {
      const named = (document.components as { schemas: Record<string, Schema> }).schemas;
      const inline = walk(document)
        .filter(({ key }) => key === 'schema')
        .map(({ value }) => value as Schema);
      const keywords = [...Object.values(named), ...inline].flatMap(keywordsOf);
      expect(keywords.filter((keyword) => !known.has(keyword))).toEqual([]);
    }
  });

  it.each(operations)('$name has code', ({ system, operation }) => {
    expect(operationOf(system.name, operation.id)).toEqual(expect.any(Function));
  });
});

describe('every operation answers its own example', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => demo.stop());

  it.each(operations)('$name', async ({ system, operation }) => {
    await fetch(`${demo.url}/_demo/reset`, { method: 'POST' });
    const response = await callExample(demo.url, operation);
    expect([operation.id, response.status]).toEqual([operation.id, expect.any(Number)]);
    const described = operation.responses[String(response.status)];
    expect(response.status).toBeLessThan(300);
    const media = described?.content?.['application/json'];
    expect(media).toBeDefined();
    const body: unknown = await response.json();
    expect(violationsOf(body, (media as Media).schema, system.document)).toEqual([]);
    const [call] = demo.calls();
    if (operation.method === 'GET') expect(call).toMatchObject({ effect: false });
  });

  it('and publishes its documents under the address that was asked', async () => {
    const index = (await (await fetch(demo.url)).json()) as {
      documents: { name: string; url: string; baseUrl: string; credential?: unknown }[];
    };
    expect(index.documents).toHaveLength(5);
    for (const entry of index.documents) {
      const response = await fetch(entry.url);
      expect(response.status).toBe(200);
      expect(entry.baseUrl).toBe(`${demo.url}/${entry.name}`);
      expect(await response.text()).not.toContain('localhost:7420');
    }
    const credentials = index.documents.flatMap(({ name, credential }) =>
      credential ? [{ name, credential }] : [],
    );
    expect(credentials).toEqual([
      {
        name: 'pos',
        credential: { scheme: 'apiKey', type: 'apiKey', header: 'X-Api-Key', value: DEMO_API_KEY },
      },
    ]);
  });
});

function callExample(url: string, operation: Operation): Promise<Response> {
  let path = operation.path;
  const query = new URLSearchParams();
  for (const { name, in: place, example } of operation.parameters) {
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(textOf(example)));
    if (place === 'query' && example !== undefined) query.set(name, textOf(example));
  }
  const body = operation.body && exampleOf(operation.body, operation.system);
  return fetch(`${url}/${operation.system}${path}?${query.toString()}`, {
    method: operation.method,
    headers: { 'x-api-key': DEMO_API_KEY, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

function exampleOf({ schema, example, examples }: Media, system: string): unknown {
  if (example !== undefined) return example;
  const [named] = Object.values(examples ?? {});
  const root = systems.find(({ name }) => name === system)?.document;
  return named ? named.value : sampleOf(schema, root);
}

/** Puts an example together from those of the properties. */
function sampleOf(unresolved: Schema, root: unknown): unknown {
  const schema = resolve(unresolved, root);
  const stated = schema.example ?? schema.examples?.[0];
  if (stated !== undefined || !schema.properties) return stated;
  const members = Object.entries(schema.properties).map(([key, one]) => [key, sampleOf(one, root)]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as unknown;
}

function* rawOperations({ document }: System) {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of ['get', 'put', 'post', 'delete', 'patch']) {
      if (item[method]) yield { path, item, method };
    }
  }
}

function walk(node: unknown, key = ''): { key: string; value: object }[] {
  if (typeof node !== 'object' || node === null) return [];
  const below = Object.entries(node).flatMap(([name, value]) => walk(value, name));
  return [{ key, value: node }, ...below];
}

function keywordsOf(schema: Schema): string[] {
  const below = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
  ];
  return [...Object.keys(schema), ...below.flatMap(keywordsOf)];
}

function textOf(example: unknown): string {
  return typeof example === 'string' ? example : JSON.stringify(example);
}
