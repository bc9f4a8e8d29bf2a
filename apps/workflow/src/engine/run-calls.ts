import type { CallEffect, StimulusBody } from '@parley/engine';
import { PassingMap, type Json } from '@parley/kernel';
import { callLimits, CallQueue, type QueueLimits } from './call-queue.js';
import { pause, systemClock, type Clock } from './clock.js';
import type { RunFacts } from './turn-record.js';

/** While calls are waited for; to look at every end of every call would cost more. */
const pollMs = 20;

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
  /** Calls of a tenant that may be on their way here. @default its limit, as if there was one process */
  readonly callsMaxOf?: (tenantId: string) => number;
  /** Processes wait in a line of their own, so that they hold up no call. */
  readonly processes?: QueueLimits;
  /** A call that nobody has aborted has ended. */
  readonly onEnded: (run: RunFacts, call: CallEffect, outcome: CallOutcome) => void;
  readonly onError: (error: unknown, message: string) => void;
  readonly clock?: Clock;
}

interface OpenCall {
  readonly runId: string;
  /** Nobody may send it again. */
  readonly once: boolean;
  readonly abort: AbortController;
  /** It does not wait for its turn any more. */
  sent: boolean;
}

/** An attempt of a call. */
type Attempt = Pick<CallEffect, 'occurrence' | 'attempt'>;

/**
 * The calls of runs that wait for their turn or are on their way. An attempt that is aborted while it
 * still waits is never sent; the outcome of one that is on its way is dropped.
 */
export class RunCalls {
  private readonly options: RunCallsOptions;
  private readonly queue: CallQueue;
  private readonly processes: CallQueue;
  private readonly open = new PassingMap<string, OpenCall>();
  private readonly openCount = new PassingMap<string, number>();

  constructor(options: RunCallsOptions) {
    this.options = options;
    this.queue = new CallQueue(callLimits, options.callsMaxOf);
    this.processes = new CallQueue(options.processes);
  }

  /** Calls of a tenant that wait for their turn. */
  waitingOf(tenantId: string): number {
    return this.queue.waitingOf(tenantId) + this.processes.waitingOf(tenantId);
  }

  /** The same of all tenants of which any waits, a process or another call. */
  waiting(): Map<string, number> {
    const tenants = new Set([...this.queue.tenantsWaiting(), ...this.processes.tenantsWaiting()]);
    return new Map([...tenants].map((tenantId) => [tenantId, this.waitingOf(tenantId)]));
  }

  /** How many calls are on their way, and how many with those that wait; processes have no such limit. */
  uses(): ReturnType<CallQueue['uses']> {
    return this.queue.uses();
  }

  /** There may be room for more of them. */
  fill(): void {
    this.queue.fill();
  }

  add(run: RunFacts, call: CallEffect): void {
    const key = keyOf(run.runId, call);
    if (this.open.has(key)) return;
    const abort = new AbortController();
    const { runId } = run;
    const opened: OpenCall = { runId, once: call.delivery === 'once', abort, sent: false };
    this.open.set(key, opened);
    this.count(runId, 1);
    const work = () => {
      opened.sent = true;
      return this.make(run, call, abort.signal).finally(() => this.close(key, opened));
    };
    const queue = processes.has(call.function) ? this.processes : this.queue;
    const { tenantId, priority } = run;
    queue.add({ tenantId, ...(priority && { priority }), again: call.again === true, work });
  }

  /** Whether a run has a call that waits for its turn or is on its way. */
  has(runId: string): boolean {
    return this.openCount.has(runId);
  }

  abort(runId: string, attempt: Attempt): void {
    this.open.get(keyOf(runId, attempt))?.abort.abort();
  }

  /**
   * Gives up the calls of these runs that wait for their turn and that whoever has the runs next can
   * send. Waits until none is left, at most for `graceMs`, and for `onceGraceMs` when one is left that
   * nobody may repeat. Those that are left then are given up, too.
   */
  async end(
    isOne: (runId: string) => boolean,
    { graceMs, onceGraceMs }: { readonly graceMs: number; readonly onceGraceMs: number },
  ): Promise<void> {
    const clock = this.options.clock ?? systemClock;
    const sinceMs = clock.now();
    this.giveUpThose(({ runId, sent, once }) => !sent && !once && isOne(runId));
    for (let left = this.openOf(isOne); left.length > 0; left = this.openOf(isOne)) {
      const limitMs = left.some(({ once }) => once) ? Math.max(graceMs, onceGraceMs) : graceMs;
      const leftMs = limitMs - (clock.now() - sinceMs);
      if (leftMs <= 0) break;
      await pause(clock, Math.min(leftMs, pollMs));
    }
    this.giveUp(isOne);
  }

  /** What these runs have asked for is another's concern now. */
  giveUp(isOne: (runId: string) => boolean): void {
    this.giveUpThose(({ runId }) => isOne(runId));
  }

  private giveUpThose(isOne: (call: OpenCall) => boolean): void {
    for (const [key, call] of this.open) {
      if (!isOne(call)) continue;
      this.open.delete(key);
      this.count(call.runId, -1);
      call.abort.abort();
    }
  }

  private openOf(isOne: (runId: string) => boolean): OpenCall[] {
    return [...this.open.values()].filter(({ runId }) => isOne(runId));
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

  private close(key: string, call: OpenCall): void {
    if (this.open.get(key) !== call) return;
    this.open.delete(key);
    this.count(call.runId, -1);
  }

  private count(runId: string, change: 1 | -1): void {
    const left = (this.openCount.get(runId) ?? 0) + change;
    if (left === 0) this.openCount.delete(runId);
    else this.openCount.set(runId, left);
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
