import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import {
  BusModule,
  DatabaseModule,
  LOG,
  Outbox,
  Services,
  STOPPING,
  SYSTEM_POOL,
  type Log,
} from '@parley/nest-kit';
import type { Pool } from '@parley/postgres';
import { ConversationFeed } from './conversations/conversation-feed.js';
import { ConversationsHttp } from './conversations/conversations.http.js';
import { MessagesHttp } from './conversations/messages.http.js';
import { Approver } from './drafts/approver.js';
import { DraftsHttp } from './drafts/drafts.http.js';
import { RevisionWriter } from './drafts/revision-writer.js';
import { WorkflowDrafts } from './drafts/workflow-drafts.js';
import { DB, PrismaModule, type Db } from './prisma.module.js';
import { interruptedTurns } from './turns/interrupted-turns.pg.js';
import { TurnRunner } from './turns/turn-runner.js';
import { TurnsHttp } from './turns/turns.http.js';

@Module({
  imports: [DatabaseModule.of(), BusModule, PrismaModule],
  controllers: [ConversationsHttp, MessagesHttp, TurnsHttp, DraftsHttp],
  providers: [
    ConversationFeed,
    {
      provide: RevisionWriter,
      inject: [Services],
      useFactory: (services: Services) => new RevisionWriter(services),
    },
    {
      provide: WorkflowDrafts,
      inject: [Services, RevisionWriter],
      useFactory: (services: Services, writer: RevisionWriter) =>
        new WorkflowDrafts(services, writer),
    },
    {
      provide: Approver,
      inject: [DB, Services, RevisionWriter, ConversationFeed, Outbox],
      useFactory: makeApprover,
    },
    {
      provide: TurnRunner,
      inject: [DB, Services, RevisionWriter, ConversationFeed, Outbox, LOG, STOPPING],
      useFactory: makeTurnRunner,
    },
  ],
})
export class ConversationModule implements OnApplicationBootstrap {
  constructor(
    @Inject(SYSTEM_POOL) private readonly systemPool: Pool,
    @Inject(TurnRunner) private readonly runner: TurnRunner,
  ) {}

  /** Goes on with the turns that the last process left. */
  async onApplicationBootstrap(): Promise<void> {
    void this.runner.resume(await interruptedTurns(this.systemPool));
  }
}

function makeTurnRunner(
  db: Db,
  services: Services,
  writer: RevisionWriter,
  feed: ConversationFeed,
  outbox: Outbox,
  log: Log,
  stopping: AbortSignal,
): TurnRunner {
  return new TurnRunner({ db, services, writer, feed, outbox, log, stopping });
}

function makeApprover(
  db: Db,
  services: Services,
  writer: RevisionWriter,
  feed: ConversationFeed,
  outbox: Outbox,
): Approver {
  return new Approver({ db, services, writer, feed, outbox });
}
