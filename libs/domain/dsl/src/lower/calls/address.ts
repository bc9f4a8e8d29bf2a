import type { Expression, Template } from '@parley/ir';
import { memberOf, type SourceNode } from '../../source/tree.js';
import type { Context, Surroundings } from '../context.js';
import { literal, objectTemplate, template } from '../values.js';
import { splitTemplate } from './uri-template.js';

/** The address of an `endpoint`, which is a text or an object. */
export function endpointAddress(
  ctx: Context,
  endpoint: SourceNode,
  around: Surroundings,
): Template {
  return address(ctx, memberOf(endpoint, 'uri') ?? endpoint, around);
}

/** An address; `{name}` becomes an expression that inserts the member of the task's input. */
export function address(ctx: Context, node: SourceNode, around: Surroundings): Template {
  const found = template(ctx, node, around);
  if (found.kind === 'text') return joined(found.parts);
  const fixed =
    found.kind === 'literal' && typeof found.value === 'string' ? found.value : undefined;
  return fixed === undefined ? found : joined([fixed]);
}

/** An external resource: where it is; how to get there is not for the run. */
export function resourceTemplate(
  ctx: Context,
  resource: SourceNode,
  around: Surroundings,
): Template {
  const endpoint = memberOf(resource, 'endpoint');
  return objectTemplate(
    endpoint === undefined ? [] : [['endpoint', endpointAddress(ctx, endpoint, around)]],
  );
}

function joined(parts: readonly (string | { readonly source: Expression })[]): Template {
  const split = parts.flatMap((part) => (typeof part === 'string' ? splitTemplate(part) : [part]));
  return split.every((part) => typeof part === 'string')
    ? literal(split.join(''))
    : { kind: 'text', parts: split };
}
