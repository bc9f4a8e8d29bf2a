import { compile } from '@parley/jq';
import type { Context } from '../compile/context.js';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import type { Place } from '../diagnostics/reporter.js';
import { laterVariables, unreadableNames } from './variables.js';

/** An expression to be checked and where it is written. */
export interface WrittenExpression {
  readonly source: string;
  readonly variables: readonly string[];
  /** The place of a piece of `source` in the definition. */
  place(offset: number, length: number): Place;
}

const codeOf = {
  syntax: 'PL1030',
  'unknown-variable': 'PL1031',
  'unknown-function': 'PL1032',
  unsupported: 'PL1033',
} as const satisfies Record<string, DiagnosticCode>;

/** Whether an expression compiles; the reason is reported where it is written. */
export function checkExpression(ctx: Context, expression: WrittenExpression): boolean {
  const { source } = expression;
  const variables = expression.variables.filter((name) => name !== unreadableNames);
  if (source === '') {
    ctx.reporter.report('PL1030', expression.place(0, 0), { message: 'The expression is empty' });
    return false;
  }
  const compiled = compile(source, { variables });
  if (compiled.ok) return true;
  const { code, message, offset, length, suggestions } = compiled.error;
  const unreadable = variables.length < expression.variables.length;
  if (code === 'unknown-variable' && unreadable) return false;
  const written = source.slice(offset, offset + length);
  const name = written.replace(/^\$/, '');
  const place = expression.place(offset, length);
  if (code === 'unknown-variable' && laterVariables.has(name)) {
    const declared = name === 'secrets' && ctx.declared.has('secrets');
    if (!declared)
      ctx.reporter.report('PL1060', place, { message: `"$${name}" is not supported yet` });
    return false;
  }
  ctx.reporter.report(codeOf[code], place, {
    message: `The expression cannot be used: ${message}`,
    ...(written === '' ? {} : { actual: written }),
    ...(suggestions ? { suggestions } : {}),
  });
  return false;
}
