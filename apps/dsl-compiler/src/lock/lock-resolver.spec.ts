import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { OutboundOutcome, OutboundRequest } from '@parley/outbound';
import { DocumentFetcher, documentLimits } from './document-fetcher.js';
import { LockResolver } from './lock-resolver.js';

type Answers = Readonly<Record<string, (request: OutboundRequest) => OutboundOutcome>>;

function answered(
  text: string,
  headers: Record<string, string> = {},
  status = 200,
): OutboundOutcome {
  const base64 = Buffer.from(text).toString('base64');
  const body = { kind: 'binary', base64, mediaType: 'text/plain' } as const;
  return { kind: 'response', status, headers, body, durationMs: 1 };
}

function refused(): OutboundOutcome {
  const message = 'internal.example is an internal address.';
  return { kind: 'failure', reason: 'not-approved', sent: 'no', message, durationMs: 1 };
}

function fetcherOf(answers: Answers) {
  const sent: OutboundRequest[] = [];
  const clock = { now: 0 };
  const send = async (request: OutboundRequest) => {
    sent.push(request);
    return answers[request.url]?.(request) ?? answered('', {}, 404);
  };
  const fetcher = new DocumentFetcher({ outbound: { send }, now: () => clock.now });
  return { sent, clock, fetcher, resolver: new LockResolver(fetcher) };
}

const source = `document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }
do:
  - pets:
      call: openapi
      with: { document: { endpoint: 'https://a.example/pets.json' }, operationId: getPet }
  - log:
      call: https://a.example/functions/log.yaml
  - again:
      call: openapi
      with: { document: { endpoint: 'https://a.example/pets.json' }, operationId: getPet }
`;
const log = `call: openapi
with: { document: { endpoint: 'https://b.example/logs.yaml' }, operationId: log }
`;

describe('a lock', () => {
  it('pins every document once, also those that functions bring in', async () => {
    const { resolver, sent } = fetcherOf({
      'https://a.example/pets.json': () => answered('{"openapi":"3.1.0"}'),
      'https://a.example/functions/log.yaml': () => answered(log),
      'https://b.example/logs.yaml': () => answered('openapi: 3.1.0\n'),
    });
    const { lock, missing } = await resolver.resolve(source);
    expect(missing).toEqual([]);
    expect(lock.externals.map(({ kind, uri }) => `${kind} ${uri}`)).toEqual([
      'openapi https://a.example/pets.json',
      'function https://a.example/functions/log.yaml',
      'openapi https://b.example/logs.yaml',
    ]);
    expect(lock.externals[0]).toMatchObject({
      sha256: createHash('sha256').update('{"openapi":"3.1.0"}').digest('hex'),
      content: { openapi: '3.1.0' },
    });
    expect(lock.externals[2]?.content).toEqual({ openapi: '3.1.0' });
    expect(sent).toHaveLength(3);
    const again = await resolver.resolve(source, lock);
    expect(again.lock).toEqual(lock);
    expect(sent).toHaveLength(3);
  });

  it('says what is missing, where, and why', async () => {
    const { resolver } = fetcherOf({
      'https://a.example/pets.json': refused,
      'https://a.example/functions/log.yaml': () => answered('a: [1'),
    });
    const { lock, missing } = await resolver.resolve(source);
    expect(lock.externals).toEqual([]);
    expect(missing).toEqual([
      expect.objectContaining({
        uri: 'https://a.example/pets.json',
        pointer: '/do/0/pets/with/document/endpoint',
        reason: 'internal.example is an internal address.',
      }),
      expect.objectContaining({
        kind: 'function',
        pointer: '/do/1/log/call',
        reason: expect.stringMatching(/neither JSON nor YAML/),
      }),
    ]);
  });

  it('does not wait long for one that is slow, and has it the next time', async () => {
    let answer: (() => void) | undefined;
    const slow = new Promise<void>((resolve) => (answer = resolve));
    const send = async () => {
      await slow;
      return answered('{}');
    };
    const resolver = new LockResolver(new DocumentFetcher({ outbound: { send } }), {
      resolveMsMax: 20,
    });
    const first = await resolver.resolve(source);
    expect(first.missing.map(({ reason }) => reason)).toContain(
      'It takes too long to answer; try again in a moment.',
    );
    answer?.();
    expect((await resolver.resolve(source)).missing).toEqual([]);
  });

  it('has no more bytes than can be handed on with the definition', async () => {
    const text = JSON.stringify('x'.repeat(4_500_000));
    const calls = ['a', 'b', 'c'].map(
      (name) => `  - ${name}: { call: 'https://a.example/${name}' }\n`,
    );
    const { resolver } = fetcherOf({
      'https://a.example/a': () => answered(text),
      'https://a.example/b': () => answered(text),
      'https://a.example/c': () => answered(text),
    });
    const head = source.slice(0, source.indexOf('  - pets'));
    const { lock, missing } = await resolver.resolve(head + calls.join(''));
    expect(lock.externals).toHaveLength(2);
    expect(missing).toMatchObject([{ reason: expect.stringMatching(/at most 12 MiB together/) }]);
  });

  it('has no document that nobody could walk through', async () => {
    const { resolver } = fetcherOf({
      'https://a.example/pets.json': () => answered('['.repeat(100_000) + ']'.repeat(100_000)),
      'https://a.example/functions/log.yaml': () => answered('{"id":12345678901234567890}'),
    });
    const { lock, missing } = await resolver.resolve(source);
    expect(missing).toMatchObject([{ reason: 'It is nested deeper than 500 levels.' }]);
    expect(JSON.stringify(lock.externals[0]?.content)).toBe('{"id":12345678901234567890}');
  });

  it('of a text that cannot be read is empty', async () => {
    expect(await fetcherOf({}).resolver.resolve('a: [')).toEqual({
      lock: { externals: [] },
      missing: [],
    });
  });
});

