import { describe, expect, it } from '@jest/globals';
import { eventEmitted, eventReceived, runCompleted, type EventEnvelope } from '@parley/contracts';
import type { IrConsumption } from '@parley/ir';
import type { EventFiring, EventSchedule } from './event-schedule-store.pg.js';
import type { Collected } from './event-collector.js';
import { EventTriggers } from './event-triggers.js';

const timeMs = Date.parse('2026-11-20T10:00:00Z');
const facts = { id: 'evt_1', tenantId: 'ten_a', key: 'k', timeMs };
const ids = { runId: 'run_1234', workflowId: 'wf_source' };

const order = {
  specversion: '1.0' as const,
  id: 'order-1',
  source: '/shop',
  type: 'com.example.order.placed',
  time: '2026-11-20T10:00:00Z',
  data: { total: 12 },
};

const placed = (event: Record<string, unknown> = {}, id = 'evt_1'): EventEnvelope =>
  eventEmitted.create({ ...ids, step: 'do/tell', event: { ...order, ...event } }, { ...facts, id });

const ofType = (type: string): IrConsumption => ({
  mode: 'one',
  filters: [{ with: [['type', { kind: 'literal', value: type }]] }],
});

function world(schedules: Partial<EventSchedule>[], answers: readonly Collected[] = []) {
  const added: EventFiring[] = [];
  let fired = 0;
  const collected: string[] = [];
  const errors: string[] = [];
  let reads = 0;
  const triggers = new EventTriggers({
    store: {
      any: () => Promise.resolve(schedules.length > 0),
      all: () => {
        reads += 1;
        return Promise.resolve(
          schedules.map((schedule) => ({
            tenantId: 'ten_a',
            workflowId: 'wf_target',
            version: 1,
            spec: { on: ofType('com.example.order.placed') },
            since: new Date(timeMs - 1_000),
            ...schedule,
          })),
        );
      },
      add: (firings) => {
        added.push(...firings);
        return Promise.resolve();
      },
    },
    collector: {
      take: ({ workflowId, version }) => {
        collected.push(`${workflowId} ${String(version)}`);
        return Promise.resolve(answers[collected.length - 1] ?? 'waits');
      },
    },
    subscribe: () => undefined,
    fired: () => {
      fired += 1;
    },
    onError: (_error, message) => errors.push(message),
  });
  return { triggers, added, collected, errors, fired: () => fired, reads: () => reads };
}

describe('events that start runs', () => {
  it('are written down with the data as input, and looked at once they are', async () => {
    const { triggers, added, fired } = world([{}]);
    await triggers.handle(placed());
    expect(added).toMatchObject([
      { workflowId: 'wf_target', input: [{ total: 12 }], nominalAt: new Date(timeMs) },
    ]);
    expect(fired()).toBe(1);
  });

  it('have one key however often they are told of, and another one than others', async () => {
    const { triggers, added } = world([{}]);
    await triggers.handle(placed({}, 'evt_1'));
    await triggers.handle(placed({}, 'evt_2'));
    await triggers.handle(placed({ id: 'order-2' }));
    const [first, again, other] = added.map(({ key }) => key);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it.each<[string, Partial<EventSchedule>, EventEnvelope, boolean]>([
    ['of another type do not', {}, placed({ type: 'com.example.order.paid' }), false],
    ['of another tenant do not', { tenantId: 'ten_b' }, placed(), false],
    ['from before the schedule do not', { since: new Date(timeMs + 1) }, placed(), false],
    ['of the workflow itself do not', { workflowId: 'wf_source' }, placed(), false],
    [
      'of any type do, without a filter',
      { spec: { on: { mode: 'any', filters: [] } } },
      placed(),
      true,
    ],
    [
      'of a system outside do',
      {},
      eventReceived.create({ event: order, by: 'mem_a' }, facts),
      true,
    ],
    [
      'of the platform do',
      { spec: { on: ofType(runCompleted.type) } },
      runCompleted.create(ids, facts),
      true,
    ],
  ])('%s', async (_case, schedule, envelope, starts) => {
    const { triggers, added } = world([schedule]);
    await triggers.handle(envelope);
    expect(added).toHaveLength(starts ? 1 : 0);
  });

  it('are the whole input where the definition asks for the envelope', async () => {
    const spec = { on: ofType('com.example.order.placed'), read: 'envelope' as const };
    const { triggers, added } = world([{ spec }]);
    await triggers.handle(placed());
    expect(added[0]?.input).toMatchObject([{ id: 'order-1', data: { total: 12 } }]);
  });

  it('find what was published before them, without a read for each', async () => {
    const { triggers, reads } = world([{}]);
    await Promise.all(Array.from({ length: 20 }, () => triggers.handle(placed())));
    expect(reads()).toBe(1);
    const later = { ...placed(), time: new Date(Date.now() + 60_000).toISOString() };
    await triggers.handle(later);
    expect(reads()).toBe(2);
  });

  it('are held up by no schedule that cannot be read', async () => {
    const filters = [{ with: [['data', { kind: 'expression', source: '.a |' }]] as const }];
    const { triggers, added, errors } = world([
      { workflowId: 'wf_broken', spec: { on: { mode: 'any', filters } } },
      {},
    ]);
    await triggers.handle(placed());
    expect(added).toHaveLength(1);
    expect(errors).toHaveLength(1);
  });

  it('are collected where several start a run together, and looked at when they do', async () => {
    const filters = ofType('com.example.order.placed').filters;
    const on = { mode: 'all' as const, filters: [...filters, ...ofType('paid').filters] };
    const schedules = [{ spec: { on } }, { workflowId: 'wf_source', spec: { on } }];
    const { triggers, added, collected, fired } = world(schedules, ['waits', 'started']);
    await triggers.handle(placed());
    expect([collected, fired()]).toEqual([['wf_target 1'], 0]);
    await triggers.handle(placed({ type: 'com.example.order.lost' }));
    await triggers.handle(placed({ type: 'paid' }));
    expect([collected.length, fired(), added]).toEqual([2, 1, []]);
  });

  it('come again for the schedule as it has become', async () => {
    const on = { mode: 'any' as const, filters: [], until: { source: 'length == 2' } };
    const schedules = [{ spec: { on }, version: 1 }];
    const { triggers, collected, reads } = world(schedules, ['changed']);
    await expect(triggers.handle(placed())).rejects.toMatchObject({ code: 'unavailable' });
    schedules[0] = { spec: { on }, version: 2 };
    await triggers.handle(placed());
    expect([collected, reads()]).toEqual([['wf_target 1', 'wf_target 2'], 2]);
  });
});
