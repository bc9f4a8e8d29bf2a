import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type DefinitionDiff,
  type Draft,
  draftApproved,
  type DraftApproved,
  draftProposed,
  type DraftRevision,
} from '@parley/contracts';
import { workflowId } from '../../test/fake-services.js';
import { done, draftOf, gate, Harness, question } from '../../test/harness.js';

jest.setTimeout(60_000); // starts processes, on machines that are busy

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(async () => {
  await harness.stop();
});

const edit = (draft: string, ifMatch: string, source: string) =>
  harness.call<Draft>('editDraft', { params: { draft }, ifMatch, body: { source } });
const restore = (draft: string, revision: number) =>
  harness.call<Draft>('restoreDraft', { params: { draft }, body: { revision } });
const approve = (draft: string, ifMatch: string) =>
  harness.call<DraftApproved>('approveDraft', { params: { draft }, ifMatch });

describe('an edit by hand', () => {
  it('is a revision by that person, told to open pages', async () => {
    const { conversation, draft, latest } = await harness.drafted();
    const page = await harness.page(conversation);
    const edited = await edit(draft.id, latest.hash, 'mine');
    expect(edited.status).toBe(201);
    expect(edited.json.latest).toMatchObject({
      number: 2,
      source: 'mine',
      origin: 'edit',
      author: { kind: 'member', name: 'Test Person' },
      summary: ['became mine'],
    });
    await page.until(({ names }) => names.includes('draft'));
    expect(await harness.draft(draft.id)).toEqual(edited.json);
    const got = await harness.call('getDraft', { params: { draft: draft.id } });
    expect(got.headers.get('etag')).toBe(`"${String(edited.json.latest?.hash)}"`);
    page.close();
  });

  it('of something that has changed since is refused and changes nothing', async () => {
    const { draft, latest } = await harness.drafted();
    const both = await Promise.all(['a', 'b'].map((text) => edit(draft.id, latest.hash, text)));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 412]);
    const stale = both.find(({ status }) => status === 412);
    expect(stale?.json.code).toBe('stale-revision');
    expect((await harness.draft(draft.id)).latest?.number).toBe(2);
    const blind = await harness.call('editDraft', {
      params: { draft: draft.id },
      body: { source: 'c' },
    });
    expect([blind.status, blind.json.code]).toEqual([428, 'precondition-required']);
  });

  it('waits for the answer of the agent, which starts from what it has seen', async () => {
    const { conversation, draft, latest } = await harness.drafted();
    const { opened, open } = gate();
    harness.fakes.agent = () => [opened, done('Changed', draftOf('second'))];
    const { json: turn } = await harness.say(conversation, 'Change it');
    for (const refused of [await edit(draft.id, latest.hash, 'x'), await restore(draft.id, 1)]) {
      expect([refused.status, refused.json.code]).toEqual([409, 'in-flight']);
    }
    open();
    await harness.ended(turn);
    expect((await harness.draft(draft.id)).latest).toMatchObject({ number: 2, source: 'second' });
  });

  it('is refused also when a turn begins at the very same moment', async () => {
    const { conversation, draft, latest } = await harness.drafted();
    const other = await harness.admin.connect();
    await other.query('BEGIN');
    await other.query('SELECT FROM conversation.conversation WHERE id = $1 FOR NO KEY UPDATE', [
      conversation,
    ]);
    await other.query(
      `INSERT INTO conversation.turn (id, tenant_id, conversation_id, status, user_message_id, answers,
         started_by_id, started_by_name, started_by_roles, created_at)
       SELECT 'trn_meanwhile', tenant_id, $1, 'running', id, '[]', 'mem_x', 'X', '{}', now()
       FROM conversation.message WHERE conversation_id = $1 LIMIT 1`,
      [conversation],
    );
    const editing = edit(draft.id, latest.hash, 'x');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await other.query('COMMIT');
    other.release();
    expect((await editing).status).toBe(409);
    await harness.admin.query(`DELETE FROM conversation.turn WHERE id = 'trn_meanwhile'`);
  });

  it('is what the next turn starts from', async () => {
    const { conversation, draft, latest } = await harness.drafted();
    await edit(draft.id, latest.hash, 'by hand');
    harness.fakes.agent = ({ draft: seen }) => [
      done('More', draftOf(`${String(seen?.source)} and more`)),
    ];
    await harness.ended((await harness.say(conversation, 'More')).json);
    expect((await harness.draft(draft.id)).latest).toMatchObject({
      number: 3,
      source: 'by hand and more',
      origin: 'turn',
    });
  });

  it('that does not compile is stored with what is wrong, and cannot be approved', async () => {
    const { draft, latest } = await harness.drafted();
    const { json } = await edit(draft.id, latest.hash, 'BROKEN');
    expect(json).toMatchObject({ approvable: false, obstacles: ['Line 2: This is broken.'] });
    expect(json.latest?.diagnostics).toMatchObject([{ code: 'PL1001', pointer: '/do/0' }]);
    const refused = await approve(draft.id, String(json.latest?.hash));
    expect([refused.status, refused.json.code]).toEqual([422, 'invalid-definition']);
    expect(refused.json.errors).toMatchObject([{ pointer: '/do/0', message: 'This is broken.' }]);
  });

  it.each([
    ['LISTEN', 'PL1060', 'Line 2: "listen" does not run. Use another step in its place'],
    [
      'CONTAINER and SHELL',
      'PL1065',
      'Line 2: "run: container" is not enabled on this installation: whoever operates it can do so with PARLEY_EXECUTORS=container. Save the draft again when it is',
    ],
    [
      'LOST',
      'PL1070',
      'Line 2: What is at https://a.example/openapi.json could not be read: It is gone.',
    ],
  ])(
    'that is valid and could not be published (%s) says so before anybody approves',
    async (source, code, why) => {
      const { draft, latest } = await harness.drafted();
      const { json } = await edit(draft.id, latest.hash, source);
      expect(json).toMatchObject({ approvable: false, obstacles: [expect.stringContaining(why)] });
      expect(json.latest?.diagnostics).toMatchObject([{ code, severity: 'warning' }]);
      const refused = await approve(draft.id, String(json.latest?.hash));
      expect([refused.status, refused.json.code]).toEqual([422, 'invalid-definition']);
      expect(refused.json.errors).toMatchObject([{ code, pointer: '/do/0' }]);
      const mended = await edit(draft.id, String(json.latest?.hash), 'DOCUMENT, SHELL');
      expect(mended.json).toMatchObject({ approvable: true, obstacles: [] });
    },
  );

  it('may choose another time zone, if there is such a one', async () => {
    const { draft, latest } = await harness.drafted();
    const choose = (timezone: string) => {
      const body = { source: 'a', timezone };
      return harness.call('editDraft', { params: { draft: draft.id }, ifMatch: latest.hash, body });
    };
    const unknown = await choose('Mars/Base');
    expect([unknown.status, unknown.json.code]).toEqual([422, 'invalid']);
    expect(unknown.json.errors).toMatchObject([{ pointer: '/timezone' }]);
    expect((await choose('Asia/Tokyo')).json).toMatchObject({ latest: { timezone: 'Asia/Tokyo' } });
  });

  it('keeps the numbers of the questions', async () => {
    const questions = [question(2, { task: 'do/askSomebody' }), question(5, { task: 'do/gone' })];
    const { draft, latest } = await harness.drafted('askSomebody, gone', questions);
    const { json } = await edit(draft.id, latest.hash, 'askSomebody');
    expect(json.latest?.questions.map(({ number }) => number)).toEqual([2]);
  });

  it('can be as long as a definition may be', async () => {
    const { draft, latest } = await harness.drafted();
    const longest = '"'.repeat(1_048_576);
    expect((await edit(draft.id, latest.hash, longest)).status).toBe(201);
    const { json } = await harness.call<Draft>('getDraft', { params: { draft: draft.id } });
    const longer = await edit(draft.id, String(json.latest?.hash), `${longest}"`);
    expect([longer.status, longer.json.code]).toEqual([422, 'invalid']);
  });
});

