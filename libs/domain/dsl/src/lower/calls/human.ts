import type { SourceNode } from '../../source/tree.js';
import type { Context, TaskPlace } from '../context.js';
import { durationTemplate, template } from '../values.js';
import { data, ordered } from './arguments.js';
import type { Call } from './call.js';

export function humanCall(ctx: Context, node: SourceNode, place: TaskPlace): Call {
  return {
    function: 'human',
    with: ordered(ctx, node, place, {
      title: template,
      message: template,
      assignee: template,
      form: data,
      due: (_, due) => durationTemplate(ctx, due, place),
      data: template,
    }),
    delivery: 'idempotent',
  };
}
