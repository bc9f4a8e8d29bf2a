import type { IrCatch, IrNodeBase, IrRetry, IrTryNode } from '@parley/ir';
import type { Json } from '@parley/kernel';
import { unreadableNames, variablesAt } from '../expressions/variables.js';
import { textOf, type MapNode, type SourceNode } from '../source/tree.js';
import { readReference } from './task-members.js';
import type { Context } from './context.js';
import {
  expectInteger,
  expectMap,
  expectText,
  notYet,
  readMembers,
  type Fields,
  type Members,
} from './members.js';
import type { TaskPlace } from './place.js';
import { readExpression, readFixedDuration } from './values.js';
import { readVariable } from './variable-name.js';

const catchMembers: Members = {
  errors: {},
  as: {},
  when: {},
  exceptWhen: {},
  retry: {},
  do: {},
  then: { later: true },
};
const errorsMembers: Members = { with: {} };
const filterMembers: Members = { type: {}, status: {}, instance: {}, title: {}, detail: {} };

export function compileTry(
  ctx: Context,
  fields: Fields,
  place: TaskPlace,
): Omit<IrTryNode, keyof IrNodeBase> | undefined {
  const list = fields.get('try');
  const handler = fields.get('catch');
  const body = `${place.id}/try`;
  if (list !== undefined) {
    ctx.compileTasks(list, { scope: body, owner: place.id, scoped: place.scoped });
  }
  const caught = handler && readCatch(ctx, handler, place);
  if (list === undefined || caught === undefined) return undefined;
  return { kind: 'try', body, catch: caught };
}

function readCatch(ctx: Context, node: SourceNode, place: TaskPlace): IrCatch | undefined {
  const errors = ctx.reporter.errorCount;
  const own = readMembers(ctx, node, catchMembers, '"catch"');
  const unreadable = ctx.reporter.errorCount > errors ? [unreadableNames] : [];
  if (own === undefined) return undefined;
  const as = readVariable(ctx, own.get('as'), 'error');
  const scoped = [...place.scoped, as, ...unreadable];
  const filter = readFilter(ctx, own.get('errors'));
  const conditions = readConditions(ctx, own, scoped);
  const policy = own.get('retry');
  const retry = policy && readRetry(ctx, policy, scoped);
  const list = own.get('do');
  const body = `${place.id}/catch/do`;
  if (list !== undefined) ctx.compileTasks(list, { scope: body, owner: place.id, scoped });
  return {
    ...(filter && { with: filter }),
    as,
    ...conditions,
    ...(retry && { retry }),
    ...(list && { body }),
  };
}

function readConditions(ctx: Context, own: Fields, scoped: readonly string[]) {
  const found: { when?: string; exceptWhen?: string } = {};
  for (const name of ['when', 'exceptWhen'] as const) {
    const node = own.get(name);
    const source = node && readExpression(ctx, node, variablesAt('task', scoped), `"${name}"`);
    if (source !== undefined) found[name] = source;
  }
  return found;
}

function readFilter(ctx: Context, node: SourceNode | undefined): IrCatch['with'] {
  const filter = node && readMembers(ctx, node, errorsMembers, '"errors"')?.get('with');
  const own = filter && readMembers(ctx, filter, filterMembers, '"with"');
  if (filter === undefined || own === undefined) return undefined;
  if (filter.kind === 'map' && filter.entries.length === 0) {
    ctx.reporter.report(
      'PL1017',
      { span: filter.keySpan ?? filter.span, pointer: filter.pointer },
      {
        message: '"with" is empty',
      },
    );
  }
  const found: Record<string, Json> = {};
  for (const name of Object.keys(filterMembers)) {
    const field = own.get(name);
    if (field === undefined) continue;
    const value =
      name === 'status'
        ? expectInteger(ctx, field, '"status"')
        : fixedText(ctx, field, `"${name}"`);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function fixedText(ctx: Context, node: SourceNode, what: string): string | undefined {
  const text = expectText(ctx, node, what);
  if (text?.includes('${') !== true) return text;
  ctx.reporter.report('PL1035', node, {
    message: `${what} must be a fixed text; use "when" to compute`,
  });
  return undefined;
}

const retryMembers: Members = {
  when: {},
  exceptWhen: {},
  delay: {},
  backoff: {},
  limit: {},
  jitter: {},
};
const backoffs = ['constant', 'exponential', 'linear'] as const;
const limitMembers: Members = { attempt: {}, duration: {} };
const attemptMembers: Members = { count: {}, duration: { later: true } };
const jitterMembers: Members = { from: { required: true }, to: { required: true } };

function readRetry(ctx: Context, node: SourceNode, scoped: readonly string[]): IrRetry | undefined {
  if (textOf(node) !== undefined) {
    readReference(ctx, node, 'retries');
    return undefined;
  }
  const own = readMembers(ctx, node, retryMembers, '"retry"');
  if (own === undefined) return undefined;
  const delay = own.get('delay');
  const backoff = own.get('backoff');
  const jitter = own.get('jitter');
  const limit = own.get('limit');
  return {
    ...readConditions(ctx, own, scoped),
    delayMs: (delay && readFixedDuration(ctx, delay, '"delay"')) ?? 0,
    backoff: (backoff && readBackoff(ctx, backoff)) ?? 'constant',
    ...(jitter && { jitter: readJitter(ctx, jitter) }),
    ...(limit && readLimit(ctx, limit)),
  };
}

function readBackoff(ctx: Context, node: SourceNode): IrRetry['backoff'] | undefined {
  const members = Object.fromEntries(backoffs.map((name) => [name, {}]));
  const own = readMembers(ctx, node, members, '"backoff"');
  if (own === undefined) return undefined;
  const [name, second] = backoffs.filter((kind) => own.has(kind));
  if (second !== undefined || (name === undefined && (node as MapNode).entries.length === 0)) {
    ctx.reporter.report(
      'PL1018',
      { span: node.keySpan ?? node.span, pointer: node.pointer },
      {
        message: '"backoff" needs exactly one of constant, exponential and linear',
        expected: backoffs.join(', '),
      },
    );
    return undefined;
  }
  const options = name && own.get(name);
  if (options !== undefined && expectMap(ctx, options, `"${name}"`)) {
    for (const entry of options.entries) notYet(ctx, entry, `"${entry.key}" in "${name}"`);
  }
  return name;
}

function readJitter(ctx: Context, node: SourceNode): IrRetry['jitter'] {
  const own = readMembers(ctx, node, jitterMembers, '"jitter"');
  const from = own?.get('from');
  const to = own?.get('to');
  const fromMs = from && readFixedDuration(ctx, from, '"from"');
  const toMs = to && readFixedDuration(ctx, to, '"to"');
  if (fromMs === undefined || toMs === undefined) return undefined;
  if (toMs >= fromMs) return { fromMs, toMs };
  ctx.reporter.report('PL1013', to ?? node, { message: '"to" is shorter than "from"' });
  return undefined;
}

function readLimit(ctx: Context, node: SourceNode): Pick<IrRetry, 'attemptsMax' | 'durationMsMax'> {
  const own = readMembers(ctx, node, limitMembers, '"limit"');
  const attempt = own?.get('attempt');
  const count = attempt && readMembers(ctx, attempt, attemptMembers, '"attempt"')?.get('count');
  const attemptsMax = count && expectInteger(ctx, count, '"count"');
  const duration = own?.get('duration');
  const durationMsMax = duration && readFixedDuration(ctx, duration, '"duration"');
  return {
    ...(attemptsMax === undefined ? {} : { attemptsMax }),
    ...(durationMsMax === undefined ? {} : { durationMsMax }),
  };
}