describe('revisions', () => {
  it('can be read, compared, paged through and made the latest again', async () => {
    const { draft, latest } = await harness.drafted('one');
    await edit(draft.id, latest.hash, 'two');
    const restored = await restore(draft.id, 1);
    expect([restored.status, restored.json.latest]).toMatchObject([
      201,
      { number: 3, source: 'one', origin: 'restore', restoredFrom: 1, hash: latest.hash },
    ]);
    const params = { draft: draft.id };
    const page = async (query: Record<string, string>) => {
      const { json } = await harness.call<{ items: DraftRevision[]; nextPageToken?: string }>(
        'listDraftRevisions',
        { params, query: { pageSize: '2', ...query } },
      );
      return { numbers: json.items.map(({ number }) => number), next: json.nextPageToken };
    };
    const first = await page({});
    const second = await page({ pageToken: String(first.next) });
    expect([first.numbers, second]).toEqual([[3, 2], { numbers: [1], next: undefined }]);
    expect(
      (await harness.call('listDraftRevisions', { params, query: { pageToken: 'x' } })).status,
    ).toBe(400);
    const older = await harness.call('getDraftRevision', { params: { ...params, revision: 2 } });
    expect(older.json).toMatchObject({ number: 2, source: 'two' });
    const diff = await harness.call<DefinitionDiff>('diffDraft', {
      params,
      query: { from: '1', to: '2' },
    });
    expect(diff.json.text).toBe('+two');
    const proposed = await harness.facts(draftProposed.type);
    expect(proposed.filter(({ draftId }) => draftId === draft.id)).toHaveLength(3);
  });

  it.each(['4', '0', 'x', '2147483648'])('number %s is not found', async (revision) => {
    const { draft } = await harness.drafted();
    const params = { draft: draft.id, revision };
    const { status, json } = await harness.call('getDraftRevision', { params });
    expect([status, json.code]).toEqual([404, 'not-found']);
    expect(json.detail).toContain(`no revision ${revision}`);
  });

  it('cannot be compared with a version in use, or made of a revision, that there is not', async () => {
    const { draft } = await harness.drafted();
    const params = { draft: draft.id };
    const query = { from: 'in-use', to: '1' };
    expect((await harness.call('diffDraft', { params, query })).json.code).toBe('not-found');
    expect((await restore(draft.id, 9)).json.code).toBe('not-found');
  });
});

