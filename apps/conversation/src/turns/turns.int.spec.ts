import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { messageReceived, type Turn } from '@parley/contracts';
import { cut, runId } from '../../test/fake-services.js';
import { done, draftOf, gate, Harness } from '../../test/harness.js';

jest.setTimeout(60_000); // starts processes, on machines that are busy

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(async () => {
  await harness.stop();
});
beforeEach(() => {
  harness.fakes.agent = () => ['Yes', '.', done('Yes.')];
});

const textsOf = async (conversation: string) =>
  (await harness.state(conversation)).messages.map(({ text }) => text);

describe('a turn', () => {
  it('streams its text by offsets, after the state, and ends with the reply', async () => {
    const conversation = await harness.conversation();
    const page = await harness.page(conversation);
    const { opened, open } = gate();
    harness.fakes.agent = () => ['One ', opened, 'two', done('One two', draftOf('a'))];
    const said = await harness.say(conversation, 'Count to two. Please');
    expect([said.status, said.json.status]).toEqual([202, 'running']);
    await page.until(({ text }) => text === 'One ');
    open();
    await page.until(({ names }) => names.filter((name) => name === 'turn').length === 2);
    await page.until(({ names }) => names.at(-1) === 'conversation');
    expect(page.names).toEqual([
      ...['state', 'message', 'conversation', 'turn', 'delta', 'delta'],
      ...['draft', 'message', 'turn', 'conversation'],
    ]);
    expect(page.text).toBe('One two');
    const { conversation: shown, messages, turn } = await harness.state(conversation);
    expect(shown.title).toBe('Count to two.');
    expect(messages).toMatchObject([
      { role: 'user', text: 'Count to two. Please', turnId: said.json.id },
      { role: 'assistant', text: 'One two', draftRevision: 1, turnId: said.json.id },
    ]);
    expect(turn).toBeUndefined();
    page.close();
  });

  it('is shown with its text so far to whoever comes in the middle', async () => {
    const conversation = await harness.conversation();
    const first = await harness.page(conversation);
    const { opened, open } = gate();
    harness.fakes.agent = () => ['Half ', opened, 'and half', done('Half and half')];
    const { json: turn } = await harness.say(conversation, 'Speak');
    await first.until(({ text }) => text === 'Half ');

    const second = await harness.page(conversation);
    await second.until(({ events }) => events.length > 0);
    expect(second.text).toBe('Half ');
    const reloaded = await harness.state(conversation);
    expect(reloaded.turn).toMatchObject({ status: 'running', textSoFar: 'Half ' });
    const params = { conversation, turn: turn.id };
    expect((await harness.call('getTurn', { params })).json).toMatchObject({ textSoFar: 'Half ' });

    open();
    for (const page of [first, second]) await page.until(({ text }) => text === 'Half and half');
    for (const page of [first, second]) page.close();
  });

  it('is the only one of its conversation', async () => {
    const conversation = await harness.conversation();
    const { opened, open } = gate();
    harness.fakes.agent = () => [opened, done('Done')];
    // A machine that is busy may say 503 first, which is another matter: nothing was begun.
    const sayUntilHeard = async (text: string) => {
      for (;;) {
        const answer = await harness.say(conversation, text);
        if (answer.status !== 503) return answer;
      }
    };
    const answers = await Promise.all(['a', 'b', 'c'].map(sayUntilHeard));
    const refused = answers.filter(({ status }) => status === 409);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
    expect(refused[0]?.json).toMatchObject({ code: 'in-flight', retryable: true });
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    open();
    const begun = answers.find(({ status }) => status === 202);
    await harness.ended(begun?.json as Turn);
    // What was refused has left nothing behind.
    expect(await textsOf(conversation)).toHaveLength(2);
  });

  it('that fails keeps what was said, tells why, and lets the next one begin', async () => {
    const conversation = await harness.conversation();
    const page = await harness.page(conversation);
    harness.fakes.agent = () => [
      'Well',
      { event: 'failed', code: 'not-available', detail: 'The model refused. Choose another.' },
    ];
    const failed = await harness.ended((await harness.say(conversation, 'Try')).json);
    expect(failed).toMatchObject({ status: 'failed', error: 'The model refused. Choose another.' });
    await page.until(({ names }) => names.filter((name) => name === 'turn').length === 2);
    const state = await harness.state(conversation);
    expect(state.turn).toEqual(failed);
    expect(state.messages.map(({ text }) => text)).toEqual(['Try']);

    harness.fakes.agent = () => [done('Now it works')];
    await harness.ended((await harness.say(conversation, 'Again')).json);
    expect(await textsOf(conversation)).toEqual(['Try', 'Again', 'Now it works']);
    page.close();
  });

  it.each([
    ['ends without an answer', ['Hm'] as const, 'ended without an answer'],
    ['says more than fits', ['x'.repeat(100_001), done('x')] as const, 'too long'],
    [
      'breaks',
      [{ event: 'failed', code: 'internal', detail: 'Something broke in it.' }] as const,
      'Something broke in it.',
    ],
  ])('fails when the agent %s', async (_case, steps, told) => {
    const conversation = await harness.conversation();
    harness.fakes.agent = () => [...steps];
    const turn = await harness.ended((await harness.say(conversation, 'Try')).json);
    expect(turn).toMatchObject({ status: 'failed', error: expect.stringContaining(told) });
  });

  it('is asked again when the agent is lost, and no text is shown twice', async () => {
    const conversation = await harness.conversation();
    const page = await harness.page(conversation);
    harness.fakes.agent = (_turn, asked) =>
      asked === 1
        ? ['One ', new Promise((resolve) => setTimeout(resolve, 50)), cut]
        : ['One ', 'two', done('One two')];
    const { json: turn } = await harness.say(conversation, 'Count');
    expect((await harness.ended(turn)).status).toBe('completed');
    await page.until(({ text }) => text === 'One two');
    expect(await textsOf(conversation)).toEqual(['Count', 'One two']);
    expect(harness.fakes.turnsAsked.filter(({ turnId }) => turnId === turn.id)).toHaveLength(2);
    page.close();
  });

  it('waits for what is needed to store its answer', async () => {
    const conversation = await harness.conversation();
    harness.fakes.agent = () => [done('Here', draftOf('a'))];
    harness.fakes.down.add('/v1/dsl/compile');
    const { json: turn } = await harness.say(conversation, 'Make one');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await harness.state(conversation)).turn).toMatchObject({ status: 'running' });
    harness.fakes.down.clear();
    expect((await harness.ended(turn)).status).toBe('completed');
    expect(await textsOf(conversation)).toEqual(['Make one', 'Here']);
  });

  it('is told to the agent with history, draft, answers and the run that it is about', async () => {
    const { conversation } = await harness.drafted('source');
    const body = { text: 'Why?', answers: [{ question: 1, value: 'x' }], runId };
    const params = { conversation };
    const { json: turn } = await harness.call<Turn>('startTurn', { params, body });
    await harness.ended(turn);
    expect(harness.fakes.turnsAsked.at(-1)).toMatchObject({
      turnId: turn.id,
      text: 'Why?',
      answers: body.answers,
      history: [
        { role: 'user', text: 'Make one' },
        { role: 'assistant', text: 'Here it is.' },
      ],
      draft: { source: 'source', timezone: 'UTC' },
      run: { id: runId, status: 'failed', failedStep: 'do/a' },
    });
  });

  it('fails when there is no such run', async () => {
    const conversation = await harness.conversation();
    const body = { text: 'Why?', runId: 'run_none0000000000000000000000' };
    const params = { conversation };
    const { json } = await harness.call<Turn>('startTurn', { params, body });
    expect(await harness.ended(json)).toMatchObject({ status: 'failed' });
  });
});

