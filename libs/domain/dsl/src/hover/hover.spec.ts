import type { Catalogue } from '@parley/contracts';
import { describe, expect, it } from '@jest/globals';
import { parseCron } from '../values/cron.js';
import { hoverAt } from './hover.js';
import { cronInWords } from './times.js';

const catalogue: Catalogue = {
  connectors: [
    {
      name: 'kitchen',
      title: 'Kitchen',
      description: 'Plans what is cooked.',
      documentHash: 'h',
      operations: [
        {
          id: 'getCapacity',
          method: 'GET',
          path: '/capacity',
          summary: 'Check kitchen capacity',
          tags: [],
          deprecated: false,
          parameters: [
            {
              name: 'units',
              in: 'query',
              required: true,
              description: 'Portions.',
              schema: { type: 'integer' },
            },
          ],
          response: {
            status: '200',
            schema: {
              type: 'object',
              properties: { free: { type: 'integer', description: 'Free units.' } },
            },
          },
          delivery: 'safe',
          security: [],
        },
      ],
    },
  ],
};

function hover(marked: string) {
  const offset = marked.indexOf('¦');
  const source = marked.slice(0, offset) + marked.slice(offset + 1);
  const found = hoverAt(source, offset, { catalogue, timezone: 'Europe/Berlin' });
  return found && { on: source.slice(found.from, found.to), markdown: found.markdown };
}

const task = 'do:\n  - a:\n      ';
const connector = `${task}call: connector\n      with:\n        connector: kitchen\n        operation: getCapacity\n        `;

describe('hoverAt', () => {
  it.each([
    [
      'docu¦ment: {}',
      'document',
      ['**`document`** · document · required', 'What the workflow is called'],
    ],
    [`${task}ca¦ll: http`, 'call', ['· required', 'One HTTP request.']],
    [`${task}call: ht¦tp`, 'http', ['**`call: http`**', 'One HTTP request.']],
    [
      `${task}call: http\n      with:\n        out¦put: raw`,
      'output',
      ['optional', 'Default: `"content"`'],
    ],
    [
      `${task}run:\n        sh¦ell: {}`,
      'shell',
      ['exactly one of `container`, `script`, `shell`, `workflow`'],
    ],
    [`${task}wait: PT1H3¦0M`, 'PT1H30M', ['**1 hour 30 minutes**']],
    [
      `schedule: { cron: '0 9 * * 1-5¦' }`,
      "'0 9 * * 1-5'",
      ['**At 09:00, on Monday to Friday**', 'Europe/Berlin'],
    ],
    [
      `${connector}input: {}`.replace('getCapacity', 'getCap¦acity'),
      'getCapacity',
      ['`GET /capacity`', 'Check kitchen capacity', '`units` (query, required): Portions.'],
    ],
    [
      `${connector}input: {}`.replace('kitchen', 'kit¦chen'),
      'kitchen',
      ['**Kitchen** · 1 operation', 'Plans what is cooked.'],
    ],
    [
      `${connector}input:\n          uni¦ts: 1`,
      'units',
      ['integer · in the query · required', 'Portions.'],
    ],
    [
      `${connector}\n  - b¦b: { if: .x, wait: PT1S, then: end }`,
      'bb',
      ['**bb** · `wait`', '- only if `.x`', '- then `end`'],
    ],
    [
      `${task}wait: PT1S\n      then: b¦b\n  - bb: { set: { x: 1 } }`,
      'bb',
      ['Goes to:', '**bb** · `set`'],
    ],
    [`${task}wait: PT1S\n      then: e¦nd`, 'end', ['Ends the run.']],
    [
      'use: { retries: { patient: { delay: PT1S } } }\ndo:\n  - a:\n      try: []\n      catch: { retry: pat¦ient }',
      'patient',
      ['`use.retries`', '{ delay: PT1S }'],
    ],
    [`${task}if: $con¦text.x`, '$context', ['What tasks have left behind']],
    [`${task}if: .x | ma¦p(.)`, 'map', ['**`map(f)`** · Applies f to each item']],
    [`${task}set: { x: '$\{ .x | @ba¦se64 }' }`, '@base64', ['The text in base64.']],
    [
      `${task}for: { each: line, in: .x }\n      do: [{ b: { if: $li¦ne > 1, wait: PT1S } }]`,
      '$line',
      ['The item.'],
    ],
    [
      `${connector}\n  - b:\n      if: .fr¦ee > 1\n      wait: PT1S`,
      '.free',
      ['**`.free`** · integer', 'Free units.'],
    ],
  ])('%j: on %j', (marked, on, parts) => {
    const found = hover(marked);
    expect(found?.on).toBe(on);
    for (const part of parts) expect(found?.markdown).toContain(part);
  });

  it.each([
    `${task}set: { x: pl¦ain }`,
    '# com¦ment',
    `${task}if: '"ma¦p"'`,
    `${task}wait: no¦thing`,
    '¦',
    'do:\n¦',
  ])('has nothing to say about %j', (marked) => {
    expect(hover(marked)).toBeUndefined();
  });
});

describe('cronInWords', () => {
  it.each([
    ['* * * * *', 'Every minute'],
    ['*/15 * * * *', 'Every 15 minutes'],
    ['*/15 9-17 * * mon-fri', 'Every 15 minutes of hour 09 to 17, on Monday to Friday'],
    ['30 * * * *', 'At minute 30 of every hour'],
    ['0 9,18 * * *', 'At 09:00 and 18:00'],
    ['0 0 1 1 *', 'At 00:00, on day 1 of the month, in January'],
    ['0 0 1 * 1', 'At 00:00, on day 1 of the month or on Monday'],
    ['5 */2 * * *', 'At minute 5 of every 2 hours'],
  ])('%s: %s', (text, words) => {
    const cron = parseCron(text);
    expect(cron.ok && cronInWords(cron.value)).toBe(words);
  });
});
