import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { err, isJsonObject, ok, type Json, type Result } from '@parley/kernel';
import { Outbound, type OutboundOutcome, type PlacedCredential } from '@parley/outbound';
import { notBound } from '../secrets/secret-proof.js';
import type { OpenSecret } from '../secrets/secret-store.pg.js';

/** How a token is asked for, as the definition says. */
export interface TokenRequest {
  readonly scheme: 'oauth2' | 'oidc';
  readonly authority: string;
  /** `oauth2`: path of the token endpoint below the authority. */
  readonly tokenPath: string;
  readonly grant: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly clientAuthentication: string;
  readonly encoding: string;
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  /** A token has to be from one of these, if any are named. */
  readonly issuers: readonly string[];
  readonly username?: string;
  readonly password?: string;
  /** What the client proves itself with: it is sent to no other host. */
  readonly secret?: Pick<OpenSecret, 'name' | 'hosts'>;
}

/**
 * A token could not be had: `refused` by the other side, it cannot be `reached`, or the secret is not
 * `bound` to where it would be asked for.
 */
export interface NoToken {
  readonly reason: 'refused' | 'reached' | 'bound';
  readonly message: string;
}

interface Kept {
  readonly tenantId: string;
  readonly token: Promise<Result<Token, NoToken>>;
  readonly untilMs: number;
}

interface Token {
  readonly text: string;
  readonly lifeMs: number;
}

const tokensMax = 1_000;
/** So that no tenant can make those of all others be asked for again and again. */
const tenantTokensMax = 100;
/** A token is not used in the last moments of its life, nor longer than an hour. */
const marginMs = 30_000;
const lifeMsMax = 3_600_000;
const lifeMsDefault = 300_000;
const wellKnown = '/.well-known/openid-configuration';

/** Asks for access tokens and keeps them while they live, for each tenant by itself. */
@Injectable()
export class OauthTokens {
  private readonly kept = new Map<string, Kept>();

  constructor(@Inject(Outbound) private readonly outbound: Outbound) {}

  /** Calls that need the same token at the same time wait for one answer. */
  async token(tenantId: string, request: TokenRequest): Promise<Result<string, NoToken>> {
    const key = keyOf(tenantId, request);
    const known = this.kept.get(key);
    const token =
      known !== undefined && known.untilMs > performance.now()
        ? known.token
        : this.ask({ tenantId, key }, request);
    const got = await token;
    return got.ok ? ok(got.value.text) : got;
  }

  /** The other side did not take this token: the next call asks for another one. */
  async forget(tenantId: string, request: TokenRequest, refused: string): Promise<void> {
    const key = keyOf(tenantId, request);
    const known = this.kept.get(key);
    const got = await known?.token;
    // Another call may have asked for another one already.
    const isRefused = got?.ok === true && got.value.text === refused;
    if (isRefused && this.kept.get(key) === known) this.kept.delete(key);
  }

  private ask(
    { tenantId, key }: { readonly tenantId: string; readonly key: string },
    request: TokenRequest,
  ): Promise<Result<Token, NoToken>> {
    const token = this.fetch(request);
    this.kept.delete(key);
    this.makeRoom(tenantId);
    const keep = (untilMs: number) => this.kept.set(key, { tenantId, token, untilMs });
    keep(Infinity);
    const settle = (untilMs: number | undefined) => {
      if (this.kept.get(key)?.token !== token) return;
      if (untilMs === undefined) this.kept.delete(key);
      else keep(untilMs);
    };
    token.then(
      (got) => settle(got.ok ? untilMsOf(got.value) : undefined),
      () => settle(undefined), // Whoever waits for it gets the error.
    );
    return token;
  }

  private makeRoom(tenantId: string): void {
    const all = [...this.kept.keys()];
    const own = all.filter((key) => this.kept.get(key)?.tenantId === tenantId);
    const [oldest] = own.length >= tenantTokensMax ? own : all;
    const isFull = own.length >= tenantTokensMax || all.length >= tokensMax;
    if (isFull && oldest !== undefined) this.kept.delete(oldest);
  }

