import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { formatDuration, parseDuration } from '../values/duration.js';
import { durationOf } from './data.js';
import type { Migration } from './migration.js';
import type { Old } from './old.js';
import { filterOfErrors } from './errors.js';

/** A task that is tried again when its action says so. */
export function retried(
  migration: Migration,
  action: Old,
  task: JsonObject,
  name: string,
): JsonObject {
  const policy = action.member('retryRef');
  const retryable = action.items('retryableErrors');
  const never = action.items('nonRetryableErrors');
  const known = policy?.words !== undefined && migration.retries.has(policy.words);
  if (policy === undefined && retryable.length === 0 && !migration.retriesByItself) return task;
  if (!known) {
    const pointer = policy?.pointer ?? action.pointer;
    migration.report.approximated(
      pointer,
      'The retry policy is not defined: three attempts are made',
    );
  }
  const retry: Json = known
    ? (policy.words ?? '')
    : { delay: 'PT1S', limit: { attempt: { count: 3 } } };
  const except =
    migration.retriesByItself && never.length > 0 ? filterOfErrors(migration, never) : {};
  const only = retryable.length > 0 ? filterOfErrors(migration, retryable) : {};
  return {
    try: [{ [name]: task }],
    catch: {
      ...only,
      ...exceptionOf(except),
      retry,
    },
  };
}

/** A filter of errors, turned around. */
function exceptionOf({ errors, when }: { errors?: JsonObject; when?: string }): JsonObject {
  if (when !== undefined) return { exceptWhen: when };
  const wanted = isJsonObject(errors) && isJsonObject(errors['with']) ? errors['with'] : {};
  const tests = Object.entries(wanted).map(([key, value]) => `.${key} == ${JSON.stringify(value)}`);
  return tests.length === 0 ? {} : { exceptWhen: `\${ $error | ${tests.join(' and ')} }` };
}

/** The retry policies, for `use.retries`. */
export function retriesOf(migration: Migration): JsonObject {
  return Object.fromEntries(
    [...migration.retries].map(([name, old]) => [name, policyOf(migration, old)]),
  );
}

function policyOf(migration: Migration, old: Old): JsonObject {
  const { report } = migration;
  const delay = durationOf(migration, old, 'delay');
  const attempts = Number(old.text('maxAttempts'));
  const multiplier = Number(old.text('multiplier') ?? Number.NaN);
  const increment = old.text('increment');
  report.mapped(old.pointer, 'Retry policy: use.retries');
  if (!Number.isNaN(multiplier) && multiplier !== 2) {
    report.approximated(
      old.pointer,
      `The delay doubles; before, it was multiplied by ${multiplier}`,
    );
  }
  if (increment !== undefined && increment !== delay) {
    report.approximated(old.pointer, `The delay grows by itself; before, it grew by ${increment}`);
  }
  const longest = old.member('maxDelay');
  if (longest !== undefined) report.dropped(longest.pointer, 'The longest delay cannot be said');
  const exponential = !Number.isNaN(multiplier) && multiplier !== 1;
  return {
    ...(delay !== undefined && { delay }),
    ...(exponential
      ? { backoff: { exponential: {} } }
      : increment === undefined
        ? {}
        : { backoff: { linear: {} } }),
    ...(Number.isFinite(attempts) && { limit: { attempt: { count: Math.trunc(attempts) } } }),
    ...jitterOf(migration, old, delay),
  };
}

function jitterOf(migration: Migration, old: Old, delay: string | undefined): JsonObject {
  const jitter = old.member('jitter');
  const text = jitter?.words;
  if (jitter === undefined || text === undefined) return {};
  const share = Number(text);
  const most = Number.isNaN(share) ? text : shareOf(delay, share);
  if (most === undefined) {
    migration.report.dropped(jitter.pointer, 'The jitter cannot be computed');
    return {};
  }
  migration.report.approximated(
    jitter.pointer,
    'The jitter is only added; before, it was also taken off',
  );
  return { jitter: { from: 'PT0S', to: most } };
}

function shareOf(delay: string | undefined, share: number): string | undefined {
  const parsed = delay === undefined ? undefined : parseDuration(delay);
  return parsed?.ok === true ? formatDuration(Math.round(parsed.value.ms * share)) : undefined;
}
