import type { Matcher } from './core.js';
import type { Pattern } from './syntax/ast.js';

/** Whether a value is taken apart in one way at most. */
export function isSingle(matcher: Matcher): boolean {
  if (matcher.kind === 'slot') return true;
  return matcher.members.every(
    ({ key, value }) => key.card !== 'many' && (value === undefined || isSingle(value)),
  );
}

/** Adds the variables that a pattern binds, in order, each once. */
export function collectNames(pattern: Pattern, names: string[]): void {
  const note = (name: string): void => {
    if (!names.includes(name)) names.push(name);
  };
  if (pattern.kind === 'name') note(pattern.name);
  else if (pattern.kind === 'array') for (const item of pattern.items) collectNames(item, names);
  else {
    for (const { name, value } of pattern.entries) {
      if (name !== undefined) note(name);
      if (value !== undefined) collectNames(value, names);
    }
  }
}
