import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Connector, Draft, DraftApproved, ErrorCode, Run, Turn } from '@parley/contracts';
import { expectProblem } from '../api-caller.ts';
import { demoCalls } from '../demo-client.ts';
import { eventually } from '../driver.ts';
import { adminPool } from '../everything-stored.ts';
import {
  approvalOf,
  approve,
  bringIntoUse,
  definition,
  draft,
  edit,
  everything,
  hashOf,
  resting,
  settled,
  start,
  unchangedIn,
  type Drafted,
  type Scene,
} from '../scene.ts';

/** Every call here is wrong in one way; each must be told so precisely and change nothing. */

const mebibyte = 1_048_576;
const orderInput = `input:
  schema:
    document: { type: object, required: [orderId], properties: { orderId: { type: string } } }
`;
const asking = `- check: { call: connector, with: { connector: kitchen, operation: getCapacity } }
- ask: { call: human, with: { title: May we?, assignee: { role: manager } } }
`;
const echoing = "- keep: { set: '${ $workflow.input }' }\n";

let scene: Scene;
let used: Drafted & DraftApproved;
let echo: Drafted & DraftApproved;

export function saysWhatIsWrong(opened: () => Scene): void {
  beforeAll(async () => {
    scene = opened();
    const { owner } = scene;
    used = await bringIntoUse(owner, definition('ask-manager', asking, orderInput));
    echo = await bringIntoUse(owner, definition('echo', echoing));
  }, 120_000);

  const unchanged = (calls: () => Promise<void>) => unchangedIn(scene, calls);

  /** For a group of tests of which none may have an effect; stands at its end. */
  function changesNothing(): void {
    let before: unknown;
    beforeAll(async () => {
      before = await everything(scene);
    });
    it('and nothing changes by all this', async () => {
      expect(await everything(scene)).toEqual(before);
    });
  }

  describe('a request that cannot be read', () => {
    const conversations = 'POST /v1/conversations';
    const raw = (text: string) => Buffer.from(text);

    it.each<[string, string, object, ErrorCode, RegExp]>([
      ['cut JSON', conversations, { body: raw('{"title":"a') }, 'malformed', /not JSON/],
      ['early end', conversations, { body: raw('{"title":') }, 'malformed', /ends too early/],
      ['no JSON', conversations, { body: raw('title=a') }, 'malformed', /not JSON/],
      [
        'Latin-1',
        conversations,
        { body: Buffer.from('{"title":"é"}', 'latin1') },
        'malformed',
        /UTF-8/,
      ],
      ['U+0000', conversations, { body: { title: 'a\0' } }, 'malformed', /U\+0000.*remove it/],
      [
        'depth',
        conversations,
        { body: raw('['.repeat(100_000)) },
        'malformed',
        /JSON|nested deeper/,
      ],
      ['no object', conversations, { body: raw('[]') }, 'invalid', /must be an object/],
      ['unknown member', conversations, { body: { titel: 'a' } }, 'invalid', /titel/],
      ['too long', conversations, { body: { title: 'x'.repeat(201) } }, 'invalid', /at \/title/],
      ['form', conversations, form('title=a'), 'unsupported-media-type', /application\/json/],
      ['2 MiB', conversations, { body: { title: 'x'.repeat(2 * mebibyte) } }, 'too-large', /1 MiB/],
      ['U+0000 in the path', 'GET /v1/runs/%00', {}, 'malformed', /U\+0000/],
      ['bad escape', 'GET /v1/runs/%ff', {}, 'malformed', /%ff/],
      ['endless id', `GET /v1/runs/${'x'.repeat(600)}`, {}, 'not-found', /nothing at/],
      ['no route', 'GET /v1/nothing', {}, 'not-found', /nothing at \/v1\/nothing/],
      ['no method', 'DELETE /v1/runs/run_1', {}, 'method-not-allowed', /use PATCH, GET/],
      ['read of an action', 'GET /v1/runs/run_1/cancel', {}, 'method-not-allowed', /use POST/],
      ['page of 999', 'GET /v1/runs?pageSize=999', {}, 'invalid', /at \/pageSize/],
      ['key with spaces', conversations, keyed('a b'), 'malformed', /Idempotency-Key must be/],
    ])('%s', async (_, ...[target, sending, code, detail]) => {
      expectProblem(await scene.owner.send(target, sending), code, { detail });
    });

    changesNothing();

    it('names every method that there is', async () => {
      const { headers } = await scene.owner.send('DELETE /v1/tenant');
      expect(headers['allow']).toBe('GET, PATCH');
    });

    function form(body: string) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return { body, headers };
    }

    function keyed(key: string) {
      return { body: {}, headers: { 'idempotency-key': key } };
    }
  });

  describe('an OpenAPI document', () => {
    it.each<[string, string, ErrorCode, RegExp, string[]]>([
      ['text', 'hello', 'invalid-openapi', /not an OpenAPI document/, ['']],
      ['broken YAML', 'a: [1', 'invalid-openapi', /neither JSON nor YAML.*line 1/, ['']],
      ['no version', '{"info":{}}', 'invalid-openapi', /`openapi` is missing/, ['']],
      ['Swagger', '{"swagger":"2.0"}', 'invalid-openapi', /Convert the document/, ['/swagger']],
      ['nothing to call', documentOf({}), 'invalid-openapi', /no operation/, ['/paths']],
      [
        'a reference to nothing',
        documentOf({ '/a': { $ref: '#/nope' } }),
        'invalid-openapi',
        /"#\/nope" names nothing/,
        ['/paths/~1a/$ref'],
      ],
      ['a bomb', bomb(), 'invalid-openapi', /aliases more than/, ['']],
      ['depth', '['.repeat(50_000), 'too-large', /nested deeper/, ['']],
      ['10.5 MiB', 'x'.repeat(10.5 * mebibyte), 'too-large', /larger than 10 MiB/, ['']],
    ])('with %s is refused', async (_, ...[document, code, detail, pointers]) => {
      const answer = await scene.owner.send('POST /v1/connectors', { body: { document } });
      expectProblem(answer, code, { detail, pointers });
    });

    it('of 50 MB is refused, and whoever sends it hears so', async () => {
      const document = 'x'.repeat(50_000_000);
      for (const encoding of ['identity', 'chunked', 'identity']) {
        const headers = encoding === 'chunked' ? { 'transfer-encoding': encoding } : undefined;
        const body = { document };
        const answer = await scene.owner.send('POST /v1/connectors', { body, headers });
        expectProblem(answer, 'too-large', { detail: /larger than this address accepts/ });
      }
    });

    changesNothing();

    function documentOf(paths: object): string {
      return JSON.stringify({ openapi: '3.1.0', info: { title: 'Thing', version: '1' }, paths });
    }

    function bomb(): string {
      const names = Array.from('abcdefghi');
      const line = (name: string, at: number) =>
        `${name}: &${name} [${Array.from({ length: 9 }, () => (at === 0 ? 'x' : `*${names[at - 1] ?? ''}`)).join(', ')}]`;
      return `openapi: 3.1.0\n${names.map(line).join('\n')}\n`;
    }
  });

  describe('an address that nobody approved', () => {
    const port = (offset: number) => String(scene.platform.portBase + offset);
    const mirror = (url: string) =>
      JSON.stringify({
        openapi: '3.1.0',
        info: { title: 'Inside', version: '1' },
        servers: [{ url }],
        paths: {
          '/kitchen/capacity': {
            get: { operationId: 'look', responses: { 200: { description: 'ok' } } },
          },
        },
      });
    const inside = 'POST /v1/connectors/inside/test';

    beforeAll(async () => {
      const document = mirror(`http://127.0.0.1:${port(20)}`);
      await scene.owner.ask('POST /v1/connectors', { body: { name: 'inside', document } });
    });

    it('is not called: neither for a test nor by a run', async () => {
      const { owner } = scene;
      const detail = /internal address.*an admin has to approve it/;
      await unchanged(async () =>
        expectProblem(await owner.send(inside), 'address-not-approved', { detail }),
      );
      const tasks = '- look: { call: connector, with: { connector: inside, operation: look } }\n';
      const { workflowId } = await bringIntoUse(owner, definition('look-inside', tasks));
      await failsWith(workflowId, {}, detail);
    });

    it('is not called by its name either', async () => {
      const { owner } = scene;
      const body = { baseUrl: `http://localhost:${port(20)}` };
      await owner.ask('PATCH /v1/connectors/inside', { body });
      await unchanged(async () => {
        const detail = /localhost is 127\.0\.0\.1.*approve/;
        expectProblem(await owner.send(inside), 'address-not-approved', { detail });
      });
    });

    it('is not called by address, whatever the input says', async () => {
      const tasks = "- get: { call: http, with: { method: get, endpoint: '${ .url }' } }\n";
      const { workflowId } = await bringIntoUse(scene.owner, definition('anywhere', tasks));
      const own = /belongs to Parley itself/;
      await failsWith(workflowId, { url: `http://127.0.0.1:${port(20)}/_demo/calls` }, /approve/);
      await failsWith(workflowId, { url: `http://localhost:${port(20)}/_demo/calls` }, /approve/);
      await failsWith(workflowId, { url: `http://[::ffff:127.0.0.1]:${port(13)}/readyz` }, own);
      await failsWith(workflowId, { url: `http://0.0.0.0:${port(0)}/v1/health` }, own);
      await failsWith(workflowId, { url: 'http://169.254.169.254/latest' }, /metadata/);
      await failsWith(workflowId, { url: 'file:///etc/passwd' }, /Only http and https/);
    });

    it('cannot be approved when it is a metadata service or Parley itself', async () => {
      const never = [
        'http://169.254.169.254/latest',
        'http://2852039166',
        'http://[fd00:ec2::254]',
        'http://[::ffff:169.254.169.254]',
        'http://metadata.google.internal',
        ...[0, 2, 11, 12, 13, 14, 15, 32].map((offset) => `http://127.0.0.1:${port(offset)}`),
        `http://localhost:${port(13)}`,
        `http://[::1]:${port(13)}`,
        `http://0.0.0.0:${port(13)}`,
        `http://2130706433:${port(13)}`,
      ];
      await unchanged(async () => {
        for (const baseUrl of never) {
          const body = { baseUrl, approveAddress: true };
          const answer = await scene.owner.send('PATCH /v1/connectors/inside', { body });
          expectProblem(answer, 'address-not-approved', { detail: /can never be called/ });
        }
        const unfit = ['ftp://a.example', 'http://user:word@a.example', 'http://a.example/?x=1'];
        for (const baseUrl of unfit) {
          const answer = await scene.owner.send('PATCH /v1/connectors/inside', {
            body: { baseUrl },
          });
          expectProblem(answer, 'invalid', { pointers: ['/baseUrl'] });
        }
      });
      const connector = await scene.owner.ask<Connector>('GET /v1/connectors/inside');
      expect(connector.addressApproved).toBe(false);
    });

    async function failsWith(workflowId: string, input: object, detail: RegExp): Promise<void> {
      const before = await demoCalls(scene.platform);
      const run = await resting(scene.owner, (await start(scene.owner, workflowId, input)).id);
      expect(run).toMatchObject({
        status: 'failed',
        error: { detail: expect.stringMatching(detail) },
      });
      expect(await demoCalls(scene.platform)).toEqual(before);
    }
  });

  describe('a draft', () => {
    it('with an expression that is not known is stored, shown and not approved', async () => {
      const { owner } = scene;
      const at = await draft(owner, definition('odd', echoing));
      const before = await owner.ask<Draft>(`GET /v1/drafts/${at.draftId}`);
      const odd = await edit(
        owner,
        before,
        definition('odd', "- a: { set: { x: '${ .a | frobnicate }' } }\n"),
      );
      const pointer = '/do/0/a/set/x';
      expect(odd).toMatchObject({
        approvable: false,
        obstacles: [expect.stringMatching(/Line 3.*frobnicate/)],
        latest: { diagnostics: [{ severity: 'error', pointer, range: expect.anything() }] },
      });
      await unchanged(async () => {
        const headers = { 'if-match': hashOf(odd) };
        const answer = await owner.send(`POST /v1/drafts/${at.draftId}/approve`, { headers });
        const detail = /Line 3.*frobnicate\/0 is not defined/;
        expectProblem(answer, 'invalid-definition', { detail, pointers: [pointer] });
      });
    });

    it.each([
      [
        'a step that this version does not run',
        '- box: { run: { script: { language: python, code: pass } } }\n',
        /Line 3.*run: script in "python" is valid, but.*does not run it yet\. Use another step/,
        '/do/0/box/run',
      ],
      [
        'a document that cannot be read',
        "- list: { call: openapi, with: { document: { endpoint: 'http://127.0.0.1:9/api.json' }, operationId: list } }\n",
        /Line 3.*http:\/\/127\.0\.0\.1:9\/api\.json could not be read: \S.*Make it readable/,
        '/do/0/list/with/document/endpoint',
      ],
    ])('that has %s says so before it is approved', async (_what, tasks, detail, pointer) => {
      const { owner } = scene;
      const at = await draft(owner, definition('unpublishable', tasks));
      const seen = await owner.ask<Draft>(`GET /v1/drafts/${at.draftId}`);
      expect(seen).toMatchObject({ approvable: false, obstacles: [expect.stringMatching(detail)] });
      await unchanged(async () => {
        const headers = { 'if-match': hashOf(seen) };
        const answer = await owner.send(`POST /v1/drafts/${at.draftId}/approve`, { headers });
        expectProblem(answer, 'invalid-definition', { detail, pointers: [pointer] });
      });
    });

    it('cannot reach the process, its environment or secrets', async () => {
      const reaching = [
        'env.PATH',
        '$ENV',
        'input',
        'input_filename',
        '$secrets.a',
        '$__prog_args',
        'debug',
      ];
      for (const expression of reaching) {
        const source = definition('reach', `- a: { set: { x: '\${ ${expression} }' } }\n`);
        const checked = await scene.owner.ask<{
          valid: boolean;
          diagnostics: { pointer: string }[];
        }>('POST /v1/dsl/validate', { body: { source } });
        expect({ expression, ...checked }).toMatchObject({
          expression,
          valid: false,
          diagnostics: [{ pointer: '/do/0/a/set/x' }],
        });
      }
    });

    it('that was not approved starts nothing', async () => {
      const { owner } = scene;
      const at = await draft(owner, definition('not-yet', echoing));
      await unchanged(async () => {
        for (const id of [at.draftId, at.conversationId, 'wf_none']) {
          const answer = await owner.send(`POST /v1/workflows/${id}/runs`, { body: {} });
          expectProblem(answer, 'not-found', { detail: /there is no workflow .* with a version/ });
        }
      });
      const changed = definition('echo', '- other: { set: { a: 1 } }\n');
      const now = await edit(owner, await owner.ask(`GET /v1/drafts/${echo.draftId}`), changed);
      expect(now).toMatchObject({ versionInUse: 1, latest: { number: 3 } });
      const run = await start(owner, echo.workflowId, { orderId: 'ord-3' });
      const ended = await resting(owner, run.id);
      expect(ended).toMatchObject({ version: 1, output: { orderId: 'ord-3' } });
      await unchanged(async () => {
        const body = { version: 2 };
        const answer = await owner.send(`POST /v1/workflows/${echo.workflowId}/runs`, { body });
        expectProblem(answer, 'not-found', { detail: /there is no workflow .* with version 2/ });
      });
    });

    it('is approved as it was seen or not at all', async () => {
      const { owner } = scene;
      const at = await draft(owner, definition('seen', echoing));
      const seen = await owner.ask<Draft>(`GET /v1/drafts/${at.draftId}`);
      await edit(owner, seen, definition('seen', '- b: { set: { b: 2 } }\n'));
      const target = `POST /v1/drafts/${at.draftId}/approve`;
      const revise = `POST /v1/drafts/${at.draftId}/revisions`;
      const body = { source: definition('seen', '- c: { set: { c: 3 } }\n') };
      const headers = { 'if-match': `"${at.hash}"` };
      await unchanged(async () => {
        const detail = /[Ll]ook at the latest/;
        expectProblem(await owner.send(target, { headers }), 'stale-revision', { detail });
        expectProblem(await owner.send(revise, { body, headers }), 'stale-revision', { detail });
        expectProblem(await owner.send(target), 'precondition-required', { detail: /If-Match/ });
        const any = { headers: { 'if-match': '*' } };
        expectProblem(await owner.send(target, any), 'malformed', { detail: /exactly one/ });
        const huge = { body: { revision: 9_007_199_254_740_991 } };
        const restore = `POST /v1/drafts/${at.draftId}/restore`;
        expectProblem(await owner.send(restore, huge), 'invalid', { pointers: ['/revision'] });
      });
    });

    it('with an open question is not approved', async () => {
      const { owner } = scene;
      const { id } = await owner.ask<{ id: string }>('POST /v1/conversations', { body: {} });
      const text = 'Check the kitchen capacity and ask the sommelier to approve it.';
      await owner.ask(`POST /v1/conversations/${id}/turns`, { body: { text } });
      const { draft: asked } = await settled(owner, id);
      await unchanged(async () => {
        const headers = { 'if-match': hashOf(asked) };
        const answer = await owner.send(`POST /v1/drafts/${asked?.id ?? ''}/approve`, { headers });
        expectProblem(answer, 'open-questions', { detail: /Question 1 is open.*sommelier/ });
      });
    });
  });

  describe('a start', () => {
    const runs = async (): Promise<Run[]> =>
      (await scene.owner.ask<{ items: Run[] }>('GET /v1/runs?pageSize=200')).items;
    const target = () => `POST /v1/workflows/${used.workflowId}/runs`;
    const keyed = (key: string, body: unknown) => ({ body, headers: { 'idempotency-key': key } });
    const order = (orderId: string) => ({ input: { orderId } });

    it('with input that does not fit is refused where it does not', async () => {
      await unchanged(async () => {
        const wrong = await scene.owner.send(target(), { body: { input: { orderId: 7 } } });
        expectProblem(wrong, 'invalid-input', {
          detail: /must be string/,
          pointers: ['/input/orderId'],
        });
        const empty = await scene.owner.send(target(), { body: {} });
        expectProblem(empty, 'invalid-input', { detail: /orderId/ });
        const huge = await scene.owner.send(target(), { body: { version: 9_007_199_254_740_991 } });
        expectProblem(huge, 'invalid', { pointers: ['/version'] });
      });
    });

    it('that is repeated with its key returns the first run, also after the workflow changed', async () => {
      const { owner } = scene;
      const once = await bringIntoUse(owner, definition('once', echoing, orderInput));
      const path = `POST /v1/workflows/${once.workflowId}/runs`;
      const first = await owner.ask<Run>(path, keyed('key-1', order('ord-1')));
      await resting(owner, first.id);
      const again = orderInput.replaceAll('orderId', 'ticketId');
      const later = await edit(
        owner,
        await owner.ask<Draft>(`GET /v1/drafts/${once.draftId}`),
        definition('once', echoing, again),
      );
      expect(await approve(owner, { draftId: once.draftId, hash: hashOf(later) })).toMatchObject({
        version: 2,
      });
      await unchanged(async () => {
        expect(await owner.ask<Run>(path, keyed('key-1', order('ord-1')))).toMatchObject({
          id: first.id,
          version: 1,
        });
        const detail = /key-1 was used for another request/;
        for (const [where, body] of [
          [path, order('ord-2')],
          [path, { ...order('ord-1'), version: 1 }],
          [target(), order('ord-1')],
        ] as const) {
          expectProblem(await owner.send(where, keyed('key-1', body)), 'key-reused', { detail });
        }
        const rerun = `POST /v1/runs/${first.id}/rerun`;
        expectProblem(await owner.send(rerun, keyed('key-1', {})), 'key-reused', { detail });
      });
    });

    it('is refused while the same one is in flight, and makes one run', async () => {
      const { owner, platform } = scene;
      const before = await runs();
      const pool = adminPool(platform);
      const lock = await pool.connect();
      try {
        await lock.query('BEGIN; LOCK TABLE workflow.start_key IN ACCESS EXCLUSIVE MODE');
        const first = owner.send(target(), keyed('key-2', order('ord-5')));
        await eventually(async () => {
          const { rows } = await lock.query(
            `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'workflow.start_key'::regclass`,
          );
          return rows[0] as unknown;
        });
        const second = await owner.send(target(), keyed('key-2', order('ord-5')));
        expectProblem(second, 'in-flight', { detail: /key-2 is under way/ });
        expect(second.headers['retry-after']).toBe('1');
        await lock.query('COMMIT');
        const { id } = (await first).json as Run;
        expect(await owner.ask<Run>(target(), keyed('key-2', order('ord-5')))).toMatchObject({
          id,
        });
        expect((await runs()).length).toBe(before.length + 1);
      } finally {
        lock.release(true);
        await pool.end();
      }
    });

    it('that is sent many times at once makes one run', async () => {
      const before = await runs();
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          scene.owner.send(target(), keyed('key-3', order('ord-6'))),
        ),
      );
      const started = answers.filter(({ status }) => status === 202);
      expect(new Set(started.map(({ json }) => (json as Run).id)).size).toBe(1);
      for (const answer of answers) if (answer.status !== 202) expectProblem(answer, 'in-flight');
      expect((await runs()).length).toBe(before.length + 1);
    });

    it('of another tenant may have the same key', async () => {
      const { second } = scene;
      await second.ask('POST /v1/connectors/demo');
      const theirs = await bringIntoUse(second, definition('theirs', echoing));
      const path = `POST /v1/workflows/${theirs.workflowId}/runs`;
      expect((await second.send(path, keyed('key-3', order('ord-6')))).status).toBe(202);
    });

    it('takes what looks like an expression as the text that it is', async () => {
      const { owner } = scene;
      const tasks = `- keep: { set: { given: '\${ $workflow.input }' }, export: { as: '\${ .given }' } }
- each: { for: { each: one, in: '\${ .given.list }' }, do: [ pass: { set: { one: '\${ $one }' } } ] }
- ask:
    call: human
    with: { title: '\${ $context.text }', assignee: { role: manager }, data: '\${ $context }' }
`;
      const { workflowId } = await bringIntoUse(owner, definition('texts', tasks));
      const text =
        '${ env } ${ $secrets } ${ 1 + 1 } {{ 7 * 7 }} $(id) \\(1+1) "; DROP TABLE run; --';
      const given = { text, '${ "key" }': '.text | input', list: ['${ .text }', '. | halt_error'] };
      const run = await start(owner, workflowId, given);
      const approval = await approvalOf(owner, run.id);
      expect([approval.title, approval.data]).toEqual([text, given]);
      const timeline = JSON.stringify(await owner.ask(`GET /v1/runs/${run.id}/timeline`));
      expect(timeline).toContain(JSON.stringify({ one: '. | halt_error' }));
      expect(await resting(owner, run.id)).toMatchObject({ status: 'waiting', input: given });
    });

    it('of a conversation or a turn is repeated as safely', async () => {
      const { owner } = scene;
      const create = 'POST /v1/conversations';
      const { id } = await owner.ask<{ id: string }>(create, keyed('talk-1', { title: 'One' }));
      const turns = `POST /v1/conversations/${id}/turns`;
      const turn = await owner.ask<Turn>(
        turns,
        keyed('say-1', { text: 'Check the kitchen capacity.' }),
      );
      await settled(owner, id);
      await unchanged(async () => {
        expect(await owner.ask(create, keyed('talk-1', { title: 'One' }))).toMatchObject({ id });
        const said = keyed('say-1', { text: 'Check the kitchen capacity.' });
        expect(await owner.ask(turns, said)).toMatchObject({ id: turn.id });
        expectProblem(await owner.send(create, keyed('talk-1', { title: 'Two' })), 'key-reused');
        expectProblem(await owner.send(turns, keyed('say-1', { text: 'No.' })), 'key-reused');
      });
    });
  });

  describe('an error of a run', () => {
    it('that nobody can store as it is holds up neither its run nor anybody else', async () => {
      const { owner } = scene;
      const tasks = `- broken:
    raise:
      error:
        type: https://testbed.example/broken
        status: 400
        title: '\${ "T" + ([0, 55296] | implode) }'
        detail: '\${ "0123456789" * 30000 }'
`;
      const { workflowId } = await bringIntoUse(owner, definition('broken', tasks));
      const broken = await resting(owner, (await start(owner, workflowId)).id);
      expect(broken).toMatchObject({
        status: 'failed',
        error: { title: expect.stringMatching(/^T\ufffd/) },
      });
      const fine = await resting(owner, (await start(owner, echo.workflowId, { orderId: 'x' })).id);
      for (const [run, fact] of [
        [broken, 'failed'],
        [fine, 'completed'],
      ] as const) {
        await eventually(async () => {
          const subject = `workflows.${run.workflowId}.executions.${run.id}.${fact}`;
          const page = await owner.ask<{ items: unknown[] }>(`GET /v1/events?subject=${subject}`);
          return page.items[0];
        });
      }
    });
  });
}
