import { describe, expect, it } from '@jest/globals';
import { systemClock } from './clock.js';
import { Inbox } from './inbox.js';
import type { Message } from './turn-record.js';

const message = (id: string, runId = 'run_a'): Message => ({
  id,
  tenantId: 'ten_a',
  runId,
  body: { kind: 'tell', stimulus: { kind: 'continue' } },
});

const theHold = {};

const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe('messages to runs', () => {
  it('are heard one at a time and in order, while other runs hear theirs (M2)', async () => {
    const heard: string[] = [];
    const held: (() => void)[] = [];
    const inbox = new Inbox({
      load: () => Promise.resolve([]),
      hear: ({ id }) => {
        heard.push(id);
        return new Promise((done) => held.push(done));
      },
      holdOf: () => theHold,
      onError: () => undefined,
      clock: systemClock,
    });
    inbox.accept([message('1'), message('2'), message('3', 'run_b')]);
    await settled();
    expect(heard).toEqual(['1', '3']);
    held.shift()?.();
    await settled();
    expect(heard).toEqual(['1', '3', '2']);
    inbox.stop();
  });

  it('are not heard again by a look that began before they were settled (M3)', async () => {
    const heard: string[] = [];
    let answer: (found: Message[]) => void = () => undefined;
    const inbox = new Inbox({
      load: () => new Promise((done) => (answer = done)),
      hear: ({ id }) => {
        heard.push(id);
        return Promise.resolve();
      },
      holdOf: () => theHold,
      onError: () => undefined,
      clock: systemClock,
    });
    const looking = inbox.look();
    inbox.accept([message('1')]);
    await settled();
    answer([message('1'), message('2')]);
    await looking;
    await settled();
    expect(heard).toEqual(['1', '2']);
    inbox.stop();
  });

  it('are tried again when the run cannot take them, before the next one is heard', async () => {
    const heard: string[] = [];
    const errors: unknown[] = [];
    const inbox = new Inbox({
      load: () => Promise.resolve([]),
      hear: ({ id }) => {
        heard.push(id);
        if (heard.length === 1) return Promise.reject(new Error('lost'));
        if (id === '2') inbox.stop();
        return Promise.resolve();
      },
      holdOf: () => theHold,
      onError: (error) => errors.push(error),
      clock: systemClock,
    });
    inbox.accept([message('1'), message('2')]);
    while (heard.length < 3) await new Promise((done) => setTimeout(done, 5));
    expect(heard).toEqual(['1', '1', '2']);
    expect(errors).toHaveLength(1);
  });

  it('are left to whoever has their run next, also those that a look has found before (M4)', async () => {
    const heard: string[] = [];
    const elsewhere: string[] = [];
    let hold: object | undefined = {};
    let answer: (found: Message[]) => void = () => undefined;
    let fail: (error: Error) => void = () => undefined;
    const inbox = new Inbox({
      load: () => new Promise((done) => (answer = done)),
      hear: ({ id }) => {
        heard.push(id);
        return id === '1' ? new Promise((_, refused) => (fail = refused)) : Promise.resolve();
      },
      holdOf: () => hold,
      elsewhere: (runIds) => elsewhere.push(...runIds),
      onError: () => undefined,
      clock: systemClock,
    });
    inbox.accept([message('1')]);
    const looking = inbox.look();
    await settled();
    hold = undefined;
    inbox.forget();
    inbox.accept([message('3')]);
    hold = {};
    fail(new Error('another has it'));
    answer([message('1'), message('2')]);
    await looking;
    await settled();
    expect(heard).toEqual(['1']);
    expect(elsewhere).toEqual(['run_a']);
    inbox.accept([message('4')]);
    await settled();
    expect(heard).toEqual(['1', '4']);
    inbox.stop();
  });
});
