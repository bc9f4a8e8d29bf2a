import {
  type BeforeApplicationShutdown,
  Global,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { PgBus } from '@parley/bus';
import {
  APP_POOL,
  BUS,
  CONFIG,
  Health,
  LOG,
  Outbox,
  Services,
  SYSTEM_POOL,
  type Log,
} from '@parley/nest-kit';
import { FileObjects, type ObjectStore } from '@parley/objects';
import type { Pool } from '@parley/postgres';
import { EntryReader } from '../payloads/entry-reader.js';
import { ObjectCollector } from '../payloads/object-collector.js';
import { ObjectRows } from '../payloads/object-rows.pg.js';
import type { WorkflowConfig } from '../config.js';
import { RunFeed } from '../runs/run-feed.js';
import { RunReader } from '../runs/run-reader.pg.js';
import { makeScheduler } from '../schedules/make-scheduler.js';
import { RunsOfSchedules } from '../schedules/runs-of-schedules.js';
import { Scheduler } from '../schedules/scheduler.js';
import { EventBringer } from '../events/event-bringer.js';
import { EventStore } from '../events/event-store.pg.js';
import { LeaseStore } from '../task-queues/lease-store.pg.js';
import { LeaseSweeper } from '../task-queues/lease-sweeper.js';
import { TaskPolls } from '../task-queues/task-polls.js';
import { WorkerTasks } from '../task-queues/worker-tasks.js';
import { WorkerTaskStore } from '../task-queues/worker-task-store.pg.js';
import { Partitions } from '../replicas/partitions.js';
import { isDead } from '../replicas/peers.js';
import { NewsToReplicas } from '../replicas/replica-news.js';
import { LimitLoans } from '../replicas/limit-loans.js';
import { NamedVersions } from '../workflows/named-versions.pg.js';
import { HeavyTurns } from './heavy-turns.js';
import { scriptQueueLimits } from '../scripts/scripts.js';
import { StallAudit } from '../stalled/stall-audit.js';
import { StalledRuns } from '../stalled/stalled-runs.pg.js';
import { PgArchiveStore } from '../journal/archive-store.pg.js';
import { JournalKeeper } from '../journal/journal-keeper.js';
import { systemClock } from './clock.js';
import { Engine } from './engine.js';
import { PgJournalStore } from './journal-store.pg.js';
import { Performers } from './performers.js';
import { JournalRelay } from './relay.js';
import { PgRelayBus } from './relay-bus.pg.js';

/** Where large values lie. */
const OBJECTS = Symbol('objects');
/** Another process has taken over: the supervisor starts this one again, if it is still wanted. */
const fencedExitCode = 75;
/** For calls on their way, when others wait for the partitions; a supervisor waits 5 s for the end. */
const leavingMs = 3_000;

const errorLog = (log: Log) => (error: unknown, message: string) =>
  log.error({ err: error }, message);

/** The engine and what lives with it, in the order in which they start and stop. */
@Global()
@Module({
  providers: [
    RunFeed,
    Performers,
    {
      provide: OBJECTS,
      inject: [CONFIG],
      useFactory: ({ home }: WorkflowConfig) => new FileObjects(join(home, 'objects')),
    },
    {
      provide: EntryReader,
      inject: [OBJECTS],
      useFactory: (objects: ObjectStore) => new EntryReader(objects),
    },
    {
      provide: ObjectCollector,
      inject: [SYSTEM_POOL, OBJECTS, LOG],
      useFactory: (pool: Pool, objects: ObjectStore, log: Log) =>
        new ObjectCollector(new ObjectRows(pool, objects), errorLog(log)),
    },
    {
      provide: StallAudit,
      inject: [Engine, SYSTEM_POOL, APP_POOL, Outbox, LOG],
      useFactory: makeStallAudit,
    },
    {
      provide: JournalKeeper,
      inject: [SYSTEM_POOL, OBJECTS, Partitions, LOG, CONFIG],
      useFactory: makeKeeper,
    },
    {
      provide: RunReader,
      inject: [APP_POOL, EntryReader],
      useFactory: (pool: Pool, stored: EntryReader) => new RunReader(pool, stored),
    },
    { provide: Partitions, useFactory: () => new Partitions() },
    {
      provide: NewsToReplicas,
      inject: [Services, Partitions, LOG],
      useFactory: (services: Services, partitions: Partitions, log: Log) =>
        new NewsToReplicas({
          services,
          peers: () => partitions.peers,
          onError: (error, url) => log.debug({ err: error, url }, 'another process did not hear'),
        }),
    },
    {
      provide: LimitLoans,
      inject: [Partitions, NewsToReplicas, CONFIG],
      useFactory: (partitions: Partitions, news: NewsToReplicas, config: WorkflowConfig) =>
        new LimitLoans({
          ...{ partitions, news },
          url: urlOf(config),
          life: randomUUID(),
          now: () => Math.floor(performance.now()),
        }),
    },
    {
      provide: PgJournalStore,
      inject: [SYSTEM_POOL, OBJECTS],
      useFactory: (pool: Pool, objects: ObjectStore) => new PgJournalStore(pool, objects),
    },
    {
      provide: JournalRelay,
      inject: [PgJournalStore, Partitions, SYSTEM_POOL, BUS, EventBringer, LOG],
      useFactory: (
        store: PgJournalStore,
        partitions: Partitions,
        pool: Pool,
        bus: PgBus,
        bringer: EventBringer,
        log: Log,
      ) =>
        new JournalRelay({
          store,
          owned: () => partitions.owned,
          bus: new PgRelayBus(pool, bus, store),
          emitted: (events) => bringer.arrived(events),
          onError: errorLog(log),
        }),
    },
    {
      provide: Engine,
      inject: [
        PgJournalStore,
        Partitions,
        JournalRelay,
        RunFeed,
        Performers,
        NamedVersions,
        EventBringer,
        TaskPolls,
        NewsToReplicas,
        LimitLoans,
        LOG,
        CONFIG,
      ],
      useFactory: makeEngine,
    },
    {
      provide: WorkerTaskStore,
      inject: [APP_POOL, OBJECTS],
      useFactory: (pool: Pool, objects: ObjectStore) => new WorkerTaskStore(pool, objects),
    },
    {
      provide: TaskPolls,
      inject: [WorkerTaskStore, LOG],
      useFactory: (store: WorkerTaskStore, log: Log) =>
        new TaskPolls({ store, onError: errorLog(log) }),
    },
    {
      provide: WorkerTasks,
      inject: [WorkerTaskStore, TaskPolls, Engine],
      useFactory: (store: WorkerTaskStore, polls: TaskPolls, engine: Engine) =>
        new WorkerTasks({ store, polls, brought: (messages) => engine.brought(messages) }),
    },
    {
      provide: LeaseSweeper,
      inject: [SYSTEM_POOL, Engine, LOG],
      useFactory: (pool: Pool, engine: Engine, log: Log) =>
        new LeaseSweeper({
          store: new LeaseStore(pool),
          owned: () => engine.partitions.owned,
          brought: (messages) => engine.brought(messages),
          onError: errorLog(log),
        }),
    },
    {
      provide: EventBringer,
      inject: [SYSTEM_POOL, LOG],
      useFactory: (pool: Pool, log: Log) =>
        new EventBringer({ store: new EventStore(pool), now: Date.now, onError: errorLog(log) }),
    },
    {
      provide: NamedVersions,
      inject: [APP_POOL],
      useFactory: (pool: Pool) => new NamedVersions(pool),
    },
    {
      provide: Scheduler,
      inject: [Engine, Services, SYSTEM_POOL, BUS, RunFeed, LOG],
      useFactory: (
        engine: Engine,
        services: Services,
        pool: Pool,
        bus: PgBus,
        feed: RunFeed,
        log: Log,
      ) => {
        const runs = new RunsOfSchedules(engine, services);
        return makeScheduler({ engine: runs, pool, bus, feed, onError: errorLog(log) });
      },
    },
  ],
  exports: [
    Engine,
    EntryReader,
    EventBringer,
    LimitLoans,
    NewsToReplicas,
    Partitions,
    RunFeed,
    RunReader,
    Scheduler,
    TaskPolls,
    WorkerTasks,
  ],
})
export class EngineModule
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private ready = false;

  constructor(
    @Inject(Engine) private readonly engine: Engine,
    @Inject(JournalRelay) private readonly relay: JournalRelay,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
    @Inject(Performers) private readonly performers: Performers,
    @Inject(ObjectCollector) private readonly collector: ObjectCollector,
    @Inject(EventBringer) private readonly bringer: EventBringer,
    @Inject(TaskPolls) private readonly polls: TaskPolls,
    @Inject(LeaseSweeper) private readonly sweeper: LeaseSweeper,
    @Inject(StallAudit) private readonly stalls: StallAudit,
    @Inject(JournalKeeper) private readonly keeper: JournalKeeper,
    @Inject(LimitLoans) private readonly loans: LimitLoans,
    health: Health,
  ) {
    health.register('engine', async () => {
      if (!this.ready) throw new Error('the engine has not taken over its partitions yet');
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.performers.start();
    await this.engine.start();
    const { partitions } = this.engine;
    partitions.onTaken((taken) => {
      this.bringer.taken(taken);
      this.sweeper.taken(taken);
    });
    await this.bringer.start(partitions.owned, (messages) => this.engine.brought(messages));
    this.ready = true;
    this.relay.hint();
    this.scheduler.look();
    this.collector.start();
    this.polls.start();
    this.sweeper.start();
    this.stalls.start();
    this.keeper.start();
    this.loans.start(this.engine);
  }

  /** While it still listens: what is asked of it meanwhile goes to whoever has the run now. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.engine.partitions.peers.length === 0) return;
    await this.scheduler.stop();
    await this.engine.leave({ graceMs: leavingMs });
  }

  async onApplicationShutdown(): Promise<void> {
    this.ready = false;
    this.loans.stop();
    await this.scheduler.stop();
    // What may be in the middle of a long statement holds up nothing that others wait for.
    const sweeps = Promise.all([this.collector.stop(), this.stalls.stop(), this.keeper.stop()]);
    this.bringer.stop();
    this.polls.stop();
    await this.sweeper.stop();
    await this.engine.stop();
    await this.performers.end();
    await this.relay.stop();
    await sweeps;
  }
}

/** Where the other processes of the service reach this one. */
function urlOf({ host, port, replicaUrl }: WorkflowConfig): string {
  return replicaUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

function makeEngine(
  store: PgJournalStore,
  partitions: Partitions,
  relay: JournalRelay,
  feed: RunFeed,
  performers: Performers,
  versions: NamedVersions,
  bringer: EventBringer,
  polls: TaskPolls,
  news: NewsToReplicas,
  loans: LimitLoans,
  log: Log,
  { stepsPerTurn, ...config }: WorkflowConfig,
): Engine {
  partitions.onTaken(() => relay.hint());
  return new Engine({
    heavyTurns: new HeavyTurns(),
    store,
    partitions,
    findWorkflow: (tenantId, wanted) => versions.find(tenantId, wanted),
    performCall: (run, effect, signal) => performers.perform(run, effect, signal),
    shareOf: loans.share,
    processes: scriptQueueLimits,
    onListening: (task) => bringer.begun(task),
    onWork: (tenantId, queue) => {
      polls.wake(tenantId, queue);
      news.work(tenantId, queue);
    },
    onChange: (change) => {
      feed.publish(change);
      news.changed(change);
      if (change.notable) relay.hint();
    },
    onFenced: () => {
      log.fatal('another process has taken over the engine; this one stops');
      process.exit(fencedExitCode);
    },
    onError: errorLog(log),
    replica: {
      url: urlOf(config),
      hint: (urls, about) => news.hint(urls, about),
      isDead,
    },
    turns: relay.turns,
    ...(stepsPerTurn === undefined ? {} : { stepsPerTurn }),
  });
}

function makeStallAudit(
  engine: Engine,
  system: Pool,
  app: Pool,
  outbox: Outbox,
  log: Log,
): StallAudit {
  return new StallAudit({
    store: new StalledRuns(system, app),
    owned: () => engine.partitions.owned,
    idle: (tenantId, runId) => engine.idle(tenantId, runId),
    now: Date.now,
    onFound: ({ tenantId, runId, position }) => {
      log.error({ tenantId, runId, position }, 'the run is stalled: nothing will move it');
      outbox.hint();
    },
    onError: errorLog(log),
  });
}

const dayMs = 24 * 3_600_000;

function makeKeeper(
  pool: Pool,
  objects: ObjectStore,
  partitions: Partitions,
  log: Log,
  { archiveAfterDays = 30, removeAfterDays = 365 }: WorkflowConfig,
): JournalKeeper {
  return new JournalKeeper({
    store: new PgArchiveStore(pool, objects),
    owned: () => partitions.owned,
    archiveAfterMs: archiveAfterDays * dayMs,
    removeAfterMs: removeAfterDays * dayMs,
    clock: systemClock,
    onError: errorLog(log),
  });
}
