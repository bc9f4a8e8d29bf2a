import { PageQuery } from './ids.js';
import * as secrets from './secrets.js';

/** Secrets that workflows prove themselves with; values go in and never come out. */
export const secretRoutes = {
  listSecrets: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/secrets',
    summary: 'Secrets by name, without their values',
    permission: 'build',
    query: PageQuery,
    status: 200,
    response: secrets.SecretPage,
  },
  setSecret: {
    service: 'workflow',
    method: 'PUT',
    path: '/v1/secrets/{secret}',
    summary: 'Store a secret and the hosts that it may be sent to; it can never be read back',
    permission: 'build',
    body: secrets.SetSecret,
    status: 200,
    response: secrets.Secret,
  },
  deleteSecret: {
    service: 'workflow',
    method: 'DELETE',
    path: '/v1/secrets/{secret}',
    summary: 'Remove a secret; calls that name it fail from then on',
    permission: 'build',
    status: 204,
    errors: ['not-found'],
  },
} as const;
