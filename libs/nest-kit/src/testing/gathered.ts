import {
  type AnswerHead,
  FrameReader,
  framesText,
  gatheredMediaType,
  gatheredPath,
} from '../gathered/frames.js';

export interface TestRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is of the connection or of the moment, not of the answer. */
const fleeting = new Set(['connection', 'content-length', 'date', 'keep-alive', 'x-request-id']);

/** Posts each request by itself. */
export function postAlone(
  url: string,
  context: Readonly<Record<string, string>>,
  requests: readonly TestRequest[],
): Promise<TestAnswer[]> {
  const answers = requests.map(async (request) => {
    const response = await fetch(url + request.url, {
      method: 'POST',
      headers: { ...request.headers, ...context },
      ...(request.body !== undefined && { body: request.body }),
    });
    return {
      status: response.status,
      headers: lasting(Object.fromEntries(response.headers)),
      body: await response.text(),
    };
  });
  return Promise.all(answers);
}

/** Posts them as the gateway does when they come at the same time. */
export async function postTogether(
  url: string,
  context: Readonly<Record<string, string>>,
  requests: readonly TestRequest[],
  signal?: AbortSignal,
): Promise<TestAnswer[]> {
  const frames = requests.map(({ url: path, headers = {}, body = '' }) => ({
    head: { method: 'POST', url: path, headers },
    body: Buffer.from(body),
  }));
  const response = await fetch(url + gatheredPath, {
    method: 'POST',
    headers: { ...context, 'content-type': gatheredMediaType },
    body: framesText(frames),
    ...(signal && { signal }),
  });
  if (response.status !== 200) throw new Error(`all were refused: ${await response.text()}`);
  const answers: TestAnswer[] = [];
  const reader = new FrameReader<AnswerHead>();
  for (const { head, body } of reader.push(Buffer.from(await response.arrayBuffer()))) {
    const headers = head.headers as Record<string, string>;
    answers[head.at] = { status: head.status, headers: lasting(headers), body: String(body) };
  }
  return answers;
}

function lasting(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !fleeting.has(name));
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
