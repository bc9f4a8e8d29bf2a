import { reservedVariables } from '../expressions/variables.js';
import type { SourceNode } from '../source/tree.js';
import type { Check } from './context.js';

/** Whether a text can name a variable of a loop or handler. */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !reservedVariables.has(name);
}

/** Reports a name that cannot be one of a variable; the dollar sign belongs to its use. */
export function checkVariableName(check: Check, node: SourceNode, name: string): void {
  if (isVariableName(name)) return;
  const bare = name.replace(/^\$/, '');
  const useful = bare !== name && isVariableName(bare);
  check.reporter.report('PL1013', node, {
    message: reservedVariables.has(bare)
      ? `"${bare}" is a variable of the language`
      : `"${name}" cannot be a variable name`,
    expected: 'letters, digits and _',
    actual: name,
    ...(useful && { fix: { title: `Write ${bare}`, span: node.span, newText: bare } }),
  });
}
