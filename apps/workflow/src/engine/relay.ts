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
import type { Entry } from '@parley/engine';
import { isAppError } from '@parley/kernel';
import { arrivedEvent, type ArrivedEvent } from '../events/arrived-event.js';
import { systemClock, type Clock } from './clock.js';
import type { JournalStore, NotableTurn } from './journal-store.js';
import { approvalId } from './projection.js';
import type { RunFacts } from './turn-record.js';

/** Of each partition, so that a busy one does not hold up the others. */
const turnsAtOnce = 8;
/** What comes within this time is published together: each look and each publication costs the same. */
const gatherMs = 20;
/** Finds what a lost hint left behind. */
const backstopMs = 5_000;
const retryMsMax = 10_000;
/** An error can quote data of any size; an event carries this much of each of its texts. */
const errorTextLengthMax = 2_000;

/** The publishing side of the bus. */
export interface Publisher {
  publish(events: readonly EventEnvelope[]): Promise<void>;
}

export interface JournalRelayOptions {
  readonly store: Pick<JournalStore, 'notableTurns' | 'advanceRelay'>;
  /** The partitions that this process publishes for. */
  readonly owned: () => readonly number[];
  readonly bus: Publisher;
  /** Events of runs, for the runs that listen; repeated until it succeeds. */
  readonly emitted?: (events: readonly ArrivedEvent[]) => Promise<void>;
  readonly onError: (error: unknown, message: string) => void;
  readonly clock?: Clock;
}

/**
 * Publishes what the journal says, in its order: the engine has no outbox. The cursor moves after the
 * bus has accepted, so a crash in between publishes again under the same event ids.
 */
export class JournalRelay {
  private readonly options: JournalRelayOptions;
  private readonly clock: Clock;
  private callOff: (() => void) | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private failures = 0;
  private stopped = false;

  constructor(options: JournalRelayOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
  }

  /** Something notable may be in the journal. */
  hint(): void {
    if (this.stopped || this.again || this.failures > 0) return;
    this.again = true;
    if (this.running === undefined) this.lookAfter(gatherMs);
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
        return this.again ? gatherMs : backstopMs;
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
    let perhapsMore = true;
    while (perhapsMore && !this.stopped) {
      this.again = false;
      const turns = await this.options.store.notableTurns(turnsAtOnce, this.options.owned());
      perhapsMore = turns.length >= turnsAtOnce;
      if (turns.length === 0) return;
      await this.publish(turns.flatMap((turn) => this.eventsOf(turn)));
      await this.options.emitted?.(turns.flatMap(emittedIn));
      await this.options.store.advanceRelay(
        new Map(turns.map(({ partition, seq }) => [partition, seq])),
      );
    }
  }

  /** What cannot be made of an entry must not hold up all others either. */
  private eventsOf(turn: NotableTurn): EventEnvelope[] {
    const { run } = turn;
    return turn.entries.flatMap((entry, index) => {
      try {
        const event = eventOf(run, entry, factsOf(turn, index));
        return event === undefined ? [] : [event];
      } catch (error) {
        const place = `${run.runId} ${String(turn.partition)}/${String(turn.seq)}/${String(index)}`;
        this.options.onError(error, `entry ${place} cannot be told as an event and is left out`);
        return [];
      }
    });
  }

  /** One event that is refused must not hold up all others: then each is published alone. */
  private async publish(events: readonly EventEnvelope[]): Promise<void> {
    try {
      await this.options.bus.publish(events);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (events.length > 1) for (const one of events) await this.publish([one]);
      else this.options.onError(error, `event ${events[0]?.id ?? ''} is refused and left out`);
    }
  }
}

/** The bus will never take it, however often it is asked: also what is nested too deep for its text. */
function isRefusal(error: unknown): boolean {
  if (error instanceof Error && error.name === 'RangeError') return true;
  return isAppError(error) && (error.code === 'invalid' || error.code === 'too-large');
}

function emittedIn({ run: { tenantId }, entries }: NotableTurn): ArrivedEvent[] {
  return entries.flatMap((entry) =>
    entry.kind === 'emitted' ? arrivedEvent(tenantId, entry.event) : [],
  );
}

function briefly(error: RunError): RunError {
  const cut = Object.entries(error).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.slice(0, errorTextLengthMax) : value,
  ]);
  return Object.fromEntries(cut) as RunError;
}

/** What every event has; the ids are the same whenever they are made. */
function factsOf({ run, partition, seq, entries }: NotableTurn, index: number) {
  const { tenantId, runId } = run;
  const digest = hash('sha256', `${String(partition)}\0${String(seq)}\0${String(index)}`);
  const timeMs = entries[index]?.at ?? 0;
  return { id: `evt_${digest.slice(0, 26)}`, tenantId, key: runId, timeMs };
}

/** The engine has checked it when it was journaled. */
type EmittedEvent = Parameters<typeof eventEmitted.create>[0]['event'];

function eventOf(
  { runId, workflowId, version, startedBy }: RunFacts,
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
