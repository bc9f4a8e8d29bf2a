import {
  defaultLimits,
  fold,
  initialState,
  isTerminal,
  loadProgram,
  revisionOf,
  stateOf,
  type EngineLimits,
  type LoadedIr,
  type RunState,
  type RunStatus,
  type StimulusBody,
} from '@parley/engine';
import type { Ir } from '@parley/ir';
import { AppError, PassingMap } from '@parley/kernel';
import { schemaCheck } from '@parley/json-schema';
import { bounded } from './bounded.js';
import { KnownClaims } from '../payloads/known-claims.js';
import type { JournalStore, StoredRun } from './journal-store.js';
import { partitionOfRun } from './run-id.js';
import type { SnapshotProgress } from './snapshots.js';
import { SharedReads } from '../workflows/shared-reads.js';
import type { RunFacts } from './turn-record.js';

/** Runs kept in memory while they only wait; the others are read again when something happens. */
const idleRunsMax = 5_000;
/** JSON text of what they are, about; above it some are forgotten however few they are. */
const idleBytesMax = 64 * 1024 * 1024;
const programsMax = 500;

/** A run in memory. When a turn of it is lost, this object is never used again. */
export interface LiveRun extends SnapshotProgress {
  readonly facts: RunFacts;
  /** What it goes by. */
  program: LoadedIr;
  state: RunState;
  position: number;
  /** When it ended, if it has. */
  endedAt?: number | undefined;
  /** Turns that are not durable yet. */
  pending: number;
  /** Settles with the last of them. */
  written?: Promise<void>;
  /** A turn of it is taken elsewhere: whatever else happens to it waits. */
  away?: Promise<unknown> | undefined;
  /** What it was counted with. */
  weight: number;
}

/**
 * About as much as the JSON text of its state: that holds hardly more than what was written. Only lists that
 * grow side by side from the same one are written once and held more than once.
 */
function weightOf({ snapshotLength, unsnapped }: LiveRun): number {
  return snapshotLength + unsnapped;
}

/** A run of which nothing is written yet. */
export function newRun(facts: RunFacts, program: LoadedIr): LiveRun {
  const claimed = new KnownClaims();
  const progress = { claimed, unsnapped: 0, snapshotLength: 0 };
  const state = initialState();
  return { facts, program, state, position: 0, pending: 0, weight: 0, ...progress };
}

/** A run as its snapshot has it, without the turns after that. */
function runOf({ facts, endedAt, snapshot, claimed }: StoredRun, program: LoadedIr): LiveRun {
  const run = { ...newRun(facts, program), endedAt, claimed };
  if (snapshot === undefined) return run;
  const { state, position, length: snapshotLength } = snapshot;
  return { ...run, state, position, snapshotLength };
}

export interface LiveRunsOptions {
  readonly store: Pick<JournalStore, 'loadRun' | 'loadIr'>;
  /** A run that another process left busy has been read for the first time. */
  readonly onRecovered: (run: LiveRun) => void;
  /** What this process holds a partition by: another one each time that it takes it over. */
  readonly holdOf: (partition: number) => object | undefined;
  /** @default 5000 */
  readonly idleMax?: number;
  /** @default 64 MiB */
  readonly idleBytesMax?: number;
  /** Steps that one turn may take, at most. @default 2000 */
  readonly stepsPerTurn?: number;
  /** Steps of one expression, when turns with more can be taken elsewhere. @default as many as it likes */
  readonly sharedEvaluationMax?: number;
  readonly load?: (ir: Ir) => ReturnType<typeof loadProgram>;
}

/**
 * The runs in memory.
 *
 * L1  One object per run: what is not in the map any more takes no turns. Whoever waited for `load`
 *     asks `get` again, in the same breath as it uses the run.
 * L2  A run that was left busy is recovered when it is first read, before anything else happens to
 *     it: later nobody could tell what was pending from what is on its way.
 * L3  Only runs that wait, with all their turns durable, are forgotten: their timers and approvals
 *     are in tables. Ended ones are forgotten at once.
 * L4  No run outlives the hold on its partition, nor one that was being read when it was lost.
 */
export class LiveRuns {
  private readonly options: LiveRunsOptions;
  private readonly runs = new PassingMap<string, LiveRun>();
  private readonly loading = new PassingMap<string, Promise<boolean>>();
  private readonly programs = new PassingMap<string, LoadedIr>();
  private readonly programReads = new SharedReads<LoadedIr>();
  private readonly leftBusy = new Set<string>();
  private readonly idleMax: number;
  private readonly bytesMax: number;
  private crowdedAt: number;
  private crowdedBytes: number;
  private bytes = 0;
  private readonly limits: EngineLimits;

  constructor(options: LiveRunsOptions) {
    this.options = options;
    this.idleMax = options.idleMax ?? idleRunsMax;
    this.crowdedAt = this.idleMax;
    this.bytesMax = options.idleBytesMax ?? idleBytesMax;
    this.crowdedBytes = this.bytesMax;
    const { stepsPerTurn = defaultLimits.turnNodesMax, sharedEvaluationMax } = options;
    this.limits = {
      ...defaultLimits,
      turnNodesMax: stepsPerTurn,
      ...(sharedEvaluationMax === undefined ? {} : { sharedEvaluationMax }),
    };
  }

  /** To be called before anything is loaded (L2). */
  expect(busyRuns: readonly string[]): void {
    for (const runId of busyRuns) this.leftBusy.add(runId);
  }

  get(runId: string): LiveRun | undefined {
    return this.runs.get(runId);
  }

