import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventReceived, type EventEnvelope } from '@parley/contracts';
import { isJsonObject, type Json } from '@parley/kernel';
import { createPool, type Pool } from '@parley/postgres';
import { EventCollector, collectorLimits } from '../src/schedules/event-collector.js';
import { EventScheduleStore } from '../src/schedules/event-schedule-store.pg.js';
import { EventTriggers } from '../src/schedules/event-triggers.js';
import { ScheduleReader } from '../src/schedules/schedule-reader.pg.js';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';
import {
  Handlers,
  publishSchedule,
  scheduledDefinition,
  schedulerOn,
  until,
} from './scheduling.js';

let harness: EngineHarness;
let app: Pool;
let system: Pool;
let reader: ScheduleReader;

beforeAll(async () => {
  harness = await EngineHarness.start();
  const urls = harness.database.urls('workflow');
  app = createPool(urls.app, { applicationName: 'test requests' });
  system = createPool(urls.system, { applicationName: 'test scheduler' });
  reader = new ScheduleReader(app, () => undefined);
}, 60_000);

afterAll(async () => {
  await Promise.all([app.end(), system.end()]);
  await harness.stop();
});

const both = (name: string) =>
  `{ on: { all: [ { with: { type: ${name}.placed }, correlate: { order: { from: .data.order } } },
     { with: { type: ${name}.paid }, correlate: { order: { from: .data.order } } } ] } }`;

const publish = (name: string, schedule: string): Promise<string> =>
  publishSchedule(harness, app, { name, source: scheduledDefinition(name, schedule) });

let sent = 0;

function event(type: string, order: number): EventEnvelope {
  sent += 1;
  const id = `e${String(sent)}`;
  const now = Date.now();
  const told = {
    specversion: '1.0' as const,
    id,
    source: '/shop',
    type,
    time: new Date(now).toISOString(),
    data: { order },
  };
  const facts = { id: `evt_${id}`, tenantId, key: id, timeMs: now };
  return eventReceived.create({ event: told, by: 'mem_a' }, facts);
}

