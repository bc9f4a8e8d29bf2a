import { HttpException } from '@nestjs/common';
import { errorRow, errorTable, type Problem, problemTypeBase } from '@parley/contracts';
import { AppError, isAppError } from '@parley/kernel';

export const problemMediaType = 'application/problem+json';

/** An HTTP answer that says what went wrong. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem & Record<string, unknown>;
}

const errorsMax = 100;
const internalDetail = 'The failure has been logged; name the trace id when you report it.';

/** The RFC 9457 answer to `error`. What is not an operational error tells nothing about itself. */
export function problemOf(
  error: unknown,
  about: { traceId?: string; instance?: string; bodyBytesMax?: number },
): ProblemAnswer {
  const known = operationalError(error);
  const code = known && Object.hasOwn(errorTable, known.code) ? known.code : 'internal';
  const row = errorRow(code);
  const detail = code === 'internal' || !known ? internalDetail : detailOf(known, about);
  return {
    status: row.http,
    headers: {
      'content-type': problemMediaType,
      'cache-control': 'no-store',
      ...(known?.retryAfterSeconds !== undefined && {
        'retry-after': String(Math.max(1, Math.ceil(known.retryAfterSeconds))),
      }),
    },
    body: {
      ...(code === 'internal' ? {} : known?.extensions),
      type: problemTypeBase + code,
      title: row.title,
      status: row.http,
      detail,
      code,
      retryable: row.retryable,
      ...(about.instance !== undefined && { instance: about.instance }),
      ...(about.traceId !== undefined && { traceId: about.traceId }),
      ...(code !== 'internal' &&
        known &&
        known.errors.length > 0 && { errors: known.errors.slice(0, errorsMax) }),
    },
  };
}

/** A body that is too large is told how large it may be, where that is known. */
function detailOf({ message }: AppError, { bodyBytesMax }: { bodyBytesMax?: number }): string {
  if (message !== tooLarge || bodyBytesMax === undefined) return message;
  const mebibytes = Math.floor((10 * bodyBytesMax) / 1_048_576) / 10;
  return message.replace(/\.$/, `: ${String(mebibytes)} MiB.`);
}

/** `error` as an operational one, when it is one or when the web framework refused the request. */
export function operationalError(error: unknown): AppError | undefined {
  if (isAppError(error)) return error;
  if (error instanceof HttpException) {
    if (isAppError(error.cause)) return error.cause;
    return fromStatus(error.getStatus(), error.message, error.cause);
  }
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    return fromStatus(error.statusCode, error.message, error);
  }
  return undefined;
}

const codeByStatus: Readonly<Record<number, string>> = {
  400: 'malformed',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'timeout',
  409: 'conflict',
  413: 'too-large',
  414: 'too-large',
  415: 'unsupported-media-type',
  422: 'invalid',
  429: 'overloaded',
  503: 'unavailable',
};

function fromStatus(status: number, message: string, cause: unknown): AppError | undefined {
  const code = codeByStatus[status] ?? (status < 500 ? 'malformed' : undefined);
  if (code === undefined) return undefined;
  return new AppError(code, saidBetter.get(message) ?? message, { cause });
}

const tooLarge = 'The body is larger than this address accepts.';

/** The web framework names the cause; the cure is ours to tell. */
const saidBetter: ReadonlyMap<string, string> = new Map([
  ['Request body is too large', tooLarge],
  ['Unsupported Media Type', 'The body must be JSON; send it with Content-Type: application/json.'],
]);
