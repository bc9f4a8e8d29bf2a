import type { Target } from '@parley/ir';
import { nearest } from '../diagnostics/nearest.js';
import type { SourceNode } from '../source/tree.js';
import type { Context } from './context.js';
import { expectName } from './members.js';
import type { TaskPlace } from './place.js';

/** Where `then` leads. */
export function readTarget(ctx: Context, node: SourceNode | undefined, place: TaskPlace): Target {
  const text = node && expectName(ctx, node, '"then"');
  if (node === undefined || text === undefined || text === 'continue') return place.next;
  if (text === 'exit' || text === 'end') return { to: text };
  const target = place.siblings.get(text);
  if (target !== undefined && !place.branch) return { to: 'node', node: target };
  if (target !== undefined) {
    ctx.reporter.report('PL1022', node, {
      message: `"${text}" is another branch of the fork; branches do not follow each other`,
      expected: 'continue, exit, end',
      actual: text,
    });
    return place.next;
  }
  if (!place.complete) return place.next;
  const near = nearest(text, [
    ...(place.branch ? [] : place.siblings.keys()),
    'continue',
    'exit',
    'end',
  ]);
  const [best] = near;
  ctx.reporter.report('PL1021', node, {
    message: `There is no task "${text}" in this list to go to`,
    expected: [...place.siblings.keys(), 'continue', 'exit', 'end'].slice(0, 20).join(', '),
    actual: text,
    suggestions: near,
    ...(best && { fix: { title: `Go to "${best}"`, span: node.span, newText: best } }),
  });
  return place.next;
}
