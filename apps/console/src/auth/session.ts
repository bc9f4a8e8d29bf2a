import type { ClientConfig } from '@parley/contracts';

/**
 * Signs in by authorization code with PKCE and keeps the tokens of this tab.
 *
 * A1  Tokens live in session storage: a reload keeps them, another site or tab never sees them.
 * A2  The one-time token of the printed address is used once and leaves the address at once.
 */
const storageKey = 'parley.session';
const flowKey = 'parley.sign-in';
const expiryMarginMs = 30_000;

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly idToken?: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

interface Flow {
  readonly verifier: string;
  readonly state: string;
  readonly returnTo: string;
}

let config: Promise<ClientConfig> | undefined;
let tokens: Tokens | undefined = read<Tokens>(storageKey);
let renewing: Promise<Tokens | undefined> | undefined;

function clientConfig(): Promise<ClientConfig> {
  config ??= fetch('/v1/client-config').then(async (response) => {
    if (!response.ok) throw new Error(`Parley answered ${String(response.status)}`);
    return (await response.json()) as ClientConfig;
  });
  config.catch(() => (config = undefined));
  return config;
}

/** A usable access token, or undefined when the person must sign in. */
export async function accessToken(): Promise<string | undefined> {
  if (tokens === undefined) return undefined;
  if (tokens.expiresAt - expiryMarginMs > Date.now()) return tokens.accessToken;
  renewing ??= renew().finally(() => (renewing = undefined));
  return (await renewing)?.accessToken;
}

export function isSignedIn(): boolean {
  return tokens !== undefined;
}

/** Leaves for the issuer; comes back to `/signed-in`. */
export async function signIn(
  options: { loginToken?: string; switchPerson?: boolean } = {},
): Promise<void> {
  const { issuer, clientId } = await clientConfig();
  const flow: Flow = {
    verifier: randomText(),
    state: randomText(),
    returnTo: location.pathname === '/signed-in' ? '/' : location.pathname + location.search,
  };
  sessionStorage.setItem(flowKey, JSON.stringify(flow));
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    scope: 'openid profile email offline_access',
    redirect_uri: redirectUri(),
    code_challenge: await challengeOf(flow.verifier),
    code_challenge_method: 'S256',
    state: flow.state,
    ...(options.loginToken === undefined ? {} : { login_token: options.loginToken }),
    ...(options.switchPerson === true ? { prompt: 'login' } : {}),
  });
  location.assign(`${issuer}/auth?${query.toString()}`);
}

/** Completes the sign-in after the issuer has sent the browser back. @returns where to go on */
export async function completeSignIn(): Promise<string> {
  const flow = read<Flow>(flowKey);
  const answer = new URLSearchParams(location.search);
  const code = answer.get('code');
  sessionStorage.removeItem(flowKey);
  const refused = answer.get('error_description') ?? answer.get('error');
  if (refused !== null) throw new Error(refused);
  if (flow === undefined || code === null || answer.get('state') !== flow.state) {
    throw new Error('This sign-in was not started here. Sign in again.');
  }
  await redeem({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri(),
    code_verifier: flow.verifier,
  });
  return flow.returnTo;
}

export async function signOut(): Promise<void> {
  const { issuer } = await clientConfig();
  const hint = tokens?.idToken;
  forget();
  const query = new URLSearchParams({ post_logout_redirect_uri: `${location.origin}/` });
  if (hint !== undefined) query.set('id_token_hint', hint);
  location.assign(`${issuer}/session/end?${query.toString()}`);
}

/** Drops the tokens, e.g. when the platform no longer accepts them. */
export function forget(): void {
  tokens = undefined;
  sessionStorage.removeItem(storageKey);
}

/** Takes the one-time token out of the address, if it is there (A2). */
export function takeLoginToken(): string | undefined {
  const match = /^#login=([\w-]+)$/.exec(location.hash);
  if (match?.[1] === undefined) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return match[1];
}

async function renew(): Promise<Tokens | undefined> {
  const refreshToken = tokens?.refreshToken;
  if (refreshToken === undefined) {
    forget();
    return undefined;
  }
  try {
    return await redeem({ grant_type: 'refresh_token', refresh_token: refreshToken });
  } catch (error) {
    // Only a refusal ends the session; while the issuer is away the tokens stay for the next try.
    if (error instanceof RefusedError) forget();
    return undefined;
  }
}

class RefusedError extends Error {}

async function redeem(grant: Record<string, string>): Promise<Tokens> {
  const { issuer, clientId } = await clientConfig();
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: clientId, ...grant }),
  });
  const body = (await response.json()) as Record<string, string | number | undefined>;
  const access = body['access_token'];
  if (!response.ok || typeof access !== 'string') {
    throw new RefusedError(String(body['error_description'] ?? body['error'] ?? response.status));
  }
  const refresh = body['refresh_token'] ?? tokens?.refreshToken;
  const id = body['id_token'] ?? tokens?.idToken;
  tokens = {
    accessToken: access,
    expiresAt: Date.now() + Number(body['expires_in'] ?? 300) * 1000,
    ...(typeof refresh === 'string' ? { refreshToken: refresh } : {}),
    ...(typeof id === 'string' ? { idToken: id } : {}),
  };
  sessionStorage.setItem(storageKey, JSON.stringify(tokens));
  return tokens;
}

function redirectUri(): string {
  return `${location.origin}/signed-in`;
}

function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function read<T>(key: string): T | undefined {
  const text = sessionStorage.getItem(key);
  return text === null ? undefined : (JSON.parse(text) as T);
}
