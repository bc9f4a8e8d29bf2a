import type { Delivery, IrCallNode } from '@parley/ir';
import { resolveOpenApiOperation } from '../../lock/openapi.js';
import { resourceAddress } from '../../lock/addresses.js';
import { memberOf, textOf, type SourceNode } from '../../source/tree.js';
import { pin, type Context, type TaskPlace } from '../context.js';
import { foreachOf } from '../events.js';
import { member } from '../kinds.js';
import { duration, durationTemplate, expression, integer, template } from '../values.js';
import { endpointAddress, resourceTemplate } from './address.js';
import { data, ordered, type Reader } from './arguments.js';
import { authenticationOf } from './authentication.js';
import type { Call } from './call.js';
import { deliveryByMethod } from './http.js';

export function openApiCall(ctx: Context, node: SourceNode, place: TaskPlace): Call {
  const external = pin(ctx, 'openapi', resourceAddress(memberOf(node, 'document')));
  const operation = textOf(member(node, 'operationId')) ?? '';
  const resolved = external && resolveOpenApiOperation(external, operation);
  const request = resolved?.ok === true ? resolved.value : undefined;
  return {
    function: 'openapi',
    with: ordered(ctx, node, place, {
      document: resourceTemplate,
      operationId: data,
      parameters: template,
      output: data,
      redirect: data,
    }),
    delivery: (request && deliveryByMethod[request.method]) ?? 'once',
    ...(request && { request }),
    ...authenticationOf(ctx, memberOf(node, 'authentication'), place),
  };
}

export function grpcCall(ctx: Context, node: SourceNode, place: TaskPlace): Call {
  pin(ctx, 'proto', resourceAddress(memberOf(node, 'proto')));
  return {
    function: 'grpc',
    with: ordered(ctx, node, place, {
      proto: resourceTemplate,
      service: (_, service) => ordered(ctx, service, place, { name: data, host: data, port: data }),
      method: data,
      arguments: template,
    }),
    delivery: 'once',
    ...authenticationOf(ctx, memberOf(memberOf(node, 'service'), 'authentication'), place),
  };
}

export function asyncApiCall(ctx: Context, node: SourceNode, place: TaskPlace): Call {
  pin(ctx, 'asyncapi', resourceAddress(memberOf(node, 'document')));
  const subscription = memberOf(node, 'subscription');
  const foreach = memberOf(subscription, 'foreach');
  const path = 'with/subscription/foreach/do';
  return {
    function: 'asyncapi',
    with: ordered(ctx, node, place, {
      document: resourceTemplate,
      channel: data,
      operation: data,
      server: (_, server) => ordered(ctx, server, place, { name: data, variables: template }),
      protocol: data,
      message: (_, message) =>
        ordered(ctx, message, place, { payload: template, headers: template }),
    }),
    delivery: subscription === undefined ? 'once' : 'safe',
    ...authenticationOf(ctx, memberOf(node, 'authentication'), place),
    ...(subscription && { subscription: subscriptionOf(ctx, subscription, place) }),
    ...(foreach && { foreach: foreachOf(ctx, foreach, place, path) }),
  };
}

/** Its expressions are evaluated for each message, so they are no arguments. */
function subscriptionOf(
  ctx: Context,
  node: SourceNode,
  place: TaskPlace,
): IrCallNode['subscription'] {
  const filter = memberOf(node, 'filter');
  const consume = member(node, 'consume');
  const during = memberOf(consume, 'for');
  const amount = memberOf(consume, 'amount');
  const condition = memberOf(consume, 'while');
  const until = memberOf(consume, 'until');
  return {
    ...(filter && { filter: expression(ctx, filter, place) }),
    ...(during && { for: duration(ctx, during, place) }),
    ...(amount && { amount: integer(amount) }),
    ...(condition && { while: expression(ctx, condition, place) }),
    ...(until && { until: expression(ctx, until, place) }),
  };
}

/** Methods of A2A and MCP that only read. */
const readingMethods =
  /^(?:tasks\/(?:get|list|resubscribe)|tasks\/pushNotificationConfig\/(?:get|list)|agent\/.*|.*\/list|prompts\/get|resources\/read)$/;

export function a2aCall(ctx: Context, node: SourceNode, place: TaskPlace): Call {
  const card = memberOf(node, 'agentCard');
  const server = memberOf(node, 'server');
  pin(ctx, 'agent-card', resourceAddress(card));
  const own = memberOf(server, 'authentication');
  return {
    function: 'a2a',
    with: ordered(ctx, node, place, {
      agentCard: resourceTemplate,
      server: endpointAddress,
      method: data,
      parameters: template,
    }),
    delivery: deliveryOf(node),
    ...authenticationOf(ctx, own ?? memberOf(memberOf(card, 'endpoint'), 'authentication'), place),
  };
}

export function mcpCall(ctx: Context, node: SourceNode, place: TaskPlace): Call {
  const http = memberOf(memberOf(node, 'transport'), 'http');
  return {
    function: 'mcp',
    with: ordered(ctx, node, place, {
      protocolVersion: template,
      method: data,
      parameters: template,
      timeout: (_, timeout) => durationTemplate(ctx, timeout, place),
      transport: transportOf,
      client: template,
    }),
    delivery: deliveryOf(node),
    ...authenticationOf(ctx, memberOf(memberOf(http, 'endpoint'), 'authentication'), place),
  };
}

const transportOf: Reader = (ctx, node, place) =>
  ordered(ctx, node, place, {
    http: (_, http) => ordered(ctx, http, place, { endpoint: endpointAddress, headers: template }),
    stdio: (_, stdio) =>
      ordered(ctx, stdio, place, { command: template, arguments: template, environment: template }),
    options: template,
  });

function deliveryOf(node: SourceNode): Delivery {
  return readingMethods.test(textOf(memberOf(node, 'method')) ?? '') ? 'safe' : 'once';
}
