import {
  advance,
  evolve,
  initialState,
  isTerminal,
  loadProgram,
  pendingEffects,
  stateOf,
  type CallEffect,
  type Effect,
  type Entry,
  type LoadedIr,
  type Rejection,
  type RunState,
  type Stimulus,
  type StimulusBody,
  type Turn,
} from '@parley/engine';
import { AppError, isAppError, type Json } from '@parley/kernel';
import { CallQueue } from './call-queue.js';
import { encodePayload } from './codec.js';
import { backlogTurnsMax, Flusher } from './flusher.js';
import type { PgJournalStore } from './journal-store.pg.js';
import { approvalsClosed, approvalsOpened, isNotable, runRow, timersArmed } from './projection.js';
import { makeRunId, partitionOfKey, partitionOfRun, partitionCount } from './run-id.js';
import { Timers, type Timer } from './timers.js';
import type { RunFacts, RunRow, TurnRecord } from './turn-record.js';

/** Runs kept in memory while they only wait; the others are read again when something happens. */
const idleRunsMax = 5_000;
const programsMax = 500;
const resumedAtOnce = 50;

/** How a call ended, as the machine is told. */
export type CallOutcome =
  | { readonly kind: 'completed'; readonly output: Json }
  | Omit<Extract<StimulusBody, { kind: 'failed' }>, 'occurrence' | 'attempt'>;

/** Performs one call of a run; must not throw for anything that the other side does. */
export type PerformCall = (
  run: RunFacts,
  effect: CallEffect,
  signal: AbortSignal,
) => Promise<CallOutcome>;

export interface StartRequest extends Omit<RunFacts, 'runId' | 'createdAt'> {
  readonly input: Json;
  /** Idempotency key and what it was first used for. */
  readonly key?: { readonly key: string; readonly fingerprint: string };
}

export interface Started {
  readonly runId: string;
  /** The key had been used before: this is the first run. */
  readonly repeated: boolean;
}

/** A durable change of a run. */
export interface RunChange {
  readonly row: RunRow;
  readonly position: number;
  readonly entries: readonly Entry[];
  /** Ids of approvals that this turn opened or closed. */
  readonly approvals: readonly string[];
  /** Whether the relay has something to publish about it. */
  readonly notable: boolean;
}

export interface EngineOptions {
  readonly store: PgJournalStore;
  readonly performCall: PerformCall;
  readonly onChange: (change: RunChange) => void;
  readonly onFenced: () => void;
  readonly onError: (error: unknown, message: string) => void;
}

interface LiveRun {
  readonly facts: RunFacts;
  readonly program: LoadedIr;
  state: RunState;
  position: number;
  /** Turns that are not durable yet. */
  pending: number;
}

/**
 * The shell of the engine: it owns all partitions, feeds stimuli to the pure machine, commits turns
 * in groups, and acts on their effects.
 *
 * E1  A turn happens in memory at once and is visible outside only when it is durable: effects,
 *     replies, live events and `onChange` wait for its flush.
 * E2  Turns of a run are journaled in the order in which they happened.
 * E3  When a turn is lost, the run's memory is dropped and read again from the journal.
 * E4  Recovery folds the journal and asks the machine what is pending; it never runs anything again.
 */
export class Engine {
  private readonly options: EngineOptions;
  private readonly flusher: Flusher;
  private readonly timers: Timers;
  private readonly calls = new CallQueue();
  private readonly runs = new Map<string, LiveRun>();
  private readonly loading = new Map<string, Promise<LiveRun | undefined>>();
  private readonly programs = new Map<string, LoadedIr>();
  private readonly startsInFlight = new Set<string>();
  private readonly aborts = new Map<string, AbortController>();
  private stopped = false;

  constructor(options: EngineOptions) {
    this.options = options;
    this.flusher = new Flusher({
      journal: options.store,
      onFenced: options.onFenced,
      onError: options.onError,
    });
    this.timers = new Timers({
      load: (beforeMs, limit) => options.store.timersDueBefore(beforeMs, limit),
      fire: (timer) => this.fire(timer),
      onError: options.onError,
    });
  }

