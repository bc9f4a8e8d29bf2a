import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyEdits } from '../edit/apply.js';
import type { Edit } from '../edit/edits.js';
import { diffDefinitions } from './diff.js';
import { unifiedDiff } from './text-diff.js';

const source = `document: { dsl: '1.0.3', namespace: shop, name: orders, version: 0.1.0 }
input:
  schema:
    document:
      type: object
      required: [total]
      properties:
        total: { type: number }
do:
  - check:
      call: connector
      with: { connector: stock, operation: getLevel, input: { sku: '\${ .sku }' } }
  - decide:
      switch:
        - enough: { when: .level > 3, then: confirm }
        - none: { then: end }
  - pause: { wait: PT5M }
  - confirm:
      call: http
      with: { method: post, endpoint: 'https://pos.example/orders/{id}' }
  - group:
      do:
        - inner: { set: { a: 1 } }
        - other: { set: { b: 2 } }
`;

function changes(...edits: Edit[]): string[] {
  const edited = applyEdits(source, edits);
  if (!edited.ok) throw new Error(JSON.stringify(edited.error));
  return diffDefinitions(source, edited.value).changes.map(
    (change) => `${change.kind} ${change.task}: ${change.summary}`,
  );
}

it('shows of two long values where they differ', () => {
  const condition = (limit: number) =>
    `$context.first.available and $context.second.available and .total > ${limit}`;
  const texts = [200, 500].map((limit) => source.replace('.level > 3', `'${condition(limit)}'`));
  const [change] = diffDefinitions(texts[0] ?? '', texts[1] ?? '').changes;
  expect(change?.summary).toContain('.total > 200" to');
  expect(change?.summary).toContain('.total > 500"');
});

