import type { Template } from '@parley/ir';
import { memberOf, toJson, type SourceNode } from '../../source/tree.js';
import type { Context, TaskPlace } from '../context.js';
import { literal, objectTemplate } from '../values.js';

/** Lowers one argument. */
export type Reader = (ctx: Context, node: SourceNode, place: TaskPlace) => Template;

/** A value in which nothing is evaluated, in loose mode neither. */
export const data: Reader = (_, node) => literal(toJson(node));

/** An object with the members that are given, always in the same order. */
export function ordered(
  ctx: Context,
  node: SourceNode,
  place: TaskPlace,
  readers: Readonly<Record<string, Reader>>,
): Template {
  const entries: (readonly [string, Template])[] = [];
  for (const [name, read] of Object.entries(readers)) {
    const field = memberOf(node, name);
    if (field !== undefined) entries.push([name, read(ctx, field, place)]);
  }
  return objectTemplate(entries);
}
