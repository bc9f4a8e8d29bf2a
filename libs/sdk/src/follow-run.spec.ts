import { describe, expect, it } from '@jest/globals';
import { ParleyClient } from './client.js';
import { followRun } from './follow-run.js';

const run = { id: 'run_1', status: 'running' };
const completed = { ...run, status: 'completed' };
const step = (occurrence: string, status: string) => ({ occurrence, status });

const sse = (id: number, event: string, data: unknown) =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Answers each stream request with the next text, or refuses; the timeline with the last word. */
function clientOf(...streams: (string | 404 | Error)[]) {
  const seen: (string | null)[] = [];
  const client = new ParleyClient({
    baseUrl: 'http://parley.test',
    fetch: async (input, init) => {
      if (!new Request(input).url.endsWith('/events')) {
        return Response.json({ run: completed, steps: [step('a', 'completed')] });
      }
      seen.push(new Headers(init?.headers).get('last-event-id'));
      const next = streams.shift();
      if (next instanceof Error) throw next;
      if (next === 404) {
        const problem = { type: 'x', title: 'x', status: 404, code: 'not-found', detail: 'no run' };
        return Response.json(problem, { status: 404 });
      }
      return new Response(next ?? '');
    },
  });
  return { client, seen };
}

async function all(client: ParleyClient, onLost?: () => void) {
  const seen: string[] = [];
  for await (const { run: now, steps } of followRun(client, 'run_1', { onLost })) {
    seen.push([now.status, ...steps.map((one) => `${one.occurrence}:${one.status}`)].join(' '));
  }
  return seen;
}

describe('followRun', () => {
  it('adds events up and ends with every step', async () => {
    const { client } = clientOf(
      sse(1, 'timeline', { run, steps: [step('a', 'running')] }) +
        sse(2, 'steps', { steps: [step('b', 'waiting')] }) +
        sse(3, 'run', completed),
    );
    expect(await all(client)).toEqual([
      'running a:running',
      'running a:running b:waiting',
      'completed a:completed',
    ]);
  });

  it('resumes after the last event that it has seen', async () => {
    const { client, seen } = clientOf(
      sse(1, 'timeline', { run, steps: [] }) + sse(4, 'steps', { steps: [step('a', 'running')] }),
      sse(5, 'run', completed),
    );
    expect(await all(client)).toEqual(['running', 'running a:running', 'completed a:completed']);
    expect(seen).toEqual([null, '4']);
  });

  it('tells of a lost connection once and goes on', async () => {
    const gone = Array.from({ length: 4 }, () => new TypeError('fetch failed')); // One call with its repeats.
    const { client } = clientOf(
      sse(1, 'timeline', { run, steps: [] }),
      ...gone,
      sse(2, 'run', completed),
    );
    let lost = 0;
    expect(await all(client, () => (lost += 1))).toEqual(['running', 'completed a:completed']);
    expect(lost).toBe(1);
  });

  it('throws what the platform refuses', async () => {
    const { client } = clientOf(404);
    await expect(all(client)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('does not wait for ever for streams that end before they begin', async () => {
    const { client } = clientOf();
    const following = followRun(client, 'run_1', { disconnectedMsMax: 300 });
    await expect(following.next()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
