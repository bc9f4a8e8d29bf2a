import { compile, type PathRead } from '@parley/jq';
import { ok, type Result } from '@parley/kernel';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import { nearest } from '../diagnostics/nearest.js';
import type { Finding, Place } from '../diagnostics/reporter.js';
import { languageVariables, variablesAt } from '../expressions/variables.js';
import type { ExpressionPart } from '../expressions/interpolation.js';
import { spanInScalar } from '../source/positions.js';
import type { ScalarNode, Span } from '../source/tree.js';
import { nameOf, type Check, type Env } from './context.js';
import { assignmentIn, habitAt, memberMeant, type Habitual } from './jq-habits.js';
import { reportUndeclared } from './reference.js';

type Problem = Extract<ReturnType<typeof compile>, { ok: false }>['error'];

/** What is known of an expression wherever it stands. */
interface Known {
  /** Variables that it reads and does not make itself. */
  readonly variables: readonly string[];
  readonly paths: readonly PathRead[];
}

/** Expressions remembered; the longest known goes first. */
const rememberedMax = 20_000;
/** Long ones are rare, and many of them would be a lot to remember. */
const rememberedLengthMax = 1_000;
const remembered = new Map<string, Result<Known, Problem>>();

/**
 * Reads an expression. Every name with a dollar sign counts as a variable, so that what is found
 * depends on the text alone and is remembered: which variables there are is asked for each place.
 */
export function readExpression(source: string): Result<Known, Problem> {
  if (source.length > rememberedLengthMax) return read(source);
  const known = remembered.get(source);
  if (known !== undefined) return known;
  const own = copyOf(source);
  const fresh = read(own);
  if (remembered.size >= rememberedMax) {
    const oldest = remembered.keys().next();
    if (oldest.done !== true) remembered.delete(oldest.value);
  }
  remembered.set(own, fresh);
  return fresh;
}

/** The same text, which is no piece of a longer one: a piece keeps all of the definition alive. */
function copyOf(text: string): string {
  return ` ${text}`.slice(1);
}

function read(source: string): Result<Known, Problem> {
  const compiled = compile(source, { variables: source.includes('$') ? namesIn(source) : [] });
  return compiled.ok
    ? ok({ variables: compiled.value.variables, paths: compiled.value.paths })
    : compiled;
}

function namesIn(source: string): string[] {
  const names = new Set<string>();
  for (const [, name = ''] of source.matchAll(/\$([A-Za-z_][A-Za-z0-9_]*)/g)) names.add(name);
  return [...names].filter((name) => name !== '__loc__' && name !== 'ENV');
}

const codeOf = {
  syntax: 'PL1030',
  'unknown-variable': 'PL1031',
  'unknown-function': 'PL1032',
  unsupported: 'PL1033',
} as const satisfies Record<Problem['code'], DiagnosticCode>;

/** Checks a piece of a text that is an expression; `node` is the text. */
export function checkExpression(
  check: Check,
  node: ScalarNode,
  part: ExpressionPart,
  env: Env,
): void {
  const { source } = part;
  const placeOf = (offset: number, length: number): Place => ({
    pointer: node.pointer,
    span: spanIn(check.source, node, { offset: part.offset + offset, length }),
  });
  if (source === '') {
    check.reporter.report('PL1030', placeOf(0, 0), { message: 'The expression is empty' });
    return;
  }
  const read = readExpression(source);
  if (!read.ok) {
    reportProblem(check, read.error, { source, placeOf, env });
    return;
  }
  if (read.value.variables.length === 0) return;
  const available = variablesAt(env.at, env.scoped);
  for (const name of read.value.variables) {
    if (available.includes(name)) continue;
    reportUnavailable(check, name, { source, placeOf, env });
  }
  for (const { root, path } of read.value.paths) {
    if (root === '$secrets' && available.includes('secrets')) {
      checkSecret(check, path[0], { source, placeOf, env });
    }
  }
}

