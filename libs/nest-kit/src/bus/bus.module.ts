import {
  type BeforeApplicationShutdown,
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { PgBus } from '@parley/bus';
import { OutboxRelay, type Pool, serviceRoles } from '@parley/postgres';
import type { BaseConfig, DatabaseConfig } from '../config.js';
import { SYSTEM_POOL } from '../database.module.js';
import { CONFIG, LOG } from '../kit.module.js';
import type { Log } from '../logging.js';

/** Injects the bus: `@Inject(BUS) bus: Bus`. */
export const BUS = Symbol('bus');

/**
 * The service's outbox on its way to the bus. Write with `appendOutbox` inside a transaction, then
 * call `hint()` after it; without a hint events leave some seconds later.
 */
@Injectable()
export class Outbox implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly relay: OutboxRelay;

  constructor(
    @Inject(BUS) private readonly bus: PgBus,
    @Inject(SYSTEM_POOL) pool: Pool,
    @Inject(CONFIG) config: BaseConfig & DatabaseConfig,
    @Inject(LOG) log: Log,
  ) {
    this.relay = new OutboxRelay({
      pool,
      url: config.dbSystemUrl,
      schema: serviceRoles(config.service).schema,
      target: bus,
      onError: (error) => log.warn({ err: error }, 'outbox relay failure'),
    });
  }

  hint(): void {
    this.relay.hint();
  }

  onApplicationBootstrap(): void {
    this.relay.start();
  }

  /** Before the pools are closed: the batch and the events under way are finished. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.stop();
    await this.bus.stop();
  }
}

/** Bus and outbox on the service's database; needs `DatabaseModule`. */
@Global()
@Module({
  providers: [
    {
      provide: BUS,
      inject: [CONFIG, SYSTEM_POOL, LOG],
      useFactory: (config: BaseConfig & DatabaseConfig, pool: Pool, log: Log) =>
        new PgBus({
          pool,
          url: config.dbSystemUrl,
          applicationName: config.service,
          onError: (error) => log.warn({ err: error }, 'bus failure'),
        }),
    },
    Outbox,
  ],
  exports: [BUS, Outbox],
})
export class BusModule {}
