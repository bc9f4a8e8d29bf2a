import { describe, expect, it } from '@jest/globals';
import { renderDefinition } from './render.js';

describe('renderDefinition', () => {
  it('writes house style: stable order, two spaces, quotes only where needed', () => {
    const text = renderDefinition({
      do: [
        {
          ask: {
            then: 'end',
            with: {
              title: 'Order ${ .id } is late',
              message: 'One line\nand another',
              assignee: { role: 'manager' },
            },
            call: 'human',
            if: '.total > 200 and .city == "Ulm"',
          },
        },
        { each: { do: [{ a: { wait: 'PT1S', if: '.x' } }], for: { in: '.items' } } },
        {
          put: { set: { object: '${ { a: 1 } }', yes: 'yes', number: '12', empty: {}, list: [] } },
        },
      ],
      document: { version: '0.1.0', name: 'x', namespace: 'y', dsl: '1.0.3' },
      schedule: { cron: '0 9 * * 1-5' },
    });
    expect(text).toMatchSnapshot();
  });
});
