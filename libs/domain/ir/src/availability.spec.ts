import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import { executorsNeeded, unavailableIn, type Unavailable } from './availability.js';
import type { Ir, IrAuthentication, IrRunNode, Template } from './ir.js';

function ofProcess(process: IrRunNode['process'], given: string | Template = 'js') {
  const args: Template =
    typeof given === 'string'
      ? { kind: 'object', entries: [['language', { kind: 'literal', value: given }]] }
      : given;
  const node: IrRunNode = {
    id: 'do/it',
    name: 'it',
    scope: 'do',
    pointer: '/do/0/it',
    next: { to: 'exit' },
    kind: 'run',
    process,
    with: args,
    await: true,
    return: 'stdout',
  };
  const ir = { nodes: { [node.id]: node } } as unknown as Ir;
  return [
    ...unavailableIn(ir).map(({ what }) => what),
    ...executorsNeeded(ir).map(({ executor }) => `needs ${executor}`),
  ];
}

function ofSecrets(from: Template, authentication?: IrAuthentication): Unavailable[] {
  const node = {
    id: 'do/it',
    scope: 'do',
    pointer: '/do/0/it',
    kind: 'call',
    function: 'http',
    input: { from },
    authentication,
  };
  return unavailableIn({
    nodes: { [node.id]: node },
    secrets: ['key'],
    input: { from },
  } as unknown as Ir);
}

describe('what a version runs', () => {
  it('has secrets that calls prove themselves with, and none in expressions', () => {
    const harmless: Template = { kind: 'expression', source: '.secrets' };
    for (const scheme of ['basic', 'bearer', 'digest', 'oauth2', 'oidc'] as const) {
      expect(ofSecrets(harmless, { scheme, secret: 'key' })).toEqual([]);
    }
    const reading: Template = {
      kind: 'object',
      entries: [['key', { kind: 'text', parts: ['k ', { source: '$secrets.key' }] }]],
    };
    expect(ofSecrets(reading)).toEqual([
      { node: 'do/it', pointer: '/do/0/it/input/from', what: '$secrets in an expression' },
      { pointer: '/input/from', what: '$secrets in an expression' },
    ]);
  });

  it('has scripts in JavaScript, and in no other language', () => {
    expect(ofProcess('script')).toEqual([]);
    expect(ofProcess('script', 'javascript')).toEqual([]);
    expect(ofProcess('script', 'python')).toEqual(['run: script in "python"']);
  });

  it('has commands of the shell where an executor is enabled, and containers nowhere', () => {
    expect(ofProcess('shell')).toEqual(['needs shell']);
    expect(ofProcess('container')).toEqual(['needs container']);
    const literal = (value: Json): Template => ({ kind: 'literal', value });
    const ports = literal({ '80': 80 });
    const kept = literal({ cleanup: 'eventually', after: 'PT5M' });
    const greedy = ['run: container with ports', 'run: container with cleanup: "eventually"'];
    const written = { ports: { '80': 80 }, lifetime: { cleanup: 'eventually' } };
    expect(ofProcess('container', literal(written))).toEqual([...greedy, 'needs container']);
    const entries = [
      ['image', { kind: 'expression', source: '.image' }],
      ['ports', ports],
      ['lifetime', kept],
    ] as const;
    expect(ofProcess('container', { kind: 'object', entries })).toEqual([
      ...greedy,
      'needs container',
    ]);
    const names = {
      image: '--privileged',
      name: 'a b',
      environment: { A: '1', 'A\nB': '2' },
    };
    const badNames = [
      'run: container with image "--privileged"',
      'run: container with name "a b"',
      'run: container with the environment variable "A\\nB"',
    ];
    expect(ofProcess('container', literal(names))).toEqual([...badNames, 'needs container']);
    const removed = literal({ image: 'a', lifetime: { cleanup: 'always' } });
    expect(ofProcess('container', removed)).toEqual(['needs container']);
    expect(ofProcess('workflow')).toEqual([]);
  });
});
