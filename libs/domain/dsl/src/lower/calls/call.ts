import type { IrCallNode, IrNodeBase } from '@parley/ir';
import { assert } from '@parley/kernel';
import { memberOf, textOf, type SourceNode } from '../../source/tree.js';
import type { Context, TaskPlace } from '../context.js';
import { calledFunction, type Called } from '../functions.js';
import { itemsOf, member, tasksIn } from '../kinds.js';
import type { Kind } from '../node.js';
import { integer, text } from '../values.js';
import { agentCall, workerCall } from './agent.js';
import { connectorCall } from './connector.js';
import { functionCall } from './function.js';
import { httpCall } from './http.js';
import { humanCall } from './human.js';
import { a2aCall, asyncApiCall, grpcCall, mcpCall, openApiCall } from './protocols.js';

/** What a call adds to the members that every task has. */
export type Call = Omit<IrCallNode, keyof IrNodeBase | 'kind'>;

type CallLowering = (ctx: Context, node: SourceNode, place: TaskPlace) => Call;
type Builtin = Extract<Called, { kind: 'builtin' }>['name'];

const lowerings: Readonly<Record<Exclude<Builtin, 'map'>, CallLowering>> = {
  http: httpCall,
  openapi: openApiCall,
  grpc: grpcCall,
  asyncapi: asyncApiCall,
  a2a: a2aCall,
  mcp: mcpCall,
  connector: connectorCall,
  human: humanCall,
  agent: agentCall,
  worker: workerCall,
};

export function lowerCall(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  const written = text(member(task, 'call'));
  const called = calledFunction(ctx.use, written);
  assert(called !== undefined, `a function "${written}" at ${task.pointer}`);
  if (called.kind !== 'builtin') return functionCall(ctx, task, place, called);
  if (called.name === 'map') return mapNode(ctx, member(task, 'with'), place);
  return { kind: 'call', ...lowerings[called.name](ctx, member(task, 'with'), place) };
}

function mapNode(ctx: Context, node: SourceNode, place: TaskPlace): Kind {
  const each = textOf(memberOf(node, 'each')) ?? 'item';
  const at = textOf(memberOf(node, 'at')) ?? 'index';
  const inside = { ...place, scoped: [...place.scoped, each, at] };
  const concurrency = memberOf(node, 'concurrency');
  return {
    kind: 'map',
    each,
    at,
    in: itemsOf(ctx, member(node, 'in'), place),
    body: tasksIn(ctx, member(node, 'do'), inside, 'with/do'),
    ...(concurrency && { concurrency: integer(concurrency) }),
    onError: textOf(memberOf(node, 'onError')) === 'collect' ? 'collect' : 'fail',
  };
}
