import { describe, expect, it } from '@jest/globals';
import type { Context, Services } from '@parley/nest-kit';
import { compileDefinition } from '@parley/dsl';
import type { Pool } from '@parley/postgres';
import { VersionRegistrar } from './register-version.js';

/** A registrar that must not come as far as writing. */
function registrarOf(source: string): VersionRegistrar {
  const compiled = compileDefinition(source);
  const result = {
    valid: compiled.ir !== undefined,
    diagnostics: compiled.diagnostics,
    ir: compiled.ir,
    inputSchema: compiled.ir?.input?.schema,
    sideEffects: [],
  };
  return new VersionRegistrar({
    pool: {
      connect: () => Promise.reject(new Error('nothing is to be written')),
    } as unknown as Pool,
    services: { call: () => Promise.resolve(result) } as unknown as Services,
    catalogue: () => Promise.resolve({ connectors: [] } as never),
    published: () => undefined,
  });
}

const head = `document: { dsl: 1.0.3, namespace: test, name: odd, version: 0.1.0 }
`;

describe('a version', () => {
  it.each([
    [
      '/input/schema',
      `${head}input:
  schema: { document: { $async: true, type: object } }
do:
  - pause: { wait: PT1S }
`,
    ],
    [
      '/do/0/ask/with/form',
      `${head}do:
  - ask:
      call: human
      with:
        title: Which?
        assignee: { role: owner }
        form: { type: object, properties: { a: { pattern: ( } } }
`,
    ],
  ])('with a schema that cannot be used is refused at %s', async (pointer, source) => {
    const request = { source, timezone: 'UTC', draftId: 'drf_1', revisionHash: 'h' } as never;
    const registering = registrarOf(source).register(request, { tenantId: 'ten_a' } as Context);
    await expect(registering).rejects.toMatchObject({
      code: 'invalid-definition',
      errors: [{ pointer }],
    });
  });
});
