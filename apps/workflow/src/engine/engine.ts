import {
  advance,
  errorTypes,
  initialState,
  isCallOpen,
  pendingEffects,
  type Effect,
  type Entry,
  type LabelChange,
  type LoadedIr,
  type Rejection,
  type RunState,
  type Stimulus,
  type StimulusBody,
  type Turn,
} from '@parley/engine';
import { AppError, isAppError, isJsonObject, type Json, type Result } from '@parley/kernel';
import { pauseBefore, systemClock, type Clock } from './clock.js';
import type { QueueLimits } from './call-queue.js';
import { encodeEntries } from '../payloads/claims.js';
import {
  defaultTimes,
  Membership,
  type Grace,
  type MembershipTimes,
} from '../replicas/membership.js';
import { Partitions, type Hold } from '../replicas/partitions.js';
import type { SeenPartition } from '../replicas/replica-store.js';
import { Flusher, notOwnerError } from './flusher.js';
import { Inbox } from './inbox.js';
import type { JournalStore } from './journal-store.js';
import { labelChanges } from './label-rows.js';
import { LiveRuns, type LiveRun, type LiveRunsOptions } from './live-runs.js';
import {
  approvalsClosed,
  approvalsOpened,
  childFailed,
  isNotable,
  messagesSent,
  runRow,
  timersArmed,
} from './projection.js';
import { cannotBeStored, RunCalls, type CallOutcome, type PerformCall } from './run-calls.js';
import { makeRunId, partitionOfKey, partitionOfRun } from './run-id.js';
import { inFlight, keyReused, startBatch, type BatchItem } from './start-batch.js';
import { subscriptionsClosed, subscriptionsOpened, type SubscriptionRow } from './subscriptions.js';
import { Timers, type Timer } from './timers.js';
import type { Message, MessageBody, RunFacts, RunRow, TurnRecord } from './turn-record.js';

export type { CallOutcome, PerformCall } from './run-calls.js';

/** Few, so that recovery leaves connections to the flushes. */
const recoveredAtOnce = 4;
/** Above these, new runs are refused (429): turns of all and of one tenant, calls of one tenant. */
const backlogTurnsMax = 20_000;
const backlogBytesMax = 64 * 1_048_576;
const tenantBacklogTurnsMax = 5_000;
const tenantCallsWaitingMax = 10_000;
/** Between two attempts to apply what nobody else will say again. */
const retryMs = { baseMs: 1_000, maxMs: 60_000 };
/** Runs inside one another; more is nearly always a workflow that runs itself. */
const depthMax = 32;
/** Where a process is that has no others beside it. */
const nowhere = 'http://127.0.0.1:0';

export interface StartRequest extends Omit<RunFacts, 'runId' | 'createdAt'> {
  readonly input: Json;
  /** What the run can be found by, beside what its definition says. */
  readonly labels?: LabelChange;
  /** Idempotency key and what it was first used for. */
  readonly key?: { readonly key: string; readonly fingerprint: string };
}

export interface Started {
  readonly runId: string;
  /** The key had been used before: this is the first run. */
  readonly repeated: boolean;
  /** A new run as its first turn left it. */
  readonly change?: RunChange;
}

