import { hash } from 'node:crypto';
import {
  approvalDecided,
  approvalRequested,
  eventEmitted,
  runCancelled,
  runCompleted,
  runFailed,
  runResumed,
  runStarted,
  runSuspended,
  runTerminated,
  runCompensating,
  runCompensationFailed,
  stepSkipped,
  type EventEnvelope,
  type RunError,
} from '@parley/contracts';
import type { OutgoingEvent } from '@parley/bus';
import type { Entry } from '@parley/engine';
import { arrivedEvent, type ArrivedEvent } from '../events/arrived-event.js';
import { systemClock, type Clock } from './clock.js';
import type { JournalStore, NotableTurn } from './journal-store.js';
import { approvalId } from './projection.js';
import { UnpublishedTurns } from './unpublished-turns.js';

/** What comes within this time is published together: each publication costs the same. */
const gatherMs = 20;
/** The same while so many turns come that they do not get together any later for it. */
const busyGatherMs = 60;
const busyTurns = 20;
/** Turns of several tenants whose events are made before everybody else has their turn. */
const pieceMax = 50;
/** Finds what a lost hint left behind. */
const backstopMs = 5_000;
const retryMsMax = 10_000;
/** An error can quote data of any size; an event carries this much of each of its texts. */
const errorTextLengthMax = 2_000;

/** Turns of a partition that a publication is about: the first and the last of them. */
export interface Passage {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
}

/** The publishing side of the bus. */
export interface Publisher {
  /**
   * The event as it is published.
   * @throws AppError `invalid` or `too-large`, or RangeError: the bus will never take it
   */
  encode(event: EventEnvelope): OutgoingEvent;
  /**
   * Publishes events and moves the relay past the turns that they are of, in one piece.
   * @returns false when another process has passed one of these turns: then nothing happened
   */
  publish(events: readonly OutgoingEvent[], passages: readonly Passage[]): Promise<boolean>;
}

export interface JournalRelayOptions {
  readonly store: Pick<JournalStore, 'notableTurns'>;
  /** The partitions that this process publishes for. */
  readonly owned: () => readonly number[];
  readonly bus: Publisher;
  /** Events of runs, for the runs that listen; repeated until it succeeds, and before they are published. */
  readonly emitted?: (events: readonly ArrivedEvent[]) => Promise<void>;
  readonly onError: (error: unknown, message: string) => void;
  readonly clock?: Clock;
}

/**
 * Publishes what the journal says, in its order and once: the engine has no outbox. The cursor moves
 * with the publication, whoever else may be publishing the same turns.
 */
export class JournalRelay {
  /** Told what this process writes, it need not read it. */
  readonly turns: UnpublishedTurns;
  private readonly options: JournalRelayOptions;
  /** Of each partition, up to where events of runs were brought, published or not. */
  private readonly broughtTo = new Map<number, number>();
  private readonly clock: Clock;
  private callOff: (() => void) | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private failures = 0;
  private gatherMs = gatherMs;
  private stopped = false;

  constructor(options: JournalRelayOptions) {
    this.options = options;
    this.turns = new UnpublishedTurns(options.store);
    this.clock = options.clock ?? systemClock;
  }

  /** Something notable may be in the journal. */
  hint(): void {
    if (this.stopped || this.again || this.failures > 0) return;
    this.again = true;
    if (this.running === undefined) this.lookAfter(this.gatherMs);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.callOff?.();
    await this.running;
  }

  private lookAfter(waitMs: number): void {
    this.callOff?.();
    if (!this.stopped) this.callOff = this.clock.after(waitMs, () => this.look());
  }

  private look(): void {
    this.running = this.drain()
      .then(() => {
        this.failures = 0;
        return this.again ? this.gatherMs : backstopMs;
      })
      .catch((error: unknown) => {
        this.failures += 1;
        this.options.onError(error, 'events could not be published; it is tried again');
        return Math.min(retryMsMax, 200 * 2 ** this.failures);
      })
      .then((waitMs) => {
        this.running = undefined;
        this.lookAfter(waitMs);
      });
  }

  private async drain(): Promise<void> {
    while (!this.stopped) {
      this.again = false;
      const { turns, more } = await this.turns.next(this.options.owned());
      this.gatherMs = turns.length < busyTurns ? gatherMs : busyGatherMs;
      if (turns.length === 0) return;
      await this.bring(turns);
      const passages = passagesOf(turns);
      const events = await this.eventsIn(turns);
      const isPublished = await this.options.bus.publish(events, passages);
      if (isPublished) this.turns.passed(turns);
      else this.turns.doubt(passages.map(({ partition }) => partition));
      if (more && isPublished) continue;
      this.again = true; // What has come meanwhile is little: more of it gathers.
      return;
    }
  }

  /** Once, however often the publication has to be repeated. */
  private async bring(turns: readonly NotableTurn[]): Promise<void> {
    const isNew = ({ partition, seq }: NotableTurn) => seq > (this.broughtTo.get(partition) ?? 0);
    await this.options.emitted?.(turns.filter(isNew).flatMap(emittedIn));
    for (const { partition, seq } of turns) {
      this.broughtTo.set(partition, Math.max(seq, this.broughtTo.get(partition) ?? 0));
    }
  }

