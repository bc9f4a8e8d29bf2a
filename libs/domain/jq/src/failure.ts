import type { Json } from '@parley/kernel';
import { preview } from './values/preview.js';

/** Where a piece of a program stands in its source. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/**
 * A program failed at run time. `value` is what jq's `catch` sees. Programs cannot catch a `limit`,
 * which says that the evaluation was too large, too deep or too long, nor what is `unsupported`: what
 * jq has and this library has not.
 */
export class JqError extends Error {
  /** The innermost expression of the program that failed, where it is known. */
  span: Span | undefined;

  constructor(
    readonly value: Json,
    readonly kind: 'error' | 'limit' | 'unsupported' = 'error',
    cause?: unknown,
  ) {
    super(
      typeof value === 'string' ? value : `${preview(value)} (not a string)`,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'JqError';
  }
}

/** Notes where an error came from, unless that is known more exactly. */
export function located(error: unknown, span: Span | undefined): unknown {
  if (error instanceof JqError) error.span ??= span;
  return error;
}

/** An error whose value is a message. */
export function failure(message: string): JqError {
  return new JqError(message);
}

/** An evaluation that went over one of its limits. */
export function overLimit(message: string, cause?: unknown): JqError {
  return new JqError(message, 'limit', cause);
}

/** Something that jq has, and this library has not. */
export function unsupported(what: string): JqError {
  return new JqError(`${what} is not supported`, 'unsupported');
}

/** Something that must not be done with an opaque value. */
export function secretFailure(done: string): JqError {
  return failure(`a secret cannot be ${done}`);
}

/** Values are nested deeper than jq goes. */
export function tooDeep(what: string): JqError {
  return failure(`${what} too deep`);
}
