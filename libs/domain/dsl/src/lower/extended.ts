import type { Expression } from '@parley/ir';
import type { JsonObject } from '@parley/kernel';

/** What only the run knows of a task. */
const runtimeMembers: ReadonlySet<string> = new Set(['input', 'output', 'startedAt']);

/** What `$task` holds of an extended task: the members of its definition, and what it is. */
export function descriptorOf(name: string, reference: string, definition: JsonObject): JsonObject {
  const members = Object.entries(definition).filter(([key]) => !runtimeMembers.has(key));
  return { ...Object.fromEntries(members), name, reference, definition };
}

/**
 * Binds `$task` in an expression of an extension to the extended task. Only what the expression
 * reads is written into it; what the run alone knows is there, too.
 */
export function describeExtended(source: Expression, extended: JsonObject | undefined): Expression {
  if (extended === undefined || !/\$task\b/.test(source)) return source;
  const read = membersRead(source);
  const known =
    read === undefined
      ? extended
      : Object.fromEntries(Object.entries(extended).filter(([key]) => read.has(key)));
  const needsRun = read === undefined || [...read].some((key) => runtimeMembers.has(key));
  if (needsRun && Object.keys(known).length === 0) return source;
  const bound = needsRun ? `($task + ${JSON.stringify(known)})` : JSON.stringify(known);
  return `${bound} as $task | ${source}`;
}

/** The members of `$task` that an expression names; undefined: it takes the whole. */
function membersRead(source: Expression): ReadonlySet<string> | undefined {
  const read = new Set<string>();
  for (const [, member] of source.matchAll(/\$task\b(?:\.([A-Za-z_]\w*))?/g)) {
    if (member === undefined) return undefined;
    read.add(member);
  }
  return read;
}
