import { describe, expect, it } from '@jest/globals';
import type { OverlayOperation } from '@parley/contracts';
import type { Ir } from '@parley/ir';
import { compileDefinition } from '../compile/compile.js';
import { definitionOf, sourceOf } from './definition.js';
import { lowerOverlay, type LoweredOverlay } from './overlay.js';
import { applyPatch } from './patch.js';

const source = `
document: { dsl: 1.0.3, namespace: test, name: order, version: 1.0.0 }
do:
  - look: { set: { "20": 1, "10": 2 } }
  - both:
      fork:
        branches:
          - pay: { call: http, with: { method: get, endpoint: https://pay.example.com/ } }
          - cook:
              do:
                - boil: { wait: { seconds: 1 } }
                - serve: { set: { served: true } }
  - safe:
      try:
        - risky: { set: { a: 1 } }
      catch:
        do:
          - note: { set: { b: 2 } }
  - each:
      call: map
      with:
        in: \${ [1, 2] }
        do:
          - item: { set: { c: 3 } }
  - done: { set: { d: 4 } }
`;
const base = definitionOf(source) ?? null;

function lowered(...operations: OverlayOperation[]): LoweredOverlay {
  const result = lowerOverlay(base, operations);
  if (!result.ok) throw new Error(result.error.message);
  // What is handed on does alone what was done here.
  expect(applyPatch(base, result.value.operations)).toEqual({
    ok: true,
    value: result.value.definition,
  });
  return result.value;
}

function refused(...operations: OverlayOperation[]): string {
  const result = lowerOverlay(base, operations);
  return result.ok ? 'taken' : `${result.error.operation}: ${result.error.message}`;
}

function compiled(text: string): Ir {
  const { ir, diagnostics } = compileDefinition(text);
  if (ir === undefined) throw new Error(JSON.stringify(diagnostics));
  return ir;
}

/** Operations without the tests, as `op path`. */
function patchOf({ operations }: LoweredOverlay): string[] {
  return operations
    .filter(({ op }) => op !== 'test')
    .map((one) => ('from' in one ? `${one.op} ${one.from} ${one.path}` : `${one.op} ${one.path}`));
}

const none = { added: [], removed: [], changed: [], moved: [] };
const set = { set: { new: 1 } };

