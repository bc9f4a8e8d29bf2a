import { describe, expect, it } from '@jest/globals';
import { parseDefinition } from '../source/parse.js';
import { pathTo, shapeAt } from './navigate.js';
import { shapeOf, type Shape } from './shape.js';
import { task } from './tasks.js';
import { workflow } from './workflow.js';

const source = `document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }
use: { functions: { connector: { wait: PT1S } } }
do:
  - get: { call: http, with: { method: get, endpoint: { uri: https://a.example } } }
  - ask: { call: human, with: { title: t } }
  - own: { call: connector, with: { a: 1 } }
  - each:
      for: { each: order, in: .orders }
      do: [{ keep: { set: { a: 1 } } }]
  - open: { if: .a }
`;
const { root } = parseDefinition(source);
const titleAt = (pointer: string) => {
  const shape = shapeAt(root, pointer)?.shape;
  return shape === undefined || shape.kind === 'boolean' ? shape?.kind : shape.title;
};

describe('the shape at a pointer', () => {
  it.each([
    ['', 'workflow'],
    ['/document/dsl', 'version'],
    ['/do', 'list of tasks'],
    ['/do/0', 'task'],
    ['/do/0/get', 'call task'],
    ['/do/0/get/with', 'arguments of an HTTP call'],
    ['/do/0/get/with/endpoint', 'endpoint'],
    ['/do/0/get/with/endpoint/authentication/basic', 'basic authentication'],
    ['/do/1/ask/with', 'arguments of a human task'],
    ['/do/1/ask/with/assignee/role', 'text'],
    ['/do/2/own/with', 'object'],
    ['/do/3/each/for/in', 'expression'],
    ['/do/4/open', 'task'],
    ['/do/9/new/catch/retry/backoff', 'backoff'],
  ])('%s: %s', (pointer, title) => {
    expect(titleAt(pointer)).toBe(title);
  });

  it('is not known where the language allows nothing', () => {
    expect(shapeAt(root, '/do/0/get/wit')).toBeUndefined();
    expect(shapeAt(root, '/document/dsl/more')).toBeUndefined();
  });

  it('comes with the variables that the definition names', () => {
    const at = (pointer: string) => [...(pathTo(root, pointer).at(-1)?.bound.keys() ?? [])];
    expect(at('/do/3/each/do/0/keep/set/a')).toEqual(['order', 'index']);
    expect(at('/do/3/each/for/in')).toEqual([]);
    expect(shapeAt(root, '/do/0/get/input/from')?.at).toBe('taskInput');
    expect(shapeAt(root, '/do/3/each/do/0/keep/set/a')?.at).toBe('task');
  });
});

describe('the table', () => {
  it('says of every member what it is', () => {
    const bare: string[] = [];
    const seen = new Set<Shape>();
    const open: [string, Shape][] = [['', workflow]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [path, shape] = next;
      if (seen.has(shape)) continue;
      seen.add(shape);
      for (const [key, inner, doc] of innerOf(shape)) {
        if (doc?.trim() === '' || doc?.endsWith('.') === false) bare.push(`${path}/${key}`);
        open.push([`${path}/${key}`, inner]);
      }
    }
    expect(bare).toEqual([]);
    expect(seen.size).toBeGreaterThan(150);
  });

  it('knows all tasks and calls', () => {
    expect(task.variants.map(({ name }) => name)).toEqual([
      ...['http', 'openapi', 'grpc', 'asyncapi', 'a2a', 'mcp'].map((name) => `call: ${name}`),
      ...['connector', 'human', 'agent', 'worker', 'map'].map((name) => `call: ${name}`),
      'call',
      ...['do', 'emit', 'for', 'fork', 'listen', 'raise', 'run', 'set', 'switch', 'try', 'wait'],
    ]);
  });
});

function innerOf(shape: Shape): [string, Shape, string?][] {
  switch (shape.kind) {
    case 'object':
      return Object.entries(shape.members).map(([key, member]) => [
        key,
        shapeOf(member.shape),
        member.doc,
      ]);
    case 'select':
      return shape.variants.map((variant) => [variant.name, variant.shape, variant.doc]);
    case 'map':
      return [['*', shapeOf(shape.values)]];
    case 'list':
      return [['*', shapeOf(shape.items)]];
    case 'entry':
      return [['*', shapeOf(shape.value)]];
    case 'either':
      return shape.options.map((option, index) => [String(index), shapeOf(option)]);
    default:
      return [];
  }
}
