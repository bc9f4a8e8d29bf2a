import type { IrCatch, IrRetry } from '@parley/ir';
import type { Json } from '@parley/kernel';
import { memberOf, textOf, toJson, type SourceNode } from '../source/tree.js';
import type { Context, Surroundings, TaskPlace } from './context.js';
import { member, tasksIn } from './kinds.js';
import { targetOf } from './target.js';
import type { Kind } from './node.js';
import { duration, expression, integer } from './values.js';

export function tryNode(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  const body = tasksIn(ctx, member(task, 'try'), place, 'try');
  return { kind: 'try', body, catch: catchOf(ctx, member(task, 'catch'), place) };
}

/** How the errors of a task are handled. */
export function catchOf(ctx: Context, node: SourceNode, place: TaskPlace): IrCatch {
  const as = textOf(memberOf(node, 'as')) ?? 'error';
  const inside = { ...place, scoped: [...place.scoped, as] };
  const filter = memberOf(memberOf(node, 'errors'), 'with');
  const policy = memberOf(node, 'retry');
  const list = memberOf(node, 'do');
  const then = memberOf(node, 'then');
  return {
    ...(filter && { with: filterOf(filter) }),
    as,
    ...conditionsOf(ctx, node, inside),
    ...(policy && { retry: retryOf(ctx, policy, inside) }),
    ...(list && { body: tasksIn(ctx, list, inside, 'catch/do') }),
    ...(then && { then: targetOf(then, place) }),
  };
}

function conditionsOf(ctx: Context, node: SourceNode | undefined, around: Surroundings) {
  const when = memberOf(node, 'when');
  const exceptWhen = memberOf(node, 'exceptWhen');
  return {
    ...(when && { when: expression(ctx, when, around) }),
    ...(exceptWhen && { exceptWhen: expression(ctx, exceptWhen, around) }),
  };
}

function filterOf(node: SourceNode): IrCatch['with'] {
  const found: Record<string, Json> = {};
  for (const name of ['type', 'status', 'instance', 'title', 'detail']) {
    const field = memberOf(node, name);
    if (field !== undefined) found[name] = toJson(field);
  }
  return found;
}

/** A retry policy: a definition, or the name of one. */
function retryOf(ctx: Context, node: SourceNode, around: Surroundings): IrRetry {
  const name = textOf(node);
  const policy = name === undefined ? node : ctx.use.get('retries', name);
  const delay = memberOf(policy, 'delay');
  const jitter = memberOf(policy, 'jitter');
  const limit = memberOf(policy, 'limit');
  const attempt = memberOf(limit, 'attempt');
  const count = memberOf(attempt, 'count');
  const ms = new Durations(ctx, around);
  const from = ms.of('jitterFrom', memberOf(jitter, 'from'));
  const to = ms.of('jitterTo', memberOf(jitter, 'to'));
  const delayMs = ms.of('delay', delay) ?? 0;
  const attemptMs = ms.of('attemptDuration', memberOf(attempt, 'duration'));
  const durationMs = ms.of('duration', memberOf(limit, 'duration'));
  return {
    ...conditionsOf(ctx, policy, around),
    delayMs,
    backoff: backoffOf(memberOf(policy, 'backoff')),
    ...(jitter && { jitter: { fromMs: from ?? 0, toMs: to ?? 0 } }),
    ...(count && { attemptsMax: integer(count) }),
    ...(attemptMs === undefined ? {} : { attemptDurationMsMax: attemptMs }),
    ...(durationMs === undefined ? {} : { durationMsMax: durationMs }),
    ...ms.computed(),
  };
}

/** Reads the durations of a policy; those that are expressions are kept apart. */
class Durations {
  private readonly ctx: Context;
  private readonly around: Surroundings;
  private readonly sources: { -readonly [K in keyof Computed]: Computed[K] } = {};

  constructor(ctx: Context, around: Surroundings) {
    this.ctx = ctx;
    this.around = around;
  }

  of(name: keyof Computed, node: SourceNode | undefined): number | undefined {
    if (node === undefined) return undefined;
    const found = duration(this.ctx, node, this.around);
    if ('ms' in found) return found.ms;
    this.sources[name] = found.source;
    return undefined;
  }

  computed(): Pick<IrRetry, 'computed'> {
    return Object.keys(this.sources).length === 0 ? {} : { computed: this.sources };
  }
}

type Computed = NonNullable<IrRetry['computed']>;

function backoffOf(node: SourceNode | undefined): IrRetry['backoff'] {
  const kinds = ['constant', 'exponential', 'linear'] as const;
  return kinds.find((kind) => memberOf(node, kind) !== undefined) ?? 'constant';
}