/** On whose behalf a stimulus is applied. */
export interface Applying {
  /** Only runs of this tenant exist. */
  readonly tenantId: string;
  /** Looks at the run right before the stimulus is applied and may refuse it. */
  readonly unless?: (state: RunState) => Rejection | undefined;
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

/** A task that events are brought to. */
export type ListeningTask = Pick<RunFacts, 'tenantId' | 'runId'> & SubscriptionRow;

/** A published version, as a run is pinned to it. */
export type RunnableVersion = Pick<RunFacts, 'workflowId' | 'workflowName' | 'version' | 'irHash'>;

/** What a definition calls by `{ namespace, name, version }`, or why there is no such thing. */
export type FindWorkflow = (
  tenantId: string,
  wanted: Json,
) => Promise<Result<RunnableVersion, string>>;

export interface EngineOptions {
  readonly store: JournalStore;
  readonly performCall: PerformCall;
  readonly findWorkflow: FindWorkflow;
  /** Processes that may run at the same time. */
  readonly processes?: QueueLimits;
  readonly onChange: (change: RunChange) => void;
  /** A task listens to events, durably: what came shortly before may be for it. */
  readonly onListening?: (task: ListeningTask) => void;
  /** A process with the same address has replaced this one, which must stop. */
  readonly onFenced: () => void;
  readonly onError: (error: unknown, message: string) => void;
  /** Runs kept in memory while they only wait. */
  readonly idleRunsMax?: number;
  readonly clock?: Clock;
  /** Steps of a run that become durable together, at most. @default 2000 */
  readonly stepsPerTurn?: number;
  /** Makes a compiled definition ready to run. @default loadProgram, with a check of schemas */
  readonly load?: LiveRunsOptions['load'];
  /** What this process has of the partitions. @default its own record */
  readonly partitions?: Partitions;
  /** How it is one of several. @default one that nobody can reach */
  readonly replica?: ReplicaOptions;
}

export interface ReplicaOptions {
  /** Where the others reach this process. */
  readonly url: string;
  readonly hint?: (urls: readonly string[]) => void;
  readonly isDead?: (url: string) => Promise<boolean>;
  readonly times?: Partial<MembershipTimes>;
}

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
 * E5  Between getting a run from memory and applying a stimulus to it nothing else happens.
 * E6  Nothing is done for a partition that was lost or given away, not even what follows from a turn
 *     that was committed before.
 * E7  What a run refuses is refused when all its turns are durable: the one that made it stale may be
 *     lost, and then it is not.
 */
export class Engine {
  /** Which partitions this process has, and where the others are. */
  readonly partitions: Partitions;
  private readonly options: EngineOptions;
  private readonly clock: Clock;
  private readonly membership: Membership;
  private readonly flusher: Flusher;
  private readonly timers: Timers;
  private readonly calls: RunCalls;
  private readonly inbox: Inbox;
  private readonly runs: LiveRuns;
  private readonly startsInFlight = new Set<string>();
  private readonly stopping = new AbortController();
  private closing = false;
  /** Partitions that are being taken. */
  private taking: readonly number[] = [];
  private left: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.options = options;
    const { store, onError, clock = systemClock } = options;
    this.clock = clock;
    this.partitions = options.partitions ?? new Partitions(clock);
    this.flusher = new Flusher({
      journal: {
        flush: store.flush.bind(store),
        takeAgain: (ids) => store.replicas.takeAgain(ids),
      },
      onLost: (partitions) => {
        for (const partition of partitions) this.lost(partition);
        this.membership.poke();
      },
      onError,
      clock,
    });
    this.membership = new Membership({
      store: store.replicas,
      partitions: this.partitions,
      take: (seen) => this.takePartitions(seen),
      release: (seen, grace) => this.giveAway(seen, grace),
      lost: (partition) => this.lost(partition),
      onReplaced: options.onFenced,
      onError,
      url: nowhere,
      clock,
      ...options.replica,
    });
    this.timers = new Timers({
      load: (beforeMs, limit) =>
        store.timersDueBefore(beforeMs, limit, [...this.partitions.owned, ...this.taking]),
      fire: (timer) => this.fire(timer),
      onError,
      clock,
    });
    this.calls = new RunCalls({
      perform: options.performCall,
      ...(options.processes === undefined ? {} : { processes: options.processes }),
      onEnded: ({ runId }, { occurrence, attempt }, outcome) =>
        this.tell(runId, { ...outcome, occurrence, attempt }),
      onError,
      clock,
    });
    this.inbox = new Inbox({
      load: (limit) => store.messagesFor(this.partitions.owned, limit),
      hear: (message, hold) => this.hear(message, hold),
      holdOf: (runId) => this.workingHoldOf(runId),
      elsewhere: (runIds) => this.hintOwners(runIds),
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
    });
  }

  /** Joins the replicas and goes on with every run of its partitions that had something to do. */
  async start(): Promise<void> {
    await this.timers.start();
    await this.membership.start();
    await this.inbox.start();
  }

  /** The replicas or their partitions may have changed, or a run been told something. */
  lookAround(): void {
    this.membership.poke();
    void this.inbox.look();
  }

  /** Addresses of the other replicas. */
  get peers(): readonly string[] {
    return this.membership.peers;
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
    await this.flusher.stop();
  }

