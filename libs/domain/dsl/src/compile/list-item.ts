import type { MapEntry, MapNode, SourceNode } from '../source/tree.js';
import type { Context } from './context.js';
import { expectMap } from './members.js';

/** The one entry of an item such as `- name: …`. */
export function singleEntry(ctx: Context, item: SourceNode): MapEntry | undefined {
  if (!expectMap(ctx, item, 'An item of the list')) return undefined;
  const [entry, second] = item.entries;
  if (entry === undefined) {
    ctx.reporter.report('PL1016', item, { message: 'The item has no name' });
    return undefined;
  }
  if (second === undefined) return entry;
  ctx.reporter.report(
    'PL1016',
    { span: second.keySpan, pointer: second.value.pointer },
    {
      message: `"${second.key}" needs an item of its own`,
      ...splitFix(ctx, item, second),
    },
  );
  return undefined;
}

/** In block style a dash before the second name makes two items. */
function splitFix(ctx: Context, item: MapNode, second: MapEntry) {
  const { lines } = ctx.reporter;
  const lineStart = lines.lineStart(second.keySpan.start);
  const indent = second.keySpan.start - lineStart;
  const blank = ctx.source.slice(lineStart, second.keySpan.start).trim() === '';
  if (item.flow || !blank || indent < 2) return {};
  const span = { start: second.keySpan.start - 2, end: second.keySpan.start };
  return { fix: { title: 'Start a new item', span, newText: '- ' } };
}
