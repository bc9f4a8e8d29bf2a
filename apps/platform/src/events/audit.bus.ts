import { Controller, Inject } from '@nestjs/common';
import type { EventEnvelope } from '@parley/contracts';
import { OnEvent, SYSTEM_POOL } from '@parley/nest-kit';
import type { Pool } from '@parley/postgres';
import { AuditWriter } from './audit-writer.js';

/** Writes every event of the platform into its tenant's audit stream, once. */
@Controller()
export class AuditConsumer {
  private readonly writer: AuditWriter;

  constructor(@Inject(SYSTEM_POOL) pool: Pool) {
    this.writer = new AuditWriter(pool);
  }

  @OnEvent('every')
  record(event: EventEnvelope): Promise<void> {
    return this.writer.append(event);
  }
}
