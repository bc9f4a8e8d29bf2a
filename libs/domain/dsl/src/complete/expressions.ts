import { isJsonObject } from '@parley/kernel';
import { variableDocs, variablesAt } from '../expressions/variables.js';
import { jqFormats, jqFunctions, jqWords } from './jq-docs.js';
import { openProgram, stateAfter } from './jq-scan.js';
import { dotSchema, membersBelow, variableSchema } from './known-data.js';
import { typeText } from './members.js';
import { shapesHere, type Completion, type CompletionList, type Site } from './proposal.js';

/** A program up to the cursor. */
export interface ProgramAt {
  readonly program: string;
  /** Offset of the program in the source. */
  readonly start: number;
  readonly quiet: boolean;
  /** It is the whole value, without `${ }` around it. */
  readonly bare: boolean;
}

/** The program that the cursor is in; undefined where it is in none. */
export function programAt(site: Site): ProgramAt | undefined {
  const { cursor, here } = site;
  const { node, source, offset } = cursor;
  const written = node?.kind === 'scalar' && node.value !== null ? node : undefined;
  const text =
    written === undefined ? '' : plainText(source.slice(written.span.start, offset), written.style);
  const origin = written === undefined ? offset : written.span.start;
  const open = isEvaluated(site) ? openProgram(text) : undefined;
  if (open !== undefined) {
    return {
      program: text.slice(open.start),
      start: origin + open.start,
      quiet: open.state === 'quiet',
      bare: false,
    };
  }
  if (here === undefined || !isBare(site) || /^\s*\$\{/.test(text)) return undefined;
  return { program: text, start: origin, quiet: stateAfter(text) === 'quiet', bare: true };
}

/** Texts in which `${ }` is computed. */
function isEvaluated(site: Site): boolean {
  return shapesHere(site).some((shape) => {
    if (shape.kind === 'any') return shape.holds === 'template';
    if (shape.kind !== 'text' || shape.fixed === true || shape.literal === true) return false;
    return (
      shape.values === undefined &&
      !['words', 'target', 'reference', 'variable', 'function'].includes(shape.holds)
    );
  });
}

function isBare(site: Site): boolean {
  return shapesHere(site).some(
    (shape) =>
      shape.kind === 'text' && (shape.holds === 'expression' || shape.holds === 'condition'),
  );
}

/** The text as jq reads it, character by character: quotes and headers of YAML become space. */
function plainText(text: string, style: string): string {
  if (style === 'double') return ` ${text.slice(1)}`.replaceAll(/\\(["\\])/g, ' $1');
  if (style === 'single') return ` ${text.slice(1)}`;
  if (style === 'plain') return text;
  return text.replace(/^[|>][^\n]*/, (header) => ' '.repeat(header.length));
}

/** What can be written in the program at the cursor; undefined where there is no program. */
export function expressionProposals(site: Site): CompletionList | undefined {
  const at = programAt(site);
  if (at === undefined) return undefined;
  const { offset, source } = site.cursor;
  const after = /^\w*/.exec(source.slice(offset, offset + 200))?.[0].length ?? 0;
  const range = (length: number) => ({ from: offset - length, to: offset + after });
  if (at.quiet) return { ...range(0), items: [] };
  const { program } = at;
  const path = pathBefore(program);
  if (path !== undefined) return { ...range(path.typed.length), items: pathProposals(site, path) };
  const variable = /\$\w*$/.exec(program)?.[0];
  if (variable !== undefined) return { ...range(variable.length), items: variableProposals(site) };
  const format = /@\w*$/.exec(program)?.[0];
  if (format !== undefined)
    return { ...range(format.length), items: wordsOf(jqFormats, 'function') };
  const word = /[A-Za-z_]\w*$/.exec(program)?.[0] ?? '';
  if (word === '' && /[\w)\]}"]$/.test(program)) return { ...range(0), items: [] };
  return { ...range(word.length), items: everything(site, program) };
}

function everything(site: Site, program: string): Completion[] {
  const paths = isInputDot(program)
    ? membersBelow(dotSchema(site), []).filter(({ name }) => isName(name))
    : [];
  return [
    ...paths.map(({ name, schema }) => ({
      label: `.${name}`,
      kind: 'variable' as const,
      detail: typeText(schema),
      insertText: `.${name}`,
    })),
    ...variableProposals(site),
    ...functionProposals(),
    ...wordsOf(jqWords, 'function'),
  ];
}

function variableProposals({ visited }: Site): Completion[] {
  const here = visited.at(-1);
  if (here === undefined) return [];
  const bound = [...here.bound].map(([name, doc]) => [name, doc] as const);
  const names = variablesAt(here.at, []).map((name) => [name, variableDocs[name] ?? ''] as const);
  return [...bound, ...names].map(([name, documentation]) => ({
    label: `$${name}`,
    kind: 'variable',
    documentation,
    insertText: `$${name}`,
  }));
}

function functionProposals(): Completion[] {
  return jqFunctions.map(({ name, call, doc }) => ({
    label: call,
    kind: 'function',
    documentation: doc,
    insertText: call === name ? name : `${name}(`,
  }));
}

function wordsOf(words: Readonly<Record<string, string>>, kind: Completion['kind']): Completion[] {
  return Object.entries(words).map(([label, documentation]) => ({
    label,
    kind,
    documentation,
    insertText: label,
  }));
}

interface PathBefore {
  /** Name of a variable, or `.`. */
  readonly root: string;
  readonly keys: readonly (string | -1)[];
  readonly typed: string;
  readonly known: boolean;
}

const pathPattern = /(\$[A-Za-z_]\w*)?((?:\.[A-Za-z_]\w*(?:\[\d*\])*\??)*)\.([A-Za-z_]\w*)?$/;

/** The path that is being written at the end of a program. */
export function pathBefore(program: string): PathBefore | undefined {
  const match = pathPattern.exec(program);
  if (match === null) return undefined;
  const [, variable, keys = '', typed = ''] = match;
  const before = program.slice(0, match.index);
  if (/\d$/.test(before) && variable === undefined && keys === '') return undefined;
  const isRoot = variable !== undefined || (!/[\w)\]}"?]$/.test(before) && isInputDot(before));
  return { root: variable?.slice(1) ?? '.', keys: keysIn(keys), typed, known: isRoot };
}

function keysIn(path: string): (string | -1)[] {
  return [...path.matchAll(/\.([A-Za-z_]\w*)|\[\d*\]/g)].map(([, name]) => name ?? -1);
}

/** Whether `.` after this is the input of the program: no pipe and no function has changed it. */
function isInputDot(program: string): boolean {
  return !/\||\b[a-z_]\w*\s*\(/i.test(program);
}

function pathProposals(site: Site, { root, keys, known }: PathBefore): Completion[] {
  if (!known) return [];
  const schema = root === '.' ? dotSchema(site) : variableSchema(site, root);
  return membersBelow(schema, keys)
    .filter(({ name }) => isName(name))
    .map(({ name, schema: inner }) => {
      const doc = isJsonObject(inner) ? inner['description'] : undefined;
      return {
        label: name,
        kind: 'variable',
        detail: typeText(inner),
        ...(typeof doc === 'string' && doc !== '' ? { documentation: doc } : {}),
        insertText: name,
      };
    });
}

function isName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}
