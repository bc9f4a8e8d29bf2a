import { describe, expect, it } from '@jest/globals';
import type { OutgoingEvent } from '@parley/bus';
import type { EventEnvelope } from '@parley/contracts';
import type { Entry } from '@parley/engine';
import { AppError } from '@parley/kernel';
import type { JournalStore, NotableTurn } from './journal-store.js';
import { JournalRelay, type Passage, type Publisher } from './relay.js';
import type { RunFacts } from './turn-record.js';

const runIds = ['run_a000', 'run_b000', 'run_c000'];
const turnCount = runIds.length;

/** Three turns, each of which ends a run with an error that says `title`. */
function storeOf(title: string) {
  let cursor = 0;
  const facts = (runId: string) =>
    ({ runId, tenantId: 'ten_a', workflowId: 'wf_a000', version: 1 }) as RunFacts;
  const turns: NotableTurn[] = runIds.map((runId, at) => ({
    partition: 0,
    seq: at + 1,
    run: facts(runId),
    entries: [{ kind: 'runFailed', at: 0, error: { type: 'x', status: 500, title } } as Entry],
  }));
  const store: Partial<JournalStore> = {
    notableTurns: () => Promise.resolve(turns.filter(({ seq }) => seq > cursor)),
  };
  const pass = ([passage]: readonly Passage[]) => {
    if (passage === undefined || cursor >= passage.first) return false;
    cursor = passage.last;
    return true;
  };
  return { store: store as JournalStore, cursor: () => cursor, pass };
}

const asPublished = (envelope: EventEnvelope): OutgoingEvent => ({
  key: envelope.partitionkey,
  envelope,
  text: JSON.stringify(envelope),
});

async function relayed(title: string, fault: (runId: string) => Error | undefined) {
  const { store, cursor, pass } = storeOf(title);
  const published: EventEnvelope[] = [];
  const complaints: string[] = [];
  const bus: Publisher = {
    encode: (event) => {
      const refusal = fault(event.partitionkey);
      if (refusal !== undefined && refusal !== away) throw refusal;
      return asPublished(event);
    },
    publish: (events, passages) => {
      if (fault('') === away) return Promise.reject(away);
      published.push(...events.map(({ envelope }) => envelope));
      return Promise.resolve(pass(passages));
    },
  };
  const onError = (_error: unknown, message: string) => complaints.push(message);
  const relay = new JournalRelay({ store, owned: () => [0], bus, emitted, onError });
  relay.hint();
  await until(() => cursor() === turnCount || complaints.some((text) => text.includes('again')));
  await relay.stop();
  return { published, complaints, cursor: cursor() };
}

const emitted = () => Promise.resolve();
const away = new AppError('unavailable', 'not now');

/** What the relay gathers comes a moment later. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 1));
}

describe('the journal relay', () => {
  it('publishes what runs emit, under the same ids whenever it looks again', async () => {
    const event = { specversion: '1.0', id: 'e1', source: '/a', type: 'com.example.told' };
    const { store } = storeOf('No');
    const turn = {
      partition: 0,
      seq: 1,
      run: { runId: 'run_a000', tenantId: 'ten_a', workflowId: 'wf_a000', version: 1 },
      entries: [
        { kind: 'emitted', at: 5, occurrence: 'do/tell', event: { ...event, time: 'now' } },
      ],
    };
    store.notableTurns = () => Promise.resolve([turn as unknown as NotableTurn]);
    const published: EventEnvelope[] = [];
    const bus: Publisher = {
      encode: asPublished,
      publish: (events) => {
        published.push(...events.map(({ envelope }) => envelope));
        return Promise.resolve(false);
      },
    };
    let broughtTimes = 0;
    const emitted = (events: readonly unknown[]) =>
      Promise.resolve(void (broughtTimes += events.length));
    for (let times = 0; times < 2; times += 1) {
      const options = { store, owned: () => [0], bus, emitted, onError: () => undefined };
      const relay = new JournalRelay(options);
      const before = published.length;
      relay.hint();
      await until(() => published.length > before + 1);
      await relay.stop();
      expect(broughtTimes).toBe(times + 1); // However often it is published.
    }
    expect(published[0]).toMatchObject({
      type: 'parley.workflow.event.emitted.v1',
      subject: 'workflows.wf_a000.executions.run_a000.emitted',
      data: { step: 'do/tell', event },
    });
    expect(published.length).toBeGreaterThan(1);
    expect(new Set(published.map(({ id }) => id)).size).toBe(1);
  });

  it('leaves out an event that is refused, says so, and goes on', async () => {
    const refuse = (runId: string) =>
      runId === 'run_b000' ? new AppError('too-large', 'the event is too large') : undefined;
    const { published, complaints, cursor } = await relayed('No', refuse);
    expect(published.map(({ partitionkey }) => partitionkey)).toEqual(['run_a000', 'run_c000']);
    expect(complaints).toEqual([expect.stringContaining('left out')]);
    expect(cursor).toBe(3);
  });

  it('leaves out what is nested too deep to be written, and what cannot be made at all', async () => {
    const deep = (runId: string) =>
      runId === 'run_a000' ? new RangeError('Maximum call stack size exceeded') : undefined;
    const told = await relayed('No', deep);
    expect(told.published.map(({ partitionkey }) => partitionkey)).toEqual([
      'run_b000',
      'run_c000',
    ]);
    expect(told.cursor).toBe(3);
    const { published, complaints, cursor } = await relayed(
      7 as unknown as string,
      () => undefined,
    );
    expect([published, cursor]).toEqual([[], 3]);
    expect(complaints[0]).toMatch(/entry run_a000 0\/1\/0 cannot be told/);
  });

  it('keeps everything while the bus is away', async () => {
    const { published, complaints, cursor } = await relayed('No', () => away);
    expect([published, cursor]).toEqual([[], 0]);
    expect(complaints).toEqual([expect.stringContaining('tried again')]);
  });

  it('tells of an error without all the data that it may quote', async () => {
    const { published } = await relayed('x'.repeat(300_000), () => undefined);
    expect(published).toHaveLength(3);
    for (const event of published) expect(JSON.stringify(event).length).toBeLessThan(5_000);
  });
});
