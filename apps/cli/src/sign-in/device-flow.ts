import { exitCodes, Failure } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';
import { discover, postForm, textOf, type Answer } from './issuer.js';
import type { Session } from './session-store.js';

const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
const scope = 'openid profile email offline_access';
const intervalSecondsDefault = 5;
const slowDownSeconds = 5;
const lifeSecondsDefault = 600;
/** A token is not used in its last minute. */
export const expiryMarginMs = 60_000;

export interface SignInTarget {
  readonly server: string;
  readonly issuer: string;
  readonly clientId: string;
}

/** Signs a person in who confirms a code in any browser (RFC 8628). */
export async function signInByDevice(terminal: Terminal, target: SignInTarget): Promise<Session> {
  const { issuer, clientId } = target;
  const { deviceUrl, tokenUrl } = await discover(terminal, issuer);
  if (deviceUrl === undefined) {
    throw new Failure(
      exitCodes.refused,
      `The issuer ${issuer} offers no device sign-in. Put a token into PARLEY_TOKEN instead.`,
    );
  }
  const device = await postForm(terminal, deviceUrl, { client_id: clientId, scope });
  const deviceCode = textOf(device, 'device_code');
  if (deviceCode === undefined) throw refused(device, issuer);
  showCode(terminal, device);
  return poll(terminal, target, { device, tokenUrl, deviceCode });
}

/** What a token endpoint gave, as a session; undefined when it gave none. */
export function sessionFrom(
  terminal: Terminal,
  target: SignInTarget,
  answer: Answer,
): Session | undefined {
  const accessToken = textOf(answer, 'access_token');
  if (accessToken === undefined) return undefined;
  const seconds = numberOf(answer, 'expires_in') ?? expiryMarginMs / 1000;
  return {
    ...target,
    accessToken,
    refreshToken: textOf(answer, 'refresh_token'),
    expiresAt: terminal.now() + seconds * 1000,
  };
}

async function poll(
  terminal: Terminal,
  target: SignInTarget,
  { device, tokenUrl, deviceCode }: { device: Answer; tokenUrl: string; deviceCode: string },
): Promise<Session> {
  let intervalSeconds = numberOf(device, 'interval') ?? intervalSecondsDefault;
  const lifeSeconds = numberOf(device, 'expires_in') ?? lifeSecondsDefault;
  const deadline = terminal.now() + lifeSeconds * 1000;
  const form = { grant_type: grantType, client_id: target.clientId, device_code: deviceCode };
  while (terminal.now() < deadline) {
    await terminal.sleep(intervalSeconds * 1000, terminal.interrupted);
    const answer = await postForm(terminal, tokenUrl, form);
    const session = sessionFrom(terminal, target, answer);
    if (session !== undefined) return session;
    if (answer['error'] === 'slow_down') intervalSeconds += slowDownSeconds;
    else if (answer['error'] === 'expired_token') break;
    else if (answer['error'] !== 'authorization_pending') throw refused(answer, target.issuer);
  }
  throw new Failure(
    exitCodes.notSignedIn,
    'The code has expired before it was confirmed. Run "parley login" again.',
  );
}

function showCode(terminal: Terminal, device: Answer): void {
  const code = textOf(device, 'user_code') ?? '';
  const page =
    textOf(device, 'verification_uri_complete') ?? textOf(device, 'verification_uri') ?? '';
  terminal.err(
    `Open this page in a browser and check that it shows the same code:\n\n  ${page}\n  Code: ${code}\n\nWaiting …\n`,
  );
}

function refused(answer: Answer, issuer: string): Failure {
  const reason =
    textOf(answer, 'error_description') ?? textOf(answer, 'error') ?? 'no reason given';
  return new Failure(
    exitCodes.notSignedIn,
    `The issuer ${issuer} refused the sign-in (${reason}). Run "parley login" again.`,
  );
}

function numberOf(answer: Answer, name: string): number | undefined {
  const value = answer[name];
  return typeof value === 'number' && value > 0 ? value : undefined;
}
