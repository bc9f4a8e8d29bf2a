import { Controller, Inject, Query } from '@nestjs/common';
import { type EventQuery, routes, type StreamEvent } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import { APP_POOL, Caller, type Context, Endpoint, pageOf, pageTokenOf } from '@parley/nest-kit';
import { type Pool, withTenant } from '@parley/postgres';
import { compileSubject } from './subject-pattern.js';

interface EventRow extends Omit<StreamEvent, 'data'> {
  data: Json;
}

@Controller()
export class EventsController {
  constructor(@Inject(APP_POOL) private readonly pool: Pool) {}

  @Endpoint(routes.listEvents)
  async list(@Query() query: EventQuery, @Caller() caller: Context) {
    const { exact, range, regex } = compileSubject(query.subject);
    const token = pageTokenOf(query.pageToken, /^\d{1,15}$/);
    const after = Math.max(query.after ?? 0, Number(token ?? 0));
    const { rows } = await withTenant(this.pool, caller.tenantId, (client) =>
      client.query<EventRow>(
        `SELECT position, id, type, source, subject, time, data, hash FROM event
         WHERE tenant_id = $1 AND position > $2
           AND ($3::text IS NULL OR subject = $3)
           AND ($4::text IS NULL OR subject ~>=~ $4 AND subject ~<~ $5)
           AND ($6::text IS NULL OR subject ~ $6)
         ORDER BY position LIMIT $7`,
        [
          caller.tenantId,
          after,
          exact ?? null,
          range?.from ?? null,
          range?.before ?? null,
          regex ?? null,
          query.pageSize + 1,
        ],
      ),
    );
    return pageOf(rows, query.pageSize, { tokenOf: ({ position }) => String(position) });
  }
}
