import type { IrDuration, IrInput, IrOutput } from '@parley/ir';
import { assert, type Json } from '@parley/kernel';
import type { VariablePlace } from '../expressions/variables.js';
import { resourceAddress } from '../lock/addresses.js';
import { memberOf, textOf, toJson, type SourceNode } from '../source/tree.js';
import { pin, type Context, type Surroundings } from './context.js';
import { duration, mapping } from './values.js';

/** `input` of a task or workflow. */
export function inputOf(
  ctx: Context,
  node: SourceNode,
  around: Surroundings,
  place: VariablePlace,
): IrInput {
  const schema = schemaOf(ctx, memberOf(node, 'schema'));
  const from = memberOf(node, 'from');
  return {
    ...(schema === undefined ? {} : { schema }),
    ...(from && { from: mapping(ctx, from, around, place) }),
  };
}

/** `output` or `export` of a task, workflow or iteration. */
export function outputOf(
  ctx: Context,
  node: SourceNode,
  around: Surroundings,
  place: VariablePlace,
): IrOutput {
  const schema = schemaOf(ctx, memberOf(node, 'schema'));
  const as = memberOf(node, 'as');
  return {
    ...(schema === undefined ? {} : { schema }),
    ...(as && { as: mapping(ctx, as, around, place) }),
  };
}

/** `timeout`: a definition, or the name of one. */
export function timeoutOf(ctx: Context, node: SourceNode, around: Surroundings): IrDuration {
  const name = textOf(node);
  const after = memberOf(name === undefined ? node : ctx.use.get('timeouts', name), 'after');
  assert(after !== undefined, `a timeout at ${node.pointer}`);
  return duration(ctx, after, around);
}

/** A schema as written, or as the lock pins it; one that is not pinned checks nothing. */
function schemaOf(ctx: Context, node: SourceNode | undefined): Json | undefined {
  const document = memberOf(node, 'document');
  if (document !== undefined) return toJson(document);
  return pin(ctx, 'schema', resourceAddress(memberOf(node, 'resource')))?.content;
}
