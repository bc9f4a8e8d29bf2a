import { isAppError } from '@parley/kernel';
import { firstPlace, type IdleRun, type StalledRuns } from './stalled-runs.pg.js';

const everyMs = 30_000;
/** Live runs that are looked at in one go. */
const lookedAtMax = 2_000;
/** Whatever moved a run so shortly ago may move it again. */
const unmovedMs = 60_000;

export interface StallAuditOptions {
  readonly store: Pick<StalledRuns, 'look' | 'record' | 'forgetMoved'>;
  /** Partitions of this process: others look at the rest. */
  readonly owned: () => readonly number[];
  /** Whether anything here moves a run; asked about those that no table knows a reason for. */
  readonly idle: (tenantId: string, runId: string) => Promise<IdleRun | undefined>;
  readonly now: () => number;
  /** @default 60000 */
  readonly unmovedMs?: number;
  readonly onFound: (run: IdleRun) => void;
  readonly onError: (error: unknown, message: string) => void;
}

/**
 * Looks for open runs that nothing will ever move: no step that could be done, no call under way, no
 * timer, event, decision, message or other run to come. There are none unless something is broken, so
 * each one is told of, once.
 *
 * A1  It looks at a few runs at a time and comes round: however many sleep, it costs little.
 * A2  The tables are asked first; only whom they leave over is read and judged by the machine; and
 *     the verdict is written only if the tables still say so, and the run has not moved.
 */
export class StallAudit {
  private readonly options: StallAuditOptions;
  private after = firstPlace;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(options: StallAuditOptions) {
    this.options = options;
  }

  start(): void {
    this.timer = setInterval(() => {
      this.looking = this.looking.then(() => this.lookSafely());
    }, everyMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.looking;
  }

  /** Looks at the next runs. @returns those that were found to be stalled, and were not known to be */
  async look(): Promise<IdleRun[]> {
    const { store, owned, now } = this.options;
    const unmovedSince = new Date(now() - (this.options.unmovedMs ?? unmovedMs));
    const of = { partitions: owned(), unmovedSince, limit: lookedAtMax };
    const looked = await store.look(this.after, of);
    this.after = looked.at(-1) ?? firstPlace;
    if (looked.length === 0) await store.forgetMoved();
    const found: IdleRun[] = [];
    for (const { tenantId, runId, isIdle } of looked) {
      if (!isIdle || this.stopped) continue;
      const run = await this.judge(tenantId, runId);
      if (run === undefined || !(await store.record(run, new Date(now())))) continue;
      this.options.onFound(run);
      found.push(run);
    }
    return found;
  }

  private async judge(tenantId: string, runId: string): Promise<IdleRun | undefined> {
    try {
      return await this.options.idle(tenantId, runId);
    } catch (error) {
      // Another process has the run now, or it is gone: that is not for this one to judge.
      if (isAppError(error)) return undefined;
      throw error;
    }
  }

  private async lookSafely(): Promise<void> {
    try {
      // The round ends where nothing follows; the first look after that is the next one.
      await this.look();
    } catch (error) {
      this.options.onError(error, 'stalled runs could not be looked for; tried again later');
    }
  }
}