describe('an overlay', () => {
  it('compiles to the same as its base when it changes nothing', () => {
    const { hash } = compiled(source);
    expect(compiled(sourceOf(base)).hash).toBe(hash);
    const again = lowered(
      { op: 'add', path: '/do/new', value: set, after: 'look' },
      { op: 'remove', path: '/do/new' },
    );
    expect(again.tasks).toEqual(none);
    expect(compiled(sourceOf(again.definition)).hash).toBe(hash);
  });

  it('names every task by the id that it is compiled to', () => {
    const { nodes } = compiled(source);
    for (const { id, pointer } of Object.values(nodes)) {
      const { tasks, tested } = lowered({ op: 'add', path: `/${id}/metadata`, value: {} });
      expect(tasks).toEqual({ ...none, changed: [id] });
      expect(tested).toEqual([{ task: id, pointer }]);
    }
    expect(Object.keys(nodes)).toHaveLength(12);
  });

  it('adds tasks beside others, which are tested', () => {
    const made = lowered(
      { op: 'add', path: '/do/first', value: set, before: 'look' },
      { op: 'add', path: '/do/both/fork/branches/cook/do/stir', value: set, after: 'boil' },
      { op: 'add', path: '/do/last', value: set },
    );
    expect(patchOf(made)).toEqual([
      'add /do/0',
      'add /do/2/both/fork/branches/1/cook/do/1',
      'add /do/6',
    ]);
    expect(made.operations.slice(0, 2)).toMatchObject([
      { op: 'test', path: '/do/0/look', value: { set: { 10: 2, 20: 1 } } },
      { op: 'test', path: '/do/1/both/fork/branches/1/cook/do/0/boil' },
    ]);
    expect(made.tasks).toEqual({
      ...none,
      added: ['do/first', 'do/both/fork/branches/cook/do/stir', 'do/last'],
    });
    expect(Object.keys(compiled(sourceOf(made.definition)).nodes)).toContain('do/first');
  });

  it('removes, replaces and changes tasks wherever they have come to stand', () => {
    const made = lowered(
      { op: 'remove', path: '/do/look' },
      { op: 'replace', path: '/do/safe/try/risky', value: set },
      { op: 'replace', path: '/do/both/fork/branches/pay/with/method', value: 'post' },
      { op: 'add', path: '/do/each/with/do/item/if', value: '${ $item > 1 }' },
    );
    expect(patchOf(made)).toEqual([
      'remove /do/0',
      'replace /do/1/safe/try/0/risky',
      'replace /do/0/both/fork/branches/0/pay/with/method',
      'add /do/2/each/with/do/0/item/if',
    ]);
    expect(made.tasks).toEqual({
      ...none,
      removed: ['do/look'],
      changed: ['do/safe/try/risky', 'do/both/fork/branches/pay', 'do/each/with/do/item'],
    });
    // Tests are of the base, however far the rest has come.
    expect(made.tested.map(({ pointer }) => pointer)).toEqual([
      '/do/0/look',
      '/do/2/safe/try/0/risky',
      '/do/1/both/fork/branches/0/pay',
      '/do/3/each/with/do/0/item',
    ]);
  });

  it('moves, renames and copies tasks', () => {
    const within = lowered({ op: 'move', from: '/do/look', path: '/do/look', after: 'safe' });
    expect(patchOf(within)).toEqual(['move /do/0 /do/2']);
    expect(within.tasks).toEqual({ ...none, moved: ['do/look'] });
    const across = lowered({
      op: 'move',
      from: '/do/look',
      path: '/do/both/fork/branches/cook/do/see',
      before: 'boil',
    });
    expect(patchOf(across)).toEqual(['remove /do/0', 'add /do/0/both/fork/branches/1/cook/do/0']);
    expect(across.tasks).toEqual({
      ...none,
      removed: ['do/look'],
      added: ['do/both/fork/branches/cook/do/see'],
    });
    const copied = lowered({ op: 'copy', from: '/do/done', path: '/do/again' });
    expect(copied.tasks).toEqual({ ...none, added: ['do/again'] });
    expect(compiled(sourceOf(copied.definition)).nodes['do/again']).toMatchObject({ kind: 'set' });
    const moved = lowered({ op: 'move', from: '/do/done/set/d', path: '/do/look/set/e' });
    expect(moved.tasks).toEqual({ ...none, changed: ['do/done', 'do/look'] });
  });

  it('may add to what the definition declares, and change what it puts out', () => {
    const made = lowered(
      { op: 'add', path: '/use', value: { secrets: ['key'] } },
      { op: 'add', path: '/output', value: { as: '${ . }' } },
    );
    expect(made.tasks).toEqual(none);
  });

  it.each<[string, OverlayOperation]>([
    ['0: there is no task "none"', { op: 'remove', path: '/do/none' }],
    ['0: there is no task "none"', { op: 'replace', path: '/do/none', value: set }],
    ['0: there is no task "none" in /do', { op: 'remove', path: '/do/none/set' }],
    ['0: there is no task "0"', { op: 'remove', path: '/do/0' }],
    ['0: /do is a list of tasks, not a task', { op: 'remove', path: '/do' }],
    ['0: /document/name is not in a task', { op: 'replace', path: '/document/name', value: 'x' }],
    ['0: there is a task "look" already', { op: 'add', path: '/do/look', value: set }],
    [
      '0: there is no task "none" to be put beside',
      { op: 'add', path: '/do/x', value: set, after: 'none' },
    ],
    ['0: "do/look" is not a JSON Pointer', { op: 'remove', path: 'do/look' }],
    [
      '0: a task goes to a list of tasks, and nothing else does',
      { op: 'move', from: '/do/look', path: '/do/done/set/x' },
    ],
    [
      '0: there is no task "both" in /do',
      { op: 'move', from: '/do/both', path: '/do/both/fork/branches/cook/do/both' },
    ],
    ['0: /do/0/look is not what it should be', { op: 'test', path: '/do/look', value: 1 }],
  ])('is refused: %s', (message, operation) => {
    expect(refused(operation)).toBe(message);
  });

  it('does not fit a definition whose task is another one', () => {
    const { operations } = lowered({ op: 'remove', path: '/do/done' });
    const other = definitionOf(source.replace('d: 4', 'd: 5')) ?? null;
    expect(applyPatch(other, operations)).toMatchObject({
      ok: false,
      error: { operation: 0, message: '/do/4/done is not what it should be' },
    });
  });
});
