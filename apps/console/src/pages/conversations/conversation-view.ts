import type {
  ConversationEvent,
  ConversationState,
  Draft,
  DraftRevision,
  Message,
  Question,
} from '@parley/contracts';

/** What the page shows of a conversation: the last state and everything that came after it. */
export interface ConversationView extends ConversationState {
  /** A piece of the reply is missing; connecting again brings all of it. */
  readonly hasGap?: boolean;
}

/** The view after an event; the first event of a connection is always `state`. */
export function viewAfter(
  view: ConversationView | undefined,
  event: ConversationEvent,
): ConversationView | undefined {
  if (event.event === 'state') return event.data;
  if (view === undefined) return undefined;
  switch (event.event) {
    case 'conversation':
      return { ...view, conversation: event.data };
    case 'message':
      return { ...view, messages: withMessage(view.messages, event.data) };
    case 'draft':
      return { ...view, draft: newerDraft(view.draft, event.data) };
    case 'turn':
      return withTurn(view, event.data);
    case 'delta':
      return withDelta(view, event.data);
  }
}

function withMessage(messages: readonly Message[], message: Message): Message[] {
  const at = messages.findIndex(({ id }) => id === message.id);
  if (at < 0) return [...messages, message];
  return messages.with(at, message);
}

/** The answer to one's own request may come after a later event. */
function newerDraft(shown: Draft | undefined, draft: Draft): Draft {
  const isOlder = (draft.latest?.number ?? 0) < (shown?.latest?.number ?? 0);
  return isOlder && shown !== undefined ? shown : draft;
}

function withTurn(
  view: ConversationView,
  turn: NonNullable<ConversationView['turn']>,
): ConversationView {
  if (turn.status === 'completed') {
    return view.turn?.id === turn.id ? { ...view, turn: undefined } : view;
  }
  const textSoFar = turn.textSoFar ?? (view.turn?.id === turn.id ? view.turn.textSoFar : undefined);
  return { ...view, turn: { ...turn, textSoFar } };
}

function withDelta(
  view: ConversationView,
  delta: { turnId: string; offset: number; text: string },
): ConversationView {
  if (view.turn?.id !== delta.turnId) return view;
  const known = view.turn.textSoFar ?? '';
  if (delta.offset > known.length) return { ...view, hasGap: true };
  const fresh = delta.text.slice(known.length - delta.offset);
  return { ...view, turn: { ...view.turn, textSoFar: known + fresh } };
}

/** Questions that wait for an answer, the blocking ones first. */
export function openQuestions(revision: DraftRevision | undefined): Question[] {
  const open = (revision?.questions ?? []).filter(({ answer }) => answer === undefined);
  return open.sort((a, b) => Number(b.blocking) - Number(a.blocking) || a.number - b.number);
}

/** Whether the conversation shows what was said by itself, under its id or as a new equal text. */
export function hasArrived(
  said: { readonly after: string; readonly body: { text: string }; readonly messageId?: string },
  messages: readonly Pick<Message, 'id' | 'role' | 'text'>[],
): boolean {
  return messages.some(
    ({ id, role, text }) =>
      id === said.messageId || (role === 'user' && id > said.after && text === said.body.text),
  );
}
