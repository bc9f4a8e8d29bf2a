import { describe, expect, it } from '@jest/globals';
import { err, ok, type Json } from '@parley/kernel';
import { advance, dryRunLoaded, loadProgram, MockFailure, type SchemaCheck } from '../index.js';
import { buildIr, runInMemory, type Tasks } from '../testing/index.js';

describe('descriptors', () => {
  const tasks: Tasks = {
    'a/b': { set: '${ { task: $task, workflow: $workflow, runtime: $runtime } }' },
  };
  const definition = { document: { name: 'x' }, do: [{ 'a/b': { set: 1 } }] };

  it('say what runs, from what definition, since when', () => {
    const ir = buildIr(tasks, { definition });
    const [node] = Object.values(ir.nodes);
    const escaped = { ...ir, nodes: { 'do/a/b': { ...node, pointer: '/do/0/a~1b' } } };
    const run = runInMemory(escaped as typeof ir, { input: { x: 1 }, now: 1_500, run: 'run_1' });
    const startedAt = {
      iso8601: '1970-01-01T00:00:01.500Z',
      epoch: { seconds: 1, milliseconds: 1_500 },
    };
    expect(run.output).toEqual({
      task: {
        name: 'a/b',
        reference: '/do/0/a~1b',
        definition: { set: 1 },
        startedAt,
        input: { x: 1 },
      },
      workflow: { id: 'run_1', input: { x: 1 }, startedAt, definition },
      runtime: { name: 'parley', version: '1', metadata: {} },
    });
  });

  it('of a definition that nobody asked for are not kept', () => {
    const run = runInMemory(buildIr({ a: { set: '${ [$task.definition, $authorization] }' } }));
    expect(run.output).toEqual([null, null]);
  });

  it('of an authorization have its scheme, and nothing that proves it', () => {
    const ir = buildIr({
      login: {
        call: 'http',
        basic: { username: 'ada', password: 'p' },
        as: '${ $authorization }',
      },
    });
    expect(runInMemory(ir, { handlers: { http: () => null } }).output).toEqual({ scheme: 'Basic' });
  });

  it('of secrets are refused: expressions see none', () => {
    const loading = loadProgram(buildIr({ a: { from: '${ $secrets.key }', set: {} } }));
    expect(loading).toMatchObject({ ok: false, error: [{ pointer: '/do/0/a/input/from' }] });
    const elsewhere = runInMemory(buildIr({ a: { set: '${ $secrets.key }' } }));
    expect(elsewhere.error).toMatchObject({ status: 403, instance: '/do/0/a' });
  });
});

describe('a condition', () => {
  it('looks at what comes in, before it is shaped', () => {
    const tasks: Tasks = { a: { if: '.on', from: '${ .inner }', set: '${ . }' } };
    const outputOf = (input: Json) => runInMemory(buildIr(tasks), { input }).output;
    expect(outputOf({ on: true, inner: 7 })).toBe(7);
    expect(outputOf({ on: false, inner: { on: true } })).toEqual({
      on: false,
      inner: { on: true },
    });
  });
});

describe('a loop', () => {
  it('goes over a list that stands in the definition, with expressions in it', () => {
    const ir = buildIr({
      each: {
        for: { in: [1, '${ .two }', { three: '${ .two + 1 }' }] },
        do: { add: { set: '${ { two, all: ((.all // []) + [$item]) } }' } },
      },
      last: { set: '${ .all }' },
    });
    expect(runInMemory(ir, { input: { two: 2 } }).output).toEqual([1, 2, { three: 3 }]);
  });
});

