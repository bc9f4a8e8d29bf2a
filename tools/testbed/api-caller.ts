import { request } from 'node:http';
import { expect } from '@jest/globals';
import { errorTable, problemTypeBase, type ErrorCode, type Problem } from '@parley/contracts';

/** An answer with all that a client can see of it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** The body, when it is JSON. */
  readonly json: unknown;
}

export interface Sending {
  /** Sent as JSON; a string or bytes are sent as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CallerOptions {
  readonly baseUrl: string;
  /** Absent: a stranger. */
  readonly bearer?: string;
  /** Collects the text of every answer. */
  readonly heard?: string[];
}

/**
 * Speaks HTTP to the platform with no help: nothing is repeated, normalised or checked on the way,
 * and an answer that comes before the body is sent is an answer.
 */
export class ApiCaller {
  private readonly options: CallerOptions;

  constructor(options: CallerOptions) {
    this.options = options;
  }

  get bearer(): string | undefined {
    return this.options.bearer;
  }

  /** @param target e.g. `GET /v1/runs` */
  async send(target: string, { body, headers = {} }: Sending = {}): Promise<Answer> {
    const { baseUrl, bearer, heard } = this.options;
    const [method = '', path = ''] = target.split(' ');
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    const payload = body === undefined || isRaw ? body : JSON.stringify(body);
    const answer = await exchange(new URL(baseUrl), {
      method,
      path,
      headers: {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      payload,
    });
    heard?.push(answer.text);
    return answer;
  }

  /** What a successful call answers. */
  async ask<T>(target: string, sending: Sending = {}): Promise<T> {
    const answer = await this.send(target, sending);
    if (answer.status >= 300) {
      throw new Error(`${target}: ${String(answer.status)} ${answer.text.slice(0, 500)}`);
    }
    return answer.json as T;
  }
}

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | Buffer | undefined;
}

function exchange(base: URL, { payload, ...asked }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = base;
    const isCounted = payload !== undefined && asked.headers['transfer-encoding'] === undefined;
    const length = isCounted ? { 'content-length': Buffer.byteLength(payload) } : {};
    const headers = { ...length, ...asked.headers };
    const sent = request({ ...asked, hostname, port, headers, agent: false }, (response) => {
      const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
      const chunks: Buffer[] = [];
      const finish = () => {
        const text = Buffer.concat(chunks).toString();
        const seen = response.headers as Answer['headers'];
        resolve({ status: response.statusCode ?? 0, headers: seen, text, json: parse(text) });
        if (isStream) sent.destroy();
      };
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', finish);
      if (isStream) finish();
    });
    sent.once('error', reject);
    sent.end(payload);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Checks everything that every problem has, and what this one tells. */
export function expectProblem(
  answer: Answer,
  code: ErrorCode,
  told: { detail?: RegExp; pointers?: readonly string[] } = {},
): void {
  const { http: status, title, retryable } = errorTable[code];
  const problem = answer.json as Problem;
  expect({ status: answer.status, code: problem?.code, body: answer.text.slice(0, 300) }).toEqual({
    status,
    code,
    body: expect.any(String),
  });
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(problem).toMatchObject({ type: problemTypeBase + code, title, status, retryable });
  expect(problem.traceId).toMatch(/^[0-9a-f]{32}$/);
  if (told.detail) expect(problem.detail).toMatch(told.detail);
  const pointers = problem.errors?.map(({ pointer }) => pointer);
  if (told.pointers) expect(pointers).toEqual(told.pointers);
}
