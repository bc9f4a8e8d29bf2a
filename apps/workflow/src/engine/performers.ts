import { Inject, Injectable } from '@nestjs/common';
import { runError } from '@parley/engine';
import { CONFIG, LOG, type Log } from '@parley/nest-kit';
import type { WorkflowConfig } from '../config.js';
import { OutboundCalls } from '../outbound-calls/outbound-calls.js';
import { executorsOf, type Executor } from '../executors/executor.js';
import { Scripts } from '../scripts/scripts.js';
import type { CallOutcome, PerformCall } from './run-calls.js';

/** Who performs what the engine dispatches: calls leave, scripts run here. */
@Injectable()
export class Performers {
  private readonly scripts = new Scripts();

  private readonly executors: ReadonlyMap<string, Executor>;

  constructor(
    @Inject(OutboundCalls) private readonly calls: OutboundCalls,
    @Inject(CONFIG) config: WorkflowConfig,
    @Inject(LOG) log: Pick<Log, 'error'>,
  ) {
    this.executors = executorsOf(config, (err, message) => log.error({ err }, message));
  }

  perform(...[run, effect, signal]: Parameters<PerformCall>): Promise<CallOutcome> {
    const { function: name, args } = effect;
    if (name === 'script') return this.scripts.perform(effect, signal);
    if (name !== 'shell' && name !== 'container') return this.calls.perform(run, effect, signal);
    const executor = this.executors.get(name);
    const of = { runId: run.runId, occurrence: effect.occurrence, attempt: effect.attempt };
    return executor?.perform(args, signal, of) ?? Promise.resolve(notEnabled(name));
  }

  /** To be awaited before anything is performed. */
  async start(): Promise<void> {
    for (const executor of this.executors.values()) await executor.start?.();
  }

  async end(): Promise<void> {
    for (const executor of this.executors.values()) await executor.end?.();
    await this.scripts.end();
  }
}

/** A version may have been published while it was. */
function notEnabled(name: string): CallOutcome {
  const detail = `The executor "${name}" is not enabled on this installation.`;
  const error = runError('configuration', 'The process cannot be run', { detail });
  return { kind: 'failed', error, outcome: 'definitive' };
}
