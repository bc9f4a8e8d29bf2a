import type { CallEffect, StimulusBody } from '@parley/engine';
import type { Json } from '@parley/kernel';
import { CallQueue, type QueueLimits } from './call-queue.js';
import { systemClock, type Clock } from './clock.js';
import type { RunFacts } from './turn-record.js';

/** How a call ended, as the machine is told. */
export type CallOutcome =
  | { readonly kind: 'completed'; readonly output: Json }
  | Omit<Extract<StimulusBody, { kind: 'failed' }>, 'occurrence' | 'attempt'>;

/** Performs one call of a run; must not throw for anything that the other side does. */
export type PerformCall = (
  run: RunFacts,
  effect: CallEffect,
  signal: AbortSignal,
) => Promise<CallOutcome>;

export interface RunCallsOptions {
  readonly perform: PerformCall;
  /** Processes wait in a line of their own, so that they hold up no call. */
  readonly processes?: QueueLimits;
  /** A call that nobody has aborted has ended. */
  readonly onEnded: (run: RunFacts, call: CallEffect, outcome: CallOutcome) => void;
  readonly onError: (error: unknown, message: string) => void;
  readonly clock?: Clock;
}

/** An attempt of a call. */
type Attempt = Pick<CallEffect, 'occurrence' | 'attempt'>;

/**
 * The calls of runs that wait for their turn or are on their way. An attempt that is aborted while it
 * still waits is never sent; the outcome of one that is on its way is dropped.
 */
export class RunCalls {
  private readonly options: RunCallsOptions;
  private readonly queue = new CallQueue();
  private readonly processes: CallQueue;
  private readonly open = new Map<string, AbortController>();
  private onIdle: (() => void) | undefined;

  constructor(options: RunCallsOptions) {
    this.options = options;
    this.processes = new CallQueue(options.processes);
  }

  /** Calls of a tenant that wait for their turn. */
  waitingOf(tenantId: string): number {
    return this.queue.waitingOf(tenantId) + this.processes.waitingOf(tenantId);
  }

  add(run: RunFacts, call: CallEffect): void {
    const key = keyOf(run.runId, call);
    if (this.open.has(key)) return;
    const abort = new AbortController();
    this.open.set(key, abort);
    const work = () => this.make(run, call, abort.signal).finally(() => this.close(key));
    const queue = processes.has(call.function) ? this.processes : this.queue;
    queue.add({ tenantId: run.tenantId, work });
  }

  abort(runId: string, attempt: Attempt): void {
    this.open.get(keyOf(runId, attempt))?.abort();
  }

  /** Waits until no call is left, or gives up those that are left after `graceMs`. */
  async end(graceMs: number): Promise<void> {
    if (this.open.size === 0) return;
    const idle = new Promise<void>((resolve) => (this.onIdle = resolve));
    const clock = this.options.clock ?? systemClock;
    let callOff: (() => void) | undefined;
    const grace = new Promise<void>((resolve) => (callOff = clock.after(graceMs, resolve)));
    await Promise.race([idle, grace]);
    callOff?.();
    for (const abort of this.open.values()) abort.abort();
  }

  private async make(run: RunFacts, call: CallEffect, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    let outcome: CallOutcome;
    try {
      outcome = await this.options.perform(run, call, signal);
    } catch (error) {
      this.options.onError(error, `call ${call.occurrence} of run ${run.runId} broke`);
      outcome = internalFailure;
    }
    if (!signal.aborted) this.options.onEnded(run, call, outcome);
  }

  private close(key: string): void {
    this.open.delete(key);
    if (this.open.size === 0) this.onIdle?.();
  }
}

/** The answer of a call can be what the journal does not take. */
export const cannotBeStored: Extract<CallOutcome, { kind: 'failed' }> = {
  kind: 'failed',
  outcome: 'ambiguous',
  error: {
    type: 'https://serverlessworkflow.io/spec/1.0.0/errors/runtime',
    status: 500,
    title: 'The answer could not be stored',
    detail: 'The call was made, but its answer has content that Parley cannot keep.',
  },
};

const processes: ReadonlySet<CallEffect['function']> = new Set(['script', 'shell', 'container']);

const internalFailure: CallOutcome = {
  kind: 'failed',
  outcome: 'ambiguous',
  error: {
    type: 'https://serverlessworkflow.io/spec/1.0.0/errors/runtime',
    status: 500,
    title: 'The call could not be performed',
    detail: 'Parley could not perform this call; its log names the reason.',
  },
};

function keyOf(runId: string, call: Attempt): string {
  return `${runId} ${call.occurrence} ${String(call.attempt)}`;
}
