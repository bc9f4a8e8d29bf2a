import { describe, expect, it } from '@jest/globals';
import { executorsNeeded, unavailableIn } from './availability.js';
import type { Ir, IrRunNode } from './ir.js';

function ofProcess(process: IrRunNode['process'], language = 'js') {
  const node: IrRunNode = {
    id: 'do/it',
    name: 'it',
    scope: 'do',
    pointer: '/do/0/it',
    next: { to: 'exit' },
    kind: 'run',
    process,
    with: { kind: 'object', entries: [['language', { kind: 'literal', value: language }]] },
    await: true,
    return: 'stdout',
  };
  const ir = { nodes: { [node.id]: node } } as unknown as Ir;
  return [
    ...unavailableIn(ir).map(({ what }) => what),
    ...executorsNeeded(ir).map(({ executor }) => `needs ${executor}`),
  ];
}

describe('what a version runs', () => {
  it('has scripts in JavaScript, and in no other language', () => {
    expect(ofProcess('script')).toEqual([]);
    expect(ofProcess('script', 'javascript')).toEqual([]);
    expect(ofProcess('script', 'python')).toEqual(['run: script in "python"']);
  });

  it('has commands of the shell where an executor is enabled, and containers nowhere', () => {
    expect(ofProcess('shell')).toEqual(['needs shell']);
    expect(ofProcess('container')).toEqual(['run: container']);
    expect(ofProcess('workflow')).toEqual([]);
  });
});
