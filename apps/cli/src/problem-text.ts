import { isParleyError, untold } from '@parley/sdk';
import { exitCodes, Failure, type ExitCode } from './exit-codes.js';

/** What went wrong, on one line: each fact once. */
export function messageOf(error: unknown): string {
  if (!isParleyError(error)) return error instanceof Error ? error.message : String(error);
  const byPlace = new Map<string, string[]>();
  for (const { pointer, message } of untold(error.problem)) {
    byPlace.set(pointer, [...(byPlace.get(pointer) ?? []), ...(message ? [message] : [])]);
  }
  const details = [...byPlace].map(([pointer, messages]) =>
    messages.length === 0 ? `See ${pointer}` : `${pointer} ${messages.join(' and ')}`.trim(),
  );
  if (exitCodeOf(error) === exitCodes.notSignedIn) details.push('Sign in with: parley login');
  if (details.length === 0) return error.message;
  return `${error.message.replace(/[.\s]*$/, '')}. ${details.join('; ')}`;
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof Failure) return error.exitCode;
  if (!isParleyError(error)) return exitCodes.refused;
  switch (error.code) {
    case 'unauthenticated':
    case 'token-expired':
      return exitCodes.notSignedIn;
    case 'not-found':
      return exitCodes.notFound;
    case 'unavailable':
    case 'timeout':
      return exitCodes.unreachable;
    default:
      return exitCodes.refused;
  }
}
