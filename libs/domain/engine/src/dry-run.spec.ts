import { describe, expect, it } from '@jest/globals';
import { dryRun, pendingEffects, waitsOf } from './index.js';
import { buildIr, runInMemory } from './testing/index.js';

const asking = buildIr({
  ask: { call: 'human', with: { title: 'Ok?', assignee: { role: 'chef' }, due: 'PT1H' } },
  go: { if: '.approved', call: 'connector', with: { go: true } },
});

describe('dry run', () => {
  it('records the calls that it made, in virtual time', () => {
    const ir = buildIr({
      pause: { wait: 3_600_000 },
      tell: { call: 'connector', with: { at: '${ now }' }, as: '${ .n }' },
    });
    const run = runInMemory(ir, { now: 1_000, handlers: { connector: () => ({ n: 42 }) } });
    expect(run).toMatchObject({ status: 'completed', output: 42, now: 3_601_000, cut: false });
    expect(run.calls).toMatchObject([{ name: 'tell', args: { at: 3_601 }, attempt: 1 }]);
  });

  it('fails a call that nobody mocks', () => {
    const run = runInMemory(buildIr({ tell: { call: 'http' } }));
    expect(run).toMatchObject({
      status: 'failed',
      error: { title: 'No mock', instance: '/do/0/tell' },
    });
  });

  it('approves unless told otherwise', () => {
    const connector = () => ({ done: true });
    expect(runInMemory(asking, { handlers: { connector } }).output).toEqual({ done: true });
    const rejected = runInMemory(asking, {
      handlers: { connector, human: () => ({ decision: 'rejected', reason: 'no' }) },
    });
    expect(rejected.calls).toEqual([]);
    expect(rejected.output).toMatchObject({ decision: 'rejected', approved: false, reason: 'no' });
  });

  it('an approval that nobody decides is late after its due time', () => {
    const run = runInMemory(asking, { handlers: { human: () => undefined } });
    expect(run).toMatchObject({ status: 'failed', error: { status: 408 }, now: 3_600_000 });
  });

  it('is cut when a run does not end', () => {
    const spin = buildIr({ spin: { wait: 1, then: 'spin' } });
    const run = dryRun(spin, { turnsMax: 20 });
    expect(run).toMatchObject({ ok: true, value: { status: 'waiting', cut: true } });
  });

  it('says what an open run waits for and what to do after a crash', () => {
    const ir = buildIr({
      ask: { call: 'human', with: { title: 'Ok?', assignee: { role: 'chef' } } },
    });
    const { state } = runInMemory(ir, { now: 5, handlers: { human: () => undefined } });
    expect(waitsOf(state)).toMatchObject([
      { kind: 'approval', since: 5, assignee: { role: 'chef' } },
    ]);
    expect(pendingEffects(state).effects).toMatchObject([{ kind: 'openApproval', title: 'Ok?' }]);
  });
});
