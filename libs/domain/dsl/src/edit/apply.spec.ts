import { describe, expect, it } from '@jest/globals';
import { applyEdits } from './apply.js';
import type { Edit } from './edits.js';

const source = `# Orders of the day
document:
  dsl: '1.0.3'
  namespace: shop
  name: orders
  version: 0.1.0
do:
  # look first
  - checkStock:
      call: connector
      with:
        connector: stock # the warehouse
        operation: getLevel
        input: { sku: "\${ .sku }" }

  - decide:
      switch:
        - enough:
            when: .level > 3
            then: confirm
        - none: { then: end }
  - confirm:
      call: connector
      with:
        connector: orders
        operation: confirm
        input:
          id: \${ .id }   # from the caller
      # careful with this one
  - attempt:
      try:
        - notify:
            set:
              text: |
                Dear customer,

                it is on its way.
      catch: {}
`;

/** The lines that differ, as a small unified diff without context. */
function difference(before: string, after: string): string {
  const a = before.split('\n');
  const b = after.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  return [
    ...a.slice(start, endA).map((line) => `-${line}`),
    ...b.slice(start, endB).map((line) => `+${line}`),
  ].join('\n');
}

function edited(...edits: Edit[]): string {
  const result = applyEdits(source, edits);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return difference(source, result.value);
}

const pause = { wait: 'PT1S' };

