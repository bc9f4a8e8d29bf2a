import { Body, Controller, Inject, Param } from '@nestjs/common';
import {
  eventReceived,
  routes,
  type EventAccepted,
  type SendEvent,
  type SignalRun,
} from '@parley/contracts';
import { cloudEventOf, defaultLimits, Fault, isTerminal } from '@parley/engine';
import { AppError, makeId, type Json, type JsonObject } from '@parley/kernel';
import { APP_POOL, Caller, Endpoint, eventFacts, Outbox, type Context } from '@parley/nest-kit';
import { appendOutbox, withTenant, type Pool } from '@parley/postgres';
import { randomBytes } from 'node:crypto';
import { RunReader } from '../runs/run-reader.pg.js';
import { arrivedEvent, type ArrivedEvent } from './arrived-event.js';
import { EventBringer } from './event-bringer.js';
import { EventStore } from './event-store.pg.js';

/** Events from outside: stored before they are accepted, brought to whoever listens. */
@Controller()
export class EventsHttp {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(RunReader) private readonly runs: RunReader,
    @Inject(EventBringer) private readonly bringer: EventBringer,
  ) {}

  @Endpoint(routes.sendEvent)
  async send(@Body() body: SendEvent, @Caller() caller: Context): Promise<EventAccepted> {
    const event = complete(body as Json, caller);
    const { tenantId } = caller;
    const arrived = arrivedEvent(tenantId, event);
    const facts = eventFacts(tenantId, arrived.source, Date.now());
    type Told = Parameters<typeof eventReceived.create>[0]['event'];
    const told = { event: event as unknown as Told, by: caller.principal };
    await withTenant(this.pool, tenantId, async (client) => {
      await EventStore.remember(client, [arrived]);
      await appendOutbox(client, [{ envelope: eventReceived.create(told, facts) }]);
    });
    this.outbox.hint();
    return this.bring(arrived);
  }

  @Endpoint(routes.signalRun)
  async signal(
    @Param('run') runId: string,
    @Body() body: SignalRun,
    @Caller() caller: Context,
  ): Promise<EventAccepted> {
    const run = await this.runs.run(caller.tenantId, runId);
    if (isTerminal(run.status) || run.status === 'failed') {
      throw new AppError('illegal-transition', `A ${run.status} run hears no signals.`);
    }
    const arrived = arrivedEvent(caller.tenantId, complete(body, caller), runId);
    await withTenant(this.pool, caller.tenantId, (client) =>
      EventStore.remember(client, [arrived]),
    );
    return this.bring(arrived);
  }

  private async bring(arrived: ArrivedEvent): Promise<EventAccepted> {
    await this.bringer.bring([arrived]);
    const { id, source, type } = arrived;
    return { id, source, type };
  }
}

/** @throws AppError `invalid-input` that names the attribute */
function complete(attributes: Json, caller: Context): JsonObject {
  try {
    return cloudEventOf(attributes, {
      id: makeId('event', Date.now(), randomBytes),
      source: `/members/${caller.principal}`,
      now: Date.now(),
      bytesMax: defaultLimits.eventBytesMax,
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new AppError('invalid-input', error.error.detail ?? error.message);
  }
}
