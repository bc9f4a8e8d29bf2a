import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { answerChallenge } from './digest.js';

/** The example of RFC 7616, section 3.9.1. */
const request = {
  method: 'GET',
  target: '/dir/index.html',
  username: 'Mufasa',
  password: 'Circle of Life',
};
const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
const challenge = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
  `nonce="${nonce}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;

describe('an answer to a digest challenge', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('with %s', (algorithm, response) => {
    const answer = answerChallenge(challenge(algorithm), request, cnonce);
    expect(answer).toContain(`response="${response}"`);
    expect(answer).toContain('qop=auth, nc=00000001');
    expect(answer).toContain('opaque="FQhe');
  });

  it('takes the challenge that it knows', () => {
    const both = `Basic realm="x", ${challenge('SHA-512-256')}, ${challenge('MD5')}`;
    expect(answerChallenge(both, request, cnonce)).toContain('algorithm=MD5');
  });

  it('without a quality has no counter', () => {
    const answer = answerChallenge('Digest realm="a \\"b\\"", nonce=n', request, cnonce);
    expect(answer).toContain('realm="a \\"b\\""');
    expect(answer).not.toContain('nc=');
  });

  it('keeps quotes of both sides inside their parameters', () => {
    const hostile = { ...request, username: 'a", uri="/other' };
    const answer = answerChallenge('Digest realm="r\\", x=\\"", nonce=n', hostile, cnonce) ?? '';
    expect(answer).toContain('username="a\\", uri=\\"/other", realm="r\\", x=\\"", nonce="n"');
    expect(answer.match(/, uri="/g)).toHaveLength(1);
  });

  it.each([
    undefined,
    'Basic realm="x"',
    'Digest realm="x"',
    challenge('SHA-512-256'),
    challenge('constructor'),
    challenge('__proto__'),
  ])('is none for %s', (header) => {
    expect(answerChallenge(header, request, cnonce)).toBeUndefined();
  });

  it.each(['a', 'a=', 'a="', 'a="\\', 'Digest ', ' '])(
    'is not looked for in all of a header full of %j',
    async (filler) => {
      const header = `Digest ${filler.repeat(500_000)}, realm="r", nonce=n`;
      expect(answerChallenge(header, request, cnonce)).toBeUndefined();
      await pause(0); // the time-out, which only quadratic work exceeds, needs the thread
    },
  );
});
