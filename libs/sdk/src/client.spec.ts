import { describe, expect, it } from '@jest/globals';
import { parseJson } from '@parley/kernel';
import { isParleyError, ParleyClient, parseEventStream } from './index.js';
import { chunksOf } from './read-body.js';

interface Sent {
  url: string;
  init: RequestInit;
}

function clientAnswering(...answers: (() => Response)[]): { client: ParleyClient; sent: Sent[] } {
  const sent: Sent[] = [];
  const fetch = (url: unknown, init?: RequestInit) => {
    sent.push({ url: String(url), init: init ?? {} });
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    if (answer === undefined) throw new Error('no answer');
    return Promise.resolve(answer());
  };
  return { client: new ParleyClient({ baseUrl: 'http://h', token: () => 't', fetch }), sent };
}

const problem =
  (code: string, status: number, headers = {}) =>
  () =>
    new Response(JSON.stringify({ code, status, title: 't', detail: 'd', type: 'x' }), {
      status,
      headers,
    });

describe('client', () => {
  it('fills the path, the query, the body and the headers', async () => {
    const { client, sent } = clientAnswering(() => Response.json({ id: 'run_1' }, { status: 202 }));
    await client.call('startRun', {
      params: { workflow: 'wf_a b' },
      body: { input: { total: 1 } },
      idempotencyKey: 'k',
    });
    expect(sent[0]?.url).toBe('http://h/v1/workflows/wf_a%20b/runs');
    expect(sent[0]?.init.headers).toMatchObject({
      authorization: 'Bearer t',
      'idempotency-key': 'k',
    });
    expect(sent[0]?.init.body).toBe('{"input":{"total":1}}');
  });

  it('sends and reads JSON without loss', async () => {
    const text = '{"id":12345678901234567890,"m":{"2":1,"1":2},"__proto__":{"a":1},"x":1.1}';
    const { client, sent } = clientAnswering(
      () => new Response(`{"input":${text}}`),
      () => new Response(`event: run\ndata: {"output":${text}}\n\n`),
    );
    const input = parseJson(text);
    const run = await client.call('startRun', { params: { workflow: 'wf_1' }, body: { input } });
    expect(sent[0]?.init.body).toBe(`{"input":${text}}`);
    expect(JSON.stringify(run.input)).toBe(text);
    const events = client.events('runEvents', { params: { run: 'run_1' } });
    const { value } = await events.next();
    expect(JSON.stringify(value?.data)).toBe(`{"output":${text}}`);
  });

  it('repeats a read when the platform is unavailable, but never an unkeyed write', async () => {
    const answers = [problem('unavailable', 503), () => Response.json({ items: [] })];
    const read = clientAnswering(...answers);
    await expect(read.client.call('listRuns', { query: { pageSize: 1 } })).resolves.toEqual({
      items: [],
    });
    expect(read.sent).toHaveLength(2);

    const write = clientAnswering(...answers);
    const refused = write.client.call('cancelRun', { params: { run: 'run_1' }, body: {} });
    await expect(refused).rejects.toMatchObject({ code: 'unavailable' });
    expect(write.sent).toHaveLength(1);
  });

  it('turns a problem into an error that is told by its code', async () => {
    const { client } = clientAnswering(problem('stale-revision', 412));
    const error = await client
      .call('approveDraft', { params: { draft: 'drf_1' }, ifMatch: 'h' })
      .catch((caught: unknown) => caught);
    expect(isParleyError(error, 'stale-revision')).toBe(true);
    expect(isParleyError(error, 'conflict')).toBe(false);
  });

  it('reads a stream of events that is cut anywhere', async () => {
    const text = 'id: 7\nevent: run\ndata: {"a":\ndata: 1}\n\n: beat\n\nevent: steps\ndata: {}\n\n';
    for (let cut = 1; cut < text.length; cut += 3) {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(text.slice(0, cut)));
          controller.enqueue(new TextEncoder().encode(text.slice(cut)));
          controller.close();
        },
      });
      const { client } = clientAnswering(() => new Response(body));
      const events = [];
      for await (const event of client.events('runEvents', { params: { run: 'r' } }))
        events.push(event);
      expect(events).toEqual([
        { event: 'run', data: { a: 1 }, id: '7' },
        { event: 'steps', data: {}, id: '7' },
      ]);
    }
  });

  it('gives up at once when it is asked to wait for long, and waits no longer once aborted', async () => {
    const { client, sent } = clientAnswering(problem('overloaded', 429, { 'retry-after': '3600' }));
    await expect(client.call('listRuns')).rejects.toMatchObject({ code: 'overloaded' });
    expect(sent).toHaveLength(1);

    const stop = new AbortController();
    const waiting = clientAnswering(problem('overloaded', 429, { 'retry-after': '20' }));
    const call = waiting.client.call('listRuns', { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('left')), 50);
    await expect(call).rejects.toThrow('left');
  });

  it('believes the platform about codes that it does not know', async () => {
    const body = {
      code: 'newer',
      status: 503,
      title: 't',
      detail: 'd',
      type: 'x',
      retryable: true,
    };
    const { client, sent } = clientAnswering(
      () => Response.json(body, { status: 503 }),
      () => Response.json({ items: [] }),
    );
    await expect(client.call('listRuns')).resolves.toEqual({ items: [] });
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['an answer that breaks off', () => new Response(broken('{"items":'))],
    ['a refusal that breaks off', () => new Response(broken('{"code":'), { status: 500 })],
  ])('says that Parley is not reachable after %s', async (_case, answer) => {
    const { client } = clientAnswering(answer);
    const call = client.call('cancelRun', { params: { run: 'run_1' }, body: {} });
    await expect(call).rejects.toMatchObject({ name: 'ParleyError', code: 'unavailable' });
  });

  it('says what answered when it was not Parley', async () => {
    const { client } = clientAnswering(() => new Response('<html>Sign in to the hotel</html>'));
    await expect(client.call('listRuns')).rejects.toMatchObject({
      code: 'malformed',
      message: 'unexpected answer 200: <html>Sign in to the hotel</html>',
    });
  });
});

