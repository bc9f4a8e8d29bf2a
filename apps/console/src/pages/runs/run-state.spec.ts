import { describe, expect, it } from '@jest/globals';
import type { Run, RunStep, RunWait } from '@parley/contracts';
import {
  applyEvents,
  causeOfUndo,
  linesOf,
  mayBeUndone,
  rowOf,
  undoneSoFar,
  withWorkerWaits,
} from './run-state';

function step(occurrence: string, kind = 'call', status: RunStep['status'] = 'completed'): RunStep {
  const name = occurrence.split('/').at(-1) ?? '';
  return { occurrence, node: occurrence, name, kind, status, attempts: [] };
}

const run = { id: 'run_1', status: 'running', position: 1 } as Run;

function shown(steps: readonly RunStep[]): string[] {
  const lines = linesOf(new Map(steps.map((one) => [one.occurrence, one])));
  return lines.map(
    ({ step: { name }, depth, pass }) =>
      `${'. '.repeat(depth)}${name}${pass === undefined ? '' : ` (${pass})`}`,
  );
}

describe('linesOf', () => {
  it('puts what is inside of a step below it, whatever the order of entering', () => {
    expect(
      shown([
        step('do/all', 'fork'),
        step('do/all/fork/left[0]', 'do'),
        step('do/all/fork/right[1]', 'do'),
        step('do/all/fork/left[0]/do/a'),
        step('do/all/fork/right[1]/do/b'),
        step('do/all/fork/left[0]/do/c'),
        step('do/last'),
      ]),
    ).toEqual(['all', '. left[0]', '. . a', '. . c', '. right[1]', '. . b', 'last']);
  });

  it('says which item of a loop and which visit a step belongs to', () => {
    expect(
      shown([
        step('do/each', 'for'),
        step('do/each[0]/do/reserve'),
        step('do/each[1]/do/reserve'),
        step('do/again#2'),
      ]),
    ).toEqual(['each', '. reserve (item 1)', '. reserve (item 2)', 'again#2 (visit 2)']);
  });

  it('shows a step whose scope is not a step at the level of the scope around', () => {
    expect(shown([step('do/outer', 'do'), step('do/outer/do/hidden/do/x')])).toEqual([
      'outer',
      '. x',
    ]);
  });
});

describe('applyEvents', () => {
  it('begins with a timeline, replaces what changed and keeps the order', () => {
    const first = applyEvents(undefined, [
      { event: 'timeline', data: { run, steps: [step('a', 'call', 'running'), step('b')] } },
    ]);
    const completed = { ...run, status: 'completed', position: 3 } as Run;
    const next = applyEvents(first, [
      { event: 'steps', data: { steps: [step('c', 'call', 'running')] } },
      { event: 'steps', data: { steps: [step('a'), step('c')] } },
      { event: 'run', data: completed },
    ]);
    expect(
      [...(next?.steps.values() ?? [])].map(({ name, status }) => `${name} ${status}`),
    ).toEqual(['a completed', 'b completed', 'c completed']);
    expect(next?.run.status).toBe('completed');
    expect(first?.steps.get('a')?.status).toBe('running');
    expect(first?.steps.size).toBe(2);
  });

  it('knows from where on a very long run is told, until it is told anew', () => {
    const first = applyEvents(undefined, [
      { event: 'timeline', data: { run, steps: [step('a')], fromEntry: 70_001 } },
    ]);
    expect(applyEvents(first, [{ event: 'run', data: run }])?.fromEntry).toBe(70_001);
    const next = applyEvents(first, [{ event: 'timeline', data: { run, steps: [step('b')] } }]);
    expect(next?.fromEntry).toBeUndefined();
    expect([...(next?.steps.keys() ?? [])]).toEqual(['b']);
  });

  it('knows that steps were not recorded, as soon as it is told', () => {
    const first = applyEvents(undefined, [{ event: 'timeline', data: { run, steps: [] } }]);
    expect(first?.unrecorded).toBeUndefined();
    const next = applyEvents(first, [{ event: 'steps', data: { steps: [], unrecorded: 3 } }]);
    expect(applyEvents(next, [{ event: 'run', data: run }])?.unrecorded).toBe(3);
  });

  it('shows nothing before it knows the run', () => {
    expect(
      applyEvents(undefined, [{ event: 'steps', data: { steps: [step('a')] } }]),
    ).toBeUndefined();
  });
});

describe('rowOf', () => {
  it('finds the row of a rerun', () => {
    expect(rowOf('do/each!2[1]/do/x#2!3')).toBe('do/each[1]/do/x#2');
  });
});

const at = (second: number) => `2026-01-01T00:00:0${String(second)}.000Z`;
const error = { type: 'https://example.com/errors/card', status: 402 };

function byId(...steps: RunStep[]): Map<string, RunStep> {
  return new Map(steps.map((one) => [one.occurrence, one]));
}

function failed(occurrence: string, second: number, more: Partial<RunStep> = {}): RunStep {
  return { ...step(occurrence, 'call', 'failed'), endedAt: at(second), error, ...more };
}

describe('withWorkerWaits', () => {
  const wait = (kind: RunWait['kind']): RunWait => {
    return { kind, step: 'do/book!1', name: 'book', since: at(0), queue: 'trip' };
  };

  it('has steps wait for a worker, whatever their generation', () => {
    const steps = byId(step('do/book', 'call', 'running'), step('do/pay', 'call', 'running'));
    const shown = withWorkerWaits(steps, [wait('worker')]);
    expect([...shown.values()].map(({ status }) => status)).toEqual(['waiting', 'running']);
    expect(shown.get('do/book')?.wait?.queue).toBe('trip');
  });

  it('leaves calls and steps that have ended as they are', () => {
    const running = byId(step('do/book', 'call', 'running'));
    expect(withWorkerWaits(running, [wait('call')])).toBe(running);
    const ended = byId(step('do/book'));
    expect(withWorkerWaits(ended, [wait('worker')])).toEqual(ended);
  });
});

describe('undoing', () => {
  const undoing = byId(
    { ...step('do/hotel'), attempts: [{ attempt: 1, startedAt: at(0), endedAt: at(1) }] },
    { ...step('do/car'), undone: true },
    failed('do/all', 3, { error: undefined, kind: 'do' }),
    failed('do/all/do/pay', 3),
    { ...step('do/cancelCar'), undoes: 'do/car' },
    failed('do/cancelHotel', 5, { error: undefined, undoes: 'do/hotel' }),
    failed('do/cancelHotel/do/ask', 5),
  );

  it('knows what failed first, and not what failed while undoing', () => {
    expect(causeOfUndo(undoing)?.name).toBe('pay');
  });

  it('knows no cause when the error was caught', () => {
    expect(causeOfUndo(byId(step('do/try', 'try'), failed('do/try/do/pay', 1)))).toBeUndefined();
  });

  it('knows how far it went', () => {
    expect(undoneSoFar(undoing)).toEqual({ kept: ['hotel'], undone: ['car'] });
  });

  it('has nothing to do before a step is done', () => {
    const first = { attempt: 1, startedAt: at(0) };
    const open = { ...step('do/hotel', 'call', 'running'), attempts: [first] };
    expect(mayBeUndone(byId(open))).toBe(false);
    const again = { ...open, attempts: [{ ...first, endedAt: at(1) }, first] };
    expect(mayBeUndone(byId(again))).toBe(true);
    expect(mayBeUndone(byId(step('do/hotel')))).toBe(true);
  });
});