describe('a document', () => {
  const uri = 'https://a.example/x';
  const moved = (location: string) => () => answered('', { location }, 302);

  it('is taken as it was for a while, and then asked for by its tag', async () => {
    const { fetcher, sent, clock } = fetcherOf({
      [uri]: ({ headers = {} }) =>
        headers['if-none-match'] === '"1"' ? answered('', {}, 304) : answered('x', { etag: '"1"' }),
    });
    const first = await fetcher.fetch(uri);
    await fetcher.fetch(uri);
    expect(sent).toHaveLength(1);
    clock.now = documentLimits.freshMsMax;
    expect(await fetcher.fetch(uri)).toEqual(first);
    expect(sent).toHaveLength(2);
  });

  it('is followed through redirects, a few times, and never out of https', async () => {
    const { fetcher } = fetcherOf({
      [uri]: moved('/y'),
      'https://a.example/y': () => answered('y'),
      'https://a.example/loop': moved('/loop'),
      'https://a.example/down': moved('http://a.example/y'),
    });
    expect(await fetcher.fetch(uri)).toMatchObject({ ok: true });
    const reason = async (path: string) => fetcher.fetch(`https://a.example/${path}`);
    expect(await reason('loop')).toEqual({
      ok: false,
      error: expect.stringMatching(/more than 5/),
    });
    expect(await reason('down')).toEqual({ ok: false, error: expect.stringMatching(/to http/) });
    expect(await reason('gone')).toEqual({ ok: false, error: 'The answer is 404.' });
  });

  it('is asked for once by all who want it, and only so many are at a time', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let sent = 0;
    const send = async () => {
      sent += 1;
      await gate;
      return answered('x');
    };
    const fetcher = new DocumentFetcher({ outbound: { send } });
    const many = Array.from({ length: documentLimits.underWayMax }, (_, at) =>
      fetcher.fetch(`https://a.example/${String(at)}`),
    );
    const again = fetcher.fetch('https://a.example/0');
    expect(await fetcher.fetch('https://b.example')).toEqual({
      ok: false,
      error: expect.stringMatching(/Too many/),
    });
    release();
    expect((await Promise.all([...many, again])).every(({ ok }) => ok)).toBe(true);
    expect(sent).toBe(documentLimits.underWayMax);
    expect(await fetcher.fetch('https://b.example')).toMatchObject({ ok: true });
  });

  it('of more than 5 MiB is refused', async () => {
    const { fetcher } = fetcherOf({
      [uri]: () => answered('x'.repeat(documentLimits.bytesMax + 1)),
    });
    expect(await fetcher.fetch(uri)).toEqual({ ok: false, error: 'It is larger than 5 MiB.' });
  });
});
