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
import { Flusher } from './flusher.js';
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
import { makeRunId, partitionOfKey, partitionOfRun, partitionCount } from './run-id.js';
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
/** Calls that are on their way when the engine stops may still answer for this long. */
const graceMsMax = 4_000;

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
  readonly onFenced: () => void;
  readonly onError: (error: unknown, message: string) => void;
  /** Runs kept in memory while they only wait. */
  readonly idleRunsMax?: number;
  readonly clock?: Clock;
  /** Steps of a run that become durable together, at most. @default 2000 */
  readonly stepsPerTurn?: number;
  /** Makes a compiled definition ready to run. @default loadProgram, with a check of schemas */
  readonly load?: LiveRunsOptions['load'];
}

/**
 * The shell of the engine: it owns all partitions, feeds stimuli to the pure machine, commits turns
 * in groups, and acts on their effects.
 *
 * E1  A turn happens in memory at once and is visible outside only when it is durable: effects,
 *     replies, live events and `onChange` wait for its flush.
 * E2  Turns of a run are journaled in the order in which they happened.
 * E3  When a turn is lost, the run's memory is dropped and read again from the journal. What
 *     happened is not lost with it: it is applied again, unless somebody waits for the answer.
 * E4  Recovery folds the journal and asks the machine what is pending; it never runs anything again.
 * E5  Between getting a run from memory and applying a stimulus to it nothing else happens.
 */
export class Engine {
  private readonly options: EngineOptions;
  private readonly clock: Clock;
  private readonly flusher: Flusher;
  private readonly timers: Timers;
  private readonly calls: RunCalls;
  private readonly inbox: Inbox;
  private readonly runs: LiveRuns;
  private readonly startsInFlight = new Set<string>();
  private readonly stopping = new AbortController();
  /** The engine is about to stop: turns only note what has happened, and begin nothing. */
  private closing = false;

  constructor(options: EngineOptions) {
    this.options = options;
    const { store, onError, onFenced, clock = systemClock } = options;
    this.clock = clock;
    this.flusher = new Flusher({ journal: store, onFenced, onError, clock });
    this.timers = new Timers({
      load: (beforeMs, limit) => store.timersDueBefore(beforeMs, limit),
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
      load: (limit) => store.messagesFor([...this.flusher.partitions()], limit),
      isMine: ({ runId }) => this.flusher.epochOf(partitionOfRun(runId) ?? -1) >= 0,
      hear: (message) => this.hear(message),
      onError,
      clock,
    });
    this.runs = new LiveRuns({
      store,
      onRecovered: (run) => this.recover(run),
      ...(options.idleRunsMax === undefined ? {} : { idleMax: options.idleRunsMax }),
      ...(options.stepsPerTurn === undefined ? {} : { stepsPerTurn: options.stepsPerTurn }),
      ...(options.load === undefined ? {} : { load: options.load }),
    });
  }

  /** Takes over all partitions and goes on with every run that had something to do. */
  async start(): Promise<void> {
    await this.flusher.start();
    const busy = await this.options.store.busyRuns();
    this.runs.expect(busy);
    await this.timers.start();
    await this.inbox.start();
    void this.recoverAll(busy);
  }

  /**
   * Finishes what has been accepted. Calls on their way may still answer for a while; those that do
   * not are given up: after the next start they are sent again, or their outcome is unknown.
   */
  async stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.closing = true;
    this.timers.stop();
    this.inbox.stop();
    await this.calls.end(options.graceMs ?? graceMsMax);
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
      return this.startNew(request, this.partitionFor(request));
    }
    const { key, fingerprint } = request.key;
    const taken = `${request.tenantId}\0${key}`;
    if (this.startsInFlight.has(taken)) {
      throw inFlight(key);
    }
    this.startsInFlight.add(taken);
    try {
      const known = await this.options.store.findStartKey(request.tenantId, key);
      if (known === undefined) {
        admit();
        return await this.startNew(request, this.partitionFor(request));
      }
      if (known.fingerprint !== fingerprint) throw keyReused(key);
      return { runId: known.runId, repeated: true };
    } finally {
      this.startsInFlight.delete(taken);
    }
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
      start: (request) => this.startNew(request, this.partitionFor(request)),
      breathe: () => new Promise((done) => this.clock.soon(done)),
    });
  }

  private partitionFor({ tenantId, key }: StartRequest): number {
    return key === undefined
      ? Math.floor(this.clock.random() * partitionCount)
      : partitionOfKey(tenantId, key.key);
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

  /** The partitions that this process owns. */
  partitions(): number[] {
    return [...this.flusher.partitions()];
  }

  /** Messages that somebody else has written into the inboxes of runs. */
  brought(messages: readonly Message[]): void {
    this.inbox.accept(messages);
  }

  private async take(
    runId: string,
    stimulus: StimulusBody,
    { applying, heard }: { readonly applying?: Applying; readonly heard?: Message } = {},
  ): Promise<Rejection | 'no such run' | undefined> {
    let run = this.runs.get(runId);
    while (run === undefined) {
      if (!(await this.runs.load(runId))) return 'no such run';
      run = this.runs.get(runId); // E5: what `load` saw may have been dropped again.
    }
    if (applying !== undefined && run.facts.tenantId !== applying.tenantId) return 'no such run';
    const refused = applying?.unless?.(run.state);
    if (refused !== undefined) return refused;
    const program = this.closing ? withoutFuel(run.program) : run.program;
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
    const program = await this.runs.program(rest.tenantId, rest.irHash);
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
    } else if (cause.heard !== undefined) await this.settle(cause.heard);
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
      await this.flusher.append(record, run);
    } catch (error) {
      this.runs.drop(run); // E3
      throw error;
    } finally {
      run.pending -= 1;
    }
  }

  /** Applies a stimulus that nobody waits for. It will not be said again, so it is not given up. */
  private tell(runId: string, stimulus: StimulusBody, attempt = 1): void {
    if (this.stopping.signal.aborted || (this.closing && stimulus.kind === 'continue')) return;
    this.take(runId, stimulus).catch(async (error: unknown) => {
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
  private async hear(message: Message): Promise<void> {
    const { body } = message;
    if (body.kind === 'startChild') return this.startChild(message, body);
    const taken = await this.take(message.runId, body.stimulus, { heard: message });
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
      const some = runIds.slice(at, at + recoveredAtOnce);
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
