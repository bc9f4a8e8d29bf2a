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

  /** Whether the same call may succeed later; the platform's word, also for codes that are new. */
  get retryable(): boolean {
    return this.problem.retryable ?? errorRow(this.code).retryable;
  }
}

/** A failure that this side found. */
export function problemOf(code: ErrorCode, detail: string, cause?: unknown): ParleyError {
  const { title, http: status } = errorRow(code);
  return new ParleyError({ type: 'about:blank', title, status, code, detail }, undefined, cause);
}

/** A failure on the way between the client and the platform. */
export function unreachable(detail: string, cause?: unknown): ParleyError {
  return problemOf('unavailable', detail, cause);
}

/** Whether `error` is a ParleyError, of `code` if one is given. */
export function isParleyError(error: unknown, code?: ErrorCode): error is ParleyError {
  if (!(error instanceof Error) || error.name !== 'ParleyError') return false;
  return code === undefined || (error as Partial<ParleyError>).code === code;
}

/** A located fault, as far as the detail of its problem leaves it open. */
export interface Untold {
  /** Empty: the whole. */
  readonly pointer: string;
  /** Absent when the detail says it, but not where. */
  readonly message?: string;
}

/** The faults of a problem without what its detail tells already. */
export function untold({ detail, errors = [] }: Problem): Untold[] {
  return errors.flatMap(({ pointer = '', message }) => {
    if (!detail.includes(message.replace(/\.$/, ''))) return [{ pointer, message }];
    if (namesPlace(detail, pointer)) return [];
    return errors.length === 1 ? [{ pointer }] : [{ pointer, message }];
  });
}

/** A member at the top is named by its word: "The expression cannot be evaluated". */
function namesPlace(detail: string, pointer: string): boolean {
  return detail.includes(pointer) || detail.split(/\W+/).includes(pointer.slice(1));
}
