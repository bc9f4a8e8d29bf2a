import { errorRow } from '@parley/contracts';
import { isAppError } from '@parley/kernel';
import type { StartRequest } from '../engine/engine.js';
import { scheduleActor, type FiringStore } from './firing-store.pg.js';
import type { RunsOfSchedules } from './runs-of-schedules.js';
import { overlapDecision } from './schedule-policy.js';
import { type Firing, type LeftOut, type LiveSchedule } from './schedule-row.js';

/** Firings of one schedule that are started in one go. */
const firingsMax = 50;
const goingMax = 1_000;

export interface FiringStarterOptions {
  readonly engine: Pick<RunsOfSchedules, 'startRun' | 'cancel'>;
  readonly firings: Pick<FiringStore, 'firings' | 'goingRuns' | 'done'>;
  readonly onError: (error: unknown, message: string) => void;
}

/** Starts the runs of what has fired, one after the other, as the schedule's policy wants it. */
export class FiringStarter {
  private readonly options: FiringStarterOptions;

  constructor(options: FiringStarterOptions) {
    this.options = options;
  }

  /** @returns whether nothing of what was there has to wait */
  async startAll(schedule: LiveSchedule, isStopped: () => boolean): Promise<boolean> {
    const firings = await this.options.firings.firings(schedule.workflowId, firingsMax);
    let allDone = true;
    for (const firing of firings) {
      if (isStopped()) return false;
      allDone = (await this.start(schedule, firing)) && allDone;
    }
    return allDone;
  }

  /** @returns whether it is done with; what has to wait stays */
  private async start(schedule: LiveSchedule, firing: Firing): Promise<boolean> {
    const request = startRequest(schedule, firing);
    const { firings } = this.options;
    if ((schedule.spec.overlap ?? 'allow') !== 'allow') {
      const going = await firings.goingRuns(schedule, request.key.key, goingMax);
      const decision = overlapDecision(schedule.spec, firing.kind, going);
      if (decision.do === 'wait') return false;
      if (decision.do === 'skip') {
        await firings.done(schedule.workflowId, firing.key, leftOut(firing, 'overlap'));
        return true;
      }
      if (decision.do === 'cancel') await this.cancel(schedule, decision.runIds);
    }
    const refusal = await this.refusalOf(request);
    await firings.done(
      schedule.workflowId,
      firing.key,
      refusal === undefined ? undefined : leftOut(firing, 'refused', refusal),
    );
    return true;
  }

  /** A run that has ended meanwhile refuses, and that is as good. */
  private async cancel({ tenantId }: LiveSchedule, runIds: readonly string[]): Promise<void> {
    const reason = 'The schedule starts its next run, and its policy is overlap: cancel.';
    for (const runId of runIds) {
      await this.options.engine.cancel({ tenantId, runId, reason });
    }
  }

  /** One that cannot start must not be asked for again and again. */
  private async refusalOf(request: StartRequest): Promise<string | undefined> {
    try {
      await this.options.engine.startRun(request);
      return undefined;
    } catch (error) {
      if (!isAppError(error) || errorRow(error.code).retryable) throw error;
      this.options.onError(
        error,
        `${request.workflowId} is left out at ${request.nominalTime ?? ''}`,
      );
      return error.message;
    }
  }
}

function startRequest(
  schedule: LiveSchedule,
  firing: Firing,
): StartRequest & { readonly key: { readonly key: string; readonly fingerprint: string } } {
  const nominalTime = firing.nominalAt.toISOString();
  const { tenantId, workflowId, workflowName, version, irHash } = schedule;
  return {
    tenantId,
    workflowId,
    workflowName,
    version,
    irHash,
    startedBy: firing.requestedBy ?? scheduleActor,
    scheduledBy: workflowId,
    nominalTime,
    input: firing.input ?? { scheduledAt: nominalTime },
    key: { key: `schedule ${workflowId} ${firing.key}`, fingerprint: 'schedule' },
  };
}

function leftOut(firing: Firing, reason: LeftOut['reason'], detail?: string): LeftOut {
  const at = firing.nominalAt.toISOString();
  return { reason, from: at, to: at, ...(detail === undefined ? {} : { detail }) };
}
