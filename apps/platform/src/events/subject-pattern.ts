import { AppError } from '@parley/kernel';

/** A subject pattern as conditions that an index can serve. */
export interface SubjectFilter {
  /** Every match begins with this, `''` when nothing is known. */
  readonly prefix: string;
  /** POSIX regular expression that exactly the matches match; absent when the prefix decides. */
  readonly regex?: string;
  /** The prefix is the whole subject. */
  readonly exact: boolean;
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
  if (wild === -1) return { prefix: pattern, exact: true };
  const prefix = tokens
    .slice(0, wild)
    .map((token) => `${token}.`)
    .join('');
  if (wild === rest) return { prefix, exact: false };
  return { prefix, regex: `^${tokens.map(toRegex).join('\\.')}$`, exact: false };
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
