import { isJsonObject, type Json } from '@parley/kernel';
import { inputsOf } from '../check/operation-inputs.js';
import {
  platformFunctions,
  protocols,
  task,
  type Member,
  type Settled,
} from '../language/index.js';
import { describeDuration, parseDuration } from '../values/duration.js';
import { catalogueProposals, operationAt } from './catalogue.js';
import { inYaml } from './minimal.js';
import {
  declaredNames,
  listAround,
  namesIn,
  quoted,
  shapesHere,
  styleOf,
  taskNameAround,
  type Completion,
  type Site,
} from './proposal.js';

type Text = Extract<Settled, { kind: 'text' }>;
type Write = (text: string) => string;

/** Scalar values that fit the place of the cursor. */
export function valueProposals(site: Site): Completion[] {
  const style = styleOf(site.cursor);
  const write: Write = (text) => quoted(text, style);
  const { here } = site;
  if (here === undefined) return [];
  const fromCatalogue = catalogueProposals(site, write);
  if (fromCatalogue.length > 0) return fromCatalogue;
  const ofOperation = operationValues(site, write);
  if (ofOperation !== undefined) return ofOperation;
  const found = shapesHere(site).flatMap((shape) => {
    if (shape.kind === 'text') return textValues(site, shape, write);
    return shape.kind === 'boolean' ? words(['true', 'false'], (text) => text) : [];
  });
  return [...found, ...fromTable(here.member, site, new Set(found.map(({ label }) => label)))];
}

function words(values: readonly string[], write: Write, detail?: string): Completion[] {
  return values.map((label) => ({
    label,
    kind: 'value',
    ...(detail === undefined ? {} : { detail }),
    insertText: write(label),
  }));
}

function textValues(site: Site, shape: Text, write: Write): Completion[] {
  const { root } = site.cursor;
  switch (shape.holds) {
    case 'function':
      return functionNames(site, write);
    case 'target':
      return targets(site, write);
    case 'reference':
      return shape.to === undefined
        ? []
        : declaredNames(root, shape.to).map((label) => ({
            label,
            kind: 'reference',
            detail: `use.${shape.to}`,
            insertText: write(label),
          }));
    case 'duration':
      return durations(write);
    default:
      return words(shape.values ?? shape.usual ?? [], write, shape.title);
  }
}

function functionNames({ cursor }: Site, write: Write): Completion[] {
  const docs = new Map(task.variants.map(({ name, doc }) => [name, doc]));
  const known = (names: readonly string[], detail: string): Completion[] =>
    names.map((label) => {
      const documentation = docs.get(`call: ${label}`);
      return {
        label,
        kind: 'function',
        detail,
        ...(documentation === undefined ? {} : { documentation }),
        insertText: write(label),
      };
    });
  return [
    ...known(declaredNames(cursor.root, 'functions'), 'use.functions'),
    ...known(protocols, 'of the language'),
    ...known(platformFunctions, 'of the platform'),
  ];
}

const directives: Readonly<Record<string, string>> = {
  continue: 'The next task of the list.',
  exit: 'Leaves the list of tasks.',
  end: 'Ends the run.',
};

/** Where control can go: tasks of the same list, and the words of the language. */
function targets(site: Site, write: Write): Completion[] {
  const own = taskNameAround(site);
  const names = namesIn(listAround(site)).filter((name) => !Object.hasOwn(directives, name));
  const ordered = [
    ...names.filter((name) => name !== own),
    ...names.filter((name) => name === own),
  ];
  return [
    ...ordered.map((label) => ({
      label,
      kind: 'reference' as const,
      detail: label === own ? 'this task' : 'task',
      insertText: write(label),
    })),
    ...Object.entries(directives).map(([label, documentation]) => ({
      label,
      kind: 'value' as const,
      detail: 'directive',
      documentation,
      insertText: label,
    })),
  ];
}

function durations(write: Write): Completion[] {
  return ['PT10S', 'PT30S', 'PT1M', 'PT5M', 'PT1H', 'P1D', 'P7D'].map((label) => {
    const parsed = parseDuration(label);
    return {
      label,
      kind: 'value',
      ...(parsed.ok ? { detail: describeDuration(parsed.value.ms) } : {}),
      insertText: write(label),
    };
  });
}

/** What the table says of the member: its default and its example. */
function fromTable(
  member: Member | undefined,
  { cursor }: Site,
  taken: ReadonlySet<string>,
): Completion[] {
  if (cursor.flow || cursor.ownLine || styleOf(cursor) !== 'yaml' || member === undefined)
    return [];
  const usual =
    member.default === undefined ? undefined : JSON.stringify(member.default).replaceAll('"', '');
  const found = [
    [usual, 'default'],
    [member.example, 'example'],
  ] as const;
  return found.flatMap(([label, detail]) =>
    label === undefined || taken.has(label) || label.includes('\n')
      ? []
      : [{ label, kind: 'value' as const, detail, insertText: inYaml(label) }],
  );
}

/** What an input of an operation may be. */
function operationValues(site: Site, write: Write): Completion[] | undefined {
  const keys = site.cursor.path.map(({ key }) => key);
  const isInput = keys.at(-3) === 'with' && keys.at(-2) === 'input';
  const found = isInput ? operationAt(site) : undefined;
  const input = found && inputsOf(found.operation).find(({ name }) => name === keys.at(-1));
  return input && schemaValues(input.schema, write);
}

function schemaValues(schema: Json, write: Write): Completion[] {
  if (!isJsonObject(schema)) return [];
  const { enum: values, type, default: usual } = schema;
  const texts = (Array.isArray(values) ? values : type === 'boolean' ? [true, false] : []).filter(
    (value) => typeof value !== 'object' || value === null,
  );
  const all =
    usual === undefined || typeof usual === 'object' || texts.includes(usual)
      ? texts
      : [usual, ...texts];
  return all.map((value) => ({
    label: String(value),
    kind: 'value',
    ...(value === usual ? { detail: 'default' } : {}),
    insertText: typeof value === 'string' ? write(value) : JSON.stringify(value),
  }));
}
