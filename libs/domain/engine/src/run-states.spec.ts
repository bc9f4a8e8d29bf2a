import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isTerminal, runStateTable, runStatuses } from './run-states.js';

const golden = join(import.meta.dirname, '../test/run-states.txt');

describe('run states', () => {
  it('states × commands', () => {
    const table = render();
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, table);
    expect(table).toBe(readFileSync(golden, 'utf8'));
  });

  it('a closed run moves by nothing but an operator’s repair of a failure', () => {
    const taken = runStatuses.filter(isTerminal).flatMap((status) =>
      Object.entries(runStateTable[status])
        .filter(([command, answer]) => answer === 'taken' && command !== 'label')
        .map(([command]) => `${status} ${command}`),
    );
    expect(taken).toEqual([
      'failed cancel',
      'failed skipStep',
      'failed retryStep',
      'compensation-failed terminate',
      'compensation-failed skipStep',
      'compensation-failed retryStep',
    ]);
  });
});

function render(): string {
  const commands = Object.keys(runStateTable.pending) as (keyof typeof runStateTable.pending)[];
  const rows = commands.map((command) =>
    [
      command.padEnd(15),
      ...runStatuses.map((s) => runStateTable[s][command].padEnd(Math.max(10, s.length))),
    ].join(' '),
  );
  const head = [' '.repeat(15), ...runStatuses.map((status) => status.padEnd(10))].join(' ');
  return [head, ...rows].map((line) => `${line.trimEnd()}\n`).join('');
}