interface Replica {
  readonly handle: (envelope: EventEnvelope) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** What one process does with events and schedules; another one is the same process after a restart. */
async function replica(): Promise<Replica> {
  const engine = await harness.engine(new ScriptedCalls().perform);
  const bus = new Handlers();
  const scheduler = schedulerOn(system, { engine, bus });
  scheduler.look();
  const [handle] = await until(
    () => Promise.resolve(bus.all),
    (found) => found.length > 0,
  );
  if (handle === undefined) throw new Error('nobody reads the bus');
  return { handle, stop: () => scheduler.stop() };
}

/** Orders of the runs that were started, each as it was given; the latest last. */
async function startedRuns(workflowId: string, count: number): Promise<string[]> {
  const { lastRuns } = await until(
    () => reader.get(tenantId, workflowId),
    (found) => found.lastRuns.length >= count && found.waiting === 0,
  );
  const runs = await Promise.all(lastRuns.map(({ id }) => harness.reader.run(tenantId, id)));
  return runs.map(({ input }) => ordersOf(input ?? null)).toReversed();
}

function ordersOf(input: Json): string {
  const items = Array.isArray(input) ? input : [];
  return items.map((item) => (isJsonObject(item) ? JSON.stringify(item['order']) : '?')).join(' ');
}

describe('events that start a run together', () => {
  it('are kept over a restart, and each counts once', async () => {
    const id = await publish('kept', both('kept'));
    const before = await replica();
    const [placed1, placed2, paid1] = [
      event('kept.placed', 1),
      event('kept.placed', 2),
      event('kept.paid', 1),
    ];
    for (const one of [placed1, placed2, placed1]) await before.handle(one);
    expect(await reader.get(tenantId, id)).toMatchObject({ collected: 2, lastRuns: [] });
    await before.stop();
    const after = await replica();
    for (const one of [paid1, placed1, paid1, event('kept.paid', 2)]) await after.handle(one);
    expect(await startedRuns(id, 2)).toEqual(['1 1', '2 2']);
    expect(await reader.get(tenantId, id)).toMatchObject({ collected: 0 });
    for (const one of [placed1, paid1]) await after.handle(one);
    await after.stop();
    expect(await reader.get(tenantId, id)).toMatchObject({ collected: 0, waiting: 0 });
    expect((await reader.get(tenantId, id)).lastRuns).toHaveLength(2);
  });

  it('start one run when two processes bring them at the same time', async () => {
    const id = await publish('raced', both('raced'));
    const replicas = await Promise.all([replica(), replica()]);
    const orders = [1, 2, 3, 4, 5];
    const pairs = orders.flatMap((order) => [
      event('raced.placed', order),
      event('raced.paid', order),
    ]);
    await Promise.all(
      pairs.map(async (one, at) => {
        const [first, second] = at % 2 === 0 ? replicas : replicas.toReversed();
        // The bus tells it again, to whoever reads it then.
        await Promise.all([first?.handle(one), second?.handle(one)]);
      }),
    );
    const runs = await startedRuns(id, 5);
    await Promise.all(replicas.map((one) => one.stop()));
    expect(runs.toSorted()).toEqual(orders.map((order) => `${String(order)} ${String(order)}`));
    expect(await reader.get(tenantId, id)).toMatchObject({ collected: 0, waiting: 0 });
  });

  it('are collected until a condition holds, or until another comes', async () => {
    const sized = await publish(
      'sized',
      '{ on: { any: [ { with: { type: s.read } } ], until: "(map(.order) | add) >= 10" } }',
    );
    const ended = await publish(
      'ended',
      '{ on: { any: [ { with: { type: s.read } } ], until: { one: { with: { type: s.end } } } } }',
    );
    const one = await replica();
    for (const order of [4, 5, 6, 11, 2]) await one.handle(event('s.read', order));
    await one.handle(event('s.end', 0));
    expect(await startedRuns(sized, 2)).toEqual(['4 5 6', '11']);
    expect(await startedRuns(ended, 1)).toEqual(['4 5 6 11 2']);
    await one.stop();
    expect(await reader.get(tenantId, sized)).toMatchObject({ collected: 1 });
  });

  it('are collected anew for another version, and not at all while the schedule is paused', async () => {
    const id = await publish('anew', both('anew'));
    const one = await replica();
    const [placed, paid] = [event('anew.placed', 1), event('anew.paid', 1)];
    await one.handle(placed);
    const of = { tenantId, workflowId: id, by: 'mem_ann' };
    expect(await reader.pause(of)).toMatchObject({ collected: 0 });
    await one.handle(paid);
    expect(await reader.get(tenantId, id)).toMatchObject({ collected: 0 });
    await reader.resume(of);
    await one.handle(event('anew.placed', 2));
    expect(await reader.get(tenantId, id)).toMatchObject({ collected: 1 });
    await publish('anew', both('anew'));
    expect(await reader.get(tenantId, id)).toMatchObject({ version: 2, collected: 0 });
    const late = event('anew.placed', 3);
    // Whoever has read the schedule before it changed is told so, and the event comes again.
    await one.handle(late).catch(() => one.handle(late));
    await one.handle(event('anew.paid', 3));
    expect(await startedRuns(id, 1)).toEqual(['3 3']);
    await one.stop();
  });

  it('wait in a bounded number: the oldest are let go, and the schedule says so', async () => {
    const id = await publish('many', both('many'));
    const store = new EventScheduleStore(system);
    const triggers = new EventTriggers({
      store,
      collector: new EventCollector(system, { ...collectorLimits, collectionsMax: 3 }),
      subscribe: () => undefined,
      fired: () => undefined,
      onError: () => undefined,
    });
    const first = event('many.placed', 1);
    await triggers.handle(first);
    for (const order of [2, 3]) await triggers.handle(event('many.placed', order));
    expect((await reader.get(tenantId, id)).leftOut).toBeUndefined();
    await triggers.handle(event('many.placed', 4));
    const schedule = await reader.get(tenantId, id);
    expect(schedule).toMatchObject({ collected: 3, leftOut: { reason: 'incomplete' } });
    expect(schedule.leftOut?.from).toBe(first.time);
    await triggers.handle(event('many.paid', 1));
    await triggers.handle(event('many.paid', 4));
    const { rows } = await system.query<{ key: string }>(
      'SELECT key FROM schedule_firing WHERE workflow_id = $1',
      [id],
    );
    expect(rows).toHaveLength(1);
  });
});
