import { hash } from 'node:crypto';
import { internalRoutes, type Principal } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { ExpiringMap, type Services } from '@parley/nest-kit';
import type { TokenVerifier } from './token-verifier.js';

const reuseMs = 60_000;
const callersMax = 10_000;
const bearerCharactersMax = 8192;

/** Finds out who calls: verifies the bearer, then asks the platform whose it is. */
export class Callers {
  private readonly known = new ExpiringMap<Principal>(callersMax);
  private readonly asked = new Map<string, Promise<Principal>>();

  constructor(
    private readonly verifier: Pick<TokenVerifier, 'verify'>,
    private readonly services: Pick<Services, 'call'>,
  ) {}

  /**
   * The member behind an Authorization header, known for at most a minute.
   * @throws AppError `unauthenticated`, `token-expired`, or `forbidden` for a stranger
   */
  async identify(authorization: string | undefined): Promise<Principal> {
    const token = bearerOf(authorization);
    const key = hash('sha256', token, 'base64url');
    const known = this.known.get(key);
    if (known) return known;
    const asked = this.asked.get(key);
    if (asked) return asked;
    const answer = this.ask(token, key).finally(() => this.asked.delete(key));
    this.asked.set(key, answer);
    return answer;
  }

  private async ask(token: string, key: string): Promise<Principal> {
    const { expiresAtMs, ...identity } = await this.verifier.verify(token);
    const principal = await this.services.call(internalRoutes.resolvePrincipal, {
      body: identity,
      context: { principal: 'gateway', name: 'gateway', roles: [] },
    });
    this.known.set(key, principal, Math.min(expiresAtMs, Date.now() + reuseMs));
    return principal;
  }
}

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw new AppError('unauthenticated', 'Send an access token as Authorization: Bearer ….');
  }
  const token = /^Bearer ([\w~+/.=-]+)$/i.exec(authorization)?.[1];
  if (token === undefined || token.length > bearerCharactersMax) {
    throw new AppError('unauthenticated', 'The Authorization header holds no bearer token.');
  }
  return token;
}
