import { z } from 'zod';

/** Where the documentation of error codes lives; `type` of a problem is this and the code. */
export const problemTypeBase = 'https://parley.dev/problems/';

interface ErrorRow {
  readonly http: number;
  /** gRPC status code. */
  readonly grpc: number;
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean;
  readonly title: string;
}

/** Every error code of the platform: one row, one meaning, on every transport. */
export const errorTable = {
  malformed: { http: 400, grpc: 3, retryable: false, title: 'The request could not be read' },
  invalid: { http: 422, grpc: 3, retryable: false, title: 'The request has invalid content' },
  'invalid-definition': {
    http: 422,
    grpc: 3,
    retryable: false,
    title: 'The workflow definition is not valid',
  },
  'invalid-openapi': {
    http: 422,
    grpc: 3,
    retryable: false,
    title: 'The OpenAPI document cannot be imported',
  },
  'invalid-input': {
    http: 422,
    grpc: 3,
    retryable: false,
    title: 'The input does not fit the workflow',
  },
  unauthenticated: { http: 401, grpc: 16, retryable: false, title: 'Sign-in is needed' },
  'token-expired': { http: 401, grpc: 16, retryable: false, title: 'The token has expired' },
  forbidden: { http: 403, grpc: 7, retryable: false, title: 'This is not allowed' },
  'address-not-approved': {
    http: 403,
    grpc: 7,
    retryable: false,
    title: 'The address is not approved for calls',
  },
  'not-found': { http: 404, grpc: 5, retryable: false, title: 'Not found' },
  gone: { http: 410, grpc: 5, retryable: false, title: 'It is over' },
  conflict: { http: 409, grpc: 6, retryable: false, title: 'The state has changed' },
  'in-flight': {
    http: 409,
    grpc: 10,
    retryable: true,
    title: 'An earlier request is still under way',
  },
  'illegal-transition': {
    http: 409,
    grpc: 9,
    retryable: false,
    title: 'Not possible in this state',
  },
  'open-questions': { http: 409, grpc: 9, retryable: false, title: 'Blocking questions are open' },
  'stale-revision': {
    http: 412,
    grpc: 9,
    retryable: false,
    title: 'What you saw is not the latest revision',
  },
  'precondition-required': {
    http: 428,
    grpc: 9,
    retryable: false,
    title: 'An If-Match header is needed',
  },
  'key-reused': {
    http: 422,
    grpc: 3,
    retryable: false,
    title: 'The idempotency key belongs to another request',
  },
  'too-large': { http: 413, grpc: 8, retryable: false, title: 'The request is too large' },
  'unsupported-media-type': {
    http: 415,
    grpc: 3,
    retryable: false,
    title: 'The content type is not supported',
  },
  'method-not-allowed': {
    http: 405,
    grpc: 12,
    retryable: false,
    title: 'The method is not supported here',
  },
  overloaded: { http: 429, grpc: 8, retryable: true, title: 'Too many requests' },
  'not-available': { http: 501, grpc: 12, retryable: false, title: 'Not available' },
  unavailable: { http: 503, grpc: 14, retryable: true, title: 'A service is not reachable' },
  timeout: { http: 504, grpc: 4, retryable: true, title: 'A service did not answer in time' },
  'upstream-failed': { http: 502, grpc: 14, retryable: true, title: 'The called system failed' },
  internal: { http: 500, grpc: 13, retryable: false, title: 'Something broke in Parley' },
} as const satisfies Record<string, ErrorRow>;

/** A key of the error table. */
export type ErrorCode = keyof typeof errorTable;

/** The row of `code`; unknown codes are `internal`. */
export function errorRow(code: string): ErrorRow {
  return Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode] : errorTable.internal;
}

/** An RFC 9457 problem document, the body of every HTTP error. */
export const Problem = z
  .object({
    type: z.string().describe('Address of the description of this code'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('The cause and the cure'),
    code: z.string().describe('A key of the error table; test this'),
    instance: z.string().optional(),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional().describe('JSON Pointer into the request body or document'),
          message: z.string(),
          code: z.string().optional(),
        }),
      )
      .optional(),
    traceId: z.string().optional(),
    retryable: z.boolean().optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document' });
export type Problem = z.infer<typeof Problem>;
