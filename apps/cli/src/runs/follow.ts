import type { Run, RunStatus, RunStep, RunTimeline } from '@parley/contracts';
import { isParleyError } from '@parley/sdk';
import type { Context } from '../context.js';

const reconnectMsFirst = 250;
const reconnectMsMax = 5_000;
/** After this long without a connection the command gives up. */
const disconnectedMsMax = 120_000;

const ended: ReadonlySet<RunStatus> = new Set(['completed', 'failed', 'cancelled']);

export function hasEnded(run: Pick<Run, 'status'>): boolean {
  return ended.has(run.status);
}

/**
 * The run as it is now and after every change, until it has ended. Interruptions of the connection
 * are bridged; nothing that happened meanwhile is missed.
 */
export async function* followRun(
  { client, terminal, print }: Context,
  run: string,
): AsyncGenerator<RunTimeline> {
  const steps = new Map<string, RunStep>();
  let state: Run | undefined;
  let lastEventId: string | undefined;
  let lostAt: number | undefined;
  let waitMs = reconnectMsFirst;
  for (;;) {
    try {
      const options = { params: { run }, lastEventId, signal: terminal.interrupted };
      for await (const event of client.events('runEvents', options)) {
        lastEventId = event.id ?? lastEventId;
        lostAt = undefined;
        waitMs = reconnectMsFirst;
        if (event.event === 'timeline') steps.clear();
        if (event.event !== 'run')
          for (const step of event.data.steps) steps.set(step.occurrence, step);
        if (event.event === 'timeline') state = event.data.run;
        if (event.event === 'run') state = event.data;
        if (state === undefined) continue;
        if (hasEnded(state)) {
          yield await client.call('getTimeline', { params: { run } });
          return;
        }
        yield { run: state, steps: [...steps.values()] };
      }
    } catch (error) {
      if (terminal.interrupted.aborted || !isLost(error)) throw error;
      if (lostAt === undefined) print.note('The connection is lost, trying again …');
      lostAt ??= terminal.now();
      if (terminal.now() - lostAt > disconnectedMsMax) throw error;
    }
    await terminal.sleep(waitMs, terminal.interrupted);
    waitMs = Math.min(waitMs * 2, reconnectMsMax);
  }
}

/** Whether the way to the platform broke, as opposed to the platform saying no. */
function isLost(error: unknown): boolean {
  return isParleyError(error) ? error.retryable : error instanceof TypeError;
}
