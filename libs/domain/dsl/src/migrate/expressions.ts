import { compileCached } from '@parley/jq';
import type { Json } from '@parley/kernel';
import { interpolate } from '../expressions/interpolation.js';
import { languageVariables } from '../expressions/variables.js';
import type { Migration } from './migration.js';
import type { Old } from './old.js';

/** Where an expression of the old definition stood. */
export interface Around {
  readonly pointer: string;
  /** An expression that what stands here was evaluated on. */
  readonly from?: string;
  /** Names of loop parameters: `.order` becomes `$order`. */
  readonly parameters?: readonly string[];
  /** Secrets can be read here, as `$secrets` or as this. */
  readonly secrets?: '$secrets' | '$input.secrets';
}

/** A jq program out of an old text with or without `${ }`. */
export function program(migration: Migration, text: string, around: Around): string {
  const found = interpolate(text);
  const source =
    found.kind === 'expression'
      ? found.part.source
      : found.kind === 'text'
        ? undefined
        : text.trim();
  if (source === undefined) return joined(migration, text, around);
  const rewritten = readable(migration, rewrite(migration, source, around), around);
  const { from } = around;
  return from === undefined || from === '.' ? rewritten : `${from} | ${rewritten}`;
}

/** A text with expressions in it, as one program. */
function joined(migration: Migration, text: string, around: Around): string {
  const found = interpolate(text);
  const parts = found.kind === 'text' ? found.parts : [text];
  return parts
    .map((part) =>
      typeof part === 'string'
        ? JSON.stringify(part)
        : `(${program(migration, part.source, around)} | tostring)`,
    )
    .join(' + ');
}

/** An old text as a text of the new definition. */
export function templateOf(migration: Migration, text: string, around: Around): string {
  const found = interpolate(text);
  if (found.kind === 'expression') return wrapped(program(migration, text, around));
  if (found.kind !== 'text') return text.replaceAll('${', () => '$${');
  return found.parts
    .map((part) =>
      typeof part === 'string' ? part : wrapped(program(migration, part.source, around)),
    )
    .join('');
}

/** Data with expressions in its texts. */
export function dataOf(migration: Migration, value: Json, around: Around): Json {
  if (typeof value === 'string') return templateOf(migration, value, around);
  if (Array.isArray(value)) return value.map((item) => dataOf(migration, item, around));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, dataOf(migration, member, around)]),
  );
}

export function wrapped(source: string): string {
  return `\${ ${source} }`;
}

/** The program of a member that is an expression, or undefined. */
export function programOf(
  migration: Migration,
  holder: Old | undefined,
  key: string,
  around: Omit<Around, 'pointer'> = {},
): string | undefined {
  const member = holder?.member(key);
  const text = member?.words;
  if (member === undefined || text === undefined) return undefined;
  return program(migration, text, { ...around, pointer: member.pointer });
}

function rewrite(migration: Migration, source: string, around: Around): string {
  let text = source.replaceAll(/\bfn:([\w-]+)/g, (_, name: string) =>
    called(migration, name, around),
  );
  for (const parameter of around.parameters ?? []) {
    text = text.replaceAll(new RegExp(`(?<![\\w\\]).?"])\\.${parameter}\\b`, 'g'), `$${parameter}`);
  }
  text = text.replaceAll(/\$WORKFLOW\.instanceId\b/g, '$workflow.id');
  text = text.replaceAll(/\$WORKFLOW\.(id|name)\b/g, '$workflow.definition.document.name');
  text = text.replaceAll(/\$WORKFLOW\b/g, '$workflow');
  text = withSecrets(migration, text, around);
  return withConstants(migration, text, around);
}

/** The program of an expression function. */
function called(migration: Migration, name: string, around: Around): string {
  const operation = migration.functions.get(name)?.text('operation');
  if (operation !== undefined) {
    const { from: _, ...rest } = around;
    return `(${program(migration, operation, rest)})`;
  }
  migration.report.dropped(around.pointer, `There is no expression function "${name}"`);
  return `error(${JSON.stringify(`no function ${name}`)})`;
}

function withSecrets(migration: Migration, text: string, around: Around): string {
  if (!text.includes('$SECRETS')) return text;
  for (const [, name = ''] of text.matchAll(/\$SECRETS\.([A-Za-z_]\w*)/g))
    migration.secrets.add(name);
  if (around.secrets !== undefined) return text.replaceAll(/\$SECRETS\b/g, around.secrets);
  const { pointer } = around;
  migration.report.dropped(pointer, 'Secrets can be read in the arguments of calls only');
  return 'error("secrets cannot be read here")';
}

function withConstants(migration: Migration, text: string, { pointer }: Around): string {
  if (!text.includes('$CONST')) return text;
  const constants = migration.constants?.json;
  if (constants === undefined) {
    migration.report.dropped(pointer, 'The constants are in a file of their own: write them out');
    return 'error("constants are missing")';
  }
  const inlined = text.replaceAll(
    /\$CONST((?:\.[A-Za-z_]\w*)+)(?![\w(])/g,
    (whole, path: string) => {
      const value = valueAt(constants, path.slice(1).split('.'));
      return value === undefined ? whole : JSON.stringify(value);
    },
  );
  return inlined.includes('$CONST')
    ? `${JSON.stringify(constants)} as $CONST | ${inlined}`
    : inlined;
}

function valueAt(value: Json, path: readonly string[]): Json | undefined {
  let current: Json | undefined = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || Array.isArray(current)) return undefined;
    current = Object.hasOwn(current, key) ? current[key] : undefined;
  }
  return current;
}

/** What jq cannot read is tried with double quotes, and otherwise says so at run time. */
function readable(migration: Migration, source: string, around: Around): string {
  if (isReadable(source, around)) return source;
  const requoted = source.replaceAll(/'([^'"]*)'/g, '"$1"');
  if (isReadable(requoted, around)) return requoted;
  const message = `The expression cannot be read as jq: ${source}`;
  migration.report.dropped(around.pointer, message);
  return `error(${JSON.stringify(`cannot be migrated: ${source}`)})`;
}

function isReadable(source: string, { parameters = [] }: Around): boolean {
  const variables = [...languageVariables, ...parameters];
  return source.trim() !== '' && compileCached(source, { variables }).ok;
}
