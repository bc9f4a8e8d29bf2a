import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type Conversation,
  conversationStarted,
  type ConversationState,
  type Message,
  type MessageVersion,
  type RouteId,
} from '@parley/contracts';
import { databaseColumns, prismaColumns } from '@parley/testing';
import { workflowId } from '../test/fake-services.js';
import { type CallOptions, done, draftOf, Harness } from '../test/harness.js';

jest.setTimeout(60_000); // starts processes, on machines that are busy

const stranger = { tenantId: 'ten_other000000000000000000000' };
let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(async () => {
  await harness.stop();
});

const codeOf = async (id: RouteId, options: CallOptions) => {
  const { status, json } = await harness.call(id, options);
  return `${String(status)} ${String(json.code)}`;
};

/** A call of every route about one conversation. */
async function callsAbout(source: string): Promise<[RouteId, CallOptions][]> {
  const { conversation, draft, latest } = await harness.drafted(source);
  const { messages } = await harness.state(conversation);
  const [message] = messages;
  const [about, of] = [{ conversation }, { draft: draft.id }];
  const ifMatch = latest.hash;
  return [
    ['getConversation', { params: about }],
    ['listMessages', { params: about }],
    ['getTurn', { params: { ...about, turn: message?.turnId ?? '' } }],
    ['listMessageVersions', { params: { ...about, message: message?.id ?? '' } }],
    ['getDraft', { params: of }],
    ['listDraftRevisions', { params: of }],
    ['getDraftRevision', { params: { ...of, revision: 1 } }],
    ['diffDraft', { params: of, query: { from: '1', to: '1' } }],
    ['editMessage', { params: { ...about, message: message?.id ?? '' }, body: { text: 'b' } }],
    ['approveDraft', { params: of, ifMatch }],
    ['restoreDraft', { params: of, body: { revision: 1 } }],
    ['editDraft', { params: of, ifMatch, body: { source: 'edited' } }],
    ['startTurn', { params: about, body: { text: 'More' } }],
  ];
}

const reads = new Set<RouteId>([
  ...(['getConversation', 'listMessages', 'getTurn', 'listMessageVersions'] as const),
  ...(['getDraft', 'listDraftRevisions', 'getDraftRevision', 'diffDraft'] as const),
]);

describe('the service', () => {
  it('is ready and answers every route', async () => {
    expect((await fetch(`${harness.service.url}/readyz`)).status).toBe(200);
    for (const [id, options] of await callsAbout('booted')) {
      const { status } = await harness.call(id, options);
      expect([id, Math.floor(status / 100)]).toEqual([id, 2]);
    }
  });

  it('knows nothing of the conversations of other tenants', async () => {
    const calls = await callsAbout('private');
    for (const [id, options] of calls) {
      expect([id, await codeOf(id, { ...options, context: stranger })]).toEqual([
        id,
        '404 not-found',
      ]);
    }
    const conversation = String(calls[0]?.[1].params?.['conversation']);
    const page = await harness.page(conversation, stranger);
    await page.ended;
    expect(page.events).toEqual([]);
    const { json } = await harness.call<{ items: [] }>('listConversations', { context: stranger });
    expect(json.items).toEqual([]);
    expect((await harness.state(conversation)).messages.map(({ text }) => text)).toEqual([
      'Make one',
      'Here it is.',
    ]);
  });

  it('lets viewers look and nothing else', async () => {
    const context = { roles: ['viewer'] };
    for (const [id, options] of await callsAbout('watched')) {
      const code = await codeOf(id, { ...options, context });
      expect([id, code]).toEqual([id, reads.has(id) ? '200 undefined' : '403 forbidden']);
    }
    expect(await codeOf('createConversation', { body: {}, context })).toBe('403 forbidden');
  });

  it('says nothing without a context token', async () => {
    const response = await fetch(`${harness.service.url}/v1/conversations`);
    expect(response.status).toBe(401);
  });
});

