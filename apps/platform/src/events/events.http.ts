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
        // The events of a row have subjects that differ in their last token: what bounds one, bounds all.
        `SELECT f.position, f.id, f.type, f.source, f.subject, f.time, f.data, f.hash
         FROM event e CROSS JOIN LATERAL (
           SELECT e.position - cardinality(e.earlier) / 7 + n AS position, e.earlier[7 * n + 1] AS id,
             e.earlier[7 * n + 2] AS type, e.earlier[7 * n + 3] AS source,
             e.earlier[7 * n + 4] AS subject, e.earlier[7 * n + 5] AS time,
             e.earlier[7 * n + 6]::json AS data, e.earlier[7 * n + 7] AS hash
           FROM generate_series(0, cardinality(e.earlier) / 7 - 1) AS n
           UNION ALL
           SELECT e.position, e.id, e.type, e.source, e.subject, e.time, e.data, e.hash
         ) AS f
         WHERE e.tenant_id = $1 AND e.position > $2 AND f.position > $2
           AND ($3::text IS NULL OR f.subject = $3)
           AND ($4::text IS NULL OR e.subject ~>=~ $4 AND e.subject ~<~ $5)
           AND ($6::text IS NULL OR f.subject ~ $6)
           -- Most rows have two events at most: they need not be taken apart to be left out.
           AND ($6::text IS NULL OR e.subject ~ $6 OR e.earlier[4] ~ $6 OR cardinality(e.earlier) > 7)
         ORDER BY e.position, f.position LIMIT $7`,
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
