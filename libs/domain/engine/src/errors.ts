import { jsonEquals, type Json, type JsonObject } from '@parley/kernel';

/** An error of a run: RFC 9457 members; `instance` points at the task in the definition. */
export interface RunError {
  readonly type: string;
  readonly status: number;
  readonly title?: string;
  readonly detail?: string;
  readonly instance?: string;
}

const standardBase = 'https://serverlessworkflow.io/spec/1.0.0/errors/';
const parleyBase = 'https://parley.dev/errors/';

/** The types that the language defines, and those of this engine. */
export const errorTypes = {
  configuration: `${standardBase}configuration`,
  validation: `${standardBase}validation`,
  expression: `${standardBase}expression`,
  authentication: `${standardBase}authentication`,
  authorization: `${standardBase}authorization`,
  timeout: `${standardBase}timeout`,
  communication: `${standardBase}communication`,
  runtime: `${standardBase}runtime`,
  /** Nobody knows whether the call took effect, and repeating it is not safe. */
  unknownOutcome: `${parleyBase}unknown-outcome`,
  /** A worker took the work and was not heard of again in time; it may have done some of it. */
  leaseExpired: `${parleyBase}worker-lease-expired`,
  entriesLimit: `${parleyBase}run-entries-limit`,
  liveLimit: `${parleyBase}run-live-occurrences-limit`,
  stateLimit: `${parleyBase}run-state-bytes-limit`,
  valueLimit: `${parleyBase}run-value-bytes-limit`,
} as const;

export type ErrorTypeName = keyof typeof errorTypes;

const statusByType: Readonly<Record<ErrorTypeName, number>> = {
  configuration: 400,
  validation: 400,
  expression: 400,
  authentication: 401,
  authorization: 403,
  timeout: 408,
  communication: 500,
  runtime: 500,
  unknownOutcome: 500,
  leaseExpired: 500,
  entriesLimit: 500,
  liveLimit: 500,
  stateLimit: 500,
  valueLimit: 500,
};

/** Makes an error of a known type with that type's usual status. */
export function runError(
  name: ErrorTypeName,
  title: string,
  rest: Partial<Pick<RunError, 'status' | 'detail' | 'instance'>> = {},
): RunError {
  return { type: errorTypes[name], status: statusByType[name], title, ...rest };
}

/**
 * One spelling per error type. The language moved house and its own conformance kit uses other paths
 * than its text, so these are one type: `https://serverlessworkflow.io/dsl/errors/types/timeout`,
 * `https://open-workflow-specification.org/spec/1.0.0/errors/timeout`, `…/errors/types/timeout`.
 */
export function canonicalErrorType(type: string): string {
  const match = aliasPattern.exec(type);
  const name = match?.[1];
  return name !== undefined && standardNames.has(name) ? standardBase + name : type;
}

const aliasPattern =
  /^https?:\/\/(?:www\.)?(?:serverlessworkflow\.io|open-workflow-specification\.org)\/(?:(?:spec|dsl)\/(?:\d+\.\d+\.\d+\/)?)?errors\/(?:types\/)?([a-z-]+)$/;

const standardNames: ReadonlySet<string> = new Set(
  Object.values(errorTypes)
    .filter((type) => type.startsWith(standardBase))
    .map((type) => type.slice(standardBase.length)),
);

/** Whether an error has every member that a `catch.errors.with` names. */
export function errorMatches(
  error: RunError,
  filter: Readonly<Partial<Record<keyof RunError, Json>>>,
): boolean {
  return Object.entries(filter).every(([member, wanted]) => {
    const actual = error[member as keyof RunError];
    if (member === 'type' && typeof wanted === 'string') {
      return canonicalErrorType(error.type) === canonicalErrorType(wanted);
    }
    return jsonEquals(actual, wanted);
  });
}

/** An error as the data that expressions see. */
export function errorToJson(error: RunError): JsonObject {
  const json: JsonObject = { type: error.type, status: error.status };
  if (error.title !== undefined) json['title'] = error.title;
  if (error.detail !== undefined) json['detail'] = error.detail;
  if (error.instance !== undefined) json['instance'] = error.instance;
  return json;
}

/** Thrown inside the machine by a step that cannot go on; becomes a `failed` entry. Never escapes. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly error: RunError;

  constructor(error: RunError) {
    super(error.title ?? error.type);
    this.error = error;
  }
}

/**
 * Thrown when a turn asks for more work than a thread that many runs share can give it: nothing of it
 * has happened, and it can be taken elsewhere.
 */
export class TooHeavy extends Error {
  override readonly name = 'TooHeavy';
}

/** Thrown when a ceiling of the run is reached; fails the run and cannot be caught by it. */
export class CeilingFault extends Error {
  override readonly name = 'CeilingFault';
  readonly error: RunError;

  constructor(error: RunError) {
    super(error.title ?? error.type);
    this.error = error;
  }
}