  /**
   * Starts a run; resolves when the start is durable.
   * @param admit throws when a new run is not to start; a repeated request is not asked again.
   */
  async startRun(request: StartRequest, admit: () => void = () => undefined): Promise<Started> {
    this.refuseOverload(request.tenantId);
    if (request.key === undefined) {
      admit();
      return this.startFresh(request);
    }
    const { key } = request.key;
    const taken = `${request.tenantId}\0${key}`;
    if (this.startsInFlight.has(taken)) {
      throw inFlight(key);
    }
    this.startsInFlight.add(taken);
    try {
      return await this.startUnderKey(request, request.key, admit);
    } finally {
      this.startsInFlight.delete(taken);
    }
  }

  /** Where two replicas start under one key at the same time, the table of keys decides. */
  private async startUnderKey(
    request: StartRequest,
    key: NonNullable<StartRequest['key']>,
    admit: () => void,
  ): Promise<Started> {
    const known = await this.startedUnder(request.tenantId, key);
    if (known !== undefined) return known;
    admit();
    return this.startFresh(request);
  }

  /** A start whose key, if it has one, was free a moment ago. */
  private async startFresh(request: StartRequest): Promise<Started> {
    const { tenantId, key } = request;
    if (key === undefined) return this.startNew(request, this.partitions.anyPartition());
    const due = partitionOfKey(tenantId, key.key);
    const partition = this.partitions.ownerOf(due).own ? due : this.partitions.anyPartition();
    try {
      return await this.startNew(request, partition);
    } catch (error) {
      const faster = await this.startedUnder(tenantId, key).catch((other: unknown) => {
        if (isAppError(other) && other.code === 'key-reused') throw other;
        return undefined;
      });
      if (faster === undefined) throw error;
      return faster;
    }
  }

  private async startedUnder(
    tenantId: string,
    { key, fingerprint }: NonNullable<StartRequest['key']>,
  ): Promise<Started | undefined> {
    const known = await this.options.store.findStartKey(tenantId, key);
    if (known === undefined) return undefined;
    if (known.fingerprint !== fingerprint) throw keyReused(key);
    return { runId: known.runId, repeated: true };
  }

  /**
   * Starts many runs of one version of a workflow, in as few flushes as possible; one that is refused
   * holds up no other. Resolves when all are durable, with an answer for each in their order.
   */
  async startRuns(items: readonly BatchItem[]): Promise<Result<Started, AppError>[]> {
    const [first] = items;
    if (first === undefined) return [];
    const { tenantId, irHash } = first.request;
    this.refuseOverload(tenantId);
    await this.runs.program(tenantId, irHash);
    const taken = (key: string) => `${tenantId}\0${key}`;
    return startBatch(items, {
      find: (keys) => this.options.store.findStartKeys(tenantId, keys),
      reserve: (key) => {
        if (this.startsInFlight.has(taken(key))) return false;
        this.startsInFlight.add(taken(key));
        return true;
      },
      release: (key) => this.startsInFlight.delete(taken(key)),
      start: (request) => this.startFresh(request),
      breathe: () => new Promise((done) => this.clock.soon(done)),
    });
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
    const taken = await this.take(runId, stimulus, { applying });
    if (taken === 'no such run') throw new AppError('not-found', `there is no run ${runId}`);
    return taken;
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
    while (run === undefined) {
      if (this.partitions.holdOf(partition) === undefined) throw notOwnerError();
      if (!(await this.runs.load(runId))) return 'no such run';
      run = this.runs.get(runId); // E5: what `load` saw may have been dropped again.
    }
    const held = this.partitions.holdOf(partition);
    if (hold !== undefined && held !== hold) throw notOwnerError(); // E6
    if (applying !== undefined && run.facts.tenantId !== applying.tenantId) return 'no such run';
    const refused = applying?.unless?.(run.state);
    if (refused !== undefined) return refused;
    const program = held?.draining !== false ? withoutFuel(run.program) : run.program;
    const { state } = run;
    const now = this.clock.now();
    const turn = bounded(() => advance(program, state, this.withRandom(stimulus), now));
    await this.commit(run, turn, { stimulus, heard });
    return turn.rejection;
  }

  private refuseOverload(tenantId: string): void {
    const isBehind =
      this.flusher.backlog > backlogTurnsMax ||
      this.flusher.backlogBytes > backlogBytesMax ||
      this.flusher.backlogOf(tenantId) > tenantBacklogTurnsMax ||
      this.calls.waitingOf(tenantId) > tenantCallsWaitingMax;
    if (!isBehind) return;
    throw new AppError('overloaded', 'the engine is behind; try again soon', {
      retryAfterSeconds: 1,
    });
  }