  keep(run: LiveRun): void {
    const { runId } = run.facts;
    if (this.runs.get(runId) !== run) this.remove(runId);
    this.runs.set(runId, run);
    const weight = weightOf(run);
    this.bytes += weight - run.weight;
    run.weight = weight;
  }

  drop(run: LiveRun): void {
    if (this.runs.get(run.facts.runId) === run) this.remove(run.facts.runId);
  }

  private remove(runId: string): void {
    const run = this.runs.get(runId);
    if (run === undefined) return;
    this.runs.delete(runId);
    this.bytes -= run.weight;
    run.weight = 0;
  }

  /** Forgets everything of a partition that is not held any more (L4). */
  dropPartition(partition: number): void {
    const isOfIt = (runId: string) => partitionOfRun(runId) === partition;
    for (const runId of [...this.runs.keys()].filter(isOfIt)) this.remove(runId);
    for (const runId of [...this.loading.keys()].filter(isOfIt)) this.loading.delete(runId);
    for (const runId of [...this.leftBusy].filter(isOfIt)) this.leftBusy.delete(runId);
  }

  /**
   * Brings a run into memory, if its partition is held; whoever asks looks at that again.
   * @returns whether there is such a run
   */
  async load(runId: string): Promise<boolean> {
    if (this.runs.has(runId)) return true;
    if (partitionOfRun(runId) === undefined) return false;
    const known = this.loading.get(runId);
    if (known !== undefined) return known;
    const loading = this.read(runId).finally(() => {
      if (this.loading.get(runId) === loading) this.loading.delete(runId);
    });
    this.loading.set(runId, loading);
    return loading;
  }

  /** Many runs of one definition may begin, or be woken, before it is here: it is read once. */
  async program(tenantId: string, irHash: string): Promise<LoadedIr> {
    const cached = this.programs.get(irHash);
    if (cached !== undefined) return this.remember(irHash, cached);
    const read = async () => this.programs.get(irHash) ?? this.readProgram(tenantId, irHash);
    return this.programReads.ask(`${tenantId} ${irHash}`, read);
  }

  private async readProgram(tenantId: string, irHash: string): Promise<LoadedIr> {
    const ir = await this.options.store.loadIr(tenantId, irHash);
    if (ir === undefined)
      throw new AppError('internal', `the compiled definition ${irHash} is missing`);
    const { load } = this.options;
    const loaded = load?.(ir) ?? loadProgram(ir, { schemas: schemaCheck, limits: this.limits });
    if (!loaded.ok) {
      throw new AppError('internal', `the compiled definition ${irHash} cannot be loaded`, {
        cause: new Error(JSON.stringify(loaded.error)),
      });
    }
    return this.remember(irHash, loaded.value);
  }

  /** What an overlay leads to. */
  async programOf(tenantId: string, stimulus: StimulusBody): Promise<LoadedIr | undefined> {
    if (stimulus.kind !== 'applyOverlay') return undefined;
    return this.program(tenantId, stimulus.revision);
  }

  /** Does all of something for a run; when it breaks, the run is read again before anything else. */
  whole<T>(run: LiveRun, work: () => T): T {
    try {
      return bounded(work);
    } catch (error) {
      this.drop(run);
      throw error;
    }
  }

  /** Resolves when no turn of these runs is taken elsewhere. */
  async back(isOne: (runId: string) => boolean): Promise<void> {
    const those = [...this.runs.values()].filter(({ facts }) => isOne(facts.runId));
    await Promise.all(those.flatMap(({ away }) => away ?? []));
  }

  /** L3 */
  forget(run: LiveRun): void {
    if (run.pending === 0 && isTerminal(stateOf(run.state))) this.drop(run);
    if (this.runs.size <= this.crowdedAt && this.bytes <= this.crowdedBytes) return;
    for (const [id, { pending, state }] of this.runs) {
      if (pending === 0 && !isBusy(stateOf(state))) this.remove(id);
      if (this.runs.size <= this.idleMax / 2 && this.bytes <= this.bytesMax / 2) break;
    }
    // Busy runs stay: looking at all of them again after every turn would cost more than it frees.
    this.crowdedAt = Math.max(this.idleMax, this.runs.size + this.idleMax / 2);
    this.crowdedBytes = Math.max(this.bytesMax, this.bytes + this.bytesMax / 2);
  }

  private async read(runId: string): Promise<boolean> {
    const partition = partitionOfRun(runId) ?? -1;
    const hold = this.options.holdOf(partition);
    const stored = await this.options.store.loadRun(runId);
    if (stored === undefined) return false;
    const program = await this.program(stored.facts.tenantId, stored.facts.irHash);
    const run = runOf(stored, program);
    for await (const { position, entries, length } of stored.turns) {
      run.state = fold(run.state, entries);
      run.position = position;
      run.unsnapped += length;
    }
    const revision = revisionOf(run.state) ?? run.program.ir.hash;
    if (revision !== run.program.ir.hash) {
      run.program = await this.program(stored.facts.tenantId, revision);
    }
    if (hold === undefined || this.options.holdOf(partition) !== hold) return true; // L4
    this.keep(run);
    if (this.leftBusy.delete(runId)) this.options.onRecovered(run); // L2
    return true;
  }

  private remember(irHash: string, program: LoadedIr): LoadedIr {
    this.programs.delete(irHash);
    this.programs.set(irHash, program);
    const [oldest] = this.programs.keys();
    if (this.programs.size > programsMax && oldest !== undefined) this.programs.delete(oldest);
    return program;
  }
}

function isBusy(status: RunStatus): boolean {
  return status === 'running' || status === 'compensating';
}
