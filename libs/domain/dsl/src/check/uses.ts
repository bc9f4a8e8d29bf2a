import { duration } from '../language/texts.js';
import { memberOf, textOf, type SourceNode } from '../source/tree.js';
import type { Check, Env } from './context.js';

/**
 * What is declared under `use` is evaluated where it is used: a retry policy sees the error of each
 * handler that names it. Variables that a declaration asks for are judged there; a declaration that
 * nobody uses asks nobody.
 */
export function checkUses(check: Check): void {
  for (const { kind, name, env } of check.uses) {
    const node = check.declared.of(kind).get(name);
    if (node !== undefined && env.at === 'workflowTimeout') checkAround(check, node, env);
    const asked = node && check.asked.get(node);
    if (asked === undefined || env.blind || env.asked !== undefined) continue;
    for (const variable of asked) {
      if (check.repeats.full) return;
      if (env.scoped.includes(variable.name)) continue;
      const found = variable.describe();
      check.repeats.add(`$${variable.name} ${found.place.span.start}`, () => found);
    }
  }
}

/** A timeout of the whole workflow is computed before there is any task. */
function checkAround(check: Check, timeout: SourceNode, env: Env): void {
  const after = memberOf(timeout, 'after');
  if (textOf(after)?.trimStart().startsWith('${') !== true || check.reporter.hasErrors) return;
  if (after !== undefined) check.walk(after, duration, env);
}
