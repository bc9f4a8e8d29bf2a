import type { EventEnvelope } from '@parley/contracts';
import { compileDefinition } from '@parley/dsl';
import { withTenant, type Pool } from '@parley/postgres';
import type { Engine } from '../src/engine/engine.js';
import { RunFeed } from '../src/runs/run-feed.js';
import type { SwitchOn } from '../src/schedules/collection-rows.pg.js';
import { makeScheduler } from '../src/schedules/make-scheduler.js';
import { RunsOfSchedules } from '../src/schedules/runs-of-schedules.js';
import type { Scheduler } from '../src/schedules/scheduler.js';
import { pointTag } from '../src/workflows/version-tags.pg.js';
import { tenantId, type EngineHarness } from './engine-harness.js';

const body = `do:
  - ask:
      call: http
      with: { method: get, endpoint: http://192.0.2.1/a }
`;

export const scheduledDefinition = (name: string, schedule: string, policies = '{}'): string =>
  `document: { dsl: 1.0.3, namespace: test, name: ${name}, version: 0.1.0, metadata: { timezone: UTC, schedule: ${policies} } }
schedule: ${schedule}
${body}`;

/** Publishes a definition as requests do; the same name again is the next version. */
export async function publishSchedule(
  harness: EngineHarness,
  app: Pool,
  {
    name,
    source,
    switchOn = () => Promise.resolve(),
  }: { readonly name: string; readonly source: string; readonly switchOn?: SwitchOn },
): Promise<string> {
  const workflowId = `wf_${name}`;
  const { irHash } = await harness.define(source);
  const compiled = compileDefinition(source);
  if (compiled.ir === undefined) throw new Error(JSON.stringify(compiled.diagnostics));
  await withTenant(app, tenantId, async (client) => {
    const now = new Date();
    const { rows } = await client.query<{ version: number }>(
      `INSERT INTO workflow (id, tenant_id, name, title, latest_version, created_at, updated_at)
       VALUES ($1, $2, $3, $3, 1, $4, $4)
       ON CONFLICT (id) DO UPDATE SET latest_version = workflow.latest_version + 1
       RETURNING latest_version AS version`,
      [workflowId, tenantId, name, now],
    );
    const version = rows[0]?.version ?? 1;
    await client.query(
      `INSERT INTO workflow_version (tenant_id, workflow_id, version, source, timezone, ir_hash,
         side_effects, trigger, revision_hash, approved_by, created_at)
       VALUES ($1, $2, $3, $4, 'UTC', $5, '[]', '', $6, 'mem_test', $7)`,
      [tenantId, workflowId, version, source, irHash, String(version), now],
    );
    await pointTag(client, tenantId, { workflowId, tag: 'live', version }, switchOn);
  });
  return workflowId;
}

/** A bus whose events the test brings itself. */
export class Handlers {
  readonly all: ((envelope: EventEnvelope) => Promise<void>)[] = [];

  readonly subscribe = (options: {
    readonly handler: (delivery: never) => Promise<void>;
  }): { ready: Promise<void>; stop: () => Promise<void> } => {
    this.all.push((envelope) => options.handler({ envelope } as never));
    return { ready: Promise.resolve(), stop: () => Promise.resolve() };
  };
}

export function schedulerOn(
  system: Pool,
  {
    engine,
    feed = new RunFeed(),
    bus = new Handlers(),
  }: { readonly engine: Engine; readonly feed?: RunFeed; readonly bus?: Handlers },
): Scheduler {
  const alone = { call: () => Promise.reject(new Error('there is no other process')) };
  const runs = new RunsOfSchedules(engine, alone);
  return makeScheduler({ engine: runs, pool: system, bus, feed, onError: () => undefined });
}

export async function until<T>(read: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (isSo(value)) return value;
    await new Promise((done) => setTimeout(done, 10));
  }
}
