import { exitCodes, Failure } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';
import { expiryMarginMs, sessionFrom } from './device-flow.js';
import { discover, postForm } from './issuer.js';
import { SessionStore, type Session } from './session-store.js';

/** Gives the token for a server: PARLEY_TOKEN, or the one of the sign-in, renewed when needed. */
export function tokenSource(terminal: Terminal, server: string): () => Promise<string> {
  const store = new SessionStore(terminal, server);
  return async () => {
    if (terminal.env.PARLEY_TOKEN) return terminal.env.PARLEY_TOKEN;
    const session = store.read();
    if (session === undefined) throw notSignedIn(server, 'You are not signed in');
    if (isFresh(terminal, session)) return session.accessToken;
    return store.exclusively(() => renew(terminal, store, server));
  };
}

async function renew(terminal: Terminal, store: SessionStore, server: string): Promise<string> {
  const session = store.read();
  if (session === undefined) throw notSignedIn(server, 'You are not signed in');
  if (isFresh(terminal, session)) return session.accessToken; // Another command was faster.
  if (session.refreshToken === undefined) throw notSignedIn(server, 'Your sign-in has expired');
  const { tokenUrl } = await discover(terminal, session.issuer);
  const answer = await postForm(terminal, tokenUrl, {
    grant_type: 'refresh_token',
    client_id: session.clientId,
    refresh_token: session.refreshToken,
  });
  const renewed = sessionFrom(terminal, session, answer);
  if (renewed === undefined) throw notSignedIn(server, 'Your sign-in has expired');
  store.write({ ...renewed, refreshToken: renewed.refreshToken ?? session.refreshToken });
  return renewed.accessToken;
}

function isFresh(terminal: Terminal, session: Session): boolean {
  return session.expiresAt - expiryMarginMs > terminal.now();
}

function notSignedIn(server: string, what: string): Failure {
  return new Failure(
    exitCodes.notSignedIn,
    `${what} to ${server}. Run: parley login --server ${server} (or set PARLEY_TOKEN)`,
  );
}
