import { toJson, type SourceNode } from '../../source/tree.js';
import type { Context, TaskPlace } from '../context.js';
import { durationTemplate, literal, template } from '../values.js';
import { ordered } from './arguments.js';
import type { Call } from './call.js';

export function humanCall(ctx: Context, node: SourceNode, place: TaskPlace): Call {
  return {
    function: 'human',
    with: ordered(ctx, node, place, {
      title: template,
      message: template,
      assignee: template,
      form: (_, form) => literal(toJson(form)),
      due: (_, due) => durationTemplate(ctx, due, place),
      data: template,
    }),
    delivery: 'idempotent',
  };
}
