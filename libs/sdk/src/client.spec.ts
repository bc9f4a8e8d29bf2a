import { describe, expect, it } from '@jest/globals';
import { isParleyError, ParleyClient } from './index.js';

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
});