  private startNew(request: StartRequest, partition: number): Promise<Started> {
    return this.startAs(makeRunId(partition, this.clock.now(), this.clock), request);
  }

  private async startAs(runId: string, request: StartRequest, heard?: Message): Promise<Started> {
    const { input, key, labels, ...rest } = request;
    const now = this.clock.now();
    const loaded = await this.runs.program(rest.tenantId, rest.irHash);
    const hold = this.holdOf(runId);
    if (hold === undefined) throw notOwnerError();
    const program = hold.draining ? withoutFuel(loaded) : loaded;
    const facts = { ...rest, runId, createdAt: now };
    const run: LiveRun = { facts, program, state: initialState(), position: 0, pending: 0 };
    const stimulus = { kind: 'start', run: runId, input, by: facts.startedBy, labels } as const;
    const turn = bounded(() => advance(program, run.state, this.withRandom(stimulus), now));
    if (turn.rejection !== undefined) throw new AppError('invalid-input', turn.rejection.message);
    const change = await this.commit(run, turn, { stimulus, startKey: key, heard });
    return { runId, repeated: false, change };
  }

  private async commit(run: LiveRun, turn: Turn, cause: Cause): Promise<RunChange | undefined> {
    const { runId } = run.facts;
    const { stimulus } = cause;
    const hold = this.holdOf(runId);
    let change: RunChange | undefined;
    if (turn.entries.length > 0) {
      const record = bounded(() => recordOf(run, turn, cause));
      run.state = turn.state;
      run.position = record.position;
      this.runs.keep(run);
      await this.write(run, record);
      change = changeOf(record, turn);
      this.options.onChange(change);
      this.inbox.accept(record.messagesSent); // E1
    } else {
      await run.written; // E7
      if (cause.heard !== undefined) await this.settle(cause.heard);
    }
    if (hold === undefined || this.holdOf(runId) !== hold) return change; // E6
    if (stimulus.kind === 'timerFired') this.timers.cancel({ runId, ...stimulus });
    for (const effect of turn.effects) {
      if (effect.kind === 'call' && effect.again === true && !isCallOpen(run.state, effect))
        continue;
      this.release(run.facts, effect); // E1
    }
    if (turn.yielded) this.clock.soon(() => this.tell(runId, { kind: 'continue' }));
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
    if (hold.draining && (stimulus.kind === 'continue' || stimulus.kind === 'timerFired')) return;
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

  private release(run: RunFacts, effect: Effect): void {
    const { runId } = run;
    switch (effect.kind) {
      case 'call':
        this.calls.add(run, effect);
        return;
      case 'abort':
        this.calls.abort(runId, effect);
        return;
      case 'armTimer':
        this.timers.arm({ runId, ...effect });
        return;
      case 'cancelTimer':
        this.timers.cancel({ runId, ...effect });
        return;
      case 'openSubscription':
        this.options.onListening?.({ ...run, ...effect });
        return;
      case 'closeSubscription':
      case 'startChild':
      case 'cancelChild':
      case 'openApproval':
      case 'closeApproval':
        return; // Written with the turn: see projection.
    }
  }

  /** Lets a run hear a message, or starts the run that it asks for. */
  private async hear(message: Message, hold: object): Promise<void> {
    const { body } = message;
    if (body.kind === 'startChild') return this.startChild(message, body);
    const taken = await this.take(message.runId, body.stimulus, { heard: message, hold });
    if (taken === 'no such run') await this.settle(message);
  }

  private async startChild(message: Message, body: StartChildBody): Promise<void> {
    const { runId, tenantId } = message;
    if (await this.runs.load(runId)) return this.settle(message);
    const { parent, startedBy, args } = body;
    if (parent.depth > depthMax) return this.settle(message, tooDeep);
    const version = await this.options.findWorkflow(tenantId, args);
    if (!version.ok) return this.settle(message, noSuchWorkflow(version.error));
    const input = isJsonObject(args) ? (args['input'] ?? {}) : {};
    const request = { ...version.value, tenantId, startedBy, parent, input };
    await this.startAs(runId, request, message);
  }

  /** A message that causes no turn is taken away; whoever waits for what it asked for is told. */
  private async settle(message: Message, failure?: CallOutcome): Promise<void> {
    const { runId, tenantId, body } = message;
    const answer: Message | undefined =
      failure === undefined || body.kind !== 'startChild'
        ? undefined
        : {
            id: `${runId}:0:0`,
            tenantId,
            runId: body.parent.runId,
            body: { kind: 'tell', stimulus: { ...failure, ...addressOf(body.parent) } },
          };
    const id = partitionOfRun(runId) ?? 0;
    const epoch = this.flusher.epochOf(id);
    if (!(await this.options.store.settleMessage(message, { id, epoch }, answer))) {
      throw new AppError('unavailable', 'another process owns the run now');
    }
    if (answer !== undefined) this.inbox.accept([answer]);
  }

  private fire(timer: Timer): void {
    const { runId, occurrence, generation } = timer;
    this.tell(runId, { kind: 'timerFired', occurrence, generation });
  }

  private holdOf(runId: string): Hold | undefined {
    return this.partitions.holdOf(partitionOfRun(runId) ?? -1);
  }

  /** The hold under which something may be begun. */
  private workingHoldOf(runId: string): Hold | undefined {
    const hold = this.holdOf(runId);
    return hold?.draining === false ? hold : undefined;
  }

  /** Somebody else's runs were told something; without the hint they hear it a little later. */
  private hintOwners(runIds: readonly string[]): void {
    const urls = runIds.flatMap((runId) => {
      const owner = this.partitions.ownerOf(partitionOfRun(runId) ?? -1);
      return owner.own || owner.url === undefined ? [] : owner.url;
    });
    if (urls.length > 0) this.options.replica?.hint?.([...new Set(urls)]);
  }

  /** Takes partitions that nobody has and goes on with what was left busy in them. */
  private async takePartitions(seen: readonly SeenPartition[]): Promise<void> {
    const { store } = this.options;
    await Promise.all(seen.map(({ id }) => this.flusher.quiet(id)));
    const ownership = await store.replicas.take(seen);
    const taken = [...ownership.epochs.keys()];
    if (taken.length === 0) return;
    const busy = await store.busyRuns(taken);
    // What is overdue comes before whatever else the runs are told.
    this.taking = taken;
    await this.timers.refresh().finally(() => (this.taking = []));
    this.flusher.own(ownership);
    this.runs.expect(busy);
    this.partitions.hold(taken);
    void this.inbox.look();
    void this.recoverAll(busy);
  }

  /** Finishes what is under way for a partition, and gives it to whoever is to have it. */
  private async giveAway(seen: SeenPartition, grace: Grace): Promise<void> {
    const { id: partition } = seen;
    const { replicas } = this.options.store;
    const hold = this.partitions.holdOf(partition);
    if (hold === undefined) return replicas.free([seen]);
    const isOfIt = (runId: string) => partitionOfRun(runId) === partition;
    hold.draining = true;
    this.timers.drop(isOfIt);
    await this.calls.end(isOfIt, grace);
    await this.partitions.close(partition);
    await this.flusher.quiet(partition);
    if (this.partitions.holdOf(partition) !== hold) return; // It was lost meanwhile.
    const epoch = this.flusher.epochOf(partition);
    this.drop(partition);
    await replicas.free([{ id: partition, epoch }]);
  }

  private lost(partition: number): void {
    if (this.partitions.holdOf(partition) === undefined) return;
    this.options.onError(
      new AppError('conflict', `partition ${String(partition)} is another's now`),
      'another process has taken a partition over',
    );
    this.drop(partition);
  }

  /** E6 */
  private drop(partition: number): void {
    const isOfIt = (runId: string) => partitionOfRun(runId) === partition;
    this.partitions.letGo(partition);
    this.flusher.disown(partition);
    this.runs.dropPartition(partition);
    this.inbox.forget();
    this.timers.drop(isOfIt);
    this.calls.giveUp(isOfIt);
  }

  /** E4 */
  private recover(run: LiveRun): void {
    const { effects, stimuli } = pendingEffects(run.state);
    for (const effect of effects) this.release(run.facts, effect);
    for (const stimulus of stimuli) this.tell(run.facts.runId, stimulus);
  }

  /** Reads every busy run; one that cannot be read holds up no other. */
  private async recoverAll(busy: readonly string[]): Promise<void> {
    let left = busy;
    for (let attempt = 1; ; attempt++) {
      left = await this.recoverSome(left);
      if (left.length === 0 || this.closing) return;
      await this.pauseBefore(attempt);
    }
  }

  private pauseBefore(attempt: number): Promise<void> {
    return pauseBefore(this.clock, attempt, { ...retryMs, signal: this.stopping.signal });
  }

  private withRandom(stimulus: StimulusBody): Stimulus {
    return { ...stimulus, random: this.clock.random() };
  }

  /** @returns the runs that could not be read */
  private async recoverSome(runIds: readonly string[]): Promise<string[]> {
    const failed: string[] = [];
    for (let at = 0; at < runIds.length && !this.closing; at += recoveredAtOnce) {
      const some = runIds
        .slice(at, at + recoveredAtOnce)
        .filter((runId) => this.holdOf(runId) !== undefined);
      const reads = await Promise.allSettled(some.map((runId) => this.runs.load(runId)));
      for (const [index, read] of reads.entries()) {
        const runId = some[index];
        if (read.status !== 'rejected' || runId === undefined) continue;
        this.options.onError(read.reason, `run ${runId} could not be recovered; it is tried again`);
        failed.push(runId);
      }
    }
    return failed;
  }
}

interface Taking {
  readonly applying?: Applying;
  readonly heard?: Message;
  /** Only under this hold of the partition; another one may have taken it in between. */
  readonly hold?: object;
}

interface Cause {
  readonly stimulus: StimulusBody;
  readonly heard?: Message;
  readonly startKey?: StartRequest['key'];
}

/** The answer itself cannot be stored: asking again would bring the same. */
function isDataFault(error: unknown): boolean {
  return isAppError(error) && (error.code === 'invalid' || error.code === 'too-large');
}

/** Data can be nested deeper, or be larger, than a recursion or a text can. */
function bounded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'RangeError') throw error;
    throw new AppError('too-large', 'the data is too large or too deeply nested', { cause: error });
  }
}

