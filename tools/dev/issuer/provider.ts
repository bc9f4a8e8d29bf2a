import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { Provider, interactionPolicy, type Configuration } from 'oidc-provider';
import { formPage, messagePage } from './pages.ts';
import { personById } from './people.ts';
import { adapterFor, type IssuerStore } from './store.ts';

const hour = 3600;
const day = 24 * hour;
const resource = 'urn:parley:api';

export interface IssuerOptions {
  readonly issuer: string;
  readonly consoleUrl: string;
  /** Folder for keys. */
  readonly directory: string;
  readonly store: IssuerStore;
  /** Life of access tokens. */
  readonly tokenTtlSeconds: number;
}

/** An OpenID provider for one developer's machine: PKCE for the console, device flow for the CLI. */
export async function createProvider(options: IssuerOptions): Promise<Provider> {
  const keys = await loadKeys(options.directory);
  const configuration: Configuration = {
    adapter: adapterFor(options.store),
    jwks: { keys: [keys.signing] },
    cookies: {
      keys: [keys.cookies],
      long: { signed: true, httpOnly: true, sameSite: 'lax', path: '/' },
      short: { signed: true, httpOnly: true, sameSite: 'lax', path: '/' },
    },
    clients: [
      {
        client_id: 'parley-console',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [`${options.consoleUrl}/signed-in`],
        post_logout_redirect_uris: [`${options.consoleUrl}/`],
        application_type: 'native',
        id_token_signed_response_alg: 'ES256',
      },
      {
        client_id: 'parley-cli',
        token_endpoint_auth_method: 'none',
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
        response_types: [],
        redirect_uris: [],
        application_type: 'native',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    extraParams: ['login_token'],
    pkce: { required: () => true },
    clientBasedCORS: (_ctx, origin) => origin === options.consoleUrl,
    findAccount: (_ctx, id) => {
      const person = personById(id);
      if (person === undefined) return undefined;
      return { accountId: id, claims: () => claimsOf(id) };
    },
    extraTokenClaims: (_ctx, token) =>
      'accountId' in token && typeof token.accountId === 'string' ? claimsOf(token.accountId) : {},
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    loadExistingGrant: async (ctx) => grantFor(ctx),
    interactions: {
      policy: loginOnly(),
      url: (_ctx, interaction) => `/sign-in/${interaction.uid}`,
    },
    features: {
      devInteractions: { enabled: false },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (ctx, form, _out, error) => {
          ctx.body = formPage({
            title: 'Connect the command line',
            text:
              error === undefined
                ? 'Enter the code that `parley login` shows.'
                : 'This code is not known; try again.',
            form,
            submit: { form: 'op.deviceInputForm', text: 'Continue' },
          });
        },
        // eslint-disable-next-line max-params -- the library's signature
        userCodeConfirmSource: (ctx, form, _client, _device, userCode) => {
          const person = personById(ctx.oidc.session?.accountId ?? '');
          const as = person === undefined ? '' : ` It will act as ${person.name}.`;
          ctx.body = formPage({
            title: 'Connect the command line',
            text: `Does your terminal show ${userCode}? Then continue.${as}`,
            form,
            submit: { form: 'op.deviceConfirmForm', text: 'Continue' },
            abort: true,
          });
        },
        successSource: (ctx) => {
          ctx.body = messagePage(
            'Connected',
            'You can close this page and go back to your terminal.',
          );
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'openid offline_access profile email',
          audience: 'parley',
          accessTokenFormat: 'jwt',
          accessTokenTTL: options.tokenTtlSeconds,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = formPage({
            title: 'Sign out',
            text: 'Sign out of Parley in this browser?',
            form,
            submit: { form: 'op.logoutForm', text: 'Sign out', name: 'logout' },
          });
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = messagePage('Signed out', 'You can close this page.');
        },
      },
    },
    ttl: {
      AccessToken: options.tokenTtlSeconds,
      RefreshToken: 14 * day,
      Session: 14 * day,
      Grant: 14 * day,
      Interaction: hour,
      DeviceCode: 10 * 60,
      AuthorizationCode: 60,
      IdToken: hour,
    },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = messagePage('Sign-in failed', out.error_description ?? out.error);
    },
  };
  return new Provider(options.issuer, configuration);

  async function grantFor(ctx: Parameters<NonNullable<Configuration['loadExistingGrant']>>[0]) {
    const { provider } = ctx.oidc;
    const accountId = ctx.oidc.session?.accountId;
    const clientId = ctx.oidc.client?.clientId;
    if (accountId === undefined || clientId === undefined) return undefined;
    const grant = new provider.Grant({ accountId, clientId });
    grant.addOIDCScope('openid offline_access profile email');
    grant.addResourceScope(resource, 'openid offline_access profile email');
    await grant.save();
    return grant;
  }
}

/** Both clients are this installation's own: there is nothing to ask consent for. */
function loginOnly() {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  return policy;
}

function claimsOf(id: string): {
  sub: string;
  name?: string;
  email?: string;
  email_verified: boolean;
} {
  const person = personById(id);
  return {
    sub: id,
    email_verified: true,
    ...(person === undefined ? {} : { name: person.name, email: person.email }),
  };
}

async function loadKeys(directory: string): Promise<{ signing: JWK; cookies: string }> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'keys.json');
  if (existsSync(file)) {
    return JSON.parse(readFileSync(file, 'utf8')) as { signing: JWK; cookies: string };
  }
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const signing = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'dev-1' };
  const keys = { signing, cookies: randomBytes(32).toString('base64url') };
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}