describe('applyEdits', () => {
  const cases: [string, Edit[]][] = [
    ['adds at the end', [{ kind: 'addStep', name: 'pause', task: pause }]],
    [
      'adds after a step',
      [{ kind: 'addStep', name: 'pause', task: pause, at: { after: 'do/decide' } }],
    ],
    [
      'adds before a step with a comment',
      [{ kind: 'addStep', name: 'pause', task: pause, at: { before: 'do/checkStock' } }],
    ],
    [
      'adds into a nested list',
      [{ kind: 'addStep', name: 'pause', task: pause, at: { in: 'do/attempt/try', first: true } }],
    ],
    [
      'adds into a list that does not exist yet',
      [{ kind: 'addStep', name: 'pause', task: pause, at: { in: 'do/attempt/catch/do' } }],
    ],
    ['removes a step with its comments', [{ kind: 'removeStep', step: 'do/confirm' }]],
    ['removes the first step', [{ kind: 'removeStep', step: 'do/checkStock' }]],
    ['removes the last step', [{ kind: 'removeStep', step: 'do/attempt' }]],
    [
      'removes the only step and adds another',
      [
        { kind: 'removeStep', step: 'do/attempt/try/notify' },
        { kind: 'addStep', name: 'pause', task: pause, at: { in: 'do/attempt/try' } },
      ],
    ],
    ['moves a step', [{ kind: 'moveStep', step: 'do/confirm', at: { before: 'do/decide' } }]],
    [
      'moves a step out of a list',
      [
        { kind: 'addStep', name: 'pause', task: pause, at: { in: 'do/attempt/try' } },
        { kind: 'moveStep', step: 'do/attempt/try/notify', at: { in: 'do' } },
      ],
    ],
    [
      'renames a step and what leads to it',
      [{ kind: 'renameStep', step: 'do/confirm', name: 'accept' }],
    ],
    [
      'replaces only what differs',
      [
        {
          kind: 'replaceStep',
          step: 'do/confirm',
          task: {
            call: 'connector',
            with: { connector: 'orders', operation: 'accept', input: { id: '${ .id }', by: 'me' } },
          },
        },
      ],
    ],
    [
      'replaces a step by another kind',
      [{ kind: 'replaceStep', step: 'do/confirm', task: { set: { done: true } } }],
    ],
    [
      'sets a condition',
      [{ kind: 'setCondition', step: 'do/confirm', if: '.total > 200 and .city == "Ulm"' }],
    ],
    [
      'sets an input in a flow object',
      [{ kind: 'setInput', step: 'do/checkStock', input: 'site', value: { a: [1] } }],
    ],
    [
      'changes an input',
      [{ kind: 'setInput', step: 'do/confirm', input: 'id', value: '${ .order.id }' }],
    ],
    [
      'adds an input',
      [{ kind: 'setInput', step: 'do/confirm', input: 'lines', value: [{ sku: 'a: b' }] }],
    ],
    ['removes an input', [{ kind: 'setInput', step: 'do/confirm', input: 'id' }]],
    [
      'sets a member with a path',
      [{ kind: 'setMember', step: 'do/attempt', path: ['catch', 'retry', 'delay'], value: 'PT1S' }],
    ],
    [
      'sets a block text',
      [{ kind: 'setMember', step: 'do/attempt/try/notify', path: ['set', 'text'], value: 'short' }],
    ],
    ['sets the schedule', [{ kind: 'setSchedule', schedule: { cron: '0 9 * * 1-5' } }]],
    [
      'sets and removes the schedule',
      [
        { kind: 'setSchedule', schedule: { cron: '0 9 * * 1-5' } },
        { kind: 'setSchedule', schedule: null },
      ],
    ],
    [
      'sets the input schema',
      [{ kind: 'setInputSchema', schema: { type: 'object', required: ['id'] } }],
    ],
    [
      'sets and removes the input schema',
      [
        { kind: 'setInputSchema', schema: true },
        { kind: 'setInputSchema', schema: null },
      ],
    ],
    [
      'sets the document',
      [{ kind: 'setDocument', title: 'Orders: all', version: '0.2.0', timezone: 'Europe/Berlin' }],
    ],
    [
      'wraps a step in a try',
      [
        {
          kind: 'wrapSteps',
          steps: ['do/confirm'],
          name: 'confirmSafely',
          into: 'try',
          task: { catch: { retry: { delay: 'PT1S' } } },
        },
      ],
    ],
    [
      'wraps neighbours in a conditional block',
      [
        {
          kind: 'wrapSteps',
          steps: ['do/checkStock', 'do/decide'],
          name: 'when',
          task: { if: '.ok' },
        },
      ],
    ],
    [
      'wraps the last step in a loop',
      [{ kind: 'wrapSteps', steps: ['do/attempt'], name: 'each', task: { for: { in: '.items' } } }],
    ],
    [
      'wraps steps as branches',
      [
        {
          kind: 'wrapSteps',
          steps: ['do/decide', 'do/confirm'],
          name: 'both',
          into: 'fork/branches',
          task: { fork: { compete: true } },
        },
      ],
    ],
  ];

  it.each(cases)('%s', (_, edits) => {
    expect(edited(...edits)).toMatchSnapshot();
  });

  const refusals: [string, Edit, string, string[]?][] = [
    ['an unknown step', { kind: 'removeStep', step: 'do/confrm' }, 'PL1080', ['do/confirm']],
    [
      'a step named without its path',
      { kind: 'removeStep', step: 'notify' },
      'PL1080',
      ['do/attempt/try/notify'],
    ],
    ['a taken name', { kind: 'addStep', name: 'decide', task: pause }, 'PL1082', ['decide2']],
    [
      'a rename to a taken name',
      { kind: 'renameStep', step: 'do/decide', name: 'confirm' },
      'PL1082',
      ['confirm2'],
    ],
    [
      'a move into itself',
      { kind: 'moveStep', step: 'do/attempt', at: { in: 'do/attempt/try' } },
      'PL1081',
    ],
    [
      'wrapping steps apart',
      { kind: 'wrapSteps', steps: ['do/checkStock', 'do/confirm'], name: 'x', task: {} },
      'PL1081',
    ],
    [
      'an input of a switch',
      { kind: 'setInput', step: 'do/decide', input: 'x', value: 1 },
      'PL1083',
    ],
  ];

  it.each(refusals)('refuses %s', (...[, edit, code, suggestions]) => {
    const result = applyEdits(source, [edit]);
    expect(result.ok ? [] : result.error).toEqual([expect.objectContaining({ code })]);
    if (!result.ok && suggestions) expect(result.error[0]?.suggestions).toEqual(suggestions);
  });

  it('edits JSON as JSON', () => {
    const json = JSON.stringify(
      { document: {}, do: [{ a: { set: { x: 1 } } }, { b: pause }] },
      null,
      2,
    );
    const result = applyEdits(json, [
      { kind: 'addStep', name: 'c', task: pause, at: { after: 'do/a' } },
      { kind: 'setCondition', step: 'do/b', if: '.ok' },
      { kind: 'setInput', step: 'do/a', input: 'y', value: [1] },
      { kind: 'setSchedule', schedule: { every: 'PT1H' } },
      { kind: 'moveStep', step: 'do/c', at: { in: 'do' } },
      { kind: 'wrapSteps', steps: ['do/b'], name: 'w', task: { if: '.z' } },
    ]);
    expect(result.ok && JSON.parse(result.value)).toEqual({
      document: {},
      schedule: { every: 'PT1H' },
      do: [
        { a: { set: { x: 1, y: [1] } } },
        { w: { if: '.z', do: [{ b: { if: '.ok', wait: 'PT1S' } }] } },
        { c: pause },
      ],
    });
    expect(result.ok && result.value).toMatchSnapshot();
  });

  it('keeps the line ends of the text', () => {
    const windows = source.replaceAll('\n', '\r\n');
    const result = applyEdits(windows, [{ kind: 'addStep', name: 'pause', task: pause }]);
    expect(result.ok && result.value.replaceAll('\r\n', '')).not.toContain('\n');
  });
});