/** Where a piece of a text is; at once where the text is written as it is. */
function spanIn(
  source: string,
  node: ScalarNode,
  { offset, length }: { readonly offset: number; readonly length: number },
): Span {
  const quote = node.style === 'single' || node.style === 'double' ? 1 : 0;
  const first = node.span.start + quote;
  const end = offset + length;
  const same = source.slice(first, first + end) === String(node.value).slice(0, end);
  return same
    ? { start: first + offset, end: first + end }
    : spanInScalar(source, node, offset, length);
}

interface Written {
  readonly source: string;
  readonly placeOf: (offset: number, length: number) => Place;
  readonly env: Env;
}

function reportProblem(check: Check, problem: Problem, written: Written): void {
  if (check.reporter.exhausted) return;
  const { code, message, offset, length, suggestions } = problem;
  const { source, placeOf } = written;
  const text = source.slice(offset, offset + length);
  if (code === 'unknown-variable') {
    reportUnavailable(check, text.replace(/^\$/, ''), written);
    return;
  }
  const habit = habitAt(source, offset);
  const near = suggestions !== undefined && suggestions.length > 0 ? { suggestions } : undefined;
  const member = code === 'unknown-function' ? memberMeant(source, offset) : undefined;
  check.reporter.report(codeOf[code], placeOf(offset, length), {
    message: `The expression cannot be used: ${message}${habit === undefined ? '' : `; ${habit.cure}`}`,
    ...(text !== '' && { actual: text }),
    ...(near ?? member),
    ...(habit?.fix && { fix: fixOf(habit.fix, placeOf) }),
  });
}

function fixOf(
  { offset, length, newText }: NonNullable<Habitual['fix']>,
  placeOf: Written['placeOf'],
): Finding['fix'] {
  const title = newText === '' ? 'Remove it' : `Write ${newText}`;
  return { title, span: placeOf(offset, length).span, newText };
}

/** A condition that assigns holds whatever the data is. */
export function checkAssignment(
  check: Check,
  node: ScalarNode,
  { source, offset }: ExpressionPart,
): void {
  const at = assignmentIn(source);
  if (at === undefined || check.reporter.exhausted) return;
  const span = spanIn(check.source, node, { offset: offset + at, length: 1 });
  check.reporter.report(
    'PL1037',
    { pointer: node.pointer, span },
    {
      message: `${nameOf(node)} sets a value instead of comparing: jq compares with "=="`,
      expected: '==',
      actual: '=',
      fix: { title: 'Write ==', span, newText: '==' },
    },
  );
}

/** A variable that is not there at the place of the expression. */
function reportUnavailable(check: Check, name: string, written: Written): void {
  const { env } = written;
  if (name === 'secrets') {
    if (check.reporter.exhausted) return;
    check.reporter.report('PL1036', placeOfVariable(written, name), {
      message: '"$secrets" can only be used in "input.from"',
      actual: '$secrets',
    });
    return;
  }
  if (env.blind) return;
  const describe = () => describeUnavailable(name, written);
  if (env.asked === undefined) check.repeats.add(`$${name}`, describe);
  else env.asked.push({ name, describe });
}

function describeUnavailable(name: string, written: Written) {
  const names = variablesAt(written.env.at, written.env.scoped);
  const finding = {
    message: languageVariables.includes(name)
      ? `"$${name}" is not available here`
      : `There is no variable "$${name}" here`,
    expected: names.map((known) => `$${known}`).join(', '),
    actual: `$${name}`,
    suggestions: nearest(name, names).map((known) => `$${known}`),
  };
  return { code: 'PL1031' as const, place: placeOfVariable(written, name), finding };
}

function checkSecret(check: Check, key: string | number | undefined, written: Written): void {
  if (typeof key !== 'string' || check.declared.mayHave('secrets', key)) return;
  const place = () => placeOfVariable(written, 'secrets');
  reportUndeclared(check, place, { kind: 'secrets', name: key, fixable: false });
}

/** Where a variable is first read. */
function placeOfVariable({ source, placeOf }: Written, name: string): Place {
  const found = new RegExp(`\\$${name}(?![A-Za-z0-9_])`).exec(source);
  return placeOf(found?.index ?? 0, name.length + 1);
}