describe('a repeated request', () => {
  it('gives the turn that it has begun, also while it runs and after it has ended', async () => {
    const conversation = await harness.conversation();
    const { opened, open } = gate();
    harness.fakes.agent = () => [opened, done('Done')];
    const key = 'once';
    const answers = await Promise.all(
      [1, 2, 3].map(() => harness.say(conversation, 'Do it', { key })),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    open();
    const ended = await harness.ended(answers[0]?.json as Turn);
    const later = await harness.say(conversation, 'Do it', { key });
    expect([later.status, later.json]).toEqual([202, ended]);
    expect(await textsOf(conversation)).toEqual(['Do it', 'Done']);
    const told = await harness.facts(messageReceived.type);
    expect(told.filter(({ conversationId }) => conversationId === conversation)).toHaveLength(1);
  });

  it('with another text is refused', async () => {
    const conversation = await harness.conversation();
    await harness.ended((await harness.say(conversation, 'a', { key: 'k' })).json);
    const other = await harness.say(conversation, 'b', { key: 'k' });
    expect([other.status, other.json.code]).toEqual([422, 'key-reused']);
    expect(other.json.detail).toContain('use a new one');
  });
});

describe('a restart in the middle of a turn', () => {
  it('goes on under the same id and replies once', async () => {
    const conversation = await harness.conversation();
    const page = await harness.page(conversation);
    harness.fakes.agent = (_turn, asked) =>
      asked === 1
        ? ['Half ', gate().opened]
        : ['Half ', 'and half', done('Half and half', draftOf('a'))];
    const { json: turn } = await harness.say(conversation, 'Speak');
    await page.until(({ text }) => text === 'Half ');
    await harness.restart();
    await page.ended;
    expect(await harness.ended(turn)).toMatchObject({ id: turn.id, status: 'completed' });
    expect(await textsOf(conversation)).toEqual(['Speak', 'Half and half']);
    const asked = harness.fakes.turnsAsked.filter(({ turnId }) => turnId === turn.id);
    expect(asked).toHaveLength(2);
  });

  it('replies once, also when the process before it is still at it', async () => {
    const conversation = await harness.conversation();
    const { opened, open } = gate();
    harness.fakes.agent = () => [opened, done('Done', draftOf('a'))];
    const { json: turn } = await harness.say(conversation, 'Do it');
    const second = await harness.another();
    const asked = () => harness.fakes.turnsAsked.filter(({ turnId }) => turnId === turn.id);
    while (asked().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    open();
    await harness.ended(turn);
    await second.close();
    expect(asked()).toHaveLength(2);
    expect(await textsOf(conversation)).toEqual(['Do it', 'Done']);
    expect((await harness.state(conversation)).draft?.latest?.number).toBe(1);
  });

  it('is bridged when it is the database that restarts', async () => {
    const conversation = await harness.conversation();
    const { opened, open } = gate();
    harness.fakes.agent = () => [opened, done('Done', draftOf('a'))];
    const { json: turn } = await harness.say(conversation, 'Do it');
    await harness.admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND usename LIKE 'conversation%'`,
    );
    open();
    expect((await harness.ended(turn)).status).toBe('completed');
    expect(await textsOf(conversation)).toEqual(['Do it', 'Done']);
  });
});