  /** Takes over all partitions and goes on with every run that had something to do. */
  async start(): Promise<void> {
    await this.flusher.start();
    await this.timers.start();
    void this.resumeAll();
  }

  /** Finishes what has been accepted; calls in flight are given up and re-sent after the next start. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.timers.stop();
    await this.flusher.stop();
    for (const abort of this.aborts.values()) abort.abort();
  }

  /**
   * Starts a run; resolves when the start is durable.
   * @param admit throws when a new run is not to start; a repeated request is not asked again.
   */
  async startRun(request: StartRequest, admit: () => void = () => undefined): Promise<Started> {
    if (this.flusher.backlog > backlogTurnsMax) {
      throw new AppError('overloaded', 'the engine is behind; try again soon', {
        retryAfterSeconds: 1,
      });
    }
    if (request.key === undefined) {
      admit();
      return { runId: await this.startNew(request, randomPartition()), repeated: false };
    }
    const { key, fingerprint } = request.key;
    const inFlight = `${request.tenantId}\0${key}`;
    if (this.startsInFlight.has(inFlight)) {
      throw new AppError('in-flight', `a request with the idempotency key ${key} is under way`, {
        retryAfterSeconds: 1,
      });
    }
    this.startsInFlight.add(inFlight);
    try {
      const known = await this.options.store.findStartKey(request.tenantId, key);
      if (known === undefined) {
        admit();
        const partition = partitionOfKey(request.tenantId, key);
        return { runId: await this.startNew(request, partition), repeated: false };
      }
      if (known.fingerprint !== fingerprint) {
        throw new AppError('key-reused', `the idempotency key ${key} was used for another request`);
      }
      return { runId: known.runId, repeated: true };
    } finally {
      this.startsInFlight.delete(inFlight);
    }
  }

  /**
   * Tells a run that something happened; resolves when what follows from it is durable.
   * @returns why nothing happened, if nothing did
   */
  async apply(
    runId: string,
    stimulus: StimulusBody,
    tenantId?: string,
  ): Promise<Rejection | undefined> {
    const run = await this.load(runId);
    if (run === undefined || (tenantId !== undefined && run.facts.tenantId !== tenantId)) {
      throw new AppError('not-found', `there is no run ${runId}`);
    }
    const turn = advance(run.program, run.state, withRandom(stimulus), Date.now());
    await this.commit(run, turn, stimulus);
    return turn.rejection;
  }

  private async startNew(request: StartRequest, partition: number): Promise<string> {
    const { input, key, ...facts } = request;
    const now = Date.now();
    const runId = makeRunId(partition, now);
    const program = await this.program(facts.tenantId, facts.irHash);
    const run: LiveRun = {
      facts: { ...facts, runId, createdAt: now },
      program,
      state: initialState(),
      position: 0,
      pending: 0,
    };
    const stimulus = { kind: 'start', run: runId, input, by: facts.startedBy } as const;
    const turn = advance(program, run.state, withRandom(stimulus), now);
    this.runs.set(runId, run);
    await this.commit(run, turn, stimulus, key);
    return runId;
  }

  private async commit(
    run: LiveRun,
    turn: Turn,
    stimulus: StimulusBody,
    startKey?: StartRequest['key'],
  ): Promise<void> {
    if (turn.entries.length > 0) {
      run.state = turn.state;
      run.position += 1;
      run.pending += 1;
      const record = recordOf(run, turn, stimulus, startKey);
      try {
        await this.flusher.append(record);
      } catch (error) {
        if (this.runs.get(run.facts.runId) === run) this.runs.delete(run.facts.runId); // E3
        throw error;
      } finally {
        run.pending -= 1;
      }
      this.options.onChange(changeOf(record, turn));
    }
    if (stimulus.kind === 'timerFired') this.timers.cancel({ runId: run.facts.runId, ...stimulus });
    for (const effect of turn.effects) this.release(run, effect); // E1
    if (turn.yielded) setImmediate(() => this.tell(run.facts.runId, { kind: 'continue' }));
    this.forgetIdle();
  }

