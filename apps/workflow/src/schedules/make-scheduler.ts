import type { Bus } from '@parley/bus';
import type { Pool } from '@parley/postgres';
import { systemClock } from '../engine/clock.js';
import type { RunFeed } from '../runs/run-feed.js';
import { EventCollector } from './event-collector.js';
import { EventScheduleStore } from './event-schedule-store.pg.js';
import { EventTriggers } from './event-triggers.js';
import { FiringStore } from './firing-store.pg.js';
import { ScheduleStore } from './schedule-store.pg.js';
import { Scheduler, type SchedulerOptions } from './scheduler.js';

/** Every process of the service that reads events for schedules. */
const group = 'workflow.schedules';

/** The scheduler with what tells it of runs and of events. */
export function makeScheduler({
  engine,
  pool,
  bus,
  feed,
  onError,
}: {
  readonly engine: SchedulerOptions['engine'];
  /** Of the role `workflow_system`. */
  readonly pool: Pool;
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly feed: RunFeed;
  readonly onError: (error: unknown, message: string) => void;
}): Scheduler {
  const triggers = new EventTriggers({
    store: new EventScheduleStore(pool),
    collector: new EventCollector(pool),
    subscribe: (handler) => {
      const subscription = bus.subscribe({
        topics: ['*'],
        group,
        // A dead letter has been delivered before.
        handler: async ({ envelope, failure }) => {
          if (failure === undefined) await handler(envelope);
        },
      });
      subscription.ready.catch((error: unknown) => onError(error, 'events cannot be read'));
    },
    fired: () => scheduler.look(),
    onError,
  });
  const scheduler = new Scheduler({
    engine,
    schedules: new ScheduleStore(pool),
    firings: new FiringStore(pool),
    triggers,
    clock: systemClock,
    onError,
  });
  feed.onEvery((change) => scheduler.changed(change));
  return scheduler;
}
