import { describe, expect, it } from '@jest/globals';
import { edgesOf, type IrNode } from '@parley/ir';
import { compileDefinition } from '../compile/compile.js';
import { tasks } from '../check/fixtures.js';

function lowered(text: string) {
  const { ir } = compileDefinition(tasks(text));
  if (ir === undefined) throw new Error('the definition is not valid');
  return ir;
}

const waysOf = ({ next, nextIfSkipped }: Partial<IrNode> = {}) => ({ next, nextIfSkipped });
const rest = '\n- b: { set: { b: 1 } }\n- c: { set: { c: 1 } }';

describe('a task that may be skipped', () => {
  it('goes on with the next task then, wherever it leads when it is done', () => {
    const ir = lowered(`- a: { if: .x, set: { a: 1 }, then: end }${rest}`);
    expect(waysOf(ir.nodes['do/a'])).toEqual({
      next: { to: 'end' },
      nextIfSkipped: { to: 'node', node: 'do/b' },
    });
    const ways = edgesOf(ir).filter(({ from }) => from === 'do/a');
    expect(ways).toEqual([
      { from: 'do/a', to: undefined, kind: 'next' },
      { from: 'do/a', to: 'do/b', kind: 'next', label: 'if skipped' },
    ]);
  });

  it.each([
    ['no directive', `- a: { if: .x, set: { a: 1 } }${rest}`],
    ['one that leads to the next task', `- a: { if: .x, set: { a: 1 }, then: b }${rest}`],
    ['no condition', `- a: { set: { a: 1 }, then: c }${rest}`],
  ])('has one way on with %s', (_, text) => {
    expect(lowered(text).nodes['do/a']).not.toHaveProperty('nextIfSkipped');
  });
});
