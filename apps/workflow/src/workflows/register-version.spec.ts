import { describe, expect, it } from '@jest/globals';
import type { Context, Services } from '@parley/nest-kit';
import { compileDefinition } from '@parley/dsl';
import type { Pool } from '@parley/postgres';
import { assertPublishable } from './publishable.js';
import { VersionRegistrar } from './register-version.js';

/** A registrar that must not come as far as writing; reading finds nothing. */
function registrarOf(source: string, query?: () => Promise<{ rows: [] }>): VersionRegistrar {
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
      connect: () =>
        query === undefined
          ? Promise.reject(new Error('nothing is to be written'))
          : Promise.resolve({ query, release: () => undefined, escapeLiteral: String }),
    } as unknown as Pool,
    services: { call: () => Promise.resolve(result) } as unknown as Services,
    catalogue: () => Promise.resolve({ connectors: [] } as never),
    published: () => undefined,
    switchOn: () => Promise.resolve(),
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
        form: { $async: true, type: object }
`,
    ],
  ])('with a schema that cannot be used is refused at %s', async (pointer, source) => {
    const request = {
      source,
      timezone: 'UTC',
      draftId: 'drf_1',
      revisionHash: 'h',
      irHash: 'i',
    } as never;
    const registering = registrarOf(source).register(request, { tenantId: 'ten_a' } as Context);
    await expect(registering).rejects.toMatchObject({
      code: 'invalid-definition',
      errors: [{ pointer }],
    });
  });

  it('with a schedule that can start no run is refused, with what helps', () => {
    const lacking = `${head}input:
  schema: { document: { type: object, required: [scheduledAt, orderId] } }
schedule: { cron: 0 9 * * * }
do:
  - pause: { wait: PT1S }
`;
    const publish = (source: string) => {
      const { ir, diagnostics } = compileDefinition(source);
      return assertPublishable({ valid: true, ir, diagnostics, sideEffects: [] } as never);
    };
    expect(() => publish(lacking)).toThrow(
      expect.objectContaining({
        code: 'invalid-definition',
        errors: [
          {
            code: 'PL1064',
            pointer: '/schedule',
            message: expect.stringMatching(
              /cannot start a run: .*"orderId"\. .*remove the schedule/,
            ),
          },
        ],
      }),
    );
    expect(publish(lacking.replace(', orderId', ''))).toMatchObject({ schedule: {} });
  });

  it('that names a secret which nobody has set is refused there, with what helps', async () => {
    const source = `${head}use: { secrets: [known, shopLogin] }
do:
  - ask:
      call: http
      with:
        method: get
        endpoint: { uri: 'https://api.example/', authentication: { basic: { use: shopLogin } } }
`;
    const query = (sql: string) =>
      Promise.resolve({ rows: sql.includes('FROM secret') ? [{ name: 'known' }] : [] });
    const { ir, diagnostics } = compileDefinition(source);
    expect(diagnostics).toEqual([]);
    const request = { source, timezone: 'UTC', draftId: 'drf_1', revisionHash: 'h' };
    const registering = registrarOf(source, query as never).register(
      { ...request, irHash: ir?.hash } as never,
      { tenantId: 'ten_a' } as Context,
    );
    await expect(registering).rejects.toMatchObject({
      code: 'invalid-definition',
      errors: [
        {
          pointer: '/use/secrets/1',
          message: expect.stringContaining('parley secret set shopLogin --host'),
        },
      ],
    });
  });

  it('of something else than what was shown is refused', async () => {
    const source = `${head}do:\n  - pause: { wait: PT1S }\n`;
    const { ir } = compileDefinition(source);
    const approvedBy = { id: 'mem_1', kind: 'member', name: 'A' };
    const shown = { source, timezone: 'UTC', draftId: 'drf_1', revisionHash: 'h', approvedBy };
    const registrar = registrarOf(source, () => Promise.resolve({ rows: [] }));
    const register = (irHash: string | undefined) =>
      registrar.register({ ...shown, irHash } as never, { tenantId: 'ten_a' } as Context);
    await expect(register('0'.repeat(64))).rejects.toMatchObject({ code: 'stale-revision' });
    // Comes as far as the database, which keeps nothing here.
    await expect(register(ir?.hash)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('that needs a document which nobody could read, or cannot be run, is refused there', async () => {
    const { ir, diagnostics } = compileDefinition(
      `${head}do:
  - pause: { wait: PT1S }
`,
    );
    const range = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
    const unread = {
      code: 'PL1070',
      severity: 'warning' as const,
      message: 'The schema at https://a.example/s has not been read yet',
      pointer: '/input/schema/resource/endpoint',
      actual: 'https://a.example/s',
      range,
    };
    const missing = [{ uri: unread.actual, reason: 'The answer is 404.' }];
    const compiled = { valid: true, diagnostics: [...diagnostics, unread], sideEffects: [] };
    const schedule = { on: { mode: 'all', filters: [] }, read: 'raw' };
    const made = { ...compiled, missing, ir: { ...ir, schedule } };
    expect(() => assertPublishable(made as never)).toThrow(
      expect.objectContaining({
        code: 'invalid-definition',
        errors: [
          expect.objectContaining({
            pointer: '/input/schema/resource/endpoint',
            message: expect.stringContaining(
              'has not been read yet. The answer is 404. A published',
            ),
          }),
          expect.objectContaining({ pointer: '/schedule/read', code: 'PL1060' }),
        ],
      }),
    );
  });

  it('that runs commands is refused, unless the operator has enabled that', async () => {
    const made = compileDefinition(`${head}do:
  - list: { run: { shell: { command: ls } } }
`);
    expect(made.diagnostics).toMatchObject([{ code: 'PL1065', severity: 'warning' }]);
    expect(() => assertPublishable(made as never)).toThrow(
      expect.objectContaining({
        code: 'invalid-definition',
        errors: [
          expect.objectContaining({
            pointer: '/do/0/list',
            code: 'PL1065',
            message: expect.stringContaining('enable it with PARLEY_EXECUTORS=shell'),
          }),
        ],
      }),
    );
    expect(assertPublishable(made as never, ['shell'])).toBe(made.ir);
  });

  it('that runs containers is refused likewise, and for good where it wants something of the host', () => {
    const made = compileDefinition(`${head}do:
  - box: { run: { container: { image: alpine } } }
`);
    expect(made.diagnostics).toMatchObject([{ code: 'PL1065', actual: 'run: container' }]);
    expect(() => assertPublishable(made as never, ['shell'])).toThrow(
      'Whoever operates it can enable it with PARLEY_EXECUTORS=container, if its tenants may run containers',
    );
    expect(assertPublishable(made as never, ['container'])).toBe(made.ir);
    const greedy = compileDefinition(`${head}do:
  - box:
      run:
        container:
          image: alpine
          ports: { '8080': 80 }
          volumes: { /: /host }
          lifetime: { cleanup: never }
`);
    const at = '/do/0/box/run/container';
    const refused = (pointer: string) => expect.objectContaining({ code: 'PL1060', pointer });
    expect(() => assertPublishable(greedy as never, ['container'])).toThrow(
      expect.objectContaining({
        errors: [
          refused(`${at}/ports`),
          refused(`${at}/volumes`),
          refused(`${at}/lifetime/cleanup`),
        ],
      }),
    );
    const lines = greedy.diagnostics.flatMap(({ code, range }) =>
      code === 'PL1060' ? [range.start.line] : [],
    );
    expect(new Set(lines).size).toBe(3);
  });
});
