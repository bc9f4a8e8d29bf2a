import {
  levelOfKind,
  levelOfStimulus,
  pendingEffects,
  type Effect,
  type Rejection,
  type StimulusBody,
  type Turn,
} from '@parley/engine';
import { AppError, type Result } from '@parley/kernel';
import { JournalLevels } from '../replicas/journal-levels.js';
import { defaultTimes, Membership, nowhere } from '../replicas/membership.js';
import { Partitions, type Hold } from '../replicas/partitions.js';
import { Breaths } from './breaths.js';
import { pauseBefore, systemClock, type Clock } from './clock.js';
import type {
  Applying,
  EngineOptions,
  LookAt,
  PreparedStart,
  RunChange,
  Started,
  StartRequest,
  Taking,
} from './engine-options.js';
import { firstTurn } from './first-turn.js';
import { Flusher, notOwnerError } from './flusher.js';
import { Hearing } from './hearing.js';
import { Inbox } from './inbox.js';
import type { DueTimer } from './journal-store.js';
import { LiveRuns, type LiveRun } from './live-runs.js';
import { limitUses, refuseOverload } from './overload.js';
import { PartitionMoves } from './partition-moves.js';
import {
  bounded,
  changeOf,
  drawn,
  isDataFault,
  recordOf,
  refusedBy,
  withoutFuel,
  type Cause,
} from './record-turn.js';
import { cannotBeStored, RunCalls } from './run-calls.js';
import { makeRunId, partitionOfRun } from './run-id.js';
import type { IdleRun } from '../stalled/stalled-runs.pg.js';
import { IdleRuns } from './idle-runs.js';
import { RunHeads, type RunHead } from './run-heads.js';
import { releaseEffect, wanted, type EffectTargets } from './release-effect.js';
import { RunStarts } from './run-starts.js';
import { snapshotBytesMin } from './snapshots.js';
import type { BatchItem } from './start-batch.js';
import { wholeLimit, type LimitUse } from './tenant-limits.js';
import { Timers } from './timers.js';
import { sparing, takeTurn, type TurnRequest } from './turn-taking.js';
import type { Message, RunFacts, TurnRecord } from './turn-record.js';

export type { CallOutcome, PerformCall } from './run-calls.js';
export type {
  FindWorkflow,
  PreparedStart,
  ReplicaOptions,
  RunChange,
  RunnableVersion,
  Started,
  StartRequest,
} from './engine-options.js';

/** Steps of one expression, some 5 ms at most, above which its turn is taken elsewhere. */
const sharedEvaluationMax = 50_000;

/** Between two attempts to apply what nobody else will say again. */
const retryMs = { baseMs: 1_000, maxMs: 60_000 };

/**
 * The shell of the engine: it owns partitions, feeds stimuli to the pure machine, commits turns in
 * groups, and acts on their effects.
 *
 * E1  A turn happens in memory at once and is visible outside only when it is durable: effects,
 *     replies, live events and `onChange` wait for its flush.
 * E2  Turns of a run are journaled in the order in which they happened.
 * E3  When a turn is lost, the run's memory is dropped and read again from the journal. What
 *     happened is not lost with it: it is applied again, unless somebody waits for the answer.
 * E4  Recovery folds the journal and asks the machine what is pending; it never runs anything again.
 * E5  Between getting a run from memory and applying a stimulus to it nothing else happens, nor while
 *     its turn is taken elsewhere.
 * E6  Nothing is done for a partition that was lost or given away, not even what follows from a turn
 *     that was committed before.
 * E7  What a run refuses is refused when all its turns are durable: the one that made it stale may be
 *     lost, and then it is not.
 */
