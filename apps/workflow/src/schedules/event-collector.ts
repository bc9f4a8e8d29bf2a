import { collect, isComplete, type Collecting, type LoadedTrigger } from '@parley/engine';
import type { JsonObject } from '@parley/kernel';
import { withTransaction, type Pool, type PoolClient } from '@parley/postgres';
import { CollectionRows, lockCollector, type CollectionRow } from './collection-rows.pg.js';
import {
  EventScheduleStore,
  type EventFiring,
  type EventSchedule,
} from './event-schedule-store.pg.js';
import type { LeftOut } from './schedule-row.js';

/** Bounds of what waits for further events, of one schedule. */
export interface CollectorLimits {
  readonly collectionsMax: number;
  readonly bytesMax: number;
  /** Of one collection: it becomes the input of one run. */
  readonly eventsPerCollectionMax: number;
  readonly bytesPerCollectionMax: number;
}

export const collectorLimits: CollectorLimits = {
  collectionsMax: 1_000,
  bytesMax: 64 * 1024 * 1024,
  eventsPerCollectionMax: 1_000,
  bytesPerCollectionMax: 4 * 1024 * 1024,
};

/** Collectors of a process that add something at the same time: flushes need connections, too. */
const transactionsMax = 2;

/** For so long an event that is told of again is known to have counted. */
const countedMs = 3_600_000;
const forgottenAtOnce = 100;

export interface CollectingSchedule extends EventSchedule {
  readonly trigger: LoadedTrigger;
}

/** An event on its way to schedules. */
export interface ToldEvent {
  readonly event: JsonObject;
  /** What tells it from all others. */
  readonly key: string;
  readonly at: Date;
}

type Match = Collecting['match'];

/** `changed`: the schedule is not the one that is given any more. */
export type Collected = 'started' | 'waits' | 'unwanted' | 'changed';

/**
 * Puts events together until they start a run (`schedule.on`: all, any with until).
 *
 * K1  What has been collected is in the database, and whoever adds to it has the collector's row: of
 *     two events that come at the same time, by whatever process, one finds what the other has left.
 * K2  That an event has counted, what it was added to, and the firing that it completes are one
 *     transaction. The firing's key is made of the event that opened the collection.
 * K3  What waits is bounded. What is beyond lets the oldest collections go, and the schedule says so.
 */
export class EventCollector {
  private readonly pool: Pool;
  private readonly limits: CollectorLimits;
  private readonly line: Line;

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool, limits: CollectorLimits = collectorLimits) {
    this.pool = pool;
    this.limits = limits;
    this.line = new Line(transactionsMax);
  }

  take(schedule: CollectingSchedule, told: ToldEvent): Promise<Collected> {
    return this.line.inTurn(schedule.workflowId, () => this.takeNow(schedule, told));
  }

  private takeNow(schedule: CollectingSchedule, told: ToldEvent): Promise<Collected> {
    return withTransaction(this.pool, async (client) => {
      const version = await lockCollector(client, schedule.workflowId); // K1
      if (version !== schedule.version) return 'changed';
      if (!(await isGoing(client, schedule.workflowId, told.at))) return 'unwanted';
      return new Taking(client, schedule, this.limits).take(told);
    });
  }
}

/**
 * Work that waits here and not for a lock: one of each key at a time, and few in all, so that what
 * waits holds no connection that others need.
 */
class Line {
  private readonly busy = new Set<string>();
  private readonly waiting: { readonly key: string; readonly begin: () => void }[] = [];
  private readonly atOnce: number;

  constructor(atOnce: number) {
    this.atOnce = atOnce;
  }

  async inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.waiting.push({ key, begin });
      this.next();
    });
    try {
      return await work();
    } finally {
      this.busy.delete(key);
      this.next();
    }
  }

  private next(): void {
    for (let at = 0; at < this.waiting.length && this.busy.size < this.atOnce;) {
      const one = this.waiting[at];
      if (one === undefined || this.busy.has(one.key)) {
        at += 1;
        continue;
      }
      this.waiting.splice(at, 1);
      this.busy.add(one.key);
      one.begin();
    }
  }
}

/** A question of its own: what the lock was waited for may have paused the schedule. */
async function isGoing(client: PoolClient, workflowId: string, at: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM schedule WHERE workflow_id = $1 AND paused_at IS NULL AND since <= $2',
    [workflowId, at],
  );
  return rowCount === 1;
}

/** One event and one schedule, inside the transaction. */
class Taking {
  private readonly client: PoolClient;
  private readonly schedule: CollectingSchedule;
  private readonly limits: CollectorLimits;
  private readonly rows: CollectionRows;

  constructor(client: PoolClient, schedule: CollectingSchedule, limits: CollectorLimits) {
    this.client = client;
    this.schedule = schedule;
    this.limits = limits;
    this.rows = new CollectionRows(client, schedule);
  }

