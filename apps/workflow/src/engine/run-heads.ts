import type { RunState } from '@parley/engine';
import type { Ir } from '@parley/ir';
import { AppError } from '@parley/kernel';
import type { Partitions } from '../replicas/partitions.js';
import { notOwnerError } from './flusher.js';
import type { LiveRun, LiveRuns } from './live-runs.js';
import { partitionOfRun } from './run-id.js';

/** What a run is after its last turn. */
export interface RunHead {
  readonly state: RunState;
  readonly position: number;
  /** The compiled definition that it goes by. */
  readonly ir: Ir;
  /** Bytes of JSON that a value of it may have. */
  readonly valueBytesMax: number;
}

export interface RunHeadsOptions {
  readonly runs: LiveRuns;
  readonly partitions: Pick<Partitions, 'holdOf'>;
}

/** What runs are right now, as whoever carries them out knows it. */
export class RunHeads {
  private readonly options: RunHeadsOptions;

  constructor(options: RunHeadsOptions) {
    this.options = options;
  }

  /**
   * What a run is, when that is durable: no crash takes it back.
   * @throws AppError `not-found`, or `unavailable` when another process has the run
   */
  async of(tenantId: string, runId: string): Promise<RunHead> {
    const run = await this.present(runId);
    if (run?.facts.tenantId !== tenantId) {
      throw new AppError('not-found', `there is no run ${runId}`);
    }
    const { state, position, program } = run;
    await run.written;
    this.options.runs.forget(run);
    const { ir, limits } = program;
    return { state, position, ir, valueBytesMax: limits.valueBytesMax };
  }

  private async present(runId: string): Promise<LiveRun | undefined> {
    const { runs, partitions } = this.options;
    const partition = partitionOfRun(runId);
    if (partition === undefined) return undefined;
    for (;;) {
      const run = runs.get(runId);
      if (run !== undefined) return run;
      if (partitions.holdOf(partition) === undefined) throw notOwnerError();
      if (!(await runs.load(runId))) return undefined;
    }
  }
}
