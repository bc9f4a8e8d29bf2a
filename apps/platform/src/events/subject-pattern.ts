import { AppError } from '@parley/kernel';

/** A subject pattern as conditions; a subject matches when it meets all that are there. */
export interface SubjectFilter {
  /** The whole subject. */
  readonly exact?: string;
  /**
   * Bytewise bounds of every match, and of everything that differs from it in the last token alone.
   * Row-level security lets an index serve comparisons, but not LIKE or regular expressions, which
   * could leak rows.
   */
  readonly range?: { readonly from: string; readonly before: string };
  /** POSIX regular expression, where bounds do not decide alone. */
  readonly regex?: string;
}

const tokensMax = 50;

/**
 * Compiles a pattern: tokens are separated by dots, `*` stands for exactly one token, a final `>` for
 * one or more. All other characters stand for themselves.
 * @throws AppError `invalid`
 */
export function compileSubject(pattern: string): SubjectFilter {
  const tokens = pattern.split('.');
  if (tokens.length > tokensMax) throw refusal(`has more than ${tokensMax} tokens`);
  if (tokens.includes('')) throw refusal('has an empty token');
  const rest = tokens.indexOf('>');
  if (rest !== -1 && rest !== tokens.length - 1) throw refusal('has a > before its end');
  const wild = tokens.findIndex((token) => token === '*' || token === '>');
  if (wild === -1) return { exact: pattern, range: rangeOf(tokens.slice(0, -1)) ?? only(pattern) };
  const range = rangeOf(tokens.slice(0, wild));
  return {
    ...(range !== undefined && { range }),
    ...(wild !== rest && { regex: `^${tokens.map(toRegex).join('\\.')}$` }),
  };
}

function rangeOf(known: readonly string[]): SubjectFilter['range'] {
  if (known.length === 0) return undefined;
  const prefix = known.join('.');
  return { from: `${prefix}.`, before: `${prefix}/` }; // "/" follows "."
}

/** A subject of one token differs from nothing in its last one alone. */
function only(subject: string): SubjectFilter['range'] {
  return { from: subject, before: `${subject}\u0001` };
}

function toRegex(token: string): string {
  if (token === '*') return '[^.]+';
  if (token === '>') return '.+';
  return token.replaceAll(/[^A-Za-z0-9_]/g, '\\$&');
}

function refusal(reason: string): AppError {
  return new AppError(
    'invalid',
    `The subject pattern ${reason}. Write tokens separated by dots; * is one token, a final > the rest.`,
    { errors: [{ pointer: '/subject', message: reason }] },
  );
}
