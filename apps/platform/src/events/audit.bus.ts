import { Controller, Inject } from '@nestjs/common';
import type { EventEnvelope } from '@parley/contracts';
import { canonicalJson, type Json } from '@parley/kernel';
import { OnEvent, SYSTEM_POOL } from '@parley/nest-kit';
import type { Pool } from '@parley/postgres';

/** Writes every event of the platform into its tenant's audit stream, once. */
@Controller()
export class AuditConsumer {
  constructor(@Inject(SYSTEM_POOL) private readonly pool: Pool) {}

  @OnEvent('every')
  async record(event: EventEnvelope): Promise<void> {
    await this.pool.query('SELECT append_event($1, $2, $3)', [
      event.tenantid,
      JSON.stringify(event),
      hashedText(event),
    ]);
  }
}

/** What the hash of an event covers, besides its position and the hash before it. */
export function hashedText(
  event: Pick<EventEnvelope, 'id' | 'type' | 'source' | 'subject' | 'time' | 'data'>,
): string {
  const { id, type, source, subject, time } = event;
  return canonicalJson({ id, type, source, subject, time, data: event.data as Json });
}