  async take(told: ToldEvent): Promise<Collected> {
    if (await this.rows.hasCounted(told.key)) return 'unwanted'; // K2
    const open = new Map((await this.rows.open()).map((row) => [row.id, row]));
    const offered = { event: told.event, now: Date.now() };
    const changes = collect(this.schedule.trigger, [...open.values()], offered);
    if (changes.length === 0) return 'unwanted';
    const complete: CollectionRow[] = [];
    for (const { collection = idOf(told), match } of changes) {
      const row = await this.add(open.get(collection) ?? emptyRow(told), match, told);
      open.set(row.id, row);
      if (await this.isComplete(row, match)) complete.push(row);
    }
    await this.rows.count(told.key, joinedBy(changes, told));
    await this.rows.forget(countedMs, forgottenAtOnce);
    const started = await this.start(complete, told);
    for (const { id } of complete) open.delete(id);
    await this.bound([...open.values()]);
    return started ? 'started' : 'waits';
  }

  private async add(
    before: CollectionRow,
    match: Match,
    { at }: ToldEvent,
  ): Promise<CollectionRow> {
    const { value, filter, keys } = match;
    const text = value === undefined ? undefined : JSON.stringify(value);
    const kept = (text ?? '') + (keys === undefined ? '' : JSON.stringify(keys));
    const row: CollectionRow = {
      id: before.id,
      matched: filter === undefined ? before.matched : [...before.matched, filter],
      keys: { ...before.keys, ...keys },
      events: before.events + (text === undefined ? 0 : 1),
      bytes: before.bytes + Buffer.byteLength(kept),
      firstAt: before.firstAt,
      lastAt: at,
    };
    await this.rows.put(row);
    if (text !== undefined) await this.rows.addValue(row.id, before.events, text);
    return row;
  }

  private async isComplete({ id }: CollectionRow, { last, value }: Match): Promise<boolean> {
    const { trigger } = this.schedule;
    const { until } = trigger.wanted;
    if (value === undefined || until === undefined || !('holds' in until)) return last === true;
    return isComplete(trigger, await this.rows.values(id), Date.now());
  }

  /** What ended before anything was collected starts nothing. */
  private async start(complete: readonly CollectionRow[], { at }: ToldEvent): Promise<boolean> {
    const { tenantId, workflowId } = this.schedule;
    const firings: EventFiring[] = [];
    for (const { id, events } of complete) {
      if (events === 0) continue;
      const input = await this.rows.values(id);
      firings.push({ tenantId, workflowId, key: `together with ${id}`, nominalAt: at, input });
    }
    if (firings.length > 0) await EventScheduleStore.add(this.client, firings);
    await this.rows.remove(complete.map(({ id }) => id));
    return firings.length > 0;
  }

  /** K3 */
  private async bound(open: readonly CollectionRow[]): Promise<void> {
    const gone = beyond(open, this.limits);
    if (gone.length === 0) return;
    await this.rows.remove(gone.map(({ id }) => id));
    await this.client.query('UPDATE schedule SET left_out = $2 WHERE workflow_id = $1', [
      this.schedule.workflowId,
      JSON.stringify(leftOut(gone)),
    ]);
  }
}

/** A collection is named like the event that opened it. */
function idOf({ key }: ToldEvent): string {
  return key;
}

function emptyRow(told: ToldEvent): CollectionRow {
  const { at } = told;
  return { id: idOf(told), matched: [], keys: {}, events: 0, bytes: 0, firstAt: at, lastAt: at };
}

/** What an event is a part of; one that ends several is of none. */
function joinedBy(changes: readonly Collecting[], told: ToldEvent): string | undefined {
  const [change] = changes;
  return changes.length === 1 ? (change?.collection ?? idOf(told)) : undefined;
}

/** @param open the oldest first */
function beyond(open: readonly CollectionRow[], limits: CollectorLimits): CollectionRow[] {
  const isTooLarge = ({ events, bytes }: CollectionRow) =>
    events >= limits.eventsPerCollectionMax || bytes > limits.bytesPerCollectionMax;
  const [gone, kept] = [open.filter(isTooLarge), open.filter((row) => !isTooLarge(row))];
  let bytes = kept.reduce((sum, row) => sum + row.bytes, 0);
  for (const [at, row] of kept.entries()) {
    if (kept.length - at <= limits.collectionsMax && bytes <= limits.bytesMax) break;
    gone.push(row);
    bytes -= row.bytes;
  }
  return gone;
}

function leftOut(gone: readonly CollectionRow[]): LeftOut {
  const events = gone.reduce((sum, row) => sum + row.events, 0);
  const times = gone.flatMap(({ firstAt, lastAt }) => [firstAt.getTime(), lastAt.getTime()]);
  return {
    reason: 'incomplete',
    from: new Date(Math.min(...times)).toISOString(),
    to: new Date(Math.max(...times)).toISOString(),
    detail: `${String(events)} ${events === 1 ? 'event has' : 'events have'} waited for others, and too much was waiting`,
  };
}
