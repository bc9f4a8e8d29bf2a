import type { Delivery, Template } from '@parley/ir';
import { memberOf, type SourceNode } from '../../source/tree.js';
import type { Context, TaskPlace } from '../context.js';
import { member } from '../kinds.js';
import { literal, template } from '../values.js';
import { endpointAddress } from './address.js';
import { data, ordered } from './arguments.js';
import { authenticationOf } from './authentication.js';
import type { Call } from './call.js';

/** What may be done when nobody knows whether a request took effect. */
export const deliveryByMethod: Readonly<Record<string, Delivery>> = {
  GET: 'safe',
  HEAD: 'safe',
  OPTIONS: 'safe',
  PUT: 'idempotent',
  DELETE: 'idempotent',
};

export function httpCall(ctx: Context, node: SourceNode, place: TaskPlace): Call {
  const method = methodOf(ctx, member(node, 'method'), place);
  const name = method.kind === 'literal' && typeof method.value === 'string' ? method.value : '';
  return {
    function: 'http',
    with: ordered(ctx, node, place, {
      method: () => method,
      endpoint: endpointAddress,
      headers: template,
      query: template,
      body: template,
      output: data,
      redirect: data,
    }),
    delivery: deliveryByMethod[name] ?? 'once',
    ...authenticationOf(ctx, memberOf(member(node, 'endpoint'), 'authentication'), place),
  };
}

function methodOf(ctx: Context, node: SourceNode, place: TaskPlace): Template {
  const method = template(ctx, node, place);
  return method.kind === 'literal' && typeof method.value === 'string'
    ? literal(method.value.toUpperCase())
    : method;
}
