import { describe, expect, it } from '@jest/globals';
import { AppError } from '@parley/kernel';
import type { IrSchedule } from '@parley/ir';
import type { StartRequest } from '../engine/engine.js';
import type { GoingRun } from './schedule-policy.js';
import type { Firing, LeftOut, LiveSchedule } from './schedule-row.js';
import type { AfterRun } from './schedule-store.pg.js';
import { timeKey } from './schedule-row.js';
import { Scheduler } from './scheduler.js';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-11-20T10:00:01Z');

/** Schedules in memory, an engine that refuses some workflows, and a clock that stands still. */
class FakeWorld {
  readonly started: StartRequest[] = [];
  readonly cancelled: string[] = [];
  readonly schedules = new Map<string, LiveSchedule>();
  readonly firings = new Map<string, Firing[]>();
  readonly leftOut = new Map<string, LeftOut>();
  readonly refusals = new Map<string, string>();
  readonly going = new Map<string, GoingRun[]>();
  afterRuns: AfterRun[] = [];
  waitMs: number | undefined;
  lookAgain: () => void = () => undefined;
  private readonly claimed = new Set<string>();

  add(workflowId: string, dueAgoMs: number, spec: IrSchedule = { every: { ms: hourMs } }): void {
    this.schedules.set(workflowId, {
      workflowId,
      workflowName: workflowId,
      tenantId: 'ten_a',
      version: 1,
      irHash: 'hash',
      spec,
      timezone: 'UTC',
      nextAt: new Date(nowMs - dueAgoMs),
    });
  }

  queue(workflowId: string, firing: Partial<Firing> & Pick<Firing, 'kind'>): void {
    const nominalAt = firing.nominalAt ?? new Date(nowMs);
    const queued = this.firings.get(workflowId) ?? [];
    this.firings.set(workflowId, [...queued, { key: timeKey(nominalAt), nominalAt, ...firing }]);
  }

  scheduler(): Scheduler {
    return new Scheduler({
      engine: {
        startRun: (request) => {
          const code = this.refusals.get(request.workflowId);
          if (code !== undefined) return Promise.reject(new AppError(code, 'refused'));
          this.started.push(request);
          return Promise.resolve({ runId: 'run_1', repeated: false });
        },
        cancel: ({ runId }) => {
          this.cancelled.push(runId);
          return Promise.resolve();
        },
      },
      schedules: {
        due: (now, { after, limit }) =>
          Promise.resolve(
            [...this.schedules.values()]
              .filter(({ nextAt }) => nextAt !== undefined && nextAt <= now)
              .filter(({ workflowId }) => after === undefined || workflowId > after.workflowId)
              .sort((a, b) => (a.workflowId < b.workflowId ? -1 : 1))
              .slice(0, limit),
          ),
        afterRuns: () => Promise.resolve(this.afterRuns),
        followers: () => Promise.resolve(this.afterRuns.map(({ schedule }) => schedule.workflowId)),
        earliest: () => Promise.resolve(undefined),
        move: ({ workflowId, nextAt: _next, ...rest }, { fire, leftOut, next }) => {
          this.schedules.set(workflowId, { ...rest, workflowId, ...(next && { nextAt: next }) });
          if (leftOut) this.leftOut.set(workflowId, leftOut);
          for (const nominalAt of fire) this.queue(workflowId, { kind: 'time', nominalAt });
          return Promise.resolve();
        },
        follow: ({ schedule, at }) => {
          this.afterRuns = [];
          this.queue(schedule.workflowId, { kind: 'after', nominalAt: at });
          return Promise.resolve();
        },
      },
      firings: {
        claim: (_now, { not, limit }) => {
          const free = [...this.firings]
            .filter(([id, queued]) => queued.length > 0 && !not.includes(id))
            .filter(([id]) => !this.claimed.has(id))
            .slice(0, limit);
          for (const [id] of free) this.claimed.add(id);
          return Promise.resolve(free.flatMap(([id]) => this.schedules.get(id) ?? []));
        },
        release: (workflowId) => {
          this.claimed.delete(workflowId);
          return Promise.resolve();
        },
        firings: (workflowId, limit) =>
          Promise.resolve((this.firings.get(workflowId) ?? []).slice(0, limit)),
        goingRuns: ({ workflowId }) => Promise.resolve(this.going.get(workflowId) ?? []),
        done: (workflowId, key, leftOut) => {
          if (leftOut) this.leftOut.set(workflowId, leftOut);
          const queued = this.firings.get(workflowId) ?? [];
          this.firings.set(
            workflowId,
            queued.filter((firing) => firing.key !== key),
          );
          return Promise.resolve();
        },
      },
      triggers: { ensure: () => Promise.resolve() },
      clock: {
        now: () => nowMs,
        after: (ms, work) => {
          this.waitMs = ms;
          this.lookAgain = work;
          return () => undefined;
        },
      },
      onError: () => undefined,
    });
  }

