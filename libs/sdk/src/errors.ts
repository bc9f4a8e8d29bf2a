import { errorRow, type ErrorCode, type Problem } from '@parley/contracts';

/** A refused or failed call. Test `code`; show `message`. */
export class ParleyError extends Error {
  override readonly name = 'ParleyError';
  readonly code: string;
  readonly status: number;
  readonly problem: Problem;
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, retryAfterSeconds?: number, cause?: unknown) {
    super(problem.detail, cause === undefined ? undefined : { cause });
    this.code = problem.code;
    this.status = problem.status;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return errorRow(this.code).retryable;
  }
}

/** Whether `error` is a ParleyError, of `code` if one is given. */
export function isParleyError(error: unknown, code?: ErrorCode): error is ParleyError {
  if (!(error instanceof Error) || error.name !== 'ParleyError') return false;
  return code === undefined || (error as Partial<ParleyError>).code === code;
}