  private async fetch(request: TokenRequest): Promise<Result<Token, NoToken>> {
    const { secret } = request;
    const reason = 'bound';
    const early = secret && notBound(secret, request.authority);
    if (early !== undefined) return err({ reason, message: early });
    const endpoint = await this.endpointOf(request);
    if (!endpoint.ok) return endpoint;
    const late = secret && notBound(secret, endpoint.value);
    if (late !== undefined) return err({ reason, message: late });
    const fields = fieldsOf(request);
    const isJson = request.encoding === 'application/json';
    const called = await this.outbound.send({
      method: 'POST',
      url: endpoint.value,
      headers: { 'content-type': request.encoding, accept: 'application/json' },
      body: isJson ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
      credentials: clientCredentials(request),
    });
    const answer = answerOf(called, 'The token endpoint');
    if (!answer.ok) return answer;
    const { access_token: text, expires_in: seconds } = answer.value;
    if (typeof text !== 'string' || text === '') {
      return err({ reason: 'refused', message: 'The token endpoint answered without a token.' });
    }
    if (!isFrom(text, request.issuers)) {
      const message = 'The token is from another issuer than the definition names.';
      return err({ reason: 'refused', message });
    }
    const lifeMs = typeof seconds === 'number' ? seconds * 1_000 : lifeMsDefault;
    return ok({ text, lifeMs: Math.min(lifeMs, lifeMsMax) });
  }

  private async endpointOf(request: TokenRequest): Promise<Result<string, NoToken>> {
    const authority = request.authority.replace(/\/+$/, '');
    if (request.scheme === 'oauth2') {
      return ok(`${authority}/${request.tokenPath.replace(/^\/+/, '')}`);
    }
    const url = authority.endsWith(wellKnown) ? authority : authority + wellKnown;
    const answer = answerOf(await this.outbound.send({ method: 'GET', url }), 'The authority');
    if (!answer.ok) return answer;
    const { token_endpoint: endpoint } = answer.value;
    if (typeof endpoint !== 'string') {
      return err({
        reason: 'refused',
        message: 'The authority does not say where its tokens are.',
      });
    }
    if (/^https:/i.test(url) && !/^https:/i.test(endpoint)) {
      const message = 'The authority is at an https address and sends secrets to one that is not.';
      return err({ reason: 'refused', message });
    }
    return ok(endpoint);
  }
}

/** Monotonic; undefined when it lives too short to be kept. */
function untilMsOf({ lifeMs }: Token): number | undefined {
  return lifeMs <= marginMs ? undefined : performance.now() + lifeMs - marginMs;
}

/** Only tokens that are JWTs say who made them; their receiver checks the signature. */
function isFrom(token: string, issuers: readonly string[]): boolean {
  if (issuers.length === 0) return true;
  const [, payload = ''] = token.split('.');
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Json;
    const issuer = isJsonObject(claims) ? claims['iss'] : undefined;
    return typeof issuer === 'string' && issuers.includes(issuer);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Secrets are not kept as keys. */
function keyOf(tenantId: string, request: TokenRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([tenantId, request]))
    .digest('base64');
}

function fieldsOf(request: TokenRequest): Record<string, string> {
  const { grant, clientId, clientSecret, clientAuthentication, scopes, audiences } = request;
  const isBasic = clientAuthentication === 'client_secret_basic';
  const isPosted = clientAuthentication === 'client_secret_post';
  return {
    grant_type: grant,
    ...(clientId === undefined || isBasic ? {} : { client_id: clientId }),
    ...(clientSecret === undefined || !isPosted ? {} : { client_secret: clientSecret }),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    ...(audiences.length === 0 ? {} : { audience: audiences.join(' ') }),
    ...(request.username === undefined ? {} : { username: request.username }),
    ...(request.password === undefined ? {} : { password: request.password }),
  };
}

function clientCredentials(request: TokenRequest): PlacedCredential[] {
  if (request.clientAuthentication !== 'client_secret_basic') return [];
  // RFC 6749, section 2.3.1: both are form-encoded before they are joined.
  const encoded = (text = '') => new URLSearchParams({ x: text }).toString().slice(2);
  const { clientId, clientSecret } = request;
  return [{ type: 'basic', username: encoded(clientId), password: encoded(clientSecret) }];
}

/** What an authority says of a refusal may repeat what it was sent: only its error code is told. */
function answerOf(called: OutboundOutcome, who: string): Result<Record<string, Json>, NoToken> {
  if (called.kind === 'failure') return err({ reason: 'reached', message: called.message });
  const { status, body } = called;
  const value = body.kind === 'json' ? (body.value as Json) : null;
  if (status >= 200 && status < 300 && isJsonObject(value)) return ok(value);
  const code = isJsonObject(value) ? value['error'] : undefined;
  const said = typeof code === 'string' && /^[\w.-]{1,60}$/.test(code) ? ` (${code})` : '';
  const reason = status >= 500 ? 'reached' : 'refused';
  return err({ reason, message: `${who} answered ${status}${said}.` });
}