describe('diffDefinitions', () => {
  const cases: [string, Edit[], string[]][] = [
    ['nothing', [], []],
    [
      'an added step',
      [
        {
          kind: 'addStep',
          name: 'ask',
          task: { call: 'human', with: { title: 'Ok?', assignee: { role: 'manager' } } },
        },
      ],
      ['added do/ask: added step ask, which asks manager: "Ok?"'],
    ],
    [
      'a removed step',
      [{ kind: 'removeStep', step: 'do/pause' }],
      ['removed do/pause: removed step pause, which waits 5 minutes'],
    ],
    [
      'a removed group',
      [{ kind: 'removeStep', step: 'do/group' }],
      ['removed do/group: removed step group, which groups steps'],
    ],
    [
      'a condition',
      [{ kind: 'setCondition', step: 'do/pause', if: '.slow' }],
      ['changed do/pause: added the condition of step pause: ".slow"'],
    ],
    [
      'an input',
      [{ kind: 'setInput', step: 'do/check', input: 'sku', value: 7 }],
      ['changed do/check: changed the input "sku" of step check from "${ .sku }" to 7'],
    ],
    [
      'another operation',
      [{ kind: 'setMember', step: 'do/check', path: ['with', 'operation'], value: 'listLevels' }],
      ['changed do/check: changed step check: it now calls stock listLevels'],
    ],
    [
      'a waiting time',
      [{ kind: 'setMember', step: 'do/pause', path: ['wait'], value: { minutes: 90 } }],
      [
        'changed do/pause: changed the waiting time of step pause from 5 minutes to 1 hour 30 minutes',
      ],
    ],
    [
      'another kind',
      [{ kind: 'replaceStep', step: 'do/pause', task: { set: { a: 1 } } }],
      ['changed do/pause: changed step pause: it now sets a'],
    ],
    [
      'a moved step',
      [{ kind: 'moveStep', step: 'do/confirm', at: { before: 'do/check' } }],
      ['moved do/confirm: moved step confirm to the beginning'],
    ],
    [
      'a step moved into a group',
      [{ kind: 'moveStep', step: 'do/pause', at: { in: 'do/group/do' } }],
      ['moved do/group/do/pause: moved step pause into group'],
    ],
    [
      'a renamed step',
      [{ kind: 'renameStep', step: 'do/pause', name: 'rest' }],
      ['changed do/rest: renamed step pause to rest'],
    ],
    [
      'a renamed group',
      [{ kind: 'renameStep', step: 'do/group', name: 'both' }],
      ['changed do/both: renamed step group to both'],
    ],
    [
      'a wrapped step',
      [
        {
          kind: 'wrapSteps',
          steps: ['do/confirm'],
          name: 'safely',
          into: 'try',
          task: { catch: {} },
        },
      ],
      [
        'added do/safely: added step safely, which handles errors of steps',
        'moved do/safely/try/confirm: moved step confirm into safely',
      ],
    ],
    [
      'cases',
      [
        {
          kind: 'setMember',
          step: 'do/decide',
          path: ['switch'],
          value: [{ enough: { when: '.level > 4', then: 'pause' } }, { all: { then: 'exit' } }],
        },
      ],
      [
        'changed do/decide: changed the condition of the case "enough" of step decide from ".level > 3" to ".level > 4"',
        'changed do/decide: the case "enough" of step decide goes on with pause',
        'changed do/decide: removed the case "none" of step decide',
        'changed do/decide: added the case "all" to step decide',
      ],
    ],
    [
      'a schedule',
      [{ kind: 'setSchedule', schedule: { cron: '0 9 * * 1-5' } }],
      ['changed : added the schedule: cron 0 9 * * 1-5'],
    ],
    [
      'input fields',
      [
        {
          kind: 'setInputSchema',
          schema: {
            type: 'object',
            properties: { total: { type: 'number' }, city: { type: 'string' } },
          },
        },
      ],
      [
        'changed : the input field total is now optional',
        'changed : added the optional input field city',
      ],
    ],
    [
      'the title',
      [{ kind: 'setDocument', title: 'Orders' }],
      ['changed : added the title of the workflow: "Orders"'],
    ],
  ];

  it.each(cases)('says %s', (...[, edits, expected]) => {
    expect(changes(...edits)).toEqual(expected);
  });

  it('lists calls that are new or gone, not those that moved', () => {
    const edited = applyEdits(source, [
      { kind: 'moveStep', step: 'do/confirm', at: { before: 'do/check' } },
      { kind: 'removeStep', step: 'do/decide' },
      {
        kind: 'addStep',
        name: 'refund',
        task: { call: 'http', with: { method: 'post', endpoint: 'https://pos.example/refunds' } },
      },
      { kind: 'removeStep', step: 'do/check' },
    ]);
    const diff = diffDefinitions(source, edited.ok ? edited.value : '');
    expect(diff.sideEffectsAdded).toEqual([
      {
        task: '/do/3/refund',
        kind: 'http',
        method: 'POST',
        target: 'https://pos.example/refunds',
        changes: true,
      },
    ]);
    expect(diff.sideEffectsRemoved.map((effect) => effect.operation)).toEqual(['getLevel']);
  });

  it('compares lines when a text cannot be read', () => {
    expect(diffDefinitions('do: [', 'do: {').text).toContain('-do: [');
  });
});

describe('unifiedDiff', () => {
  it('shows changed lines with three around them', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n';
    expect(unifiedDiff(before, before.replace('e', 'E').replace('h\n', ''))).toBe(
      '--- before\n+++ after\n@@ -2,7 +2,6 @@\n b\n c\n d\n-e\n+E\n f\n g\n-h\n',
    );
  });

  it('leads from one text to the other', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 40 });
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const [before, after] = [a, b].map((list) => list.map((line) => `${line}\n`).join(''));
        expect(patch(before ?? '', unifiedDiff(before ?? '', after ?? ''))).toBe(after);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('gives up comparing texts that have nothing in common', () => {
    const text = (letter: string) =>
      Array.from({ length: 5000 }, (_, at) => `${letter}${at}\n`).join('');
    expect(patch(text('a'), unifiedDiff(text('a'), text('b')))).toBe(text('b'));
  });
});

/** Applies a unified diff. */
function patch(before: string, diff: string): string {
  if (diff === '') return before;
  const old = before.split('\n');
  old.pop();
  const result: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2, -1)) {
    const hunk = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (hunk !== null) {
      const start = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1);
      while (at < start) result.push(old[at++] ?? '');
    } else if (line.startsWith('+')) result.push(line.slice(1));
    else {
      expect(old[at]).toBe(line.slice(1));
      if (line.startsWith(' ')) result.push(line.slice(1));
      at += 1;
    }
  }
  result.push(...old.slice(at));
  return result.map((line) => `${line}\n`).join('');
}
