import { createHash, randomBytes } from 'node:crypto';

const redirectsMax = 12;

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
}

/**
 * What a browser does to sign in, without a browser: authorization code with PKCE through the same
 * doors as the console. One instance keeps the mark of a trusted browser, so that
 * a person can be switched.
 */
export class HeadlessBrowser {
  private readonly issuer: string;
  private readonly consoleUrl: string;
  private readonly cookies = new Map<string, string>();

  constructor(issuer: string, consoleUrl: string) {
    this.issuer = issuer;
    this.consoleUrl = consoleUrl;
  }

  /** Signs in; the first time with the one-time token, later as any person by e-mail address. */
  async signIn(options: { loginToken?: string; email?: string }): Promise<Tokens> {
    for (const name of this.cookies.keys()) {
      if (name.startsWith('_session')) this.cookies.delete(name);
    }
    const verifier = randomBytes(32).toString('base64url');
    const redirectUri = `${this.consoleUrl}/signed-in`;
    const query = new URLSearchParams({
      client_id: 'parley-console',
      response_type: 'code',
      scope: 'openid profile email offline_access',
      redirect_uri: redirectUri,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state: randomBytes(8).toString('hex'),
      prompt: 'login',
      ...(options.loginToken === undefined ? {} : { login_token: options.loginToken }),
      ...(options.email === undefined ? {} : { login_hint: options.email }),
    });
    const code = await this.follow(`${this.issuer}/auth?${query.toString()}`, redirectUri);
    const response = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'parley-console',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }),
    });
    const body = (await response.json()) as Record<string, string | undefined>;
    if (body['access_token'] === undefined) throw new Error(`no token: ${JSON.stringify(body)}`);
    return { accessToken: body['access_token'], refreshToken: body['refresh_token'] };
  }

  /** Submits one of the issuer's pages (device flow) and returns what it answers. */
  async submit(url: string, form: Record<string, string>): Promise<string> {
    const response = await this.request(url, new URLSearchParams(form));
    return response.text();
  }

  async open(url: string): Promise<string> {
    let next = url;
    for (let i = 0; i < redirectsMax; i++) {
      const response = await this.request(next);
      const location = response.headers.get('location');
      if (location === null) return response.text();
      next = new URL(location, next).href;
    }
    throw new Error(`too many redirects from ${url}`);
  }

  private async follow(url: string, redirectUri: string): Promise<string> {
    let next = url;
    for (let i = 0; i < redirectsMax; i++) {
      const response = await this.request(next);
      const location = response.headers.get('location');
      if (location === null) {
        throw new Error(
          `sign-in stopped at ${next}: ${String(response.status)} ${await response.text()}`,
        );
      }
      const target = new URL(location, next);
      if (target.href.startsWith(redirectUri)) {
        const code = target.searchParams.get('code');
        if (code === null) throw new Error(`sign-in was refused: ${target.search}`);
        return code;
      }
      next = target.href;
    }
    throw new Error('sign-in does not end');
  }

  private async request(url: string, form?: URLSearchParams): Promise<Response> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }
}