  /** Applies a stimulus that nobody waits for. */
  private tell(runId: string, stimulus: StimulusBody): void {
    if (this.stopped) return;
    this.apply(runId, stimulus).catch((error: unknown) => {
      this.options.onError(error, `run ${runId} could not take ${stimulus.kind}`);
      if (stimulus.kind === 'completed' && isDataFault(error)) {
        const { occurrence, attempt } = stimulus;
        this.tell(runId, { ...cannotBeStored, occurrence, attempt });
      } else this.resumeLater(runId);
    });
  }

  /** After a lost turn: the journal knows what is pending. */
  private resumeLater(runId: string): void {
    if (this.stopped) return;
    setTimeout(() => {
      this.resume(runId).catch((error: unknown) => {
        this.options.onError(error, `run ${runId} could not be resumed`);
        this.resumeLater(runId);
      });
    }, 1_000);
  }

  private release(run: LiveRun, effect: Effect): void {
    const { runId } = run.facts;
    switch (effect.kind) {
      case 'call':
        this.calls.add({ tenantId: run.facts.tenantId, work: () => this.call(run, effect) });
        return;
      case 'abort':
        this.aborts.get(callKey(runId, effect))?.abort();
        return;
      case 'armTimer':
        this.timers.arm({ runId, ...effect });
        return;
      case 'cancelTimer':
        this.timers.cancel({ runId, ...effect });
        return;
      case 'openApproval':
      case 'closeApproval':
        return; // Written with the turn: see projection.
    }
  }

  private async call(run: LiveRun, effect: CallEffect): Promise<void> {
    const { occurrence, attempt } = effect;
    const key = callKey(run.facts.runId, effect);
    if (this.stopped || this.aborts.has(key)) return;
    const abort = new AbortController();
    this.aborts.set(key, abort);
    try {
      const outcome = await this.options.performCall(run.facts, effect, abort.signal);
      if (!abort.signal.aborted) this.tell(run.facts.runId, { ...outcome, occurrence, attempt });
    } catch (error) {
      this.options.onError(error, `call ${occurrence} of run ${run.facts.runId} broke`);
      this.tell(run.facts.runId, { ...internalFailure, occurrence, attempt });
    } finally {
      this.aborts.delete(key);
    }
  }

  private fire(timer: Timer): void {
    const { runId, occurrence, generation } = timer;
    this.tell(runId, { kind: 'timerFired', occurrence, generation });
  }

