import { isCallOpen, type Effect, type RunState } from '@parley/engine';
import { queueOf } from '../task-queues/task-rows.js';
import type { EngineOptions } from './engine-options.js';
import type { RunCalls } from './run-calls.js';
import type { Timers } from './timers.js';
import type { RunFacts } from './turn-record.js';

/** Where the effects of a turn go when it is durable. */
export interface EffectTargets extends Pick<EngineOptions, 'onListening' | 'onWork'> {
  readonly calls: Pick<RunCalls, 'add' | 'abort'>;
  readonly timers: Pick<Timers, 'arm' | 'cancel'>;
}

/** The effects of a turn, but for calls begun again of which what the run is now knows nothing any more. */
export function wanted(effects: readonly Effect[], state: RunState): Effect[] {
  return effects.filter(
    (effect) => effect.kind !== 'call' || effect.again !== true || isCallOpen(state, effect),
  );
}

export function releaseEffect(targets: EffectTargets, run: RunFacts, effect: Effect): void {
  const { calls, timers, onListening, onWork } = targets;
  const { runId, tenantId } = run;
  switch (effect.kind) {
    case 'call':
      calls.add(run, effect);
      return;
    case 'abort':
      calls.abort(runId, effect);
      return;
    case 'armTimer':
      timers.arm({ tenantId, runId, ...effect });
      return;
    case 'cancelTimer':
      timers.cancel({ runId, ...effect });
      return;
    case 'openSubscription':
      onListening?.({ ...run, ...effect });
      return;
    case 'openWorkerTask':
    case 'closeWorkerTask':
      onWork?.(run.tenantId, queueOf(effect.args));
      return; // Written with the turn, too.
    case 'closeSubscription':
    case 'startChild':
    case 'cancelChild':
    case 'openApproval':
    case 'closeApproval':
      return; // Written with the turn: see projection.
  }
}
