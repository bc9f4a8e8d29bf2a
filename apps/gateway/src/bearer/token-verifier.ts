import { AppError } from '@parley/kernel';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { z } from 'zod';

/** Who a verified bearer says it is. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** Only when the issuer has verified it. */
  readonly email?: string;
  readonly name?: string;
  readonly expiresAtMs: number;
}

const fetchTimeoutMs = 5000;
const keysReuseMs = 600_000;
/** How soon an unknown key id makes us look for new keys again. */
const keysCooldownMs = 10_000;
const clockToleranceSeconds = 5;
/** Signatures that only the issuer can make. */
const algorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519'];

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** Verifies bearers of one OIDC issuer; its keys are fetched when needed and follow its rotation. */
export class TokenVerifier {
  private keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;

  constructor(
    private readonly issuer: string,
    private readonly audience: string,
    private readonly cooldownMs: number = keysCooldownMs,
  ) {}

  /** @throws AppError `token-expired`, `unauthenticated`, or `unavailable` without the issuer's keys */
  async verify(token: string): Promise<Identity> {
    const keys = await this.issuerKeys();
    const { payload } = await jwtVerify(token, keys, {
      issuer: this.issuer,
      audience: this.audience,
      algorithms,
      requiredClaims: ['sub', 'exp'],
      clockTolerance: clockToleranceSeconds,
    }).catch((cause: unknown) => {
      throw refusal(cause);
    });
    return identityOf(payload);
  }

  private issuerKeys(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    this.keys ??= this.discover().catch((cause: unknown) => {
      this.keys = undefined;
      throw unavailable(cause);
    });
    return this.keys;
  }

  private async discover(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    const address = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(address, { signal: AbortSignal.timeout(fetchTimeoutMs) });
    if (!response.ok) throw new Error(`${address} answered ${response.status}`);
    const discovered = Discovery.parse(await response.json());
    if (discovered.issuer !== this.issuer) throw new Error(`${address} names another issuer`);
    return createRemoteJWKSet(new URL(discovered.jwks_uri), {
      timeoutDuration: fetchTimeoutMs,
      cacheMaxAge: keysReuseMs,
      cooldownDuration: this.cooldownMs,
    });
  }
}

function identityOf({ iss = '', sub = '', exp = 0, ...claims }: JWTPayload): Identity {
  return {
    issuer: iss,
    subject: sub,
    expiresAtMs: exp * 1000,
    ...(claims['email_verified'] === true &&
      typeof claims['email'] === 'string' && { email: claims['email'] }),
    ...(typeof claims['name'] === 'string' && { name: claims['name'] }),
  };
}

function refusal(cause: unknown): AppError {
  if (cause instanceof errors.JWTExpired) {
    return new AppError('token-expired', 'The access token has expired; renew it.', { cause });
  }
  if (cause instanceof errors.JWKSTimeout || !(cause instanceof errors.JOSEError)) {
    return unavailable(cause);
  }
  // "Expected 200 OK" and the like, from fetching keys, have no code of their own.
  if (cause.code === 'ERR_JOSE_GENERIC') return unavailable(cause);
  return new AppError('unauthenticated', 'The access token is not valid here; sign in again.', {
    cause,
  });
}

function unavailable(cause: unknown): AppError {
  return new AppError('unavailable', 'The keys of the sign-in service cannot be fetched.', {
    cause,
    retryAfterSeconds: 2,
  });
}
