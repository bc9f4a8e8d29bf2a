import { eventEmitted, eventReceived, type EventEnvelope } from '@parley/contracts';
import { concerns, loadTrigger, startedBy } from '@parley/engine';
import { hashText } from '@parley/ir';
import { AppError, isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import type { CollectingSchedule, EventCollector, ToldEvent } from './event-collector.js';
import type { EventFiring, EventSchedule, EventScheduleStore } from './event-schedule-store.pg.js';

/** Schedules are read at most this often, however many events come. */
const readMsMin = 50;

export interface EventTriggersOptions {
  readonly store: Pick<EventScheduleStore, 'any' | 'all' | 'add'>;
  readonly collector: Pick<EventCollector, 'take'>;
  /** Begins to read the bus. */
  readonly subscribe: (handler: (envelope: EventEnvelope) => Promise<void>) => void;
  /** Firings have been written down. */
  readonly fired: () => void;
  readonly onError: (error: unknown, message: string) => void;
}

/**
 * Events that start runs: each is written down as a firing of every schedule whose filter it passes,
 * or added to what has been collected, before it is acknowledged. An event that comes again has the
 * same key, and so the same run.
 *
 * T1  An event is held against the schedules as they are after it happened, so that none is missed
 *     that was published before it.
 * T2  A run's own events do not start its workflow again.
 * T3  The bus is read only where some schedule wants events: then from the beginning of the log,
 *     passing over what happened before a schedule was published.
 */
export class EventTriggers {
  private readonly options: EventTriggersOptions;
  private triggers: { readonly atMs: number; readonly byTenant: Map<string, CollectingSchedule[]> };
  private reading: Promise<void> | undefined;
  private subscribed = false;

  constructor(options: EventTriggersOptions) {
    this.options = options;
    this.triggers = { atMs: Number.NEGATIVE_INFINITY, byTenant: new Map() };
  }

  /** To be called when a schedule may be new. */
  async ensure(): Promise<void> {
    if (this.subscribed || !(await this.options.store.any())) return;
    this.subscribed = true;
    this.options.subscribe((envelope) => this.handle(envelope));
  }

  async handle(envelope: EventEnvelope): Promise<void> {
    const timeMs = Date.parse(envelope.time);
    const triggers = await this.triggersAt(envelope.tenantid, timeMs);
    if (triggers.length === 0) return;
    const told = toldBy(envelope);
    const origin = originOf(envelope);
    const concerned = triggers.filter(
      ({ since, workflowId }) => told.at >= since && workflowId !== origin, // T2, T3
    );
    const firings = concerned.flatMap((trigger) => firingOf(trigger, told) ?? []);
    if (firings.length > 0) await this.options.store.add(firings);
    const started = await this.collect(concerned, told);
    if (started || firings.length > 0) this.options.fired();
  }

  /** @returns whether a run starts */
  private async collect(
    schedules: readonly CollectingSchedule[],
    told: ToldEvent,
  ): Promise<boolean> {
    const offered = { event: told.event, now: Date.now() };
    let started = false;
    for (const schedule of schedules) {
      if (schedule.trigger.single || !concerns(schedule.trigger, offered)) continue;
      const collected = await this.options.collector.take(schedule, told);
      if (collected === 'changed') {
        this.triggers = { ...this.triggers, atMs: Number.NEGATIVE_INFINITY };
        throw new AppError(
          'unavailable',
          `the schedule of ${schedule.workflowId} has just changed`,
        );
      }
      started ||= collected === 'started';
    }
    return started;
  }

  /** T1; a time that is still to come, by the clock of another machine, is as good as now. */
  private async triggersAt(
    tenantId: string,
    timeMs: number,
  ): Promise<readonly CollectingSchedule[]> {
    const wantedMs = Math.min(timeMs, Date.now());
    while (this.triggers.atMs < wantedMs) {
      this.reading ??= this.read().finally(() => {
        this.reading = undefined;
      });
      await this.reading;
    }
    return this.triggers.byTenant.get(tenantId) ?? [];
  }

  private async read(): Promise<void> {
    const waitMs = this.triggers.atMs + readMsMin - Date.now();
    if (waitMs > 0) await new Promise((done) => setTimeout(done, waitMs));
    const atMs = Date.now();
    const schedules = await this.options.store.all();
    const triggers = schedules.flatMap((schedule) => this.triggerOf(schedule) ?? []);
    this.triggers = { atMs, byTenant: Map.groupBy(triggers, ({ tenantId }) => tenantId) };
  }

  private triggerOf(schedule: EventSchedule): CollectingSchedule | undefined {
    const trigger = loadTrigger(schedule.spec);
    if (trigger.ok) return { ...schedule, trigger: trigger.value };
    const message = `events of the schedule of ${schedule.workflowId} cannot be read`;
    this.options.onError(new Error(trigger.error), message);
    return undefined;
  }
}

function firingOf(schedule: CollectingSchedule, told: ToldEvent): EventFiring | undefined {
  const { tenantId, workflowId, trigger } = schedule;
  if (!trigger.single) return undefined;
  const value = startedBy(trigger, { event: told.event, now: Date.now() });
  if (value === undefined) return undefined;
  return { tenantId, workflowId, key: told.key, nominalAt: told.at, input: [value] };
}

/** The event as its author made it, and what tells it from all others. */
function toldBy(envelope: EventEnvelope): ToldEvent {
  const at = new Date(envelope.time);
  const authored = authoredEvent(envelope);
  if (authored === undefined) {
    return { event: envelope as unknown as JsonObject, key: `event ${envelope.id}`, at };
  }
  const identity = JSON.stringify([authored['source'], authored['id']]);
  return { event: authored, key: `event ${hashText(identity).slice(0, 32)}`, at };
}

/** What a run emitted or a system outside sent; undefined for what the platform tells of itself. */
function authoredEvent({ type, data }: EventEnvelope): JsonObject | undefined {
  if (type !== eventEmitted.type && type !== eventReceived.type) return undefined;
  const event = (data as { readonly event?: Json }).event;
  return isJsonObject(event) ? event : undefined;
}

/** The workflow that an event is about. */
function originOf({ data }: EventEnvelope): string | undefined {
  const id = (data as { readonly workflowId?: unknown } | null)?.workflowId;
  return typeof id === 'string' ? id : undefined;
}
