import { ContextClaims, type ServiceName } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import {
  createLocalJWKSet,
  importJWK,
  jwtVerify,
  SignJWT,
  type JSONWebKeySet,
  type JWK,
} from 'jose';
import { ExpiringMap } from './expiring-map.js';
import type { AnyContext } from './scope.js';

/*
 * Internal identity. T1: a token is for one service (audience) and lives at most five minutes.
 * T2: the key id is the issuer's name, so nobody can speak in another service's name.
 * T3: request tokens come from the gateway only; work tokens only from services on the list.
 */

/** Header that carries the token between services. */
export const contextHeader = 'parley-context';

const tokenType = 'parley-context+jwt';
const tokenLifeSeconds = 300;
const reuseMs = 60_000;
const clockToleranceSeconds = 5;
const cachedTokensMax = 5000;

export interface ContextTokensOptions {
  readonly service: ServiceName;
  readonly signingKey: JWK;
  readonly trustedKeys: JSONWebKeySet;
  /** Services whose work tokens are accepted. */
  readonly acceptWorkFrom: readonly ServiceName[];
}

/** Mints and verifies the tokens that say on whose behalf one service calls another. */
export class ContextTokens {
  private readonly service: ServiceName;
  private readonly acceptWorkFrom: ReadonlySet<string>;
  private readonly signingKey: Promise<Awaited<ReturnType<typeof importJWK>>>;
  private readonly trustedKeys: ReturnType<typeof createLocalJWKSet>;
  private readonly minted = new ExpiringMap<string>(cachedTokensMax);
  private readonly verified = new ExpiringMap<AnyContext>(cachedTokensMax);

  constructor(options: ContextTokensOptions) {
    if (options.signingKey.kid !== options.service) {
      throw new AppError(
        'invalid',
        `PARLEY_SIGNING_KEY: its kid is ${options.signingKey.kid}, expected ${options.service}`,
      );
    }
    this.service = options.service;
    this.acceptWorkFrom = new Set(options.acceptWorkFrom);
    this.signingKey = importJWK(options.signingKey, 'EdDSA');
    this.trustedKeys = createLocalJWKSet(options.trustedKeys);
  }

  /** A token for `audience`; the same one for up to a minute. */
  async mint(claims: ContextClaims, audience: ServiceName): Promise<string> {
    const cacheKey = JSON.stringify([audience, claims]);
    const reusable = this.minted.get(cacheKey);
    if (reusable !== undefined) return reusable;
    const known = ContextClaims.parse(claims);
    const token = await new SignJWT({ ...known })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.service, typ: tokenType })
      .setIssuer(this.service)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${tokenLifeSeconds}s`)
      .sign(await this.signingKey);
    this.minted.set(cacheKey, token, Date.now() + reuseMs);
    return token;
  }

  /** @throws AppError `unauthenticated` unless the token is for this service and acceptable. */
  async verify(token: string): Promise<AnyContext> {
    const known = this.verified.get(token);
    if (known) return known;
    const { context, expiresAtMs } = await this.check(token);
    this.verified.set(token, context, Math.min(expiresAtMs, Date.now() + reuseMs));
    return context;
  }

  private async check(token: string): Promise<{ context: AnyContext; expiresAtMs: number }> {
    const { payload, protectedHeader } = await jwtVerify(token, this.trustedKeys, {
      algorithms: ['EdDSA'],
      typ: tokenType,
      audience: this.service,
      requiredClaims: ['iss', 'exp', 'iat'],
      maxTokenAge: tokenLifeSeconds,
      clockTolerance: clockToleranceSeconds,
    }).catch((cause: unknown) => {
      throw refusal('The context token is not valid.', cause);
    });
    const { iss, exp = 0, iat = 0 } = payload;
    const claims = ContextClaims.safeParse(payload);
    if (!claims.success) throw refusal('The context token lacks claims.', claims.error);
    if (iss === undefined || protectedHeader.kid !== iss) throw refusal('Issuer and key differ.'); // T2
    if (exp - iat > tokenLifeSeconds) throw refusal('The context token lives too long.'); // T1
    const acceptable =
      claims.data.kind === 'request' ? iss === 'gateway' : this.acceptWorkFrom.has(iss);
    if (!acceptable) throw refusal(`A ${claims.data.kind} token of ${iss} is not accepted here.`); // T3
    const context = Object.freeze({ ...claims.data, issuer: iss as ServiceName });
    return { context, expiresAtMs: exp * 1000 };
  }
}

function refusal(detail: string, cause?: unknown): AppError {
  return new AppError('unauthenticated', detail, { cause });
}
