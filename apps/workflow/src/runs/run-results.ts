import type { Run, RunResult } from '@parley/contracts';
import { isTerminal } from '@parley/engine';
import { currentScope } from '@parley/nest-kit';
import type { RunFeed } from './run-feed.js';
import type { RunReader } from './run-reader.pg.js';

/** A run that another process carries out is looked at this often. */
const lookMs = 1_000;

export interface ResultsOptions {
  readonly reader: Pick<RunReader, 'run'>;
  readonly feed: Pick<RunFeed, 'onRun'>;
}

/** Waits for the end of runs. */
export class RunResults {
  private readonly options: ResultsOptions;

  constructor(options: ResultsOptions) {
    this.options = options;
  }

  /**
   * The result when the run has ended, or what there is after `waitMs`, or when the process stops.
   * @throws AppError `not-found`
   */
  async of(tenantId: string, runId: string, waitMs: number): Promise<RunResult> {
    const { reader, feed } = this.options;
    const deadline = performance.now() + waitMs;
    const stopping = currentScope()?.stopping;
    let wake: () => void = () => undefined;
    const stop = () => wake();
    stopping?.addEventListener('abort', stop, { once: true });
    let hasEnded = false;
    // It listens before it reads, so no end falls in between.
    const unsubscribe = feed.onRun(runId, ({ row }) => {
      hasEnded = isTerminal(row.status);
      if (hasEnded) wake();
    });
    try {
      for (;;) {
        const run = await reader.run(tenantId, runId);
        const leftMs = deadline - performance.now();
        const isOver = leftMs <= 0 || stopping?.aborted === true;
        if (isTerminal(run.status) || isOver) return resultOf(run);
        if (hasEnded) continue;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(leftMs, lookMs));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } finally {
      stopping?.removeEventListener('abort', stop);
      unsubscribe();
    }
  }
}

function resultOf({ id, status, output, error, failedStep }: Run): RunResult {
  return {
    runId: id,
    ended: isTerminal(status),
    status,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(failedStep === undefined ? {} : { failedStep }),
  };
}
