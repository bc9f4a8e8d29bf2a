import { describe, expect, it } from '@jest/globals';
import { compileDefinition } from '../compile/compile.js';
import { graphOf } from '../graph.js';
import { renameStep } from '../rename/rename.js';

const definition = (tasks: string) => `
document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }
do:
${tasks}`;

const booking = definition(`
  - book: { set: { booked: true }, metadata: { compensate: cancel } }
  - cancel: { set: { booked: false } }
  - pay: { set: { paid: true }, metadata: { compensate: refund } }
  - refund: { set: { paid: false } }
`);

const problems = (source: string) =>
  compileDefinition(source).diagnostics.map(({ code, message }) => `${code} ${message}`);

describe('metadata.compensate', () => {
  it('leaves the tasks that undo others out of the ordinary flow', () => {
    const { ir, diagnostics } = compileDefinition(booking);
    expect(diagnostics).toEqual([]);
    expect(ir?.nodes['do/book']).toMatchObject({
      compensation: 'do/cancel',
      next: { to: 'node', node: 'do/pay' },
    });
    expect(ir?.nodes['do/pay']?.next).toEqual({ to: 'exit' });
    expect(ir?.nodes['do/cancel']?.next).toEqual({ to: 'exit' });
    expect(ir?.scopes['do']?.nodes).toEqual(['do/book', 'do/pay', 'do/cancel', 'do/refund']);
  });

  it('lets the list begin with one', () => {
    const first = definition(`
  - cancel: { set: { booked: false } }
  - book: { set: { booked: true }, metadata: { compensate: cancel } }
`);
    expect(compileDefinition(first).ir?.scopes['do']?.nodes).toEqual(['do/book', 'do/cancel']);
  });

  it('draws them beside the flow', () => {
    const { ir } = compileDefinition(booking);
    const edges = ir === undefined ? [] : graphOf(ir).edges;
    expect(edges.map(({ from, to, label = '' }) => `${from} → ${to} ${label}`.trim())).toEqual([
      'start → do/book',
      'do/book → do/pay',
      'do/pay → end',
      'do/book → do/cancel undone by',
      'do/pay → do/refund undone by',
    ]);
  });

  it('is renamed with the task that it names', () => {
    const renamed = renameStep(booking, 'do/cancel', 'unbook');
    expect(renamed.ok && renamed.value).toBe(booking.replaceAll('cancel', 'unbook'));
  });

  it('proposes a name that there is', () => {
    const wrong = booking.replace('compensate: cancel', 'compensate: cancl');
    const [problem] = compileDefinition(wrong).diagnostics;
    expect(problem).toMatchObject({ code: 'PL1025', suggestions: ['cancel'] });
  });

  it.each([
    ['itself', '  - a: { wait: PT1S, metadata: { compensate: a } }', '"a" cannot undo itself'],
    ['nothing', '  - a: { wait: PT1S, metadata: { compensate: 5 } }', 'is named by a text'],
    [
      'one that is undone itself',
      `  - a: { wait: PT1S, metadata: { compensate: b } }
  - b: { wait: PT1S, metadata: { compensate: c } }
  - c: { wait: PT1S }`,
      '"b" undoes "a", so it is not undone itself',
    ],
    [
      'another branch',
      `  - f:
      fork:
        branches:
          - a: { wait: PT1S, metadata: { compensate: b } }
          - b: { wait: PT1S }`,
      'Branches of a fork do not undo each other',
    ],
  ])('cannot name %s', (_what, tasks, message) => {
    expect(problems(definition(tasks))).toEqual([expect.stringContaining(`PL1025 `)]);
    expect(problems(definition(tasks))[0]).toContain(message);
  });
});
