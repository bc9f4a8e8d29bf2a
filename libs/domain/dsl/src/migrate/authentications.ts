import type { Json, JsonObject } from '@parley/kernel';
import type { Migration } from './migration.js';
import type { Old } from './old.js';

/** The definitions under `auth`, for `use.authentications`. */
export function authenticationsOf(migration: Migration): JsonObject {
  return Object.fromEntries(
    migration.root.items('auth').map((old) => [old.text('name') ?? '', policyOf(migration, old)]),
  );
}

function policyOf(migration: Migration, old: Old): JsonObject {
  const scheme = old.text('scheme') ?? 'basic';
  const properties = old.member('properties');
  migration.report.mapped(old.pointer, 'Authentication: use.authentications');
  const secret = secretOf(migration, properties);
  if (secret !== undefined) return { [scheme]: { use: secret } };
  if (properties === undefined) return { [scheme]: {} };
  properties.member('metadata');
  if (scheme === 'bearer') return { bearer: { token: properties.text('token') ?? '' } };
  if (scheme === 'oauth2') return { oauth2: oauth2Of(migration, properties) };
  const { username, password } = credentials(properties);
  return { basic: { username: username ?? '', password: password ?? '' } };
}

/** Where properties come from a secret, the new language takes the secret as a whole. */
function secretOf(migration: Migration, properties: Old | undefined): string | undefined {
  if (properties === undefined) return undefined;
  const text = JSON.stringify(properties.json);
  const [, name] = /\$SECRETS\.([A-Za-z_]\w*)/.exec(text) ?? [];
  if (name === undefined) return undefined;
  migration.secrets.add(name);
  if (properties.isMap) {
    migration.report.approximated(
      properties.pointer,
      `The secret "${name}" must hold all properties of the scheme by their names`,
    );
    for (const key of oldNames) properties.member(key);
  }
  return name;
}

const oldNames = [
  ...['username', 'password', 'token', 'authority', 'grantType', 'clientId', 'clientSecret'],
  ...['scopes', 'audiences', 'subjectToken', 'requestedSubject', 'requestedIssuer', 'metadata'],
];

const grants: Readonly<Record<string, string>> = {
  password: 'password',
  clientCredentials: 'client_credentials',
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
};

function oauth2Of(migration: Migration, properties: Old): JsonObject {
  const subject = properties.text('subjectToken');
  const secret = properties.text('clientSecret');
  const authority = properties.text('authority');
  for (const key of ['requestedSubject', 'requestedIssuer']) {
    const member = properties.member(key);
    if (member !== undefined)
      migration.report.dropped(member.pointer, `"${key}" has no counterpart`);
  }
  if (authority === undefined) {
    migration.report.approximated(
      properties.pointer,
      'Set the address of the authorization server',
    );
  }
  const { username, password } = credentials(properties);
  return {
    authority: authority ?? 'https://localhost',
    grant: grants[properties.text('grantType') ?? ''] ?? 'client_credentials',
    client: {
      id: properties.text('clientId') ?? '',
      ...(secret !== undefined && { secret }),
    },
    ...listed(properties, 'scopes'),
    ...listed(properties, 'audiences'),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(subject !== undefined && {
      subject: { token: subject, type: 'urn:ietf:params:oauth:token-type:access_token' },
    }),
  };
}

function credentials(properties: Old): { username?: string; password?: string } {
  const username = properties.text('username');
  const password = properties.text('password');
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

function listed(properties: Old, key: string): Record<string, Json> {
  const texts = properties.texts(key);
  return texts.length === 0 ? {} : { [key]: texts };
}
