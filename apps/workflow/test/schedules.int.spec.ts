import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventEnvelope, Schedule } from '@parley/contracts';
import { eventEmitted } from '@parley/contracts';
import { createPool, type Pool } from '@parley/postgres';
import type { Engine } from '../src/engine/engine.js';
import { RunFeed } from '../src/runs/run-feed.js';
import { ScheduleReader } from '../src/schedules/schedule-reader.pg.js';
import type { Scheduler } from '../src/schedules/scheduler.js';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';
import {
  Handlers,
  publishSchedule,
  scheduledDefinition as definition,
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

const publish = (name: string, source: string): Promise<string> =>
  publishSchedule(harness, app, { name, source });

/** Lets a schedule believe that its next time was so long ago. */
async function setNext(workflowId: string, next: string): Promise<void> {
  await system.query('UPDATE schedule SET next_at = $2 WHERE workflow_id = $1', [workflowId, next]);
}

const schedulerOf = (engine: Engine, feed = new RunFeed(), bus = new Handlers()): Scheduler =>
  schedulerOn(system, { engine, feed, bus });

const runsOf = async (workflowId: string): Promise<Schedule['lastRuns']> =>
  (await reader.get(tenantId, workflowId)).lastRuns;

const hourAgo = (hours: number) => {
  const hour = Math.floor(Date.now() / 3_600_000) - hours;
  return new Date(hour * 3_600_000).toISOString();
};

describe('a schedule', () => {
  it('starts one run for each missed time, however many processes look', async () => {
    const feed = new RunFeed();
    const engine = await harness.engine(new ScriptedCalls().perform, {
      onChange: (change) => feed.publish(change),
    });
    const id = await publish('all', definition('all', '{ cron: 0 * * * * }', '{ missed: all }'));
    await setNext(id, hourAgo(2));
    const schedulers = [1, 2, 3].map(() => schedulerOf(engine, feed));
    for (const scheduler of schedulers) scheduler.look();
    const runs = await until(
      () => runsOf(id),
      (found) => found.length >= 3,
    );
    await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
    expect(runs.map(({ nominalTime }) => nominalTime).toSorted()).toEqual([
      hourAgo(2),
      hourAgo(1),
      hourAgo(0),
    ]);
    expect((await runsOf(id)).length).toBe(3);
    expect(await reader.get(tenantId, id)).toMatchObject({ waiting: 0, missed: 'all' });
  });

  it('keeps its times when the version changes but not the schedule, and is paused by a person', async () => {
    const id = await publish('keeps', definition('keeps', '{ cron: 0 * * * * }'));
    await setNext(id, hourAgo(1));
    await publish('keeps', definition('keeps', '{ cron: 0 * * * * }').replace('/a', '/b'));
    expect((await reader.get(tenantId, id)).nextAt).toBe(hourAgo(1));
    const paused = await reader.pause({ tenantId, workflowId: id, by: 'mem_ann' });
    expect(paused).toMatchObject({ pausedBy: 'mem_ann' });
    expect(paused.nextAt).toBeUndefined();
    const engine = await harness.engine(new ScriptedCalls().perform);
    const scheduler = schedulerOf(engine);
    scheduler.look();
    await scheduler.stop();
    const resumed = await reader.resume({ tenantId, workflowId: id, by: 'mem_ann' });
    expect(resumed.pausedAt).toBeUndefined();
    expect(Date.parse(resumed.nextAt ?? '')).toBeGreaterThan(Date.now());
    expect(resumed.lastRuns).toEqual([]);
    await publish('keeps', definition('keeps', '{ cron: 30 * * * * }'));
    expect((await reader.get(tenantId, id)).nextAt).toContain(':30:00');
    await publish(
      'keeps',
      definition('keeps', '{ cron: 30 * * * * }').replace(/schedule: \{ cron.*/, ''),
    );
    await expect(reader.get(tenantId, id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('leaves out or cancels what would overlap', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const cron = '{ cron: 0 * * * * }';
    const skips = await publish(
      'skips',
      definition('skips', cron, '{ overlap: skip, missed: all }'),
    );
    const cancels = await publish(
      'cancels',
      definition('cancels', cron, '{ overlap: cancel, missed: all }'),
    );
    const scheduler = schedulerOf(engine);
    await setNext(skips, hourAgo(1));
    await setNext(cancels, hourAgo(1));
    scheduler.look();
    await until(
      () => Promise.all([skips, cancels].map((id) => reader.get(tenantId, id))),
      (both) =>
        both.every(({ waiting, nextAt }) => waiting === 0 && Date.parse(nextAt ?? '') > Date.now()),
    );
    await scheduler.stop();
    expect((await runsOf(skips)).map(({ status }) => status)).toEqual(['running']);
    expect((await reader.get(tenantId, skips)).leftOut).toMatchObject({ reason: 'overlap' });
    expect((await runsOf(cancels)).map(({ status }) => status)).toEqual(['running', 'cancelled']);
    calls.release();
  });

  it('is made up for once, in the name of the person who asked', async () => {
    const engine = await harness.engine(new ScriptedCalls().perform);
    const id = await publish('back', definition('back', '{ cron: 0 * * * * }'));
    const times = [3, 2, 1].map((hours) => new Date(hourAgo(hours)));
    const of = { tenantId, workflowId: id, by: 'mem_ann' };
    expect(await reader.backfill(of, times.slice(0, 2))).toBe(0);
    const scheduler = schedulerOf(engine);
    scheduler.look();
    await until(
      () => runsOf(id),
      (found) => found.length === 2,
    );
    expect(await reader.backfill(of, times)).toBe(2);
    scheduler.look();
    const runs = await until(
      () => runsOf(id),
      (found) => found.length === 3,
    );
    await scheduler.stop();
    expect(runs.map(({ nominalTime }) => nominalTime)).toEqual(
      [1, 3, 2].map(hourAgo).toSorted().toReversed(),
    );
    expect(new Set(runs.map(({ startedBy }) => startedBy))).toEqual(new Set(['mem_ann']));
  });

  it('follows a run that has ended, and no run from before it', async () => {
    const feed = new RunFeed();
    const engine = await harness.engine(new ScriptedCalls().perform, {
      onChange: (change) => feed.publish(change),
    });
    const source = definition('after', '{ after: PT0.05S }');
    const id = await publish('after', source);
    const scheduler = schedulerOf(engine, feed);
    scheduler.look();
    const start = { ...(await harness.define(source)), workflowId: id };
    const { runId } = await engine.startRun(start);
    const [first] = (
      await until(
        () => runsOf(id),
        (found) => found.length >= 2,
      )
    ).toReversed();
    await reader.pause({ tenantId, workflowId: id, by: 'mem_ann' });
    await scheduler.stop();
    const ended = (await harness.untilStatus(runId, 'completed')).endedAt ?? '';
    expect(Date.parse(first?.nominalTime ?? '')).toBe(Date.parse(ended) + 50);
  });

  it('starts one run for an event, however often it comes', async () => {
    const engine = await harness.engine(new ScriptedCalls().perform);
    const on = '{ on: { one: { with: { type: com.example.placed, data: "${ .total > 10 }" } } } }';
    const id = await publish('events', definition('events', on));
    const bus = new Handlers();
    const scheduler = schedulerOf(engine, new RunFeed(), bus);
    scheduler.look();
    const handle = (await until(
      () => Promise.resolve(bus.all.at(-1)),
      (found) => found !== undefined,
    )) as (envelope: EventEnvelope) => Promise<void>;
    const placed = (eventId: string, total: number) =>
      eventEmitted.create(
        {
          runId: 'run_0000',
          workflowId: 'wf_shop',
          step: 'do/tell',
          event: {
            specversion: '1.0',
            id: eventId,
            source: '/shop',
            type: 'com.example.placed',
            time: new Date().toISOString(),
            data: { total },
          },
        },
        { id: `evt_${eventId}`, tenantId, key: 'k', timeMs: Date.now() },
      );
    const big = placed('1', 20);
    for (const envelope of [big, big, placed('2', 5), big]) await handle(envelope);
    const [run] = await until(
      () => runsOf(id),
      (found) => found.length > 0,
    );
    await handle(big);
    await handle(placed('3', 30));
    await until(
      () => runsOf(id),
      (found) => found.length > 1,
    );
    await scheduler.stop();
    expect(await runsOf(id)).toHaveLength(2);
    expect((await harness.reader.run(tenantId, run?.id ?? '')).input).toEqual([{ total: 20 }]);
  });

  it('is its tenant’s alone', async () => {
    await expect(reader.get('ten_other', 'wf_all')).rejects.toMatchObject({ code: 'not-found' });
    expect(await reader.list('ten_other', { limit: 10 })).toEqual([]);
  });
});
