import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { choosePersonPage, needAddressPage } from './pages.ts';
import { people, personByEmail, personById, type Person } from './people.ts';
import type { IssuerStore } from './store.ts';

const browserCookie = 'parley_dev_browser';
const browserTtlSeconds = 14 * 24 * 3600;
const formBytesMax = 4096;

/**
 * Who may sign in without a password on a developer's machine.
 *
 * S1  A browser is trusted only after it has shown the one-time token of the printed address.
 * S2  A token works once; the file that holds it is removed on use.
 * S3  A trusted browser may sign in as any of the development people.
 */
export class SignIn {
  private readonly provider: Provider;
  private readonly store: IssuerStore;
  private readonly tokenFile: string;

  constructor(provider: Provider, store: IssuerStore, tokenFile: string) {
    this.provider = provider;
    this.store = store;
    this.tokenFile = tokenFile;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const details = await this.provider.interactionDetails(request, response);
    if (details.prompt.name !== 'login') {
      return this.provider.interactionFinished(request, response, {
        error: 'access_denied',
        error_description: `this issuer has no ${details.prompt.name} page`,
      });
    }
    const { login_token: token, login_hint: hint } = details.params;
    const viaToken = typeof token === 'string' && this.redeem(token); // S1, S2
    if (viaToken) this.trust(response);
    if (!viaToken && !this.isTrusted(request)) return send(response, 403, needAddressPage());
    const hinted = typeof hint === 'string' ? personByEmail(hint) : undefined;
    const person =
      request.method === 'POST'
        ? await chosen(request)
        : (hinted ?? (viaToken ? people[0] : undefined));
    if (person === undefined) {
      return send(response, 200, choosePersonPage(`/sign-in/${details.uid}`, people)); // S3
    }
    await this.provider.interactionFinished(
      request,
      response,
      { login: { accountId: person.id, remember: true } },
      { mergeWithLastSubmission: false },
    );
  }

  private redeem(shown: string): boolean {
    let expected: string;
    try {
      expected = readFileSync(this.tokenFile, 'utf8').trim();
    } catch {
      return false; // No token has been handed out since the last one was used.
    }
    const a = Buffer.from(shown);
    const b = Buffer.from(expected);
    if (expected === '' || a.length !== b.length || !timingSafeEqual(a, b)) return false;
    rmSync(this.tokenFile, { force: true });
    return true;
  }

  private trust(response: ServerResponse): void {
    const id = randomBytes(24).toString('base64url');
    this.store.set(`Browser:${id}`, {}, browserTtlSeconds);
    response.setHeader(
      'set-cookie',
      `${browserCookie}=${id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${browserTtlSeconds}`,
    );
  }

  private isTrusted(request: IncomingMessage): boolean {
    const match = new RegExp(`(?:^|; )${browserCookie}=([\\w-]+)`).exec(
      request.headers.cookie ?? '',
    );
    return match?.[1] !== undefined && this.store.get(`Browser:${match[1]}`) !== undefined;
  }
}

async function chosen(request: IncomingMessage): Promise<Person | undefined> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > formBytesMax) return undefined;
  }
  return personById(new URLSearchParams(body).get('person') ?? '');
}

function send(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(html);
}