export class Engine {
  /** Which partitions this process has, and where the others are. */
  readonly partitions: Partitions;
  /** What may be written, so that every replica can read it. */
  readonly levels: JournalLevels;
  private readonly options: EngineOptions;
  private readonly clock: Clock;
  private readonly snapshotBytesMin: number;
  private readonly membership: Membership;
  private readonly flusher: Flusher;
  private readonly timers: Timers;
  private readonly calls: RunCalls;
  private readonly inbox: Inbox;
  private readonly runs: LiveRuns;
  private readonly starts: RunStarts;
  private readonly heads: RunHeads;
  private readonly idleRuns: IdleRuns;
  private readonly hearing: Hearing;
  private readonly moves: PartitionMoves;
  private readonly targets: EffectTargets;
  private readonly breaths: Breaths;
  private readonly stopping = new AbortController();
  private closing = false;
  private left: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.options = options;
    const { store, onError, clock = systemClock, shareOf = wholeLimit } = options;
    this.clock = clock;
    this.breaths = new Breaths(clock);
    this.snapshotBytesMin = options.snapshotBytesMin ?? snapshotBytesMin;
    this.partitions = options.partitions ?? new Partitions(clock);
    this.levels = new JournalLevels(store.replicas);
    this.flusher = new Flusher({
      journal: {
        flush: store.flush.bind(store),
        takeAgain: (ids) => store.replicas.takeAgain(ids),
      },
      onLost: (partitions) => {
        for (const partition of partitions) this.moves.lost(partition);
        this.membership.poke();
      },
      onError,
      clock,
      ...(options.turns === undefined ? {} : { turns: options.turns }),
    });
    this.membership = new Membership({
      store: store.replicas,
      partitions: this.partitions,
      take: (seen) => this.moves.take(seen),
      release: (seen, grace) => this.moves.giveAway(seen, grace),
      lost: (partition) => this.moves.lost(partition),
      level: (level) => this.levels.learn(level),
      onReplaced: options.onFenced,
      onError,
      url: nowhere,
      clock,
      ...options.replica,
    });
    this.timers = new Timers({
      tenants: (beforeMs) => store.tenantsWithTimers(beforeMs),
      load: (beforeMs, limit, after) => {
        const partitions = [...this.partitions.owned, ...this.moves.taking];
        return store.timersDueBefore(beforeMs, limit, partitions, after);
      },
      fire: (timer) => this.fire(timer),
      ...(options.firingMax === undefined ? {} : { firingMax: options.firingMax }),
      onError,
      clock,
    });
    this.calls = new RunCalls({
      perform: options.performCall,
      callsMaxOf: (tenantId) => shareOf('calls', tenantId),
      ...(options.processes === undefined ? {} : { processes: options.processes }),
      onEnded: ({ runId }, { occurrence, attempt }, outcome) =>
        this.tell(runId, { ...outcome, occurrence, attempt }),
      onError,
      clock,
    });
    this.inbox = new Inbox({
      load: (limit) => store.messagesFor(this.partitions.owned, limit),
      hear: (message, hold) => this.hearing.hear(message, hold),
      holdOf: (runId) => this.workingHoldOf(runId),
      elsewhere: (runIds) => this.moves.hintOwners(runIds),
      onError,
      clock,
    });
    this.runs = new LiveRuns({
      store,
      onRecovered: (run) => this.recover(run),
      holdOf: (partition) => this.partitions.holdOf(partition),
      ...(options.idleRunsMax === undefined ? {} : { idleMax: options.idleRunsMax }),
      ...(options.stepsPerTurn === undefined ? {} : { stepsPerTurn: options.stepsPerTurn }),
      ...(options.load === undefined ? {} : { load: options.load }),
      ...(options.heavyTurns === undefined ? {} : { sharedEvaluationMax }),
    });
    const { partitions, flusher, timers, calls, inbox, runs } = this;
    this.targets = { ...options, calls, timers };
    this.heads = new RunHeads({ runs, partitions });
    this.idleRuns = new IdleRuns({
      ...{ heads: this.heads, calls },
      goOn: (runId) => this.tell(runId, { kind: 'continue' }),
    });
    this.starts = new RunStarts({
      ...{ store, partitions, breaths: this.breaths },
      refuseOverload: (tenantId) => refuseOverload({ flusher, calls, shareOf }, tenantId),
      isShared: () => flusher.isShared,
      program: (tenantId, irHash) => runs.program(tenantId, irHash),
      start: (request, partition) =>
        this.startAs(makeRunId(partition, clock.now(), clock), request),
    });
    this.hearing = new Hearing({
      ...{ store, flusher, runs, findWorkflow: options.findWorkflow },
      take: (heard, stimulus, hold) => this.take(heard.runId, stimulus, { heard, hold }),
      start: (request, message) => this.startAs(message.runId, request, message),
      said: (messages) => inbox.accept(messages),
    });
    this.moves = new PartitionMoves({
      ...{ store, partitions, flusher, timers, calls, inbox, runs, onError },
      hint: options.replica?.hint,
      isClosing: () => this.closing,
      pauseBefore: (attempt) => this.pauseBefore(attempt),
    });
  }

  /** Joins the replicas and goes on with every run of its partitions that had something to do. */
  async start(): Promise<void> {
    await this.timers.start();
    await this.membership.start();
    await this.inbox.start();
  }

  /** The replicas or their partitions may have changed, or a run been told something. */
  lookAround(about: LookAt = 'partitions'): void {
    if (about === 'partitions') this.membership.poke();
    void this.inbox.look();
  }

  /**
   * Gives the partitions to the other replicas. What has been accepted is finished; calls on their
   * way may still answer for a while. Those that do not are given up: whoever has the run next sends
   * them again, or their outcome is unknown.
   */
  async leave({
    graceMs = defaultTimes.graceMs,
  }: { readonly graceMs?: number } = {}): Promise<void> {
    this.closing = true;
    this.left ??= this.membership.leave({ graceMs, onceGraceMs: graceMs });
    await this.left;
  }

  async stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    await this.leave(options);
    this.timers.stop();
    this.inbox.stop();
    this.stopping.abort();
    await this.options.heavyTurns?.end();
    await this.flusher.stop();
  }

  /** Starts a run; resolves when the start is durable. */
  startRun(request: StartRequest): Promise<Started> {
    return this.startPrepared({ ...request, prepare: () => Promise.resolve(request) });
  }

  /** The same; what the start needs is found out while its key is looked up. */
  startPrepared(start: PreparedStart): Promise<Started> {
    return this.starts.startRun(start);
  }

  /**
   * Starts many runs of one version of a workflow, in as few flushes as possible; one that is refused
   * holds up no other. Resolves when all are durable, with an answer for each in their order.
   */
  startRuns(items: readonly BatchItem[]): Promise<Result<Started, AppError>[]> {
    return this.starts.startRuns(items);
  }

  /**
   * Tells a run that something happened; resolves when what follows from it is durable.
   * @returns why nothing happened, if nothing did
   */
  async apply(
    runId: string,
    stimulus: StimulusBody,
    applying: Applying,
  ): Promise<Rejection | undefined> {
    await this.levels.require(levelOfStimulus(stimulus.kind));
    const program = await this.runs.programOf(applying.tenantId, stimulus);
    const taken = await this.take(runId, stimulus, { applying: { ...applying, program } });
    if (taken === 'no such run') throw new AppError('not-found', `there is no run ${runId}`);
    return taken;
  }

  /** What a run is, durably. @throws AppError `not-found`, `unavailable` */
  head(tenantId: string, runId: string): Promise<RunHead> {
    return this.heads.of(tenantId, runId);
  }

  /** What tenants use here of their limits. */
  limitUses(): readonly LimitUse[] {
    return limitUses({ flusher: this.flusher, calls: this.calls });
  }

  /** This process may use more of the limit of a tenant than before. */
  sharesChanged(): void {
    this.calls.fill();
  }

  /** The run, when nothing in this process moves it. @throws AppError `not-found`, `unavailable` */
  idle(tenantId: string, runId: string): Promise<IdleRun | undefined> {
    return this.idleRuns.judge(tenantId, runId);
  }

  /** Messages that somebody else has written into the inboxes of runs. */
  brought(messages: readonly Message[]): void {
    this.inbox.accept(messages);
  }

  private async take(
    runId: string,
    stimulus: StimulusBody,
    { applying, heard, hold }: Taking = {},
  ): Promise<Rejection | 'no such run' | undefined> {
    const partition = partitionOfRun(runId);
    if (partition === undefined) return 'no such run';
    let run = this.runs.get(runId);
    while (run === undefined || run.away !== undefined) {
      if (this.partitions.holdOf(partition) === undefined) throw notOwnerError();
      if (run !== undefined) await run.away;
      else if (!(await this.runs.load(runId))) return 'no such run';
      run = this.runs.get(runId); // E5: what `load` saw may have been dropped again.
    }
    const held = this.partitions.holdOf(partition);
    if (hold !== undefined && held !== hold) throw notOwnerError(); // E6
    if (applying !== undefined && run.facts.tenantId !== applying.tenantId) return 'no such run';
    const refused = refusedBy(run.state, applying);
    if (refused !== undefined) {
      await run.written; // E7, also for what the machine is not asked.
      return refused;
    }
    const program = held?.draining !== false ? withoutFuel(run.program) : run.program;
    const { facts, state } = run;
    const asked = { tenantId: facts.tenantId, program, state, now: this.clock.now() };
    const taken = this.takeTurn({ ...asked, stimulus: drawn(stimulus, this.clock, applying) });
    const cause = { stimulus, heard };
    if (taken instanceof Promise) return (await this.commitLater(run, taken, cause)).rejection;
    await this.commit(run, taken, cause);
    return taken.rejection;
  }

  private takeTurn(asked: TurnRequest): Turn | Promise<Turn> {
    const program = this.flusher.isShared ? sparing(asked.program) : asked.program;
    return takeTurn({ ...asked, program }, this.options.heavyTurns?.take);
  }

  /** E5: what waits for the turn sees the run as the turn leaves it. */
  private async commitLater(run: LiveRun, taken: Promise<Turn>, cause: Cause): Promise<Turn> {
    const { promise: away, resolve: back } = Promise.withResolvers<undefined>();
    run.away = away;
    run.pending += 1; // It stays in memory.
    try {
      const turn = await taken;
      if (this.runs.get(run.facts.runId) !== run) throw notOwnerError();
      const committed = this.commit(run, turn, cause);
      returned();
      await committed;
      return turn;
    } finally {
      returned();
    }
    function returned() {
      if (run.away !== away) return;
      run.pending -= 1;
      run.away = undefined;
      back(undefined);
    }
  }

  private async startAs(runId: string, request: StartRequest, heard?: Message): Promise<Started> {
    const createdAt = this.clock.now();
    const loaded = await this.runs.program(request.tenantId, request.irHash);
    if (loaded.isFast) await this.levels.require(levelOfKind.changed);
    const hold = this.holdOf(runId);
    if (hold === undefined) throw notOwnerError();
    const program = hold.draining ? withoutFuel(loaded) : loaded;
    const { run, asked, cause } = firstTurn({ runId, createdAt, request, program }, this.clock);
    const taken = this.takeTurn(asked);
    const turn = taken instanceof Promise ? await taken : taken;
    if (turn.rejection !== undefined) throw new AppError('invalid-input', turn.rejection.message);
    const change = await this.commit(run, turn, { ...cause, heard });
    return { runId, repeated: false, change };
  }

  private async commit(run: LiveRun, turn: Turn, cause: Cause): Promise<RunChange | undefined> {
    const { runId } = run.facts;
    const { stimulus } = cause;
    const hold = this.holdOf(runId);
    let change: RunChange | undefined;
    if (turn.entries.length > 0) {
      this.levels.assertWritable(turn.entries);
      const record = bounded(() =>
        recordOf(run, turn, { ...cause, snapshotBytesMin: this.snapshotBytesMin }),
      );
      run.state = turn.state;
      run.position = record.position;
      run.endedAt = record.run.endedAt;
      run.program = turn.program ?? run.program;
      this.runs.keep(run);
      await this.write(run, record);
      change = changeOf(record, turn);
      this.options.onChange(change);
      this.inbox.accept(record.messagesSent); // E1
    } else {
      await run.written; // E7
      if (cause.heard !== undefined) await this.hearing.settle(cause.heard);
    }
    if (hold === undefined || this.holdOf(runId) !== hold) return change; // E6
    if (stimulus.kind === 'timerFired') this.timers.cancel({ runId, ...stimulus });
    for (const effect of wanted(turn.effects, run.state)) this.release(run.facts, effect); // E1
    if (turn.yielded) {
      const { tenantId, priority } = run.facts;
      void this.breaths.take(tenantId, priority).then(() => this.tell(runId, { kind: 'continue' }));
    }
    this.runs.forget(run);
    return change;
  }

  private async write(run: LiveRun, record: TurnRecord): Promise<void> {
    run.pending += 1;
    try {
      run.written = this.flusher.append(record, run);
      await run.written;
    } catch (error) {
      this.runs.drop(run); // E3
      throw error;
    } finally {
      run.pending -= 1;
    }
  }

  /** Applies a stimulus that nobody waits for. It will not be said again, so it is not given up. */
  private tell(runId: string, stimulus: StimulusBody, attempt = 1): void {
    const hold = this.holdOf(runId);
    if (this.stopping.signal.aborted || hold === undefined) return; // E6
    // Whoever has the partition next goes on from there.
    if (hold.draining && stimulus.kind === 'continue') return;
    this.take(runId, stimulus, { hold }).catch(async (error: unknown) => {
      if (this.holdOf(runId) !== hold) return;
      this.options.onError(error, `run ${runId} could not take ${stimulus.kind}`);
      if (stimulus.kind === 'completed' && isDataFault(error)) {
        const { occurrence, attempt: called } = stimulus;
        this.tell(runId, { ...cannotBeStored, occurrence, attempt: called });
        return;
      }
      await this.pauseBefore(attempt);
      this.tell(runId, stimulus, attempt + 1);
    });
  }

  /** Rejects when the timer is to fire again. */
  private async fire({ runId, occurrence, generation }: DueTimer): Promise<void> {
    const hold = this.workingHoldOf(runId);
    if (this.stopping.signal.aborted || hold === undefined) return; // E6
    try {
      await this.take(runId, { kind: 'timerFired', occurrence, generation }, { hold });
    } catch (error) {
      if (this.workingHoldOf(runId) === hold) throw error;
    }
  }

  private release(run: RunFacts, effect: Effect): void {
    releaseEffect(this.targets, run, effect);
  }

  private holdOf(runId: string): Hold | undefined {
    return this.partitions.holdOf(partitionOfRun(runId) ?? -1);
  }

  /** The hold under which something may be begun. */
  private workingHoldOf(runId: string): Hold | undefined {
    const hold = this.holdOf(runId);
    return hold?.draining === false ? hold : undefined;
  }

  /** E4 */
  private recover(run: LiveRun): void {
    const { effects, stimuli } = pendingEffects(run.state);
    for (const effect of effects) {
      // It has waited in another process, so it goes before what begins now.
      this.release(run.facts, effect.kind === 'call' ? { ...effect, again: true } : effect);
    }
    for (const stimulus of stimuli) this.tell(run.facts.runId, stimulus);
  }

  private pauseBefore(attempt: number): Promise<void> {
    return pauseBefore(this.clock, attempt, { ...retryMs, signal: this.stopping.signal });
  }
}
