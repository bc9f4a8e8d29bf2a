import { Module } from '@nestjs/common';
import {
  APP_POOL,
  BusModule,
  CONFIG,
  ContextTokens,
  DatabaseModule,
  Outbox,
  Services,
  STOPPING,
} from '@parley/nest-kit';
import { type Pool } from '@parley/postgres';
import { ApprovalStore } from './approvals/approval-store.pg.js';
import { ApprovalsHttp } from './approvals/approvals.http.js';
import { Catalogues } from './connectors/catalogues.js';
import { ConnectorsModule } from './connectors/connectors.module.js';
import { Engine } from './engine/engine.js';
import { EngineModule } from './engine/engine.module.js';
import { EventsHttp } from './events/events.http.js';
import { ExecutorsHttp } from './executors/executors.http.js';
import { OverlayStore } from './overlays/overlay-store.pg.js';
import { OverlaysHttp } from './overlays/overlays.http.js';
import { RunOverlays } from './overlays/run-overlays.js';
import { RunCommands } from './runs/run-commands.js';
import { RunReplays } from './runs/run-replays.js';
import { RunQueries } from './runs/run-queries.js';
import { RunControlHttp } from './runs/run-control.http.js';
import { EntryReader } from './payloads/entry-reader.js';
import { JournalReader } from './runs/journal-reader.pg.js';
import { RunHistory } from './runs/run-history.js';
import { RunHistoryHttp } from './runs/run-history.http.js';
import { RunReader } from './runs/run-reader.pg.js';
import { RunFeed } from './runs/run-feed.js';
import { RunResults } from './runs/run-results.js';
import { RunStartsHttp } from './runs/run-starts.http.js';
import { RunsHttp } from './runs/runs.http.js';
import { SingleStarts } from './runs/single-starts.js';
import { Forwarding } from './replicas/forwarding.js';
import { Partitions } from './replicas/partitions.js';
import { Peers } from './replicas/peers.js';
import { placesOf } from './replicas/places.js';
import { NewsToReplicas } from './replicas/replica-news.js';
import { ReplicasHttp } from './replicas/replicas.http.js';
import { SharedBatch } from './replicas/shared-batch.js';
import { ScheduleReader } from './schedules/schedule-reader.pg.js';
import { SchedulesHttp } from './schedules/schedules.http.js';
import { Scheduler } from './schedules/scheduler.js';
import { TaskPolls } from './task-queues/task-polls.js';
import { TaskQueueReader } from './task-queues/task-queue-reader.pg.js';
import { TaskQueuesHttp } from './task-queues/task-queues.http.js';
import { VersionRegistrar } from './workflows/register-version.js';
import { VersionTags } from './workflows/version-tags.pg.js';
import type { WorkflowConfig } from './config.js';
import { WorkflowStore } from './workflows/workflow-store.pg.js';
import { WorkflowsHttp } from './workflows/workflows.http.js';

/** The engine's flushes need one connection at a time; the rest is for recovery and the relay. */
const systemConnectionsMax = 8;
const appConnectionsMax = 12;

type RegistrarParts = [
  Pool,
  Services,
  Catalogues,
  Scheduler,
  NewsToReplicas,
  Engine,
  WorkflowConfig,
];
type OverlayParts = [Engine, Pool, Services, Catalogues, WorkflowConfig];
type ForwardingParts = [Engine, Peers, ContextTokens, ApprovalStore, AbortSignal];

