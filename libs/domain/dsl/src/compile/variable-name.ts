import { reservedVariables, unreadableNames } from '../expressions/variables.js';
import type { SourceNode } from '../source/tree.js';
import type { Context } from './context.js';
import { expectName } from './members.js';

/** A variable name; the dollar sign belongs to its use. */
export function readVariable(ctx: Context, node: SourceNode | undefined, usual: string): string {
  const name = node && expectName(ctx, node, 'The variable name');
  if (node === undefined) return usual;
  if (name === undefined) return unreadableNames;
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !reservedVariables.has(name)) return name;
  const bare = name.replace(/^\$/, '');
  const useful = bare !== name && /^[A-Za-z_]\w*$/.test(bare) && !reservedVariables.has(bare);
  ctx.reporter.report('PL1013', node, {
    message: reservedVariables.has(bare)
      ? `"${bare}" is a variable of the language`
      : `"${name}" cannot be a variable name`,
    expected: 'letters, digits and _',
    actual: name,
    ...(useful && { fix: { title: `Write ${bare}`, span: node.span, newText: bare } }),
  });
  return useful ? bare : unreadableNames;
}
