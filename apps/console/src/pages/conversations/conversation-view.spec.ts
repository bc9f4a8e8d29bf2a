import { describe, expect, it } from '@jest/globals';
import type { ConversationEvent, Message, Turn } from '@parley/contracts';
import { hasArrived, openQuestions, viewAfter, type ConversationView } from './conversation-view';

const createdAt = '2026-11-20T10:00:00.000Z';
const author = { kind: 'member', id: 'mem_0001', name: 'Ada' } as const;
const conversation = {
  id: 'cnv_0001',
  title: 'Orders',
  createdBy: author,
  createdAt,
  updatedAt: createdAt,
};

function message(id: string, text: string, more: Partial<Message> = {}): Message {
  const role = 'user';
  const conversationId = conversation.id;
  return {
    id,
    conversationId,
    role,
    author,
    text,
    version: 1,
    suggestions: [],
    createdAt,
    ...more,
  };
}

function turn(status: Turn['status'], more: Partial<Turn> = {}): Turn {
  const conversationId = conversation.id;
  return { id: 'trn_0001', conversationId, status, userMessageId: 'msg_0001', createdAt, ...more };
}

function after(...events: ConversationEvent[]): ConversationView | undefined {
  const state: ConversationEvent = { event: 'state', data: { conversation, messages: [] } };
  return [state, ...events].reduce<ConversationView | undefined>(viewAfter, undefined);
}

function delta(offset: number, text: string): ConversationEvent {
  return { event: 'delta', data: { turnId: 'trn_0001', offset, text } };
}

describe('viewAfter', () => {
  it('ignores everything before the first state', () => {
    expect(viewAfter(undefined, { event: 'conversation', data: conversation })).toBeUndefined();
  });

  it('replaces an edited message in its place', () => {
    const view = after(
      { event: 'message', data: message('msg_0001', 'one') },
      { event: 'message', data: message('msg_0002', 'two') },
      { event: 'message', data: message('msg_0001', 'uno', { version: 2 }) },
    );
    expect(view?.messages.map(({ text }) => text)).toEqual(['uno', 'two']);
  });

  it.each([
    ['in order', [delta(0, 'Hello'), delta(5, ' you')], 'Hello you', undefined],
    [
      'repeated',
      [delta(0, 'Hello'), delta(0, 'Hello'), delta(3, 'lo you')],
      'Hello you',
      undefined,
    ],
    ['with a hole', [delta(0, 'Hello'), delta(9, 'later')], 'Hello', true],
  ])('puts together pieces that come %s', (_how, pieces, text, hasGap) => {
    const view = after({ event: 'turn', data: turn('running') }, ...pieces);
    expect(view?.turn?.textSoFar).toBe(text);
    expect(view?.hasGap).toBe(hasGap);
  });

  it('forgets a completed turn and keeps a failed one with its text', () => {
    const running: ConversationEvent = { event: 'turn', data: turn('running') };
    expect(after(running, { event: 'turn', data: turn('completed') })?.turn).toBeUndefined();
    const failed = after(running, delta(0, 'Half'), {
      event: 'turn',
      data: turn('failed', { error: 'The agent is not reachable.' }),
    });
    expect(failed?.turn).toMatchObject({ status: 'failed', textSoFar: 'Half' });
  });

  it('does not let a late answer replace a newer revision of the draft', () => {
    const draft = (number: number) => ({
      id: 'drf_0001',
      conversationId: conversation.id,
      approvable: true,
      obstacles: [],
      latest: {
        draftId: 'drf_0001',
        number,
        hash: String(number),
        author,
        origin: 'turn' as const,
        source: '',
        timezone: 'UTC',
        trigger: '',
        questions: [],
        diagnostics: [],
        sideEffects: [],
        summary: [],
        createdAt,
      },
    });
    const view = after({ event: 'draft', data: draft(3) }, { event: 'draft', data: draft(2) });
    expect(view?.draft?.latest?.number).toBe(3);
  });
});

describe('openQuestions', () => {
  it('gives those without an answer, blocking ones first', () => {
    const question = (number: number, blocking: boolean, answer?: string) => ({
      number,
      text: '?',
      blocking,
      options: [],
      answer,
    });
    const questions = [question(1, false), question(2, true, 'yes'), question(3, true)];
    const open = openQuestions({ questions } as never);
    expect(open.map(({ number }) => number)).toEqual([3, 1]);
  });
});

describe('hasArrived', () => {
  const said = { after: 'msg_0001', body: { text: 'yes' } };

  it.each([
    ['its id', { ...said, messageId: 'msg_0002' }, message('msg_0002', 'edited since'), true],
    ['a later equal text', said, message('msg_0002', 'yes'), true],
    ['an equal text from before', said, message('msg_0001', 'yes'), false],
    ['an equal reply', said, message('msg_0002', 'yes', { role: 'assistant' }), false],
    ['another text', said, message('msg_0002', 'no'), false],
  ])('looks at %s', (_what, outgoing, shown, expected) => {
    expect(hasArrived(outgoing, [shown])).toBe(expected);
  });
});