@Module({
  imports: [
    DatabaseModule.of({ appMax: appConnectionsMax, systemMax: systemConnectionsMax }),
    BusModule,
    ConnectorsModule,
    EngineModule,
  ],
  controllers: [
    EventsHttp,
    RunsHttp,
    RunControlHttp,
    RunStartsHttp,
    RunHistoryHttp,
    OverlaysHttp,
    ApprovalsHttp,
    WorkflowsHttp,
    SchedulesHttp,
    TaskQueuesHttp,
    ReplicasHttp,
    ExecutorsHttp,
  ],
  providers: [
    {
      provide: Peers,
      inject: [ContextTokens],
      useFactory: (tokens: ContextTokens) => new Peers(tokens),
    },
    {
      provide: SharedBatch,
      inject: [Partitions, Services],
      useFactory: (partitions: Partitions, services: Services) =>
        new SharedBatch({ partitions, services }),
    },
    {
      provide: Forwarding,
      inject: [Engine, Peers, ContextTokens, ApprovalStore, STOPPING],
      useFactory: (...[engine, peers, tokens, approvals, stopping]: ForwardingParts) =>
        new Forwarding({
          partitions: engine.partitions,
          peers,
          tokens,
          places: placesOf((context, approvalId) => approvals.runOf(context, approvalId)),
          refresh: () => engine.lookAround(),
          stopping,
        }),
    },
    {
      provide: RunCommands,
      inject: [Engine, RunReader],
      useFactory: (engine: Engine, reader: RunReader) => new RunCommands(engine, reader),
    },
    {
      provide: RunOverlays,
      inject: [Engine, APP_POOL, Services, Catalogues, CONFIG],
      useFactory: (...[engine, pool, services, catalogues, { executors }]: OverlayParts) =>
        new RunOverlays({
          engine,
          store: new OverlayStore(pool),
          services,
          catalogue: (tenantId) => catalogues.of(tenantId),
          ...(executors === undefined ? {} : { executors }),
        }),
    },
    {
      provide: RunReplays,
      inject: [RunReader],
      useFactory: (reader: RunReader) => new RunReplays(reader),
    },
    {
      provide: SingleStarts,
      inject: [Engine, RunReader, RunReplays, WorkflowStore],
      useFactory: (
        engine: Engine,
        reader: RunReader,
        replays: RunReplays,
        workflows: WorkflowStore,
      ) => new SingleStarts({ engine, reader, replays, workflows }),
    },
    {
      provide: RunQueries,
      inject: [Engine, RunReader],
      useFactory: (engine: Engine, reader: RunReader) => new RunQueries(engine, reader),
    },
    {
      provide: RunHistory,
      inject: [RunReader, APP_POOL, EntryReader],
      useFactory: (runs: RunReader, pool: Pool, stored: EntryReader) =>
        new RunHistory(runs, new JournalReader(pool, stored)),
    },
    {
      provide: RunResults,
      inject: [RunReader, RunFeed],
      useFactory: (reader: RunReader, feed: RunFeed) => new RunResults({ reader, feed }),
    },
    {
      provide: WorkflowStore,
      inject: [APP_POOL],
      useFactory: (pool: Pool) => new WorkflowStore(pool),
    },
    {
      provide: ApprovalStore,
      inject: [APP_POOL],
      useFactory: (pool: Pool) => new ApprovalStore(pool),
    },
    {
      provide: ScheduleReader,
      inject: [APP_POOL, Scheduler, NewsToReplicas, Outbox],
      useFactory: (pool: Pool, scheduler: Scheduler, news: NewsToReplicas, outbox: Outbox) =>
        new ScheduleReader(pool, () => {
          scheduler.look();
          news.schedules();
          outbox.hint();
        }),
    },
    {
      provide: TaskQueueReader,
      inject: [APP_POOL, TaskPolls, Outbox],
      useFactory: (pool: Pool, polls: TaskPolls, outbox: Outbox) =>
        new TaskQueueReader({
          pool,
          changed: (tenantId, queue) => {
            polls.wake(tenantId, queue);
            outbox.hint();
          },
        }),
    },
    {
      provide: VersionTags,
      inject: [APP_POOL, Scheduler, NewsToReplicas, Engine],
      useFactory: (pool: Pool, scheduler: Scheduler, news: NewsToReplicas, engine: Engine) =>
        new VersionTags(
          pool,
          () => {
            scheduler.look();
            news.schedules();
          },
          (what) => engine.levels.switchOn(what),
        ),
    },
    {
      provide: VersionRegistrar,
      inject: [APP_POOL, Services, Catalogues, Scheduler, NewsToReplicas, Engine, CONFIG],
      useFactory: (
        ...[pool, services, catalogues, scheduler, news, engine, config]: RegistrarParts
      ) =>
        new VersionRegistrar({
          pool,
          services,
          catalogue: (tenantId) => catalogues.of(tenantId),
          published: () => {
            scheduler.look();
            news.schedules();
          },
          switchOn: (what) => engine.levels.switchOn(what),
          ...(config.executors === undefined ? {} : { executors: config.executors }),
        }),
    },
  ],
})
export class WorkflowModule {}
