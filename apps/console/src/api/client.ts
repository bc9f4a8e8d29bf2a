import { isParleyError, ParleyClient } from '@parley/sdk';
import { accessToken, forget } from '../auth/session';

/** The platform, as the signed-in person. */
export const client = new ParleyClient({ baseUrl: location.origin, token: accessToken });

/** What a person reads about a failed call: the cause and the cure. */
export function messageOf(error: unknown): string {
  if (isParleyError(error, 'unauthenticated') || isParleyError(error, 'token-expired')) {
    forget();
    return 'You are no longer signed in. Reload the page to sign in again.';
  }
  return error instanceof Error ? error.message : String(error);
}
