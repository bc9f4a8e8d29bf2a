import { Inject, Injectable } from '@nestjs/common';
import { err, isAppError, ok, type Json, type Result } from '@parley/kernel';
import type { PlacedCredential } from '@parley/outbound';
import type { CallOutcome } from '../engine/engine.js';
import { notBound, secretNamed, withSecret } from '../secrets/secret-proof.js';
import { SecretStore, type OpenSecret } from '../secrets/secret-store.pg.js';
import type { CallProof } from './call-credentials.js';
import { refused } from './call-outcome.js';
import { OauthTokens, type NoToken, type TokenRequest } from './oauth-tokens.js';
import { waitingForDatabase } from './wait-for-database.js';

type OfTenant = { readonly tenantId: string };

/** A call, what it proves itself with, and the secret that this is from. */
export interface Proven {
  readonly url: string;
  readonly proof: CallProof;
  readonly secret: OpenSecret | undefined;
}

const notSent = 'The secret was not sent';

/** Makes credentials of what a call is to prove itself with, for hosts that may have them. */
@Injectable()
export class CallProofs {
  constructor(
    @Inject(OauthTokens) private readonly tokens: OauthTokens,
    @Inject(SecretStore) private readonly secrets: SecretStore,
  ) {}

  /** The arguments of a call with what a secret holds in place of its name. */
  async withSecret(
    { tenantId }: OfTenant,
    args: Json,
    signal: AbortSignal,
  ): Promise<Result<{ args: Json; secret: OpenSecret | undefined }, CallOutcome>> {
    const name = secretNamed(args);
    if (name === undefined) return ok({ args, secret: undefined });
    const secret = await this.open({ tenantId, name }, signal);
    if (!secret.ok) return err(refused('configuration', 'The secret cannot be used', secret.error));
    const held = withSecret(args, secret.value);
    return held.ok
      ? ok({ args: held.value, secret: secret.value })
      : err(refused('configuration', 'The secret cannot be used', held.error));
  }

  private async open(
    { tenantId, name }: OfTenant & { readonly name: string },
    signal: AbortSignal,
  ): Promise<Result<OpenSecret, string>> {
    try {
      const open = () => this.secrets.open(tenantId, name);
      const secret = await waitingForDatabase(open, signal);
      if (secret !== undefined) return ok(secret);
      return err(`There is no secret "${name}". Set it again, or publish a version without it.`);
    } catch (error) {
      // It was sealed with a key that is gone, or somebody has changed the row.
      if (isAppError(error) && error.code === 'internal') return err(error.message);
      throw error;
    }
  }

  async credentialsOf(
    { tenantId }: OfTenant,
    { url, proof, secret }: Proven,
    signal: AbortSignal,
  ): Promise<Result<PlacedCredential[], CallOutcome>> {
    const refusal = secret && notBound(secret, url);
    if (refusal !== undefined) return err(refused('authorization', notSent, refusal));
    if (proof.kind !== 'token') return ok(proof.kind === 'none' ? [] : [proof.credential]);
    // Others may wait for the same token: who is not waited for any more leaves, the asking goes on.
    const asked = this.tokens.token(tenantId, tokenRequest(proof.request, secret));
    const got = await Promise.race([asked, aborted(signal)]);
    if (got.ok) return ok([{ type: 'bearer', token: got.value }]);
    const { reason, message } = got.error;
    if (reason === 'bound') return err(refused('authorization', notSent, message));
    const type = reason === 'refused' ? 'authentication' : 'communication';
    return err(refused(type, 'There is no access token', message));
  }

  /** The other side did not take these: a token is asked for again next time. */
  async refused(
    { tenantId }: OfTenant,
    { proof, secret }: Proven,
    [bearer]: readonly PlacedCredential[],
  ): Promise<void> {
    if (proof.kind !== 'token' || bearer?.type !== 'bearer') return;
    await this.tokens.forget(tenantId, tokenRequest(proof.request, secret), bearer.token);
  }
}

/** A token is asked for where the secret may be sent, and nowhere else. */
function tokenRequest(request: TokenRequest, secret: OpenSecret | undefined): TokenRequest {
  return secret === undefined
    ? request
    : { ...request, secret: { name: secret.name, hosts: secret.hosts } };
}

function aborted(signal: AbortSignal): Promise<{ readonly ok: false; readonly error: NoToken }> {
  const given = err({ reason: 'reached', message: 'The call was given up.' } as const);
  return new Promise((resolve) => {
    if (signal.aborted) resolve(given);
    signal.addEventListener('abort', () => resolve(given), { once: true });
  });
}
