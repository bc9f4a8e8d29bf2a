import type { Finding } from '../diagnostics/reporter.js';
import type { Span } from './tree.js';

/** What the YAML reader found: the first thing that it could not read. */
interface YamlProblem {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
}

interface Described extends Finding {
  readonly span: Span;
}

/**
 * Says what is wrong with a text in the words of whoever writes definitions, and how to write it.
 * What the reader calls it ("nested mappings in compact mappings") is right and helps nobody.
 */
export function describeYamlProblem(source: string, problem: YamlProblem): Described {
  const [start, end] = problem.pos;
  const found =
    fence(source, start) ?? byCode[problem.code]?.(source, { start, end }, problem.message);
  return { span: { start, end }, ...(found ?? { message: problem.message }) };
}

type Describe = (
  source: string,
  span: Span,
  message: string,
) => (Finding & { readonly span?: Span }) | undefined;

const byCode: Readonly<Record<string, Describe>> = {
  BLOCK_AS_IMPLICIT_KEY: (source, { start }) => ({
    message: 'A text with ": " in it must stand in quotes',
    ...quoteFix(source, start),
  }),
  BAD_ALIAS: (source, { start }) => ({
    message: `A text that begins with "${source[start] ?? ''}" must stand in quotes`,
    ...quoteFix(source, start),
  }),
  BAD_SCALAR_START: (source, { start }) => ({
    message: `A text that begins with "${source[start] ?? ''}" must stand in quotes`,
    ...quoteFix(source, start),
  }),
  TAB_AS_INDENT: () => ({ message: 'Lines are indented with spaces, not with tabs' }),
  MULTILINE_IMPLICIT_KEY: (source, { start, end }) => colonMissing(source, start, end),
  MISSING_CHAR: (source, { start, end }, message) =>
    message.includes('followed by map values') ? colonMissing(source, start, end) : undefined,
  BAD_INDENT: (source, { start }, message) => indentedDifferently(source, start, message),
  BAD_DQ_ESCAPE: (source, { start, end }) => ({
    message: `In double quotes "${source.slice(start, end)}" is no character: write \\\\ for a backslash, or use single quotes`,
  }),
  UNEXPECTED_TOKEN: (source, { start }, message) =>
    message.includes('flow-map-start') || message.includes('flow-seq-start')
      ? bracesInFlow(source, start)
      : message.includes('scalar at node end')
        ? quotesInQuotes(source, start)
        : undefined,
};

/** Models like to wrap what they write. */
function fence(source: string, start: number): (Finding & { span: Span }) | undefined {
  const lineStart = source.lastIndexOf('\n', start - 1) + 1;
  const before = source.slice(0, lineStart).trim();
  if (!source.startsWith('```', lineStart) && !(before === '' && source.startsWith('```'))) {
    return undefined;
  }
  const span = { start: lineStart, end: lineEnd(source, lineStart) };
  return {
    span,
    message: 'The line belongs to Markdown and not to the definition',
    fix: { title: 'Remove the line', span: { ...span, end: span.end + 1 }, newText: '' },
  };
}

/** Puts the rest of the line in single quotes, unless a comment or a quote is in the way. */
function quoteFix(source: string, start: number): Pick<Finding, 'fix'> {
  const text = source.slice(start, lineEnd(source, start)).trimEnd();
  if (text === '' || /^["'|>]/.test(text) || text.includes(' #')) return {};
  const span = { start, end: start + text.length };
  return { fix: { title: 'Put it in quotes', span, newText: quoted(text) } };
}

function colonMissing(source: string, start: number, end: number): Finding & { span: Span } {
  const name = source.slice(start, Math.min(end, lineEnd(source, start))).trim();
  const span = { start, end: start + name.length };
  const fixable = /^[\w-]+$/.test(name);
  return {
    span,
    message: `Behind "${name}" a colon is missing`,
    ...(fixable && {
      fix: { title: 'Add the colon', span: { start: span.end, end: span.end }, newText: ':' },
    }),
  };
}

function indentedDifferently(
  source: string,
  start: number,
  message: string,
): (Finding & { span: Span }) | undefined {
  if (!message.includes('same column')) return undefined;
  const lineStart = source.lastIndexOf('\n', start - 1) + 1;
  const indent = /^ */.exec(source.slice(lineStart, lineEnd(source, lineStart)))?.[0].length ?? 0;
  const at = lineStart + indent;
  return {
    span: { start: at, end: Math.max(at + 1, lineEnd(source, at)) },
    message: 'The line is indented neither as what is around it nor as what is in it',
  };
}

/** `{ a: ${ .b } }`: in braces, braces begin something new. */
function bracesInFlow(source: string, start: number): Finding & { span: Span } {
  const end = Math.min(lineEnd(source, start), start + 500);
  const before =
    /[^\s,{}[\]:]*(?::[^\s,{}[\]:]+)*$/.exec(source.slice(Math.max(0, start - 500), start))?.[0] ??
    '';
  const from = start - before.length;
  const text = /^[^\s,{}[\]]*\{[^{}\n]*\}[^\s,{}[\]]*/.exec(source.slice(from, end))?.[0];
  const span = { start: from, end: from + (text?.length ?? before.length + 1) };
  return {
    span,
    message: 'In { } and [ ], a text with braces or brackets must stand in quotes',
    ...(text !== undefined && {
      fix: { title: 'Put it in quotes', span, newText: quoted(text) },
    }),
  };
}

/** `".a == "b""`: the second quote ends the text. */
function quotesInQuotes(source: string, start: number): Finding | undefined {
  const lineStart = source.lastIndexOf('\n', start - 1) + 1;
  const line = source.slice(lineStart, lineEnd(source, start));
  const found = /^(\s*(?:- )?[\w-]+: +)"(.*)"\s*$/.exec(line);
  if (found === null) return undefined;
  const [, head = '', text = ''] = found;
  const from = lineStart + head.length;
  const span = { start: from, end: from + text.length + 2 };
  const plain = !text.includes('\\');
  return {
    message: 'The quote before this ends the text; put the whole in single quotes',
    ...(plain && { fix: { title: 'Use single quotes', span, newText: quoted(text) } }),
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function lineEnd(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  if (end === -1) return source.length;
  return source[end - 1] === '\r' ? end - 1 : end;
}
