import type { SourceNode } from '../source/tree.js';
import type { Context, TaskPlace } from './context.js';
import { extensionsOf, lowerExtended } from './extension.js';
import { baseOf, kindOf } from './node.js';

/** Lowers one task into the node `place.id`, and its extensions around it. */
export function lowerTask(ctx: Context, task: SourceNode, place: TaskPlace): void {
  if (ctx.nodes.size > nodesMax) return;
  const extensions = extensionsOf(ctx, task, place);
  if (extensions.length > 0) lowerExtended(ctx, task, place, extensions);
  else {
    ctx.nodes.set(place.id, undefined);
    const base = baseOf(ctx, task, place);
    ctx.nodes.set(place.id, Object.assign(base, kindOf(ctx, task, place)));
  }
}

/** Nodes of one IR; functions and extensions can make many of few tasks. */
export const nodesMax = 40_000;
