import { describe, expect, it } from '@jest/globals';
import { secondsBetween, type ProcessSample } from './process-tree.js';
import { lineText, passes, processText, type Line } from './report.js';

function samples(...all: [pid: number, parent: number, own: number, ended: number][]) {
  return new Map(
    all.map(([pid, parent, seconds, endedChildrenSeconds]): [number, ProcessSample] => [
      pid,
      { pid, parent, command: '', seconds, endedChildrenSeconds },
    ]),
  );
}

describe('secondsBetween', () => {
  it('counts what was used in between, of processes old and new', () => {
    const used = secondsBetween(samples([1, 0, 5, 0]), samples([1, 0, 6, 0], [2, 1, 0.5, 0]));
    expect([...used]).toEqual([
      [1, 1],
      [2, 0.5],
    ]);
  });

  it('counts a process that has ended at its parent, less what it had used before', () => {
    const before = samples([1, 0, 5, 0], [2, 1, 3, 0]);
    const after = samples([1, 0, 5, 3.25]);
    expect([...secondsBetween(before, after)]).toEqual([[1, 0.25]]);
  });
});

describe('report', () => {
  const line: Line = { name: 'later start', value: 15, unit: 's', budget: 15, boundBy: 'agent' };

  it('passes up to the budget and fails above', () => {
    expect(passes(line)).toBe(true);
    expect(lineText(line)).toBe('PASS     later start: 15.0 s (at most 15 s); agent');
    expect(lineText({ ...line, value: 15.1 })).toMatch(/^FAIL {5}later start: 15.1 s/);
    expect(lineText({ name: 'npm ci', skipped: 'why' })).toBe('SKIPPED  npm ci: why');
  });

  it('aligns processes', () => {
    const text = processText([
      { name: 'workflow', processes: 1, pssMib: 81.06, cpuPercent: 0.07, readySeconds: 3.1 },
      { name: 'postgres', processes: 15, pssMib: 9, cpuPercent: 0.2 },
    ]);
    expect(text).toContain('workflow');
    expect(text).toContain('postgres (15)');
    const lengths = text.split('\n').map((row) => row.length);
    expect(new Set(lengths).size).toBe(1);
  });
});
