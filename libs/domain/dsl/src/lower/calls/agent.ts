import type { SourceNode } from '../../source/tree.js';
import type { Context, TaskPlace } from '../context.js';
import { durationTemplate, template } from '../values.js';
import { data, ordered } from './arguments.js';
import type { Call } from './call.js';

/** Agents and workers drop what comes twice with one key. */
const delivery = 'keyed';

export function agentCall(ctx: Context, node: SourceNode, place: TaskPlace): Call {
  return {
    function: 'agent',
    with: ordered(ctx, node, place, {
      goal: template,
      agent: data,
      role: template,
      input: template,
      tools: data,
      output: data,
      model: data,
      limits: (_, limits) =>
        ordered(ctx, limits, place, {
          turns: data,
          tokens: data,
          duration: (__, limit) => durationTemplate(ctx, limit, place),
        }),
    }),
    delivery,
  };
}

export function workerCall(ctx: Context, node: SourceNode, place: TaskPlace): Call {
  return {
    function: 'worker',
    with: ordered(ctx, node, place, {
      queue: data,
      task: data,
      input: template,
      priority: data,
      orderKey: template,
    }),
    delivery,
  };
}
