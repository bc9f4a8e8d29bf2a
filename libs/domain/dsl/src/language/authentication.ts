import { needed, object, type Member, type ObjectShape } from './shape.js';
import { address, anyData, oneOf, reference, template, textList } from './texts.js';

const secret: Member = {
  doc: 'Name of the secret that holds the properties of the scheme. Declare it under use.secrets.',
  shape: { ...reference('secrets', 'secret'), notEmpty: true },
  example: 'petStoreSecret',
};

/** A scheme is configured by its own members or by a secret, never by both. */
function scheme(
  title: string,
  doc: string,
  { members, otherwise }: { members: Readonly<Record<string, Member>>; otherwise: string[] },
): ObjectShape {
  return object(title, doc, { use: secret, ...members }, { alone: { member: 'use', otherwise } });
}

const credentials: Readonly<Record<string, Member>> = {
  username: { doc: 'Name of the account.', shape: template, example: 'reader' },
  password: { doc: 'Password of the account.', shape: template, example: '${ .password }' },
};

const basic = scheme('basic authentication', 'Sends name and password with each request.', {
  members: credentials,
  otherwise: ['username', 'password'],
});
const digest = scheme(
  'digest authentication',
  'Answers the challenge of the server with a digest of name and password.',
  { members: credentials, otherwise: ['username', 'password'] },
);
const bearer = scheme('bearer authentication', 'Sends a token in the Authorization header.', {
  members: { token: { doc: 'The token.', shape: template, example: '${ .token }' } },
  otherwise: ['token'],
});

const token = object('OAuth2 token', 'A token and what kind of token it is.', {
  token: needed({ doc: 'The token itself.', shape: template, example: '${ .user.token }' }),
  type: needed({
    doc: 'The kind of token, as a URN.',
    shape: template,
    example: 'urn:ietf:params:oauth:token-type:access_token',
  }),
});

const client = object('OAuth2 client', 'Who asks for the token.', {
  id: { doc: 'Id of the client.', shape: template, example: 'parley' },
  secret: { doc: 'Secret of the client.', shape: template },
  assertion: {
    doc: 'A signed JWT that proves who the client is; for private_key_jwt.',
    shape: template,
  },
  authentication: {
    doc: 'How the client proves who it is.',
    shape: oneOf('client authentication', [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'none',
    ]),
    default: 'client_secret_post',
  },
});

const request = object(
  'token request',
  'How the token is asked for.',
  {
    encoding: {
      doc: 'Media type of the request.',
      shape: oneOf('encoding', ['application/x-www-form-urlencoded', 'application/json']),
      default: 'application/x-www-form-urlencoded',
    },
  },
  { open: anyData },
);

const oauth2Members: Readonly<Record<string, Member>> = {
  authority: {
    doc: 'Address of the authorization server.',
    shape: { ...address, literal: true },
    example: 'https://login.example.com/realms/main',
  },
  grant: {
    doc: 'The grant that the token is asked for by.',
    shape: oneOf('grant', [
      'authorization_code',
      'client_credentials',
      'password',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:token-exchange',
    ]),
    example: 'client_credentials',
  },
  client: {
    doc: 'The client that asks.',
    shape: client,
    example: '{ id: parley, secret: s3cret }',
  },
  request: { doc: 'How the token is asked for.', shape: request },
  issuers: { doc: 'Issuers whose tokens are accepted.', shape: textList },
  scopes: { doc: 'Scopes to ask for.', shape: textList, example: '[orders.read]' },
  audiences: { doc: 'Services that the token is for.', shape: textList, example: '[orders]' },
  username: { doc: 'Name of the account; for the grant password.', shape: template },
  password: { doc: 'Password of the account; for the grant password.', shape: template },
  subject: { doc: 'Token of the party on whose behalf the call is made.', shape: token },
  actor: { doc: 'Token of the party that acts.', shape: token },
};

const endpoints = object(
  'OAuth2 endpoints',
  'Paths at the authorization server, where they differ from the usual ones.',
  {
    token: { doc: 'Path that gives tokens.', shape: template, default: '/oauth2/token' },
    revocation: { doc: 'Path that revokes tokens.', shape: template, default: '/oauth2/revoke' },
    introspection: {
      doc: 'Path that tells about tokens.',
      shape: template,
      default: '/oauth2/introspect',
    },
  },
  { open: anyData },
);

const inline = ['authority', 'grant'];

const oauth2 = scheme('OAuth2', 'Gets a token from an authorization server.', {
  members: {
    ...oauth2Members,
    endpoints: { doc: 'Paths at the authorization server.', shape: endpoints },
  },
  otherwise: inline,
});
const oidc = scheme(
  'OpenID Connect',
  'Gets a token from an OpenID Connect provider, whose paths it publishes itself.',
  { members: oauth2Members, otherwise: inline },
);

const schemes: Readonly<Record<string, Member>> = {
  basic: { doc: basic.doc, shape: basic, example: '{ use: petStoreSecret }' },
  bearer: { doc: bearer.doc, shape: bearer, example: "{ token: '${ .token }' }" },
  digest: { doc: digest.doc, shape: digest, example: '{ use: petStoreSecret }' },
  oauth2: { doc: oauth2.doc, shape: oauth2, example: '{ use: petStoreSecret }' },
  oidc: { doc: oidc.doc, shape: oidc, example: '{ use: petStoreSecret }' },
};
const schemeNames = Object.keys(schemes);

/** An authentication under `use.authentications`. */
export const authenticationPolicy = object(
  'authentication',
  'How calls prove who they are: exactly one scheme.',
  schemes,
  { choices: [{ of: schemeNames }], open: anyData },
);

/** An authentication where it is used: a scheme, or the name of a declared one. */
export const authentication = object(
  'authentication',
  'How the call proves who it is: one scheme, or the name of a declared authentication.',
  {
    use: {
      doc: 'Name of an authentication declared under use.authentications.',
      shape: { ...reference('authentications', 'authentication'), notEmpty: true },
      example: 'petStoreAuth',
    },
    ...schemes,
  },
  { choices: [{ of: ['use', ...schemeNames] }] },
);
