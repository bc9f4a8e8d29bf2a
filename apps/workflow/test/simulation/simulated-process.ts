import type { EventEnvelope } from '@parley/contracts';
import { advance, type CallEffect, type Turn } from '@parley/engine';
import type { Clock } from '../../src/engine/clock.js';
import { Engine, type FindWorkflow, type RunChange } from '../../src/engine/engine.js';
import type { JournalStore } from '../../src/engine/journal-store.js';
import type { LiveRun } from '../../src/engine/live-runs.js';
import { JournalRelay, type Passage } from '../../src/engine/relay.js';
import type { CallOutcome } from '../../src/engine/run-calls.js';
import type { ArchiveStore } from '../../src/journal/archive-store.js';
import type { ArchiverLimits } from '../../src/journal/archiver.js';
import { JournalKeeper } from '../../src/journal/journal-keeper.js';
import type { RunFacts } from '../../src/engine/turn-record.js';
import type { TurnRequest } from '../../src/engine/turn-taking.js';
import { Partitions } from '../../src/replicas/partitions.js';
import type { Caller } from './distant-store.js';
import { loadCached } from './catalogue.js';
import { asPublished } from './published-events.js';
import type { VirtualTime } from './virtual-time.js';

export interface Surroundings {
  readonly time: VirtualTime;
  store(process: SimulatedProcess): JournalStore;
  archives(process: SimulatedProcess): ArchiveStore;
  /** Whether anything was ever written to a partition: looking at the others proves nothing. */
  isUsed(partition: number): boolean;
  call(by: SimulatedProcess, run: RunFacts, call: CallEffect): Promise<CallOutcome>;
  publish(
    by: SimulatedProcess,
    events: readonly EventEnvelope[],
    passages: readonly Passage[],
  ): Promise<boolean>;
  changed(by: SimulatedProcess, change: RunChange): void;
  readonly findWorkflow: FindWorkflow;
  ended(process: SimulatedProcess): void;
}

/** So long a turn takes on another thread, at most. */
const heavyMsMax = 30;

/** Long runs are the rule here, and archives small. */
const limits: ArchiverLimits = {
  peekedTurns: 3,
  sweptTurns: 5,
  shortRunBytes: 1_500,
  sharedBytes: 3_000,
  partLength: 700,
  partSnapshots: 2,
  longRunSnapshots: 2,
  countedSnapshots: 8,
  fruitlessLooks: 2,
  removedRuns: 5,
};

/** A process of the workflow service: its engine and relay as they are, its time and its end made up. */
export class SimulatedProcess implements Caller {
  readonly name: string;
  readonly engine: Engine;
  isAlive = true;
  isReady = false;
  /** How far its clock is off. */
  skewMs = 0;
  private readonly relay: JournalRelay;
  private readonly keeper: JournalKeeper;
  private readonly surroundings: Surroundings;
  private stoppedUntilMs = 0;

  constructor(name: string, surroundings: Surroundings) {
    this.name = name;
    this.surroundings = surroundings;
    const { time } = surroundings;
    const clock: Clock = {
      now: () => time.nowMs + this.skewMs,
      after: (ms, work) => {
        let isOff = false;
        const callOff = time.in(ms, () =>
          this.deliver(() => {
            if (!isOff) work();
          }),
        );
        return () => {
          isOff = true;
          callOff();
        };
      },
      soon: (work) => void time.in(0, () => this.deliver(work)),
      busyMs: () => time.events,
      random: () => time.random.next(),
      randomBytes: (count) => Uint8Array.from({ length: count }, () => time.random.below(256)),
    };
    const store = surroundings.store(this);
    const onError = () => undefined;
    const partitions = new Partitions(clock);
    this.relay = new JournalRelay({
      store,
      owned: () => partitions.owned,
      bus: {
        encode: asPublished,
        publish: (events, passages) =>
          surroundings.publish(
            this,
            events.map(({ envelope }) => envelope),
            passages,
          ),
      },
      onError,
      clock,
    });
    partitions.onTaken(() => this.relay.hint());
    this.keeper = new JournalKeeper({
      store: surroundings.archives(this),
      owned: () => partitions.owned.filter((partition) => surroundings.isUsed(partition)),
      archiveAfterMs: 150,
      removeAfterMs: Number.MAX_SAFE_INTEGER,
      everyMs: 300,
      limits,
      ...{ clock, onError },
    });
    this.engine = new Engine({
      store,
      partitions,
      performCall: (run, call) => surroundings.call(this, run, call),
      findWorkflow: surroundings.findWorkflow,
      onChange: (change) => {
        surroundings.changed(this, change);
        if (change.notable) this.relay.hint();
      },
      onFenced: () => this.die(),
      onError,
      turns: this.relay.turns,
      idleRunsMax: 2,
      snapshotBytesMin: 600,
      clock,
      load: loadCached,
      heavyTurns: {
        take: (request) =>
          new Promise((resolve) => {
            clock.after(time.random.below(heavyMsMax), () => resolve(takenElsewhere(request)));
          }),
        end: () => Promise.resolve(),
      },
    });
  }

  /** A process that cannot start ends, as the service does. */
  start(): void {
    this.engine.start().then(
      () => {
        this.isReady = true;
        this.relay.hint();
        this.keeper.start();
      },
      () => this.die(),
    );
  }

  /** In good order, as `SIGTERM` asks for. */
  stop(): void {
    this.isReady = false;
    void this.keeper
      .stop()
      .then(() => this.engine.stop())
      .then(() => this.relay.stop())
      .then(() => this.die());
  }

  die(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.isReady = false;
    this.surroundings.ended(this);
  }

  /** Nothing happens in it for a while, as after `SIGSTOP`; it does not know. */
  freeze(ms: number): void {
    this.stoppedUntilMs = this.surroundings.time.nowMs + ms;
  }

  deliver(work: () => void): void {
    if (!this.isAlive) return;
    const { time } = this.surroundings;
    if (this.stoppedUntilMs <= time.nowMs) work();
    else time.in(this.stoppedUntilMs - time.nowMs, () => this.deliver(work));
  }

  /** What it has in memory of a run of which every turn is durable, as far as it knows. */
  settledRun(runId: string): LiveRun | undefined {
    const { runs } = this.engine as unknown as {
      runs: { get(runId: string): LiveRun | undefined };
    };
    const run = runs.get(runId);
    return run?.pending === 0 ? run : undefined;
  }
}

/** What another thread makes of a turn. */
function takenElsewhere({ program, state, stimulus, now }: TurnRequest): Turn {
  const { sharedEvaluationMax: _shared, ...limits } = program.limits;
  return advance({ ...program, limits }, state, stimulus, now);
}