describe('an event', () => {
  it.each<[Json, RegExp]>([
    [{ type: 't', data: 'ü'.repeat(98_400) }, /larger than 196608 bytes/],
    [{ type: 7 }, /`type` of an event is a text/],
    [{ type: 't', source: 'a b' }, /`source` of an event is a URI/],
    [{ type: 't', dataschema: '/relative' }, /`dataschema` of an event is an absolute URI/],
    [{ type: 't', time: '2026-02-03' }, /`time` of an event is an RFC 3339 time/],
    [{ type: 't', specversion: '0.3' }, /"1.0"/],
    [{ type: 't', extra: { a: 1 } }, /a text, an integer or a boolean/],
    ['text', /are an object/],
  ])('%# is none', (emit, detail) => {
    const run = runInMemory(buildIr({ tell: { emit } }));
    expect(run.error).toMatchObject({
      status: 400,
      title: 'Not an event',
      detail: expect.stringMatching(detail),
      instance: '/do/0/tell',
    });
  });

  it('is told once more under the same id when its body is tried again, another is another', () => {
    const ir = buildIr({
      safe: {
        try: {
          tell: { emit: { type: 't' }, aside: true },
          bad: { raise: { type: 'https://example.com/x', status: 500 } },
        },
        catch: { retry: { attemptsMax: 1 }, do: { rest: { set: {} } } },
      },
      again: { emit: { type: 't' } },
    });
    const ids = runInMemory(ir).entries.flatMap((entry) =>
      entry.kind === 'emitted' ? [entry.event['id']] : [],
    );
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('schemas', () => {
  const isNumber: SchemaCheck = (value) => (typeof value === 'number' ? undefined : 'no number');
  const schemas = (schema: Json) => (schema === true ? ok(isNumber) : err('unusable'));
  const base = buildIr({ a: { set: '${ .n }', export: '${ $input.m }' } });
  const node = base.nodes['do/a'];

  function outcome(change: Readonly<Record<string, unknown>>, input: Json) {
    const ir = { ...base, nodes: { 'do/a': { ...node, ...change } } } as typeof base;
    const loaded = loadProgram(ir, { schemas });
    if (!loaded.ok) return loaded.error;
    const { output, error } = dryRunLoaded(loaded.value, { input });
    return (
      output ?? `${String(error?.title)} at ${String(error?.instance)}: ${String(error?.detail)}`
    );
  }

  it('are held by what comes in, goes out and is kept', () => {
    const schema = { schema: true };
    expect(outcome({ input: schema }, { n: 1 })).toBe(
      'The input does not fit its schema at /do/0/a: no number',
    );
    expect(outcome({ output: schema }, { n: 1 })).toBe(1);
    expect(outcome({ output: schema }, { n: 'x' })).toMatch(/^The output does not fit/);
    const exported = { export: { ...schema, as: { kind: 'expression', source: '$input.m' } } };
    expect(outcome(exported, { n: 1, m: 1 })).toBe(1);
    expect(outcome(exported, { n: 1 })).toMatch(/^The context does not fit/);
  });

  it('that cannot be used are found when the definition is loaded', () => {
    expect(outcome({ output: { schema: false } }, {})).toEqual([
      { pointer: '/do/0/a/output/schema', message: 'unusable' },
    ]);
  });

  it('of the workflow fail its run', () => {
    const run = (ir: object, input: Json) => {
      const loaded = loadProgram({ ...base, ...ir }, { schemas });
      if (!loaded.ok) throw new Error('it loads');
      return dryRunLoaded(loaded.value, { input });
    };
    expect(run({ input: { schema: true } }, {}).error?.title).toMatch(/^The input/);
    expect(run({ output: { schema: true } }, { n: 'x' }).error?.title).toMatch(/^The output/);
    expect(run({ output: { schema: true } }, { n: 2 }).output).toBe(2);
  });
});

describe('variables', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'may be called %s',
    (each) => {
      const ir = buildIr({
        outer: {
          for: { each, in: '[1, "x"]' },
          do: {
            safe: {
              try: { bad: { raise: { type: 'https://x/a', status: 400 } } },
              catch: {
                when: `$${each} == 1 or $${each} == "x"`,
                do: { note: { set: `\${ [(.[]?), $${each}] }` } },
              },
            },
          },
        },
      });
      const run = runInMemory(ir, { input: [] });
      expect(run.error).toBeUndefined();
      expect(run.output).toEqual([1, 'x']);
    },
  );
});

describe('a map that goes on after a failure', () => {
  it('has its limit anew; its items have none of their own', () => {
    const ir = buildIr({
      each: { map: { in: '[1, 2]' }, timeout: 50, do: { call: { call: 'http' } } },
    });
    const failing = runInMemory(ir, { handlers: { http: () => new MockFailure(down) } });
    expect(failing.status).toBe('failed');
    const loaded = loadProgram(ir);
    if (!loaded.ok) throw new Error('unreachable');
    const turn = advance(loaded.value, failing.state, { kind: 'retryStep', by: 'mem_1' }, 10);
    const armed = turn.effects.filter(({ kind }) => kind === 'armTimer');
    expect(armed).toMatchObject([{ occurrence: 'do/each', dueAt: 60 }]);
  });
});

const down = { type: 'https://x/down', status: 503 };
