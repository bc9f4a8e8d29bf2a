import { describe, expect, it } from '@jest/globals';
import { AppError } from '@parley/kernel';
import type { StartRequest } from '../engine/engine.js';
import type { DueSchedule } from './schedule-store.pg.js';
import { Scheduler } from './scheduler.js';

const hourMs = 3_600_000;

/** Schedules in memory and an engine that refuses some workflows. */
class FakeWorld {
  readonly started: StartRequest[] = [];
  readonly schedules = new Map<string, DueSchedule>();
  readonly refusals = new Map<string, string>();

  add(workflowId: string, dueAgoMs: number): void {
    this.schedules.set(workflowId, {
      workflowId,
      workflowName: workflowId,
      tenantId: 'ten_a',
      version: 1,
      irHash: 'hash',
      spec: { every: { ms: hourMs } },
      timezone: 'UTC',
      nextAt: new Date(Date.now() - dueAgoMs),
    });
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
      },
      store: {
        due: (now, { after, limit }) => Promise.resolve(this.due(now, after).slice(0, limit)),
        earliest: () => Promise.resolve(undefined),
        advance: (schedule, next) => {
          const nextAt = next ?? new Date(Number.MAX_SAFE_INTEGER);
          this.schedules.set(schedule.workflowId, { ...schedule, nextAt });
          return Promise.resolve();
        },
      },
      onError: () => undefined,
    });
  }

  async look(): Promise<void> {
    const scheduler = this.scheduler();
    scheduler.look();
    await scheduler.stop();
  }

  isDue(workflowId: string): boolean {
    return this.due(new Date()).some((schedule) => schedule.workflowId === workflowId);
  }

  private due(now: Date, after?: DueSchedule): DueSchedule[] {
    const place = (schedule: DueSchedule) =>
      `${schedule.nextAt.toISOString()} ${schedule.workflowId}`;
    return [...this.schedules.values()]
      .filter(({ nextAt }) => nextAt <= now)
      .filter((schedule) => after === undefined || place(schedule) > place(after))
      .sort((a, b) => (place(a) < place(b) ? -1 : 1));
  }
}

describe('the scheduler', () => {
  it('fires once after a pause, under the first time that was missed', async () => {
    const world = new FakeWorld();
    world.add('wf_a', 5 * hourMs);
    const missed = world.schedules.get('wf_a')?.nextAt.toISOString();
    await world.look();
    expect(world.started.map(({ input }) => input)).toEqual([{ scheduledAt: missed }]);
    expect(world.isDue('wf_a')).toBe(false);
  });

  it('keeps due what cannot start now, and leaves out what never will', async () => {
    const world = new FakeWorld();
    world.add('wf_busy', 1_000);
    world.add('wf_broken', 1_000);
    world.refusals.set('wf_busy', 'overloaded').set('wf_broken', 'internal');
    await world.look();
    expect(world.isDue('wf_busy')).toBe(true);
    expect(world.isDue('wf_broken')).toBe(false);
  });

  it('fires the others, however many are held up before them', async () => {
    const world = new FakeWorld();
    for (let i = 0; i < 250; i++) {
      world.add(`wf_busy${String(i)}`, 10_000);
      world.refusals.set(`wf_busy${String(i)}`, 'overloaded');
    }
    world.add('wf_free', 1_000);
    const scheduler = world.scheduler();
    scheduler.look();
    while (world.started.length === 0) await new Promise((done) => setTimeout(done, 1));
    await scheduler.stop();
    expect(world.started.map(({ workflowId }) => workflowId)).toEqual(['wf_free']);
  });
});
