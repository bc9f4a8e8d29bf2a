import { createHash, randomBytes } from 'node:crypto';

/** What a digest is made for: one request that the other side has refused with a challenge. */
export interface DigestRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly username: string;
  readonly password: string;
}

/** A map: the name comes from the other side, and every object has a `constructor`. */
const algorithms: ReadonlyMap<string, string> = new Map([
  ['md5', 'md5'],
  ['md5-sess', 'md5'],
  ['sha-256', 'sha256'],
  ['sha-256-sess', 'sha256'],
]);

/**
 * The Authorization header (RFC 7616, quality `auth` or none) that answers a challenge; undefined
 * when it is not a digest challenge, or one with an algorithm that is not known.
 */
export function answerChallenge(
  challenge: string | undefined,
  request: DigestRequest,
  cnonce: string = randomBytes(16).toString('hex'),
): string | undefined {
  const asked = readChallenge(challenge ?? '');
  const { realm, nonce, opaque, algorithm = 'MD5', qop } = asked;
  const hashName = algorithms.get(algorithm.toLowerCase());
  if (realm === undefined || nonce === undefined || hashName === undefined) return undefined;
  const qualities = qop?.split(',').map((one) => one.trim().toLowerCase());
  if (qualities !== undefined && !qualities.includes('auth')) return undefined;
  const hash = (text: string) => createHash(hashName).update(text).digest('hex');
  const { method, target, username, password } = request;
  const secret = hash(`${username}:${realm}:${password}`);
  const isSession = algorithm.toLowerCase().endsWith('-sess');
  const key = isSession ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
  const what = hash(`${method}:${target}`);
  const count = '00000001';
  const response =
    qualities === undefined
      ? hash(`${key}:${nonce}:${what}`)
      : hash(`${key}:${nonce}:${count}:${cnonce}:auth:${what}`);
  return `Digest ${[
    `username=${quoted(username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(target)}`,
    `algorithm=${algorithm}`,
    `response="${response}"`,
    ...(qualities === undefined ? [] : ['qop=auth', `nc=${count}`, `cnonce="${cnonce}"`]),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ].join(', ')}`;
}

type Challenge = Partial<Record<'realm' | 'nonce' | 'opaque' | 'algorithm' | 'qop', string>>;

/** The other side may send anything; what is searched for parameters is no longer than this. */
const challengeLengthMax = 4_096;
const parameterPattern = /\b([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;

/** The first digest challenge of a WWW-Authenticate header that is of a known algorithm. */
function readChallenge(header: string): Challenge {
  const parts = header
    .slice(0, challengeLengthMax)
    .split(/\bDigest\s+/i)
    .slice(1);
  const read = parts.map((part) =>
    Object.fromEntries(
      [...part.matchAll(parameterPattern)].map(([, name = '', text, token]) => [
        name.toLowerCase(),
        text?.replaceAll(/\\(.)/g, '$1') ?? token ?? '',
      ]),
    ),
  ) as Challenge[];
  return read.find(({ algorithm = 'MD5' }) => algorithms.has(algorithm.toLowerCase())) ?? {};
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
