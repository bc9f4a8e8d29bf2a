import {
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import {
  APP_POOL,
  BusModule,
  CONFIG,
  DatabaseModule,
  LOG,
  SYSTEM_POOL,
  type Log,
} from '@parley/nest-kit';
import type { Pool } from '@parley/postgres';
import type { AgentConfig } from './config.js';
import { AnswerStore } from './turns/answer-store.pg.js';
import type { Answerer } from './turns/answerer.js';
import { ModelAnswerer } from './turns/model-answerer.js';
import { PlannerAnswerer } from './turns/planner-answerer.js';
import { ANSWERER, TurnsHttp } from './turns/turns.http.js';

const pruneMs = 6 * 3_600_000;

@Module({
  imports: [DatabaseModule.of({ appMax: 5, systemMax: 2 }), BusModule],
  controllers: [TurnsHttp],
  providers: [
    { provide: ANSWERER, inject: [CONFIG], useFactory: makeAnswerer },
    {
      provide: AnswerStore,
      inject: [APP_POOL, SYSTEM_POOL],
      useFactory: (appPool: Pool, systemPool: Pool) => new AnswerStore({ appPool, systemPool }),
    },
  ],
})
export class AgentModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private pruning: NodeJS.Timeout | undefined;

  constructor(
    @Inject(AnswerStore) private readonly store: AnswerStore,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    const prune = () => {
      this.store.prune().catch((error: unknown) => {
        this.log.warn({ err: error }, 'old answers could not be removed');
      });
    };
    prune(); // A process may not live as long as the interval.
    this.pruning = setInterval(prune, pruneMs);
  }

  onApplicationShutdown(): void {
    clearInterval(this.pruning);
  }
}

/** A model where one is configured, else the planner. */
function makeAnswerer({ llmBaseUrl, llmModel, llmApiKey }: AgentConfig): Answerer {
  if (llmBaseUrl === undefined || llmModel === undefined) return new PlannerAnswerer();
  return new ModelAnswerer({
    baseUrl: llmBaseUrl,
    model: llmModel,
    ...(llmApiKey === undefined ? {} : { apiKey: llmApiKey }),
  });
}
