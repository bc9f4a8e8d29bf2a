import type { Json } from '@parley/kernel';
import { preview } from './values/text.js';
import { typeOf } from './values/order.js';

/** Why a program does not compile. Offsets count UTF-16 code units; line and column start at 1. */
export interface JqSyntaxError {
  readonly code: 'syntax' | 'unknown-function' | 'unknown-variable' | 'unsupported';
  readonly message: string;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
  /** The nearest names that exist, best first. */
  readonly suggestions?: readonly string[];
}

/** Where a piece of a program stands in its source. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Carries a compile-time refusal out of the parser; `compile` turns it into a value. */
export class SyntaxFault extends Error {
  constructor(
    readonly code: JqSyntaxError['code'],
    message: string,
    readonly span: Span,
    readonly suggestions?: readonly string[],
  ) {
    super(message);
    this.name = 'SyntaxFault';
  }
}

/** Adds line and column to a fault. */
export function locate(fault: SyntaxFault, source: string): JqSyntaxError {
  const before = source.slice(0, fault.span.offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return {
    code: fault.code,
    message: fault.message,
    offset: fault.span.offset,
    length: fault.span.length,
    line: before.split('\n').length,
    column: fault.span.offset - lineStart + 1,
    ...(fault.suggestions?.length ? { suggestions: fault.suggestions } : {}),
  };
}

/**
 * A program failed at run time. `value` is what jq's `catch` sees. A `limit` is not catchable by
 * the program: it says that the evaluation was too large, too deep or too long.
 */
export class JqError extends Error {
  constructor(
    readonly value: Json,
    readonly kind: 'error' | 'limit' = 'error',
    cause?: unknown,
  ) {
    super(
      typeof value === 'string' ? value : `${preview(value)} (not a string)`,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'JqError';
  }
}

/** An error whose value is a message. */
export function failure(message: string): JqError {
  return new JqError(message);
}

/** An evaluation that went over one of its limits. */
export function overLimit(message: string, cause?: unknown): JqError {
  return new JqError(message, 'limit', cause);
}

/** `number (1) and string ("a") cannot be added` */
export function typeError(value: Json, problem: string): JqError {
  return failure(`${describe(value)} ${problem}`);
}

/** The same for two operands. */
export function typeError2(a: Json, b: Json, problem: string): JqError {
  return failure(`${describe(a)} and ${describe(b)} ${problem}`);
}

/** The type of a value and the beginning of its text, as jq writes them in messages. */
export function describe(value: Json): string {
  return `${typeOf(value)} (${preview(value)})`;
}
