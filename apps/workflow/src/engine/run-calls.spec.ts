import { describe, expect, it } from '@jest/globals';
import type { CallEffect } from '@parley/engine';
import { RunCalls, type CallOutcome } from './run-calls.js';
import type { RunFacts } from './turn-record.js';

const done: CallOutcome = { kind: 'completed', output: null };
const runOf = (tenantId: string) => ({ runId: `run of ${tenantId}`, tenantId }) as RunFacts;
const callOf = (occurrence: string) => ({ occurrence, attempt: 1 }) as CallEffect;

/** Calls that answer when they are told to. */
function heldCalls() {
  const sent: string[] = [];
  const ended: string[] = [];
  const answers: (() => void)[] = [];
  const calls = new RunCalls({
    perform: (_run, call) => {
      sent.push(call.occurrence);
      return new Promise((answer) => answers.push(() => answer(done)));
    },
    onEnded: (_run, call) => ended.push(call.occurrence),
    onError: () => undefined,
  });
  return { calls, sent, ended, answerAll: () => answers.splice(0).forEach((answer) => answer()) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the calls of runs', () => {
  it('wait for their turn, counted by tenant; another tenant does not wait for them', () => {
    const { calls, sent } = heldCalls();
    for (let i = 0; i < 100; i++) calls.add(runOf('a'), callOf(String(i)));
    calls.add(runOf('b'), callOf('of b'));
    expect(sent).toHaveLength(65);
    expect(calls.waitingOf('a')).toBe(36);
    expect(calls.waitingOf('b')).toBe(0);
  });

  it('that had begun before go first', async () => {
    const { calls, sent, answerAll } = heldCalls();
    for (let i = 0; i < 70; i++) calls.add(runOf('a'), callOf(String(i)));
    calls.add(runOf('a'), { ...callOf('again'), again: true });
    expect(calls.waitingOf('a')).toBe(7);
    answerAll();
    await settled();
    expect(sent.slice(64)).toEqual(['again', '64', '65', '66', '67', '68', '69']);
  });

  it('of a run of a higher priority go before others that wait, not before those of other tenants', async () => {
    const { calls, sent, answerAll } = heldCalls();
    const low: RunFacts = { ...runOf('a'), runId: 'low run', priority: 'low' };
    const high: RunFacts = { ...runOf('a'), runId: 'high run', priority: 'high' };
    for (let i = 0; i < 66; i++) calls.add(low, callOf(`low ${String(i)}`));
    calls.add(high, callOf('high'));
    calls.add(runOf('b'), callOf('of b'));
    expect(sent.at(-1)).toBe('of b');
    answerAll();
    await settled();
    expect(sent.slice(65)).toEqual(['high', 'low 64', 'low 65']);
  });

  it('are not sent when they were aborted meanwhile, and not told of when they end', async () => {
    const { calls, sent, ended, answerAll } = heldCalls();
    const run = runOf('a');
    for (let i = 0; i < 66; i++) calls.add(run, callOf(String(i)));
    calls.abort(run.runId, callOf('0'));
    calls.abort(run.runId, callOf('65'));
    answerAll();
    await settled();
    answerAll();
    await settled();
    expect(sent).not.toContain('65');
    expect(ended).toEqual(Array.from({ length: 64 }, (_, i) => String(i + 1)));
  });

  it('are sent once, however often they are asked for', () => {
    const { calls, sent } = heldCalls();
    calls.add(runOf('a'), callOf('x'));
    calls.add(runOf('a'), callOf('x'));
    expect(sent).toEqual(['x']);
  });

  it('may end when the process is to end, and are given up when they do not', async () => {
    const quick = heldCalls();
    quick.calls.add(runOf('a'), callOf('x'));
    const ending = quick.calls.end(() => true, { graceMs: 10_000, onceGraceMs: 0 });
    quick.answerAll();
    await ending;
    expect(quick.ended).toEqual(['x']);
    const slow = heldCalls();
    slow.calls.add(runOf('a'), callOf('y'));
    await slow.calls.end(() => true, { graceMs: 1, onceGraceMs: 1 });
    slow.answerAll();
    await settled();
    expect(slow.ended).toEqual([]);
  });

  it('of some runs may end while others go on, longer where nobody may repeat one', async () => {
    const { calls, ended, sent, answerAll } = heldCalls();
    calls.add(runOf('a'), { ...callOf('x'), delivery: 'once' });
    calls.add(runOf('b'), callOf('y'));
    const isA = (runId: string) => runId === 'run of a';
    const ending = calls.end(isA, { graceMs: 0, onceGraceMs: 10_000 });
    await settled();
    answerAll();
    await ending;
    expect(ended).toEqual(['x', 'y']);
    calls.add(runOf('b'), callOf('z'));
    calls.giveUp(isA);
    answerAll();
    await settled();
    expect(ended).toEqual(['x', 'y', 'z']);
    expect(sent).toHaveLength(3);
  });

  it('that wait for their turn hold nobody up who gives runs away, unless only this process may send them', async () => {
    const { calls, sent, ended, answerAll } = heldCalls();
    for (let i = 0; i < 64; i++) calls.add(runOf('a'), callOf(String(i)));
    const leaving = { ...runOf('a'), runId: 'leaving' };
    calls.add(leaving, callOf('waiting'));
    await calls.end((runId) => runId === 'leaving', { graceMs: 10_000, onceGraceMs: 10_000 });
    calls.add(leaving, { ...callOf('once'), delivery: 'once' });
    const ending = calls.end((runId) => runId === 'leaving', { graceMs: 0, onceGraceMs: 10_000 });
    answerAll();
    await settled();
    answerAll();
    await ending;
    expect(sent).not.toContain('waiting');
    expect(ended.at(-1)).toBe('once');
  });

  it('may be sent again as soon as they were given up, and the first answer is dropped', async () => {
    const { calls, ended, sent, answerAll } = heldCalls();
    calls.add(runOf('a'), callOf('x'));
    calls.giveUp(() => true);
    calls.add(runOf('a'), callOf('x'));
    expect(sent).toEqual(['x', 'x']);
    answerAll();
    await settled();
    expect(ended).toEqual(['x']);
  });
});
