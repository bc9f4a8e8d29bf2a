import { eventEmitted, eventReceived, type EventEnvelope } from '@parley/contracts';
import { compileEventTest, type EventTest } from '@parley/engine';
import { hashText, type IrSchedule } from '@parley/ir';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import type { EventFiring, EventSchedule, EventScheduleStore } from './event-schedule-store.pg.js';

/** Schedules are read at most this often, however many events come. */
const readMsMin = 50;

export interface EventTriggersOptions {
  readonly store: Pick<EventScheduleStore, 'any' | 'all' | 'add'>;
  /** Begins to read the bus. */
  readonly subscribe: (handler: (envelope: EventEnvelope) => Promise<void>) => void;
  /** Firings have been written down. */
  readonly fired: () => void;
  readonly onError: (error: unknown, message: string) => void;
}

interface Trigger extends EventSchedule {
  /** One of them must pass; none at all lets every event pass. */
  readonly tests: readonly EventTest[];
}

/**
 * Events that start runs: each is written down as a firing of every schedule whose filter it passes,
 * before it is acknowledged. An event that comes again has the same key, and so the same run.
 *
 * T1  An event is held against the schedules as they are after it happened, so that none is missed
 *     that was published before it.
 * T2  A run's own events do not start its workflow again.
 * T3  The bus is read only where some schedule wants events: then from the beginning of the log,
 *     passing over what happened before a schedule was published.
 */
export class EventTriggers {
  private readonly options: EventTriggersOptions;
  private triggers: { readonly atMs: number; readonly byTenant: Map<string, Trigger[]> };
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
    const { event, key } = told(envelope);
    const origin = originOf(envelope);
    const firings = triggers.flatMap((trigger): EventFiring[] => {
      const concerns = timeMs >= trigger.since.getTime() && trigger.workflowId !== origin; // T2, T3
      if (!concerns || !passes(trigger, event)) return [];
      const { tenantId, workflowId, spec } = trigger;
      const nominalAt = new Date(timeMs);
      return [{ tenantId, workflowId, key, nominalAt, input: [formOf(event, spec)] }];
    });
    if (firings.length === 0) return;
    await this.options.store.add(firings);
    this.options.fired();
  }

  /** T1; a time that is still to come, by the clock of another machine, is as good as now. */
  private async triggersAt(tenantId: string, timeMs: number): Promise<readonly Trigger[]> {
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

  private triggerOf(schedule: EventSchedule): Trigger | undefined {
    const tests = (schedule.spec.on?.filters ?? []).map((filter) => compileEventTest(filter));
    const broken = tests.find((test) => !test.ok);
    if (broken?.ok === false) {
      const error = new Error(broken.error);
      this.options.onError(
        error,
        `events of the schedule of ${schedule.workflowId} cannot be read`,
      );
      return undefined;
    }
    return { ...schedule, tests: tests.flatMap((test) => (test.ok ? test.value : [])) };
  }
}

function passes({ tests }: Trigger, event: JsonObject): boolean {
  return tests.length === 0 || tests.some((test) => test(event, { now: Date.now() }));
}

/** The event as its author made it, and what tells it from all others. */
function told(envelope: EventEnvelope): { event: JsonObject; key: string } {
  const authored = authoredEvent(envelope);
  if (authored === undefined) {
    return { event: envelope as unknown as JsonObject, key: `event ${envelope.id}` };
  }
  const identity = JSON.stringify([authored['source'], authored['id']]);
  return { event: authored, key: `event ${hashText(identity).slice(0, 32)}` };
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

function formOf(event: JsonObject, { read = 'data' }: IrSchedule): Json {
  return read === 'envelope' ? event : (event['data'] ?? null);
}