/** A machine that notes what it is told and leaves the next step to the turn after. */
function withoutFuel(program: LoadedIr): LoadedIr {
  return { ...program, limits: { ...program.limits, turnNodesMax: 0 } };
}

function recordOf(run: LiveRun, turn: Turn, { stimulus, startKey, heard }: Cause): TurnRecord {
  const { facts } = run;
  const fired =
    stimulus.kind === 'timerFired' && turn.rejection === undefined
      ? [{ occurrence: stimulus.occurrence, generation: stimulus.generation }]
      : [];
  const gone = turn.effects.flatMap((effect) => (effect.kind === 'cancelTimer' ? effect : []));
  const labels = labelChanges(run.state.labels, turn.state.labels);
  return {
    partition: partitionOfRun(facts.runId) ?? 0,
    tenantId: facts.tenantId,
    runId: facts.runId,
    position: run.position + 1,
    ...encodeEntries(turn.entries),
    notable: isNotable(turn.entries),
    run: runRow(facts, turn.state),
    ...(startKey === undefined ? {} : { startKey }),
    timersArmed: timersArmed(turn.effects),
    timersGone: [...fired, ...gone],
    approvalsOpened: approvalsOpened(facts.runId, turn.state, turn.effects),
    approvalsClosed: approvalsClosed(facts.runId, turn.entries, turn.effects),
    subscriptionsOpened: subscriptionsOpened(turn.effects),
    subscriptionsClosed: subscriptionsClosed(turn.effects),
    messagesSent: messagesSent(facts, run.position + 1, turn),
    ...(heard === undefined ? {} : { messageHeard: heard.id }),
    ...(labels === undefined ? {} : { labels }),
  };
}

function changeOf(record: TurnRecord, turn: Turn): RunChange {
  const { run: row, position, notable, approvalsOpened, approvalsClosed } = record;
  const approvals = [...approvalsOpened, ...approvalsClosed].map(({ id }) => id);
  return { row, position, entries: turn.entries, approvals, notable };
}

type StartChildBody = Extract<MessageBody, { kind: 'startChild' }>;

function addressOf({ occurrence, attempt }: StartChildBody['parent']) {
  return { occurrence, attempt };
}

function noSuchWorkflow(detail: string): CallOutcome {
  const type = errorTypes.configuration;
  return childFailed({ type, status: 404, title: 'No such workflow', detail });
}

const tooDeep = childFailed({
  type: errorTypes.configuration,
  status: 400,
  title: 'Too many runs inside one another',
  detail: `Runs are nested at most ${String(depthMax)} deep. Look for a workflow that runs itself without an end.`,
});