describe('conversations', () => {
  it('are listed latest first, in pages', async () => {
    const context = { tenantId: 'ten_lists000000000000000000000' };
    const made: string[] = [];
    for (const title of ['a', 'b', 'c']) {
      const options = { body: { title }, context };
      made.unshift((await harness.call<Conversation>('createConversation', options)).json.id);
    }
    const list = (query: Record<string, string>) =>
      harness.call<{ items: Conversation[]; nextPageToken?: string }>('listConversations', {
        query,
        context,
      });
    const first = (await list({ pageSize: '2' })).json;
    expect(first.items.map(({ id }) => id)).toEqual(made.slice(0, 2));
    const rest = (await list({ pageSize: '2', pageToken: String(first.nextPageToken) })).json;
    expect(rest.items.map(({ id }) => id)).toEqual(made.slice(2));
    expect(rest.nextPageToken).toBeUndefined();
  });

  it('are opened once per key', async () => {
    const open = (title: string) =>
      harness.call<Conversation>('createConversation', { body: { title }, key: 'opened' });
    const answers = await Promise.all([open('a'), open('a'), open('a')]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    const other = await open('b');
    expect([other.status, other.json.code]).toEqual([422, 'key-reused']);
    const told = await harness.facts(conversationStarted.type);
    const id = answers[0]?.json.id;
    expect(told.filter(({ conversationId }) => conversationId === id)).toHaveLength(1);
  });

  it('go on from the version of a workflow that is in use', async () => {
    const options = { body: { workflowId }, key: 'from-workflow' };
    const { json } = await harness.call<Conversation>('createConversation', options);
    expect(json).toMatchObject({ title: 'Orders', workflowId });
    const { draft } = await harness.state(json.id);
    expect(draft).toMatchObject({
      workflowId,
      versionInUse: 3,
      approvedRevision: 1,
      latest: { number: 1, source: 'in use', timezone: 'Europe/Berlin', origin: 'workflow' },
    });
    // A repeated request is answered without asking anybody.
    harness.fakes.down.add(`/v1/workflows/${workflowId}`);
    expect((await harness.call<Conversation>('createConversation', options)).json).toEqual(json);
    harness.fakes.down.clear();
    const unknown = { body: { workflowId: 'wf_none0000000000000000000000' } };
    expect(await codeOf('createConversation', unknown)).toBe('404 not-found');
  });
});

describe('messages', () => {
  it('of a long conversation are shown from the latest, and older ones page by page', async () => {
    const conversation = await harness.conversation();
    await harness.admin.query(
      `INSERT INTO conversation.message (id, tenant_id, conversation_id, role, author_id,
         author_name, text, suggestions, created_at)
       SELECT 'msg_' || lpad(n::text, 26, '0'), tenant_id, id, 'user', 'mem_x', 'X', n, '[]', now()
       FROM conversation.conversation, generate_series(1, 450) n WHERE id = $1`,
      [conversation],
    );
    const state = await harness.state(conversation);
    expect(state.messages.map(({ text }) => Number(text))).toEqual(range(251, 450));
    const seen: number[] = [];
    for (let pageToken = state.earlierPageToken; pageToken !== undefined;) {
      const { json } = await harness.call<{ items: Message[]; nextPageToken?: string }>(
        'listMessages',
        { params: { conversation }, query: { pageToken, pageSize: '100' } },
      );
      seen.unshift(...json.items.map(({ text }) => Number(text)).reverse());
      pageToken = json.nextPageToken;
    }
    expect(seen).toEqual(range(1, 250));
  });

  it('can be edited by who said them; earlier texts are kept', async () => {
    const { conversation } = await harness.drafted();
    const [said, reply] = (await harness.state(conversation)).messages;
    const page = await harness.page(conversation);
    const put = (message: string | undefined, text: string, context?: CallOptions['context']) =>
      harness.call<Message>('editMessage', {
        params: { conversation, message: message ?? '' },
        body: { text },
        context,
      });
    const edits = await Promise.all(['second', 'third'].map((text) => put(said?.id, text)));
    expect(edits.map(({ json }) => json.version).sort()).toEqual([2, 3]);
    await page.until(({ names }) => names.filter((name) => name === 'message').length === 2);
    const versions = async (message: string | undefined) => {
      const params = { conversation, message: message ?? '' };
      const { json } = await harness.call<{ items: MessageVersion[] }>('listMessageVersions', {
        params,
      });
      return json.items.map(({ version, text }) => `${String(version)} ${text}`);
    };
    const [first, ...later] = await versions(said?.id);
    expect([first, ...later.map((text) => text.slice(2)).sort()]).toEqual([
      '1 Make one',
      'second',
      'third',
    ]);
    expect(await versions(reply?.id)).toEqual(['1 Here it is.']);

    const others = { principal: 'mem_other000000000000000000000' };
    for (const refused of [await put(reply?.id, 'x'), await put(said?.id, 'x', others)]) {
      expect([refused.status, refused.json.code]).toEqual([403, 'forbidden']);
    }
    expect((await put('msg_none', 'x')).status).toBe(404);
    page.close();
  });

  it.each([
    ['nothing', { text: '' }, '422 invalid'],
    ['too much', { text: 'x'.repeat(20_001) }, '422 invalid'],
    ['what is not known', { text: 'x', more: 1 }, '422 invalid'],
    ['what cannot be stored', { text: 'a\u0000b' }, '400 malformed'],
  ])('cannot say %s', async (_case, body, code) => {
    const conversation = await harness.conversation();
    expect(await codeOf('startTurn', { params: { conversation }, body })).toBe(code);
    expect((await harness.state(conversation)).messages).toEqual([]);
  });
});

describe('an open page', () => {
  it('has the whole state first, again after every reconnect', async () => {
    const { conversation } = await harness.drafted('shown');
    const first = await harness.page(conversation);
    await first.until(({ events }) => events.length > 0);
    harness.fakes.agent = () => [done('Second', draftOf('changed'))];
    await harness.ended((await harness.say(conversation, 'Change it')).json);
    await first.until(({ names }) => names.at(-1) === 'conversation');
    first.close();

    const second = await harness.page(conversation);
    await second.until(({ events }) => events.length > 0);
    const [state] = second.events;
    expect(state).toEqual({ event: 'state', data: await harness.state(conversation) });
    const { messages, draft } = state?.data as ConversationState;
    expect([messages.length, draft?.latest?.source]).toEqual([4, 'changed']);
    second.close();
  });

  it('is closed when the service stops', async () => {
    const page = await harness.page(await harness.conversation());
    await page.until(({ events }) => events.length > 0);
    await harness.restart();
    await page.ended;
  });
});

describe('the database', () => {
  it('has exactly the tables and columns that the Prisma schema describes', async () => {
    const except = ['outbox', 'schema_migration', 'declared_table'];
    const columns = await databaseColumns(harness.admin, 'conversation', { except });
    const schema = await readFile('apps/conversation/prisma/schema.prisma', 'utf8');
    expect(columns).toEqual(prismaColumns(schema));
  });

  it('shows nothing without a tenant, and what was said or approved cannot be rewritten', async () => {
    const { rows } = await harness.admin.query<{ table: string; forced: boolean; app: string }>(
      `SELECT relname AS table, relrowsecurity AND relforcerowsecurity AS forced,
         concat_ws(' ', CASE WHEN has_table_privilege('conversation_app', c.oid, 'UPDATE') THEN 'UPDATE' END,
           CASE WHEN has_table_privilege('conversation_app', c.oid, 'DELETE') THEN 'DELETE' END) AS app
       FROM pg_class c WHERE relnamespace = 'conversation'::regnamespace AND relkind = 'r'
         AND relname NOT IN ('outbox', 'schema_migration', 'declared_table')`,
    );
    expect(rows.filter(({ forced }) => !forced)).toEqual([]);
    const fixed = rows.filter(({ app }) => app === '').map(({ table }) => table);
    expect(fixed.sort()).toEqual(['draft_revision', 'message_version']);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
