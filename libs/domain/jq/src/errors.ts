import type { Json } from '@parley/kernel';
import { failure, secretFailure, type JqError, type Span } from './failure.js';
import { isOpaque } from './values/opaque.js';
import { preview } from './values/preview.js';
import { typeOf } from './values/types.js';

export { failure, JqError, overLimit, type Span } from './failure.js';

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
    length: Math.min(fault.span.length, source.length - fault.span.offset),
    line: before.split('\n').length,
    column: fault.span.offset - lineStart + 1,
    ...(fault.suggestions?.length ? { suggestions: fault.suggestions } : {}),
  };
}

/** `number (1) and string ("a") cannot be added` */
export function typeError(value: Json, problem: string): JqError {
  if (isOpaque(value)) return secretProblem(problem);
  return failure(`${describe(value)} ${problem}`);
}

/** The same for two operands. */
export function typeError2(a: Json, b: Json, problem: string): JqError {
  if (isOpaque(a) || isOpaque(b)) return secretProblem(problem);
  return failure(`${describe(a)} and ${describe(b)} ${problem}`);
}

function secretProblem(problem: string): JqError {
  return secretFailure(/^cannot be (\w+)/.exec(problem)?.[1] ?? 'read');
}

/** The type of a value and the beginning of its text, as jq writes them in messages. */
export function describe(value: Json): string {
  return `${typeOf(value)} (${preview(value)})`;
}
