import { isTerminal, stateOf, waitsOf, type RunState } from '@parley/engine';
import { workerTaskId } from '../task-queues/task-rows.js';
import type { IdleRun } from '../stalled/stalled-runs.pg.js';
import type { LiveRuns } from './live-runs.js';
import type { RunCalls } from './run-calls.js';
import type { RunHeads } from './run-heads.js';
import { childRunId } from './run-id.js';

export interface IdleRunsOptions {
  readonly heads: Pick<RunHeads, 'of'>;
  readonly calls: Pick<RunCalls, 'has'>;
  readonly runs: Pick<LiveRuns, 'get'>;
  /** Lets a run go on that could. */
  readonly goOn: (runId: string) => void;
}

/** Judges whether anything in this process will move a run. */
export class IdleRuns {
  private readonly options: IdleRunsOptions;

  constructor(options: IdleRunsOptions) {
    this.options = options;
  }

  /** The run, when nothing here moves it and only tables could say what does. */
  async judge(tenantId: string, runId: string): Promise<IdleRun | undefined> {
    const { heads, goOn } = this.options;
    if (this.isBusy(runId)) return undefined;
    const { state, position } = await heads.of(tenantId, runId);
    if (this.isBusy(runId) || isTerminal(stateOf(state)) || state.suspended !== undefined) {
      return undefined;
    }
    if (state.ready.length > 0) {
      // Nobody may have it in hand any more; if somebody has, this changes nothing.
      goOn(runId);
      return undefined;
    }
    const children = waitsOf(state).flatMap(({ key, since }) =>
      key === undefined ? [] : [childRunId(key, since)],
    );
    return { tenantId, runId, position, children, tasks: tasksOf(runId, state) };
  }

  private isBusy(runId: string): boolean {
    const { calls, runs } = this.options;
    return calls.has(runId) || runs.get(runId)?.away !== undefined;
  }
}

/** What workers have been given, or will be. */
function tasksOf(runId: string, { frames }: RunState): string[] {
  return [...frames.values()].flatMap((frame) =>
    frame.kind === 'call' && frame.call?.function === 'worker'
      ? [workerTaskId(runId, frame.occurrence, frame.attempt)]
      : [],
  );
}
