import type { IrRetry } from '@parley/ir';
import { durationToMs } from '../durations.js';
import { errorToJson, Fault, runError, type RunError } from '../errors.js';
import type { TryFrame } from '../state.js';
import { envFor } from './env.js';
import type { TurnDraft } from './turn.js';

type Computed = keyof NonNullable<IrRetry['computed']>;

/** The retry policy of a `try` with the durations that only the run knows. @throws Fault */
export function policyNow(turn: TurnDraft, frame: TryFrame, error?: RunError): IrRetry | undefined {
  const retry = turn.node(frame).catch?.retry;
  if (retry === undefined || retry.policy.computed === undefined) return retry?.policy;
  const ms = (name: Computed) => computedMs(turn, frame, { name, error });
  const { policy } = retry;
  const [delayMs, fromMs, toMs] = [ms('delay'), ms('jitterFrom'), ms('jitterTo')];
  const { jitter } = policy;
  return {
    ...policy,
    delayMs: delayMs ?? policy.delayMs,
    durationMsMax: ms('duration') ?? policy.durationMsMax,
    attemptDurationMsMax: ms('attemptDuration') ?? policy.attemptDurationMsMax,
    ...(jitter && { jitter: { fromMs: fromMs ?? jitter.fromMs, toMs: toMs ?? jitter.toMs } }),
  };
}

/** Milliseconds that one attempt of the body may take. @throws Fault */
export function attemptLimitMs(turn: TurnDraft, frame: TryFrame): number | undefined {
  const policy = turn.node(frame).catch?.retry?.policy;
  return computedMs(turn, frame, { name: 'attemptDuration' }) ?? policy?.attemptDurationMsMax;
}

function computedMs(
  turn: TurnDraft,
  frame: TryFrame,
  { name, error }: { readonly name: Computed; readonly error?: RunError },
): number | undefined {
  const loaded = turn.node(frame);
  const evaluate = loaded.catch?.retry?.computed[name];
  if (evaluate === undefined) return undefined;
  const { input, parent: scope, startedAt } = frame;
  const caught = error === undefined ? null : errorToJson(error);
  const extra = { [loaded.catch?.policy.as ?? 'error']: caught };
  const value = evaluate(envFor(turn, input, { loaded, scope, input, startedAt, extra }));
  const ms = durationToMs(value);
  if (ms !== undefined) return ms;
  const detail = `${JSON.stringify(value).slice(0, 100)} is not a duration such as "PT5M".`;
  throw new Fault(runError('validation', 'Not a duration', { detail }));
}