  private async eventsIn(turns: readonly NotableTurn[]): Promise<OutgoingEvent[]> {
    const events: OutgoingEvent[] = [];
    const isShared = new Set(turns.map(({ run }) => run.tenantId)).size > 1;
    for (const [at, turn] of turns.entries()) {
      if (isShared && at > 0 && at % pieceMax === 0) {
        await new Promise<void>((resolve) => this.clock.soon(resolve));
      }
      events.push(...this.eventsOf(turn));
    }
    return events;
  }

  /** What cannot be made of an entry, or is refused, must not hold up all others either. */
  private eventsOf(turn: NotableTurn): OutgoingEvent[] {
    const { run, partition, seq } = turn;
    const { tenantId, runId } = run;
    // The ids are the same whenever they are made.
    const place = `${String(partition)}/${String(seq)}`;
    const idStart = `evt_${hash('sha256', place).slice(0, 22)}`;
    return turn.entries.flatMap((entry, index) => {
      if (entry === null) return [];
      try {
        const id = `${idStart}${index.toString(36).padStart(4, '0')}`;
        const event = eventOf(run, entry, { id, tenantId, key: runId, timeMs: entry.at });
        return event === undefined ? [] : [this.options.bus.encode(event)];
      } catch (error) {
        const which = `${runId} ${place}/${String(index)}`;
        this.options.onError(error, `entry ${which} cannot be told as an event and is left out`);
        return [];
      }
    });
  }
}

/** Where these turns are, of which those of a partition are in their order. */
export function passagesOf(turns: readonly Pick<NotableTurn, 'partition' | 'seq'>[]): Passage[] {
  const passages = new Map<number, Passage>();
  for (const { partition, seq } of turns) {
    const { first = seq } = passages.get(partition) ?? {};
    passages.set(partition, { partition, first, last: seq });
  }
  return [...passages.values()].sort((a, b) => a.partition - b.partition);
}

function emittedIn({ run: { tenantId }, entries }: NotableTurn): ArrivedEvent[] {
  return entries.flatMap((entry) =>
    entry?.kind === 'emitted' ? arrivedEvent(tenantId, entry.event) : [],
  );
}

function briefly(error: RunError): RunError {
  const cut = Object.entries(error).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.slice(0, errorTextLengthMax) : value,
  ]);
  return Object.fromEntries(cut) as RunError;
}

/** The engine has checked it when it was journaled. */
type EmittedEvent = Parameters<typeof eventEmitted.create>[0]['event'];

function eventOf(
  { runId, workflowId, version, startedBy }: NotableTurn['run'],
  entry: Entry,
  facts: Parameters<typeof runStarted.create>[1],
): EventEnvelope | undefined {
  const ids = { runId, workflowId };
  switch (entry.kind) {
    case 'started':
    case 'startedFrom':
      return runStarted.create({ ...ids, version, by: startedBy }, facts);
    case 'runCompleted':
      return runCompleted.create(ids, facts);
    case 'runFailed':
      return runFailed.create({ ...ids, error: briefly(entry.error) }, facts);
    case 'runCancelled':
      return runCancelled.create({ ...ids, by: entry.by }, facts);
    case 'runTerminated':
      return runTerminated.create({ ...ids, by: entry.by }, facts);
    case 'undoStarted': {
      const { cause } = entry;
      const why = cause.by === undefined ? { error: briefly(cause.error) } : { by: cause.by };
      return runCompensating.create({ ...ids, ...why }, facts);
    }
    case 'undoFailed':
      return runCompensationFailed.create({ ...ids, error: briefly(entry.error) }, facts);
    case 'suspended':
      return runSuspended.create({ ...ids, by: entry.by, ...reasonOf(entry) }, facts);
    case 'resumed':
      return runResumed.create({ ...ids, by: entry.by }, facts);
    case 'stepSkipped': {
      const step = entry.occurrence;
      return stepSkipped.create({ ...ids, step, by: entry.by, ...reasonOf(entry) }, facts);
    }
    case 'emitted':
      return eventEmitted.create(
        { ...ids, step: entry.occurrence, event: entry.event as unknown as EmittedEvent },
        facts,
      );
    case 'approvalOpened':
      return approvalRequested.create(
        { ...ids, approvalId: approvalId(runId, entry.occurrence, entry.attempt) },
        facts,
      );
    case 'decided':
      return approvalDecided.create(
        {
          ...ids,
          approvalId: approvalId(runId, entry.occurrence, entry.attempt),
          decision: entry.decision === 'approved' ? 'approved' : 'rejected',
          by: entry.by,
          ...reasonOf(entry),
        },
        facts,
      );
    default:
      return undefined;
  }
}

function reasonOf({ reason }: { readonly reason?: string }): { reason?: string } {
  return reason === undefined ? {} : { reason };
}
