import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Headers, Module, Param } from '@nestjs/common';
import { routes, type StartRun } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import {
  Caller,
  type Context,
  createService,
  currentContext,
  currentScope,
  Endpoint,
  gatheredPlugin,
  type RunningService,
} from '../index.js';
import {
  contextHeaders,
  postAlone,
  postTogether,
  recordedLog,
  testConfig,
  type TestKeys,
  testKeys,
  type TestAnswer,
  type TestRequest,
} from '../testing/index.js';
import { ContextTokens } from '../context-tokens.js';
import { gatheredPath } from './frames.js';

const at = '2026-01-01T00:00:00.000Z';
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const json = {
  'content-type': 'application/json',
  accept: '*/*',
  traceparent,
  'x-request-id': 'r-1',
};

const held: (() => void)[] = [];

@Controller()
class Starts {
  @Endpoint(routes.startRun)
  async start(
    @Param('workflow') workflowId: string,
    @Body() body: StartRun,
    @Headers() headers: Record<string, string>,
    @Caller() { principal }: Context,
  ) {
    await new Promise(setImmediate);
    const { input } = body;
    if (input === 'held') await new Promise<void>((resume) => held.push(resume));
    if (input === 'boom') throw new Error('the password is hunter2');
    if (input === 'misfit') return { id: 7 };
    if (input === 'later') {
      throw new AppError('overloaded', 'Later.', {
        retryAfterSeconds: 3,
        extensions: { queue: 'long' },
        errors: [{ pointer: '/input', message: 'too soon' }],
      });
    }
    const { requestId, stopping, context } = currentScope() ?? {};
    return {
      id: 'run_00000000000000000000000003',
      workflowId,
      workflowName: headers['idempotency-key'] ?? 'none',
      version: 1,
      status: 'completed',
      startedBy: principal,
      input: [input ?? 'none', requestId, stopping === undefined, context?.name, headers['accept']],
      waitingFor: [],
      tags: [currentContext().tenantId],
      attributes: {},
      createdAt: at,
      updatedAt: at,
      position: 1,
      secret: 'not declared',
    };
  }
}

@Module({ controllers: [Starts] })
class StartsModule {}

let keys: TestKeys;
let service: RunningService;
let elsewhere = '';
const { log, lines } = recordedLog();

beforeAll(async () => {
  keys = await testKeys();
  service = await createService({
    name: 'workflow',
    module: StartsModule,
    config: testConfig('workflow', keys),
    acceptWorkFrom: ['agent'],
    log,
    extend: (app) => {
      const server = app.getHttpAdapter().getInstance();
      server.addHook('preHandler', async (request, reply) => {
        if (request.headers['idempotency-key'] === 'breaks') {
          reply.hijack();
          reply.raw.writeHead(202);
          reply.raw.destroy();
        }
        if (request.headers['idempotency-key'] !== 'elsewhere') return;
        elsewhere += '.';
        await reply.code(202).header('x-by', 'another').send({ by: 'another process' });
      });
      server.register(
        gatheredPlugin({
          tokens: app.get(ContextTokens),
          log,
          stopping: new AbortController().signal,
          routes: [
            {
              route: routes.startRun,
              isHere: ({ headers }) =>
                !['elsewhere', 'breaks'].includes(headers['idempotency-key'] ?? ''),
              answer: ({ params, headers, body, caller }) =>
                app.get(Starts).start(params['workflow'] ?? '', body as StartRun, headers, caller),
            },
          ],
        }),
      );
    },
  });
});

afterAll(() => service.close());

const path = '/v1/workflows/wf_00000000000000000000000001/runs';
const deep = `${'['.repeat(600)}${']'.repeat(600)}`;

const table: Record<string, TestRequest> = {
  'a plain start': { url: path, headers: json, body: '{"input":{"a":1.50,"b":[]}}' },
  'no input': { url: path, headers: json, body: '{}' },
  'a key and other headers': {
    url: path,
    headers: { ...json, 'idempotency-key': 'k', accept: 'text/plain', 'user-agent': 'x' },
    body: '{"input":"ü"}',
  },
  'digits that no double has': {
    url: path,
    headers: json,
    body: '{"input":1234567890.12345678901}',
  },
  'a charset': {
    url: path,
    headers: { ...json, 'content-type': 'application/json; charset=utf-8' },
    body: '{"input":1}',
  },
  'another media type': {
    url: path,
    headers: { ...json, 'content-type': 'text/plain' },
    body: '{}',
  },
  'no media type': { url: path, headers: { traceparent }, body: Buffer.from('{}') },
  'no body': { url: path, headers: json },
  'white space': { url: path, headers: json, body: ' \n' },
  'JSON that ends too early': { url: path, headers: json, body: '{"input":' },
  'more than JSON': { url: path, headers: json, body: '{"input":1}]},{"input":2}' },
  'not UTF-8': { url: path, headers: json, body: Buffer.from([0x22, 0xff, 0x22]) },
  'half of a pair': { url: path, headers: json, body: '{"input":"\\ud800"}' },
  'too deep': { url: path, headers: json, body: `{"input":${deep}}` },
  'an unknown member': { url: path, headers: json, body: '{"input":1,"extra":true}' },
  'the wrong types': { url: path, headers: json, body: '{"tags":"x","version":[]}' },
  'a list': { url: path, headers: json, body: '[1]' },
  'a key that cannot be kept': { url: path, headers: json, body: '{"__proto__":1}' },
  'a refusal': { url: path, headers: json, body: '{"input":"later"}' },
  'a bug': { url: path, headers: json, body: '{"input":"boom"}' },
  'an answer that does not fit': { url: path, headers: json, body: '{"input":"misfit"}' },
  'another process': {
    url: path,
    headers: { ...json, 'idempotency-key': 'elsewhere' },
    body: '{"input":1}',
  },
  'a query': { url: `${path}?a=b`, headers: json, body: '{"input":1}' },
  'an escaped name': {
    url: '/v1/workflows/wf%5f00000000000000000000000001/runs',
    headers: json,
    body: '{}',
  },
  'a name with NUL': { url: '/v1/workflows/a%00b/runs', headers: json, body: '{}' },
  'a name that cannot be read': { url: '/v1/workflows/%ff/runs', headers: json, body: '{}' },
  'a long name': { url: `/v1/workflows/${'x'.repeat(600)}/runs`, headers: json, body: '{}' },
  'an address that is not there': { url: '/v1/nothing', headers: json, body: '{}' },
  'a method that is not there': { url: '/v1/workflows', headers: json, body: '{}' },
};