  async look(): Promise<void> {
    const scheduler = this.scheduler();
    scheduler.look();
    await this.untilIdle();
    await scheduler.stop();
  }

  async untilIdle(): Promise<void> {
    while (this.waitMs === undefined) await new Promise((done) => setImmediate(done));
  }

  isWaiting(workflowId: string): boolean {
    return (this.firings.get(workflowId) ?? []).length > 0;
  }
}

describe('the scheduler', () => {
  it('fires once after a pause, under the latest time that was missed', async () => {
    const world = new FakeWorld();
    world.add('wf_a', 5 * hourMs + 1_000);
    await world.look();
    const [run] = world.started;
    expect(world.started).toHaveLength(1);
    expect(run).toMatchObject({
      input: { scheduledAt: '2026-11-20T10:00:00.000Z' },
      key: { key: 'schedule wf_a 2026-11-20T10:00:00.000Z' },
      startedBy: 'schedule',
      scheduledBy: 'wf_a',
      nominalTime: '2026-11-20T10:00:00.000Z',
    });
    expect(world.leftOut.get('wf_a')).toMatchObject({ reason: 'missed' });
    expect(world.isWaiting('wf_a')).toBe(false);
  });

  it('keeps what cannot start now, and leaves out what never will', async () => {
    const world = new FakeWorld();
    world.add('wf_busy', 1_000);
    world.add('wf_broken', 1_000);
    world.refusals.set('wf_busy', 'overloaded').set('wf_broken', 'internal');
    await world.look();
    expect(world.isWaiting('wf_busy')).toBe(true);
    expect(world.isWaiting('wf_broken')).toBe(false);
    expect(world.leftOut.get('wf_broken')).toMatchObject({ reason: 'refused', detail: 'refused' });
    expect(world.waitMs).toBeLessThanOrEqual(5_000);
  });

  it('fires the others, however many are held up before them', async () => {
    const world = new FakeWorld();
    for (let i = 0; i < 250; i++) {
      world.add(`wf_busy${String(i)}`, 1_000);
      world.refusals.set(`wf_busy${String(i)}`, 'overloaded');
    }
    world.add('wf_free', 1_000);
    await world.look();
    expect(world.started.map(({ workflowId }) => workflowId)).toEqual(['wf_free']);
  });

  it('leaves a time out, or cancels what is going, as the schedule wants it', async () => {
    const world = new FakeWorld();
    world.add('wf_skip', 1_000, { every: { ms: hourMs }, overlap: 'skip' });
    world.add('wf_cancel', 1_000, { every: { ms: hourMs }, overlap: 'cancel' });
    world.going.set('wf_skip', [{ runId: 'run_a', backfill: false }]);
    world.going.set('wf_cancel', [{ runId: 'run_b', backfill: false }]);
    await world.look();
    expect(world.started.map(({ workflowId }) => workflowId)).toEqual(['wf_cancel']);
    expect(world.cancelled).toEqual(['run_b']);
    expect(world.leftOut.get('wf_skip')).toMatchObject({ reason: 'overlap' });
  });

  it('starts a backfill in the name of the person, one run after the other', async () => {
    const world = new FakeWorld();
    world.add('wf_a', -hourMs, { every: { ms: hourMs }, overlap: 'skip' });
    world.queue('wf_a', { kind: 'backfill', requestedBy: 'mem_ann' });
    world.going.set('wf_a', [{ runId: 'run_a', backfill: true }]);
    const scheduler = world.scheduler();
    scheduler.look();
    await world.untilIdle();
    expect(world.started).toEqual([]);
    world.going.delete('wf_a');
    world.waitMs = undefined;
    scheduler.changed({ row: { workflowId: 'wf_a', endedAt: nowMs } as never });
    await world.untilIdle();
    await scheduler.stop();
    expect(world.started.map(({ startedBy }) => startedBy)).toEqual(['mem_ann']);
  });

  it('follows a run when its delay has passed, however late', async () => {
    const world = new FakeWorld();
    world.add('wf_a', -hourMs, { after: { ms: hourMs }, missed: 'skip' });
    const schedule = world.schedules.get('wf_a');
    if (schedule === undefined) throw new Error('it was just added');
    world.afterRuns = [{ schedule, at: new Date(nowMs + 20_000) }];
    await world.look();
    expect(world.started).toEqual([]);
    expect(world.waitMs).toBe(20_000);
    world.waitMs = undefined;
    world.afterRuns = [{ schedule, at: new Date(nowMs - 24 * hourMs) }];
    await world.look();
    expect(world.started).toHaveLength(1);
  });
});
