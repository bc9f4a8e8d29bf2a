import type { Json, JsonObject } from '@parley/kernel';
import type { Migration } from './migration.js';
import type { Old } from './old.js';

/** Which errors a `catch` means. */
export interface ErrorFilter {
  readonly errors?: JsonObject;
  readonly when?: string;
}

type Test = readonly [member: 'status' | 'type' | 'title', value: Json];

/** The filter for references to defined errors; without members it lets every error pass. */
export function filterOfErrors(migration: Migration, references: readonly Old[]): ErrorFilter {
  const tests = references.map((reference) => testOf(migration, reference));
  const [first, ...more] = tests as Test[];
  if (first === undefined || tests.includes(undefined)) return {};
  if (more.length === 0) return { errors: { with: { [first[0]]: first[1] } } };
  return { when: `\${ ${conditionOf([first, ...more])} }` };
}

/** The condition for references to defined errors, on a program that yields the error. */
export function conditionFor(
  migration: Migration,
  references: readonly Old[],
  error: string,
): string | undefined {
  const tests = references.map((reference) => testOf(migration, reference));
  if (tests.length === 0 || tests.includes(undefined)) return undefined;
  return conditionOf(tests as Test[], error);
}

function conditionOf(tests: readonly Test[], error = '$error'): string {
  return tests
    .map(([member, value]) => `${error}.${member} == ${JSON.stringify(value)}`)
    .join(' or ');
}

/** Undefined: every error. */
function testOf(migration: Migration, reference: Old): Test | undefined {
  const name = reference.words ?? '';
  const definition = migration.errors.get(name);
  const code = definition?.text('code') ?? (definition === undefined ? name : undefined);
  definition?.member('description');
  if (code === '*' || name === '*') return undefined;
  if (code !== undefined && /^[1-5]\d\d$/.test(code)) return ['status', Number(code)];
  if (code !== undefined && /^[a-z][a-z\d+.-]*:/i.test(code)) return ['type', code];
  migration.report.approximated(
    definition?.pointer ?? reference.pointer,
    `The error is recognized by its title "${code ?? name}": give it a status or a type`,
  );
  return ['title', (code ?? name).replaceAll('${', '$ {')];
}

/** The references of a handler. */
export function referencesOf(handler: Old): Old[] {
  const single = handler.member('errorRef');
  return single === undefined ? handler.items('errorRefs') : [single];
}
