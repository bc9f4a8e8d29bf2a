import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Bus, BusSubscription } from '@parley/bus';
import { BUS, SYSTEM_POOL } from '@parley/nest-kit';
import type { Pool } from '@parley/postgres';
import { AuditWriter } from './audit-writer.js';
import { StreamStore } from './stream-store.js';

/** Nothing waits for an event to be in the stream; under load, what comes within this is one commit. */
const gatherMs = 200;

/**
 * Writes every event of the platform into its tenant's audit stream, once. It takes from the bus as
 * many at a time as there are: one by one, the stream could not keep up with the engine.
 */
@Injectable()
export class AuditConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly writer: AuditWriter;
  private subscription: BusSubscription | undefined;

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(SYSTEM_POOL) pool: Pool,
  ) {
    this.writer = new AuditWriter(new StreamStore(pool));
  }

  async onApplicationBootstrap(): Promise<void> {
    this.subscription = this.bus.subscribe({
      topics: ['*'],
      group: 'platform',
      gatherMs,
      handler: (delivery) => this.writer.append([delivery]),
      batchHandler: (deliveries) => this.writer.append(deliveries),
    });
    await this.subscription.ready;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.subscription?.stop();
  }
}
