import type { IrAuthentication, Template } from '@parley/ir';
import { assert } from '@parley/kernel';
import { memberOf, textOf, type SourceNode } from '../../source/tree.js';
import type { Context, TaskPlace } from '../context.js';
import { template } from '../values.js';
import { address } from './address.js';
import { data, ordered } from './arguments.js';

const schemes = ['basic', 'bearer', 'digest', 'oauth2', 'oidc'] as const;

/** An authentication policy: a definition, or the name of one. */
export function authenticationOf(
  ctx: Context,
  node: SourceNode | undefined,
  place: TaskPlace,
): { readonly authentication?: IrAuthentication } {
  if (node === undefined) return {};
  const name = textOf(node) ?? textOf(memberOf(node, 'use'));
  const policy = name === undefined ? node : ctx.use.get('authentications', name);
  const scheme = schemes.find((one) => memberOf(policy, one) !== undefined);
  const own = scheme && memberOf(policy, scheme);
  assert(scheme !== undefined && own !== undefined, `an authentication at ${node.pointer}`);
  const secret = textOf(memberOf(own, 'use'));
  if (secret !== undefined) return { authentication: { scheme, secret } };
  return { authentication: { scheme, properties: propertiesOf(ctx, own, place) } };
}

function propertiesOf(ctx: Context, node: SourceNode, place: TaskPlace): Template {
  return ordered(ctx, node, place, {
    username: template,
    password: template,
    token: template,
    authority: address,
    endpoints: (_, endpoints) =>
      ordered(ctx, endpoints, place, {
        token: address,
        revocation: address,
        introspection: address,
      }),
    grant: data,
    client: (_, client) =>
      ordered(ctx, client, place, {
        id: template,
        secret: template,
        assertion: template,
        authentication: data,
      }),
    request: (_, request) => ordered(ctx, request, place, { encoding: data }),
    issuers: template,
    scopes: template,
    audiences: template,
    subject: tokenOf,
    actor: tokenOf,
  });
}

function tokenOf(ctx: Context, node: SourceNode, place: TaskPlace): Template {
  return ordered(ctx, node, place, { token: template, type: template });
}