/** What the router cannot read is in no trace of the caller. */
function withoutOwnTrace(answer: TestAnswer | undefined) {
  const own = traceparent.slice(3, 35);
  const body = answer?.body.replace(/"traceId":"(\w+)"/, (text, id) => (id === own ? text : '""'));
  return { ...answer, body };
}

describe('requests that come together', () => {
  it.each([['owner'], ['viewer']])(
    'are answered as if each had come alone, to an %s',
    async (role) => {
      const context = await contextHeaders(keys, 'workflow', { roles: [role] });
      const names = Object.keys(table);
      const requests = Object.values(table);
      const named = (answers: readonly TestAnswer[]) =>
        Object.fromEntries(names.map((name, index) => [name, withoutOwnTrace(answers[index])]));
      const alone = await postAlone(service.url, context, requests);
      const together = await postTogether(service.url, context, requests);
      expect(named(together)).toEqual(named(alone));
      const statuses = new Set(alone.map(({ status }) => status));
      const started = alone.filter(({ body }) => body.includes('"id":"run_')).length;
      expect([started > 5, statuses.size > 4]).toEqual([role === 'owner', true]);
    },
  );

  it('leave the lines in the log that they would leave alone', async () => {
    const context = await contextHeaders(keys, 'workflow');
    const requests = ['{"input":1}', '{"input":"later"}'].map((body) => ({
      url: path,
      headers: json,
      body,
    }));
    const told = async (post: typeof postAlone) => {
      const from = lines.length;
      await post(service.url, context, requests);
      return lines
        .slice(from)
        .filter(({ level }) => level === 'info')
        .map(({ time: _, durationMs, ...line }) => ({ ...line, took: typeof durationMs }))
        .toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
    };
    const alone = await told(postAlone);
    expect(alone).toHaveLength(2);
    expect(await told(postTogether)).toEqual(alone);
  });

  it('are carried through when nobody waits for the answers any more', async () => {
    const context = await contextHeaders(keys, 'workflow');
    const client = new AbortController();
    const requests = [1, 2].map(() => ({ url: path, headers: json, body: '{"input":"held"}' }));
    const sent = postTogether(service.url, context, requests, client.signal);
    while (held.length < 2) await new Promise(setImmediate);
    client.abort();
    await expect(sent).rejects.toThrow('aborted');
    await new Promise((resume) => setTimeout(resume, 20));
    const from = lines.length;
    for (const resume of held.splice(0)) resume();
    const through = () => lines.slice(from).filter(({ status }) => status === 202).length === 2;
    while (!through()) await new Promise(setImmediate);
    const [next] = await postTogether(service.url, context, [
      { url: path, headers: json, body: '{}' },
    ]);
    expect(next?.status).toBe(202);
  });

  it('fail alone: an answer that breaks off takes no other with it', async () => {
    const context = await contextHeaders(keys, 'workflow');
    const requests = ['a', 'breaks', 'b'].map((key) => ({
      url: path,
      headers: { ...json, 'idempotency-key': key },
      body: '{"input":1}',
    }));
    const answers = await postTogether(service.url, context, requests);
    expect(answers.map(({ status }) => status)).toEqual([202, 503, 202]);
    expect(answers[1]?.headers['content-type']).toContain('application/problem+json');
    const traceId = traceparent.slice(3, 35);
    const problem = { code: 'unavailable', instance: path, traceId };
    expect(JSON.parse(answers[1]?.body ?? '')).toMatchObject(problem);
  });

  it('go to where each belongs', () => {
    expect(elsewhere.length).toBeGreaterThan(0);
  });

  it('come from the gateway on behalf of a member, or are refused', async () => {
    const refused = async (context: Record<string, string>, body = 'x') => {
      const response = await fetch(service.url + gatheredPath, {
        method: 'POST',
        headers: { ...context, 'content-type': 'application/vnd.parley.gathered' },
        body,
      });
      const { code } = (await response.json()) as { code: string };
      return `${response.status} ${code}`;
    };
    const work = { kind: 'work', issuer: 'agent' } as const;
    expect(await refused({})).toBe('401 unauthenticated');
    expect(await refused({ 'parley-context': 'forged' })).toBe('401 unauthenticated');
    expect(await refused(await contextHeaders(keys, 'platform'))).toBe('401 unauthenticated');
    expect(await refused(await contextHeaders(keys, 'workflow', work))).toBe('403 forbidden');
    const context = await contextHeaders(keys, 'workflow');
    expect(await refused(context)).toBe('400 malformed');
    expect(await refused(context, '\0\0\0\x05\0\0\0\0{bad}')).toBe('400 malformed');
    expect(await refused(context, '\0\0\0\x09\0\0\0\0{}')).toBe('400 malformed');
  });
});