  private async resumeAll(): Promise<void> {
    for (;;) {
      try {
        const ids = await this.options.store.busyRuns();
        for (let at = 0; at < ids.length; at += resumedAtOnce) {
          await Promise.all(ids.slice(at, at + resumedAtOnce).map((id) => this.resume(id)));
        }
        return;
      } catch (error) {
        if (this.stopped) return;
        this.options.onError(error, 'runs could not be resumed; it is tried again');
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
  }

  /** E4 */
  private async resume(runId: string): Promise<void> {
    if (this.runs.has(runId)) return;
    const run = await this.load(runId);
    if (run === undefined || isTerminal(stateOf(run.state))) return;
    const { effects, stimuli } = pendingEffects(run.state);
    for (const effect of effects) this.release(run, effect);
    for (const stimulus of stimuli) this.tell(runId, stimulus);
  }

  private load(runId: string): Promise<LiveRun | undefined> {
    const live = this.runs.get(runId);
    if (live !== undefined) return Promise.resolve(live);
    if (partitionOfRun(runId) === undefined) return Promise.resolve(undefined);
    const known = this.loading.get(runId);
    if (known !== undefined) return known;
    const loading = this.read(runId).finally(() => this.loading.delete(runId));
    this.loading.set(runId, loading);
    return loading;
  }

  private async read(runId: string): Promise<LiveRun | undefined> {
    const stored = await this.options.store.loadRun(runId);
    if (stored === undefined) return undefined;
    const program = await this.program(stored.facts.tenantId, stored.facts.irHash);
    let state = initialState();
    for (const turn of stored.turns) {
      for (const entry of turn.entries) state = evolve(state, entry);
    }
    const position = stored.turns.at(-1)?.position ?? 0;
    const run: LiveRun = { facts: stored.facts, program, state, position, pending: 0 };
    this.runs.set(runId, run);
    return run;
  }

  private async program(tenantId: string, irHash: string): Promise<LoadedIr> {
    const cached = this.programs.get(irHash);
    if (cached !== undefined) return cached;
    const ir = await this.options.store.loadIr(tenantId, irHash);
    if (ir === undefined)
      throw new AppError('internal', `the compiled definition ${irHash} is missing`);
    const loaded = loadProgram(ir);
    if (!loaded.ok) {
      throw new AppError('internal', `the compiled definition ${irHash} cannot be loaded`, {
        cause: new Error(JSON.stringify(loaded.error)),
      });
    }
    const [oldest] = this.programs.keys();
    if (this.programs.size >= programsMax && oldest !== undefined) this.programs.delete(oldest);
    this.programs.set(irHash, loaded.value);
    return loaded.value;
  }

  /** Drops ended runs, and waiting ones when there are many; both can be read again. */
  private forgetIdle(): void {
    if (this.runs.size <= idleRunsMax) return;
    for (const [id, run] of this.runs) {
      if (run.pending === 0 && stateOf(run.state) !== 'running') this.runs.delete(id);
      if (this.runs.size <= idleRunsMax / 2) return;
    }
  }
}

/** The answer itself cannot be stored: asking again would bring the same. */
function isDataFault(error: unknown): boolean {
  return isAppError(error) && (error.code === 'invalid' || error.code === 'too-large');
}

const cannotBeStored: Extract<CallOutcome, { kind: 'failed' }> = {
  kind: 'failed',
  outcome: 'ambiguous',
  error: {
    type: 'https://serverlessworkflow.io/spec/1.0.0/errors/runtime',
    status: 500,
    title: 'The answer could not be stored',
    detail: 'The call was made, but its answer has content that the database refuses.',
  },
};

const internalFailure: CallOutcome = {
  kind: 'failed',
  outcome: 'ambiguous',
  error: {
    type: 'https://serverlessworkflow.io/spec/1.0.0/errors/runtime',
    status: 500,
    title: 'The call could not be performed',
    detail: 'Parley could not perform this call; its log names the reason.',
  },
};

function recordOf(
  run: LiveRun,
  turn: Turn,
  stimulus: StimulusBody,
  startKey: StartRequest['key'],
): TurnRecord {
  const { facts } = run;
  const fired =
    stimulus.kind === 'timerFired' && turn.rejection === undefined
      ? [{ occurrence: stimulus.occurrence, generation: stimulus.generation }]
      : [];
  const gone = turn.effects.flatMap((effect) => (effect.kind === 'cancelTimer' ? effect : []));
  return {
    partition: partitionOfRun(facts.runId) ?? 0,
    tenantId: facts.tenantId,
    runId: facts.runId,
    position: run.position,
    payload: encodePayload(turn.entries),
    notable: isNotable(turn.entries),
    run: runRow(facts, turn.state),
    ...(startKey === undefined ? {} : { startKey }),
    timersArmed: timersArmed(turn.effects),
    timersGone: [...fired, ...gone],
    approvalsOpened: approvalsOpened(facts.runId, turn.state, turn.effects),
    approvalsClosed: approvalsClosed(facts.runId, turn.entries, turn.effects),
  };
}

function changeOf(record: TurnRecord, turn: Turn): RunChange {
  const { run: row, position, notable, approvalsOpened, approvalsClosed } = record;
  const approvals = [...approvalsOpened, ...approvalsClosed].map(({ id }) => id);
  return { row, position, entries: turn.entries, approvals, notable };
}

function callKey(runId: string, call: { occurrence: string; attempt: number }): string {
  return `${runId} ${call.occurrence} ${String(call.attempt)}`;
}

function withRandom(stimulus: StimulusBody): Stimulus {
  return { ...stimulus, random: Math.random() };
}

function randomPartition(): number {
  return Math.floor(Math.random() * partitionCount);
}
