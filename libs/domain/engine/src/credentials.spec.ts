import { describe, expect, it } from '@jest/globals';
import { withoutCredentials } from './credentials.js';

const hidden = '[redacted]';

describe('the arguments of a call as people see them', () => {
  it('have no headers, parameters or addresses that prove who calls', () => {
    const shown = withoutCredentials({
      method: 'get',
      endpoint: { uri: 'https://ada:pw@a.example/x?page=2&api_key=k&next=token&access_token=t' },
      headers: {
        Authorization: 'Bearer t',
        Cookie: 'sid=1',
        'X-Auth-Token': 't',
        'X-Acme-Api-Key': 'k',
        'idempotency-key': 'i',
        accept: 'text/plain',
      },
      query: { apikey: 'k', signature: 's', page: 2, keyword: 'w' },
      body: { token: 'data of the author' },
    });
    expect(shown).toEqual({
      method: 'get',
      endpoint: {
        uri: `https://${hidden}@a.example/x?page=2&api_key=${hidden}&next=token&access_token=${hidden}`,
      },
      headers: {
        Authorization: hidden,
        Cookie: hidden,
        'X-Auth-Token': hidden,
        'X-Acme-Api-Key': hidden,
        'idempotency-key': 'i',
        accept: 'text/plain',
      },
      query: { apikey: hidden, signature: hidden, page: 2, keyword: 'w' },
      body: { token: 'data of the author' },
    });
  });

  it('show of an authentication what is no secret, whatever its form', () => {
    const shown = withoutCredentials({
      endpoint: 'https://a.example/?sig=s',
      authentication: {
        oauth2: {
          authority: 'https://id.example',
          client: { id: 'c', secret: 's', assertion: 'a' },
          password: 'p',
          ['__proto__']: 'x',
        },
        bearer: 'not an object',
      },
    });
    expect(shown).toEqual({
      endpoint: `https://a.example/?sig=${hidden}`,
      authentication: {
        oauth2: {
          authority: 'https://id.example',
          client: { id: 'c', secret: hidden, assertion: hidden },
          password: hidden,
          ['__proto__']: hidden,
        },
        bearer: hidden,
      },
    });
  });

  it('of other calls are as they are', () => {
    const args = { input: { token: 1 }, title: 'Ok?' };
    expect(withoutCredentials(args)).toEqual(args);
    expect(withoutCredentials('x')).toBe('x');
  });
});
