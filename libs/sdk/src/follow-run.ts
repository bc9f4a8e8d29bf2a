import type { Run, RunStatus, RunStep, RunTimeline } from '@parley/contracts';
import type { ParleyClient } from './client.js';
import { isParleyError, unreachable, type ParleyError } from './errors.js';
import { pause } from './pause.js';

const reconnectMsFirst = 250;
const reconnectMsMax = 5_000;
const disconnectedMsDefault = 120_000;

const ended: ReadonlySet<RunStatus> = new Set([
  'completed',
  'failed',
  'cancelled',
  'terminated',
  'compensation-failed',
]);

/** Whether the run is over; one that failed may still be retried. */
export function hasEnded(run: Pick<Run, 'status'>): boolean {
  return ended.has(run.status);
}

export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Called when a connection broke and another one is being made. */
  readonly onLost?: () => void;
  /** How long to try for a new connection, in milliseconds. @default 120000 */
  readonly disconnectedMsMax?: number;
}

/**
 * The run as it is now and after every change, until it has ended. Interruptions of the connection
 * are bridged; nothing that happened meanwhile is missed. The last value has every step.
 *
 * @throws ParleyError when the platform refuses, or stays away longer than `disconnectedMsMax`.
 * @example
 * for await (const { run, steps } of followRun(client, id)) console.log(run.status, steps.length);
 */
export async function* followRun(
  client: ParleyClient,
  run: string,
  options: FollowOptions = {},
): AsyncGenerator<RunTimeline> {
  const { signal, onLost, disconnectedMsMax = disconnectedMsDefault } = options;
  const view = new RunView();
  let lastEventId: string | undefined;
  let lostAt: number | undefined;
  let waitMs = reconnectMsFirst;
  for (;;) {
    let broken: ParleyError | undefined;
    let cameEvents = false;
    try {
      for await (const event of client.events('runEvents', {
        params: { run },
        ...(lastEventId === undefined ? {} : { lastEventId }),
        ...(signal === undefined ? {} : { signal }),
      })) {
        lastEventId = event.id ?? lastEventId;
        cameEvents = true;
        lostAt = undefined;
        waitMs = reconnectMsFirst;
        const timeline = view.after(event);
        if (timeline === undefined) continue;
        if (hasEnded(timeline.run)) {
          yield await client.call('getTimeline', { params: { run } });
          return;
        }
        yield timeline;
      }
    } catch (error) {
      if (signal?.aborted === true || !isParleyError(error) || !error.retryable) throw error;
      broken = error;
    }
    // A stream that ends is made again; one that ends before it brought anything is no connection.
    if (broken !== undefined || !cameEvents) {
      if (lostAt === undefined) onLost?.();
      lostAt ??= Date.now();
      if (Date.now() - lostAt > disconnectedMsMax)
        throw broken ?? unreachable(`The events of ${run} end before they begin; try again.`);
    }
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, reconnectMsMax);
  }
}

/** What the events of a run's stream add up to. */
class RunView {
  private readonly steps = new Map<string, RunStep>();
  private run: Run | undefined;

  after(event: { event: string; data: unknown }): RunTimeline | undefined {
    if (event.event === 'timeline') this.steps.clear();
    if (event.event === 'timeline' || event.event === 'steps') {
      const { run, steps } = event.data as Partial<RunTimeline> & Pick<RunTimeline, 'steps'>;
      for (const step of steps) this.steps.set(step.occurrence, step);
      this.run = run ?? this.run;
    }
    if (event.event === 'run') this.run = event.data as Run;
    return this.run && { run: this.run, steps: [...this.steps.values()] };
  }
}