describe('an approval', () => {
  it('is of exactly what was seen, once, and known to open pages', async () => {
    const { conversation, draft, latest } = await harness.drafted('approve me');
    const page = await harness.page(conversation);
    const answers = await Promise.all([1, 2].map(() => approve(draft.id, latest.hash)));
    const again = await approve(draft.id, latest.hash);
    for (const { status, json } of [...answers, again]) {
      expect([status, json]).toEqual([
        200,
        {
          draftId: draft.id,
          revision: 1,
          hash: latest.hash,
          workflowId,
          version: again.json.version,
        },
      ]);
    }
    const state = await harness.state(conversation);
    expect(state.draft).toMatchObject({
      workflowId,
      approvedRevision: 1,
      versionInUse: again.json.version,
    });
    expect(state.conversation.workflowId).toBe(workflowId);
    await page.until(({ events }) =>
      events.some(({ event, data }) => event === 'conversation' && data.workflowId === workflowId),
    );
    const told = await harness.facts(draftApproved.type);
    expect(told.filter(({ draftId }) => draftId === draft.id)).toEqual([
      expect.objectContaining({ hash: latest.hash, workflowId, revision: 1 }),
    ]);
    page.close();
  });

  it('is of the documents that were seen, too: changed ones are shown and approved anew', async () => {
    const { draft, latest } = await harness.drafted();
    const { json: named } = await edit(draft.id, latest.hash, 'names a DOCUMENT');
    harness.fakes.document = 'second';
    const refused = await approve(draft.id, String(named.latest?.hash));
    expect([refused.status, refused.json.code]).toEqual([412, 'stale-revision']);
    expect(refused.json.detail).toContain('Revision 3 shows what it is now');
    const now = await harness.draft(draft.id);
    expect(now.approvedRevision).toBeUndefined();
    expect(now.latest).toMatchObject({ number: 3, restoredFrom: 2, source: 'names a DOCUMENT' });
    expect(now.latest?.hash).not.toBe(named.latest?.hash);
    expect((await approve(draft.id, String(now.latest?.hash))).status).toBe(200);
  });

  it('of an older revision is refused', async () => {
    const { draft, latest } = await harness.drafted();
    await edit(draft.id, latest.hash, 'newer');
    const refused = await approve(draft.id, latest.hash);
    expect([refused.status, refused.json.code]).toEqual([412, 'stale-revision']);
    expect((await harness.draft(draft.id)).approvedRevision).toBeUndefined();
    const blind = await harness.call('approveDraft', { params: { draft: draft.id } });
    expect(blind.status).toBe(428);
  });

  it('is held back by a blocking question until it is answered', async () => {
    const asked = [question(1), question(2, { blocking: false })];
    const { conversation, draft, latest } = await harness.drafted('asks', asked);
    expect(draft).toMatchObject({
      approvable: false,
      obstacles: ['Question 1 is open: Question 1?'],
    });
    const held = await approve(draft.id, latest.hash);
    expect([held.status, held.json.code]).toEqual([409, 'open-questions']);
    harness.fakes.agent = ({ draft: seen, answers }) => [
      done(
        'Thanks',
        draftOf(
          'asks',
          seen?.questions.map((one) => ({
            ...one,
            answer: answers.find(({ question: number }) => number === one.number)?.value,
          })),
        ),
      ),
    ];
    const body = { text: 'Me', answers: [{ question: 1, value: 'me' }] };
    const { json: turn } = await harness.say(conversation, 'Me', { body });
    await harness.ended(turn);
    expect(await harness.draft(draft.id)).toMatchObject({ approvable: true, obstacles: [] });
    expect((await approve(draft.id, latest.hash)).status).toBe(200);
  });

  it('that broke between registering and recording is completed by repeating it', async () => {
    const { conversation, draft, latest } = await harness.drafted('registered before');
    const other = await harness.admin.connect();
    await other.query('BEGIN');
    await other.query('SELECT FROM conversation.conversation WHERE id = $1 FOR NO KEY UPDATE', [
      conversation,
    ]);
    const registeredBefore = harness.fakes.registered.length;
    const broken = approve(draft.id, latest.hash);
    while (harness.fakes.registered.length === registeredBefore) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await harness.admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND usename = 'conversation_app'`,
    );
    await other.query('ROLLBACK');
    other.release();
    expect((await broken).status).toBe(503);
    expect((await harness.draft(draft.id)).approvedRevision).toBeUndefined();
    const repeated = await approve(draft.id, latest.hash);
    expect(repeated.status).toBe(200);
    const [first, second] = harness.fakes.registered.slice(-2);
    expect(second).toEqual(first);
    expect(await harness.draft(draft.id)).toMatchObject({ approvedRevision: 1, workflowId });
  });

  it('leaves nothing behind when it cannot be registered', async () => {
    const { draft, latest } = await harness.drafted();
    harness.fakes.down.add('/internal/v1/versions');
    expect((await approve(draft.id, latest.hash)).status).toBe(503);
    harness.fakes.down.clear();
    expect((await harness.draft(draft.id)).approvedRevision).toBeUndefined();
    const told = await harness.facts(draftApproved.type);
    expect(told.filter(({ draftId }) => draftId === draft.id)).toEqual([]);
  });
});
