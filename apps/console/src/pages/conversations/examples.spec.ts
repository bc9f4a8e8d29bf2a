import { describe, expect, it } from '@jest/globals';
import type { Catalogue, Operation } from '@parley/contracts';
import { examplesFor } from './examples';

function operation(id: string, method: Operation['method'], summary?: string): Operation {
  return {
    id,
    method,
    path: `/${id}`,
    summary,
    tags: [],
    deprecated: false,
    parameters: [],
    delivery: 'safe',
    security: [],
  };
}

function connector(name: string, ...operations: Operation[]): Catalogue['connectors'][number] {
  return { name, title: name, documentHash: name, operations };
}

describe('examplesFor', () => {
  it('speaks of the connected systems in their own words', () => {
    const connectors = [
      connector('library', operation('listLoans', 'GET', 'List open loans.')),
      connector('post', operation('sendLetter', 'POST')),
    ];
    expect(examplesFor({ connectors })).toEqual([
      'List open loans, then send letter.',
      'Ask the manager to approve, then send letter.',
      'Every weekday at 9, list open loans.',
    ]);
  });

  it.each([
    ['there is no system', undefined],
    ['nothing can be changed', { connectors: [connector('a', operation('list', 'GET'))] }],
  ])('stays general when %s', (_why, catalogue) => {
    expect(examplesFor(catalogue).length).toBeGreaterThan(0);
  });
});
