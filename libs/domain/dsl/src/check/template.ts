import { interpolate } from '../expressions/interpolation.js';
import { offsetInScalar } from '../source/positions.js';
import type { ScalarNode, SourceNode } from '../source/tree.js';
import { nameOf, type Check, type Env } from './context.js';
import { checkExpression } from './expressions.js';
import { looksLikeRead } from './jq-habits.js';

/** As the schema has it: `${ }` around everything, on one line. */
export const computedPattern = /^\s*\$\{.+\}\s*$/u;

/** Checks the expressions in a value; everything else in it is free. */
export function checkTemplate(check: Check, node: SourceNode, env: Env): void {
  switch (node.kind) {
    case 'scalar':
      if (typeof node.value !== 'string') return;
      if (node.value.includes('${')) checkTemplateText(check, node, node.value, env);
      else if (!check.loose) checkBareData(check, node, node.value, env);
      return;
    case 'list':
      for (const item of node.items) checkTemplate(check, item, env);
      return;
    case 'map':
      for (const { value } of node.entries) checkTemplate(check, value, env);
  }
}

/** Checks the expressions in a text; whether it is closed. */
export function checkTemplateText(check: Check, node: ScalarNode, text: string, env: Env): boolean {
  const found = interpolate(text);
  switch (found.kind) {
    case 'plain':
      return true;
    case 'unclosed':
      reportUnclosed(check, node, found.offset);
      return false;
    case 'expression':
      checkExpression(check, node, found.part, env);
      return true;
    case 'text':
      for (const part of found.parts) {
        if (typeof part !== 'string') checkExpression(check, node, part, env);
      }
      return true;
  }
}

/** `.order.id` where data is written: a text, and hardly meant as one. */
function checkBareData(check: Check, node: ScalarNode, text: string, { scoped }: Env): void {
  if (!looksLikeRead(text, scoped)) return;
  const newText = `'\${ ${text} }'`;
  check.reporter.report('PL1038', node, {
    message: `${nameOf(node)} is the text "${text}" as it stands; an expression is written in \${ }`,
    expected: `\${ ${text} }`,
    actual: text,
    fix: { title: `Write \${ ${text} }`, span: node.span, newText },
  });
}

export function reportUnclosed(check: Check, node: ScalarNode, offset: number): void {
  const start = offsetInScalar(check.source, node, offset);
  check.reporter.report(
    'PL1034',
    { span: { start, end: node.span.end }, pointer: node.pointer },
    { message: 'The expression is not closed: "}" is missing' },
  );
}
