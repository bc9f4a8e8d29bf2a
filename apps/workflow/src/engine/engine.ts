import {
  levelOfKind,
  levelOfStimulus,
  pendingEffects,
  type Rejection,
  type StimulusBody,
  type Turn,
} from '@parley/engine';
import { AppError, type Result } from '@parley/kernel';
import { JournalLevels } from '../replicas/journal-levels.js';
import { defaultTimes, Membership, nowhere, type Grace } from '../replicas/membership.js';
import { Partitions, type Hold } from '../replicas/partitions.js';
import { Breaths } from './breaths.js';
import { systemClock, type Clock } from './clock.js';
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
import { LiveRuns, type LiveRun } from './live-runs.js';
import { limitUses, refuseOverload } from './overload.js';
import { PartitionMoves } from './partition-moves.js';
import { changeOf, drawn, recordOf, refusedBy, withoutFuel, type Cause } from './record-turn.js';
import { RunCalls } from './run-calls.js';
import { makeRunId, partitionOfRun } from './run-id.js';
import type { IdleRun } from '../stalled/stalled-runs.pg.js';
import { IdleRuns } from './idle-runs.js';
import { RunHeads, type RunHead } from './run-heads.js';
import { releaseEffect, wanted, type EffectTargets } from './release-effect.js';
import { RunStarts } from './run-starts.js';
import { Telling } from './telling.js';
import { snapshotBytesMin } from './snapshots.js';
import type { StartBatch, StartedOfBatch } from './start-batch.js';
import { wholeLimit, type LimitUse } from './tenant-limits.js';
import { Timers } from './timers.js';
import { sharedEvaluationMax, TurnTaker } from './turn-taking.js';
import type { Message, TurnRecord } from './turn-record.js';

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
  private readonly telling: Telling;
  private readonly turns: TurnTaker;
  private closing = false;
  private left: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.options = options;
    const { store, onError, clock = systemClock, shareOf = wholeLimit } = options;
    this.clock = clock;
    this.breaths = new Breaths(clock, () => this.flusher.spares);
    this.partitions = options.partitions ?? new Partitions(clock);
    this.levels = new JournalLevels(store.replicas, clock);
    this.telling = new Telling({
      take: (runId, stimulus, taking) => this.take(runId, stimulus, taking),
      holdOf: (runId) => this.holdOf(runId),
      ...{ onError, clock },
    });
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
      fire: (timer) => this.telling.fire(timer),
      ...(options.firingMax === undefined ? {} : { firingMax: options.firingMax }),
      onError,
      clock,
    });
    this.calls = new RunCalls({
      perform: options.performCall,
      callsMaxOf: (tenantId) => shareOf('calls', tenantId),
      ...(options.processes === undefined ? {} : { processes: options.processes }),
      onEnded: ({ runId }, { occurrence, attempt }, outcome) =>
        this.telling.tell(runId, { ...outcome, occurrence, attempt }),
      onError,
      clock,
    });
    this.inbox = new Inbox({
      load: (limit) => store.messagesFor(this.partitions.owned, limit),
      hear: (message, hold) => this.hearing.hear(message, hold),
      holdOf: (runId) => this.telling.workingHoldOf(runId),
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
    this.turns = new TurnTaker({
      isShared: () => flusher.isShared,
      elsewhere: options.heavyTurns?.take,
      listsGrow: () => this.levels.has('grownLists'),
      isKept: (run) => runs.get(run.facts.runId) === run,
    });
    this.targets = { ...options, calls, timers };
    this.heads = new RunHeads({ runs, partitions });
    this.idleRuns = new IdleRuns({
      ...{ heads: this.heads, calls, runs },
      goOn: (runId) => this.telling.tell(runId, { kind: 'continue' }),
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
      pauseBefore: (attempt) => this.telling.pauseBefore(attempt),
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
  async leave({ graceMs = defaultTimes.graceMs }: Partial<Grace> = {}): Promise<void> {
    this.closing = true;
    this.left ??= this.membership.leave({ graceMs, onceGraceMs: graceMs });
    await this.left;
  }

  async stop(options: Partial<Grace> = {}): Promise<void> {
    await this.leave(options);
    this.timers.stop();
    this.inbox.stop();
    this.telling.stop();
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
  startRuns(batch: StartBatch): Promise<Result<StartedOfBatch, AppError>[]> {
    return this.starts.startRuns(batch);
  }

  /** Resolves when it is the turn of this tenant to do a piece of work, which is to be small. */
  breathe(tenantId: string): Promise<void> {
    return this.breaths.take(tenantId);
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
    const asked = { facts, program, state, now: this.clock.now() };
    const taken = this.turns.take({ ...asked, stimulus: drawn(stimulus, this.clock, applying) });
    const commit = (turn: Turn) => this.commit(run, turn, { stimulus, heard });
    if (taken instanceof Promise) return (await this.turns.whenBack(run, taken, commit)).rejection;
    await commit(taken);
    return taken.rejection;
  }

  private async startAs(runId: string, request: StartRequest, heard?: Message): Promise<Started> {
    const createdAt = this.clock.now();
    const loaded = await this.runs.program(request.tenantId, request.irHash);
    if (loaded.isFast) await this.levels.require(levelOfKind.changed);
    const hold = this.holdOf(runId);
    if (hold === undefined) throw notOwnerError();
    const program = hold.draining ? withoutFuel(loaded) : loaded;
    const { run, asked, cause } = firstTurn({ runId, createdAt, request, program }, this.clock);
    const taken = this.turns.take(asked);
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
      const { snapshotBytesMin: bytesMin = snapshotBytesMin } = this.options;
      const mayGrow = () => this.levels.hasOrAsks('grownLists');
      const recording = { ...cause, snapshotBytesMin: bytesMin, mayGrow };
      const record = this.runs.whole(run, () => recordOf(run, turn, recording));
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
    for (const effect of wanted(turn.effects, run.state))
      releaseEffect(this.targets, run.facts, effect); // E1
    if (turn.yielded) {
      const { tenantId, priority } = run.facts;
      void this.breaths
        .take(tenantId, priority)
        .then(() => this.telling.tell(runId, { kind: 'continue' }));
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

  private holdOf(runId: string): Hold | undefined {
    return this.partitions.holdOf(partitionOfRun(runId) ?? -1);
  }

  /** E4 */
  private recover(run: LiveRun): void {
    const { effects, stimuli } = pendingEffects(run.state);
    for (const effect of effects) {
      // It has waited in another process, so it goes before what begins now.
      const released = effect.kind === 'call' ? { ...effect, again: true as const } : effect;
      releaseEffect(this.targets, run.facts, released);
    }
    for (const stimulus of stimuli) this.telling.tell(run.facts.runId, stimulus);
  }
}