describe('a stream of events', () => {
  const follow = (body: ReadableStream<Uint8Array>, signal?: AbortSignal) => {
    const { client } = clientAnswering(() => new Response(body));
    return client.events('runEvents', { params: { run: 'r' }, signal });
  };

  it('that breaks is an error that is told by its code, after what came before', async () => {
    const events = follow(broken('event: run\ndata: {}\n\nevent: run\ndata: {"half":'));
    expect((await events.next()).value).toMatchObject({ event: 'run' });
    await expect(events.next()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('ends with the reason of the signal that ends it', async () => {
    const stop = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        stop.signal.addEventListener('abort', () => controller.error(stop.signal.reason));
      },
    });
    const next = follow(body, stop.signal).next();
    stop.abort(new Error('left'));
    await expect(next).rejects.toThrow('left');
  });

  it('is cancelled by whoever leaves it', async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes('event: run\ndata: {}\n\n')),
      cancel: () => void (cancelled = true),
    });
    for await (const event of follow(body)) if (event.event === 'run') break;
    expect(cancelled).toBe(true);
  });

  it('that falls silent is a lost connection', async () => {
    const silent = chunksOf(new ReadableStream<Uint8Array>(), { silenceMsMax: 20 });
    await expect(silent.next()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('may have large events, in time that grows with their size, up to a limit', async () => {
    // Whoever went through all of it again for each of so many pieces would exceed the time-out.
    const piece = 'x'.repeat(128);
    const stream = async function* (pieces: number) {
      const [start, middle, end] = ['event: run\ndata: ', piece, '\n\n'].map(bytes);
      yield await Promise.resolve(start!);
      for (let sent = 0; sent < pieces; sent += 1) yield middle!;
      yield end!;
    };
    const { value } = await parseEventStream(stream(120_000)).next();
    expect(value).toMatchObject({ event: 'run', data: piece.repeat(120_000) });
    await expect(parseEventStream(stream(140_000)).next()).rejects.toMatchObject({
      code: 'too-large',
    });
    const lines = async function* () {
      for (;;) yield await Promise.resolve(bytes(`data: ${piece}\n`));
    };
    await expect(parseEventStream(lines()).next()).rejects.toMatchObject({ code: 'too-large' });
  });
});

const bytes = (text: string) => new TextEncoder().encode(text);

/** A body that breaks after `text`. */
function broken(text: string): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new TypeError('terminated'));
      else controller.enqueue(bytes(text));
      sent = true;
    },
  });
}
