import type { Json } from './json.js';

/** One located fault inside a request or document. */
export interface ErrorDetail {
  /** JSON Pointer into the body or document, e.g. `/input/total`. */
  readonly pointer?: string;
  readonly message: string;
  readonly code?: string;
}

/** What an operational error may carry besides its message. */
export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Every fault found, where there can be several. */
  readonly errors?: readonly ErrorDetail[];
  /** Seconds after which a repetition may succeed. */
  readonly retryAfterSeconds?: number;
  /** Further members for the problem document; never secrets. */
  readonly extensions?: Readonly<Record<string, Json>>;
}

/**
 * An operational error: something outside the code's control, or a request that cannot be served.
 * `code` is a key of the error table in `@parley/contracts`, which maps it to HTTP and gRPC; edges
 * test the code, never the class.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: string;
  readonly errors: readonly ErrorDetail[];
  readonly retryAfterSeconds: number | undefined;
  readonly extensions: Readonly<Record<string, Json>>;

  /** @param detail names the cause and the cure, for the person who reads it. */
  constructor(code: string, detail: string, options: AppErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.extensions = options.extensions ?? {};
  }
}

/** Whether `error` is an operational error; works across duplicate copies of this package. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError' && 'code' in error;
}
