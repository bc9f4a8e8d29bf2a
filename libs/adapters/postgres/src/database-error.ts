import { AppError, isAppError } from '@parley/kernel';

/** SQLSTATEs, and classes of them, that mean: the connection or the server went away. */
const lostStates = /^(08...|57P0[1-5]|25006|53300)$/;
const lostSystemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** `pg` reports a lost socket by message only. */
const lostMessages =
  /connection terminated|connection ended|not queryable|timeout exceeded when trying to connect|client was closed|cannot use a pool after/i;
/** Prisma's codes for an unreachable database, a lost connection and an exhausted pool. */
const lostPrismaCodes = /^P(1001|1002|1008|1017|2024|2028)$/;
const retryAfterSeconds = 1;

/** Errors of another realm (a test's sandbox, a worker) are no `instanceof Error`. */
interface ErrorLike {
  readonly message: string;
  readonly stack?: unknown;
  readonly code?: unknown;
  /** Of an error of the system: what it was asked for. */
  readonly syscall?: unknown;
  readonly cause?: unknown;
  /** Of an AggregateError: Node tries every address of a host. */
  readonly errors?: unknown;
}

const causesMax = 5;

function isErrorLike(value: unknown): value is ErrorLike {
  return typeof value === 'object' && value !== null && 'message' in value && 'stack' in value;
}

function* causes(error: unknown): Generator<ErrorLike> {
  let at = error;
  for (let depth = 0; isErrorLike(at) && depth < causesMax; depth++) {
    yield at;
    at = adapterCause(at) ?? at.cause;
  }
}

/** What the driver said, where Prisma wraps it: twice, or (at the end of a transaction) once. */
function adapterCause(error: ErrorLike): ErrorLike | undefined {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: AdapterCause } } };
  const cause = meta?.driverAdapterError?.cause ?? (error.cause as AdapterCause | undefined);
  if (lostKinds.has(cause?.kind)) return { message: 'connection terminated', stack: '' };
  if (typeof cause?.originalCode !== 'string') return undefined;
  const { originalCode: code, originalMessage: message = '' } = cause;
  return { code, message, stack: '' };
}

/** What Prisma's driver calls a socket that was lost; it drops the code of the system. */
const lostKinds = new Set<unknown>(['ConnectionClosed', 'DatabaseNotReachable', 'SocketTimeout']);

interface AdapterCause {
  readonly kind?: string;
  readonly originalCode?: string;
  readonly originalMessage?: string;
}

/** The SQLSTATE of an error, also of one that was already mapped to an AppError. */
export function sqlState(error: unknown): string | undefined {
  for (const { code } of causes(error)) {
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('P10')) {
      if (!/^P\d{4}$/.test(code) && !lostSystemCodes.has(code)) return code;
    }
  }
  return undefined;
}

/** Whether the database could not be reached or the connection was lost under way. */
export function isConnectionLoss(error: unknown): boolean {
  for (const { code, message, errors, syscall } of causes(error)) {
    if (code === 'ENOENT' && syscall === 'connect') return true; // Its socket is not there.
    if (typeof code === 'string') {
      if (lostStates.test(code) || lostSystemCodes.has(code) || lostPrismaCodes.test(code)) {
        return true;
      }
    }
    if (lostMessages.test(message)) return true;
    if (Array.isArray(errors) && errors.some(isConnectionLoss)) return true;
  }
  return false;
}

/**
 * Maps what `pg` or Prisma throws to an AppError whose `cause` is the original; everything that is
 * not a database error passes unchanged. Messages of the server stay in `cause`: they can quote
 * rows.
 */
export function databaseError(error: unknown): unknown {
  if (!isErrorLike(error) || isAppError(error)) return error;
  if (isConnectionLoss(error)) {
    return new AppError('unavailable', 'the database is not reachable; it is tried again', {
      cause: error,
      retryAfterSeconds,
    });
  }
  const prisma = fromPrisma(error);
  if (prisma !== undefined) return prisma;
  const state = sqlState(error);
  return state === undefined ? error : fromState(state, error);
}

function fromPrisma(error: ErrorLike): AppError | undefined {
  const { code } = error;
  if (typeof code !== 'string' || !/^P\d{4}$/.test(code)) return undefined;
  if (code === 'P2002') return new AppError('conflict', 'this already exists', { cause: error });
  if (code === 'P2003') return new AppError('conflict', stillReferenced, { cause: error });
  if (code === 'P2025') return new AppError('not-found', 'no such record', { cause: error });
  if (code === 'P2034') return contention(error);
  const state = sqlState(error);
  if (state !== undefined) return fromState(state, error);
  return new AppError('internal', `the database refused a statement (${code})`, { cause: error });
}

const stillReferenced = 'something else refers to this, or what it refers to is gone';

function contention(cause: unknown): AppError {
  return new AppError('unavailable', 'two changes met in the database; repeat the request', {
    cause,
    retryAfterSeconds,
  });
}

function fromState(state: string, cause: unknown): AppError {
  switch (state) {
    case '23505':
    case '23P01':
      return new AppError('conflict', 'this already exists', { cause });
    case '23503':
      return new AppError('conflict', stillReferenced, { cause });
    case '40001':
    case '40P01':
      return contention(cause);
    case '42501':
      return new AppError('forbidden', 'the database does not allow this role to do that', {
        cause,
      });
    case '55P03':
    case '57014':
    case '25P03':
    case '25P04':
      return new AppError('timeout', 'the database did not answer in time', {
        cause,
        retryAfterSeconds,
      });
  }
  switch (state.slice(0, 2)) {
    case '22':
      if (state === '22021' || state === '22P05') {
        const message = 'text with the character U+0000 cannot be stored; remove it';
        return new AppError('invalid', message, { cause });
      }
      if (state === '22003') {
        return new AppError('invalid', 'a number is out of range; use a smaller one', { cause });
      }
      return new AppError('invalid', 'the database cannot store this value', { cause });
    case '53':
      return new AppError('unavailable', 'the database is out of resources', {
        cause,
        retryAfterSeconds,
      });
    case '54':
      return new AppError('too-large', 'the value is too large for the database', { cause });
    default:
      return new AppError('internal', `the database refused a statement (${state})`, { cause });
  }
}
