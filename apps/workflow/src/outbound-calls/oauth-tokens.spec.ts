import { describe, expect, it } from '@jest/globals';
import type { Outbound, OutboundOutcome, OutboundRequest } from '@parley/outbound';
import { OauthTokens, type TokenRequest } from './oauth-tokens.js';

const request: TokenRequest = {
  scheme: 'oauth2',
  authority: 'https://id.example/realm/',
  tokenPath: '/token',
  grant: 'client_credentials',
  clientId: 'parley',
  clientSecret: 'a b',
  clientAuthentication: 'client_secret_post',
  encoding: 'application/x-www-form-urlencoded',
  scopes: ['read', 'write'],
  audiences: [],
  issuers: [],
};

function json(value: unknown, status = 200): OutboundOutcome {
  return { kind: 'response', status, headers: {}, body: { kind: 'json', value }, durationMs: 1 };
}

/** Tokens from an authority that answers with these, one after the other. */
function tokensFrom(...answers: OutboundOutcome[]) {
  const sent: OutboundRequest[] = [];
  const send = async (one: OutboundRequest) => {
    sent.push(one);
    return answers[Math.min(sent.length, answers.length) - 1];
  };
  return { sent, tokens: new OauthTokens({ send } as unknown as Outbound) };
}

describe('OAuth tokens', () => {
  it('are asked for once and kept while they live, for each tenant', async () => {
    const { sent, tokens } = tokensFrom(json({ access_token: 't', expires_in: 3_600 }));
    const both = await Promise.all([tokens.token('a', request), tokens.token('a', request)]);
    expect(both).toEqual([
      { ok: true, value: 't' },
      { ok: true, value: 't' },
    ]);
    await tokens.token('b', request);
    expect(sent.map(({ url, body }) => [url, body])).toEqual([
      [
        'https://id.example/realm/token',
        'grant_type=client_credentials&client_id=parley&client_secret=a+b&scope=read+write',
      ],
      expect.anything(),
    ]);
    await tokens.forget('a', request, 'an older one');
    await tokens.token('a', request);
    expect(sent).toHaveLength(2);
    await tokens.forget('a', request, 't');
    await tokens.token('a', request);
    expect(sent).toHaveLength(3);
  });

  it('of a short life are not kept', async () => {
    const { sent, tokens } = tokensFrom(json({ access_token: 't', expires_in: 20 }));
    await tokens.token('a', request);
    await tokens.token('a', request);
    expect(sent).toHaveLength(2);
  });

  it('come from where the authority says, with the client in a header or a JSON body', async () => {
    const { sent, tokens } = tokensFrom(
      json({ token_endpoint: 'https://id.example/t' }),
      json({ access_token: 't' }),
    );
    await tokens.token('a', {
      ...request,
      scheme: 'oidc',
      clientAuthentication: 'client_secret_basic',
      encoding: 'application/json',
      scopes: [],
    });
    expect(sent[0]?.url).toBe('https://id.example/realm/.well-known/openid-configuration');
    expect(sent[1]).toMatchObject({
      url: 'https://id.example/t',
      body: '{"grant_type":"client_credentials"}',
      credentials: [{ type: 'basic', username: 'parley', password: 'a+b' }],
    });
  });

  it('are refused when they are from an issuer that is not named', async () => {
    const claims = Buffer.from('{"iss":"https://id.example"}').toString('base64url');
    const { tokens } = tokensFrom(json({ access_token: `e30.${claims}.s` }));
    const from = (issuer: string) => tokens.token('a', { ...request, issuers: [issuer] });
    expect(await from('https://id.example')).toMatchObject({ ok: true });
    expect(await from('https://other.example')).toMatchObject({ error: { reason: 'refused' } });
    const opaque = tokensFrom(json({ access_token: 'opaque' })).tokens;
    expect(await opaque.token('a', { ...request, issuers: ['x'] })).toMatchObject({ ok: false });
  });

  it.each([
    [json({ error: 'invalid_client', hint: 'a b' }, 401), 'refused', /401 \(invalid_client\)\.$/],
    [json({}, 503), 'reached', /503\.$/],
    [json({ token: 't' }), 'refused', /without a token/],
  ])('that are refused say so, and are asked for again', async (answer, reason, message) => {
    const { tokens } = tokensFrom(answer, json({ access_token: 't' }));
    const refused = await tokens.token('a', request);
    expect(refused).toMatchObject({
      ok: false,
      error: { reason, message: expect.stringMatching(message) },
    });
    expect(await tokens.token('a', request)).toEqual({ ok: true, value: 't' });
  });

  it('are not asked for without https where the authority has it', async () => {
    for (const endpoint of ['http://id.example/t', 'ftp://id.example/t']) {
      const { tokens, sent } = tokensFrom(json({ token_endpoint: endpoint }));
      expect(await tokens.token('a', { ...request, scheme: 'oidc' })).toMatchObject({
        error: { reason: 'refused', message: expect.stringMatching(/https/) },
      });
      expect(sent).toHaveLength(1);
    }
  });

  it('of one tenant do not push out those of another', async () => {
    const { tokens, sent } = tokensFrom(json({ access_token: 't', expires_in: 3_600 }));
    await tokens.token('b', request);
    for (let at = 0; at < 1_200; at += 1) {
      await tokens.token('a', { ...request, scopes: [String(at)] });
    }
    await tokens.token('b', request);
    await tokens.token('a', { ...request, scopes: ['1199'] });
    expect(sent).toHaveLength(1_201);
  });

  it('that could not be asked for are an error for those who wait, and for nobody after', async () => {
    let times = 0;
    const send = async () => {
      times += 1;
      if (times === 1) throw new Error('broken');
      return json({ access_token: 't' });
    };
    const tokens = new OauthTokens({ send } as unknown as Outbound);
    await expect(tokens.token('a', request)).rejects.toThrow('broken');
    expect(await tokens.token('a', request)).toEqual({ ok: true, value: 't' });
  });
});
