import type { Answer, DemoLoaded, Message } from '@parley/contracts';
import { Fragment, useState } from 'react';
import { useMay, useMe } from '../../app/person';
import { Button } from '../../ui/button';
import { Notice } from '../../ui/notice';
import { useSessionValue } from '../../ui/session-value';
import styles from './chat.module.css';
import { Composer, putBack } from './composer';
import { hasArrived, openQuestions, type ConversationView } from './conversation-view';
import { DemoNotice } from './load-demo';
import { MessageView, OutgoingMessage, StreamingMessage } from './message-view';
import { saidIn, useOutbox } from './outbox';
import { QuestionCard } from './question-card';
import { useStickToBottom } from './stick-to-bottom';
import { Suggestions } from './suggestions';

export interface ChatProps {
  readonly view: ConversationView;
  readonly run?: string;
  readonly onForgetRun: () => void;
  readonly onShowRevision: (revision: number) => void;
}

/** What loading the demo did, and the message after which it was done. */
interface ShownDemo {
  readonly loaded: DemoLoaded;
  readonly after: string;
}

/** What was said, the reply as it is written, what is asked, and where to write. */
export function Chat({ view, run, onForgetRun, onShowRevision }: ChatProps) {
  const { conversation, messages, turn } = view;
  const me = useMe();
  const mayBuild = useMay('build');
  const outbox = useOutbox(conversation.id);
  const [demo, setDemo] = useSessionValue<ShownDemo>(`parley.demo.${conversation.id}`);
  const [takenBack, setTakenBack] = useState(0);
  const { scroller, content, isAtEnd, toEnd } = useStickToBottom();

  const { outgoing } = outbox;
  const shownOutgoing =
    outgoing !== undefined && !hasArrived(outgoing, messages) ? outgoing : undefined;
  const isSending = shownOutgoing !== undefined && shownOutgoing.failure === undefined;
  const isAnswering = turn?.status === 'running' || isSending;
  const isDisabled = isAnswering || !mayBuild;

  function say(text: string, answers?: Answer[]) {
    const body = {
      text,
      ...(answers === undefined ? {} : { answers }),
      ...(run === undefined ? {} : { runId: run }),
    };
    outbox.say(body, messages.at(-1)?.id ?? '');
    if (run !== undefined) onForgetRun();
    toEnd();
  }

  function answer(question: number, value: string, label: string) {
    say(`${String(question)}: ${label}`, [{ question, value }]);
  }

  /** The same words, with the answers that belonged to them if this tab said them. */
  function sayAgain() {
    const failed = messages.find(({ id }) => id === turn?.userMessageId);
    const said = turn === undefined ? undefined : saidIn(turn.id);
    const body = said ?? (failed === undefined ? undefined : { text: failed.text });
    if (body !== undefined) outbox.say(body, messages.at(-1)?.id ?? '');
    toEnd();
  }

  function onDemoLoaded(loaded: DemoLoaded) {
    setDemo({ loaded, after: messages.at(-1)?.id ?? '' });
    const last = messages.findLast(({ role }) => role === 'user');
    if (last !== undefined) say(last.text);
  }

  return (
    <section className={styles['chat']} aria-label="Chat">
      <div ref={scroller} className={styles['scroller']}>
        <div ref={content} className={styles['content']} role="log" aria-label="Messages">
          {messages.length === 0 && shownOutgoing === undefined ? (
            <Welcome hasDraft={view.draft !== undefined} />
          ) : null}
          {messages.map((message) => (
            <Fragment key={keyOf(message)}>
              <MessageView
                message={message}
                isOwn={message.role === 'user' && message.author.id === me?.member.id}
                onShowRevision={onShowRevision}
              />
              {demo?.after === message.id ? <DemoNotice loaded={demo.loaded} /> : null}
            </Fragment>
          ))}
          {shownOutgoing === undefined ? null : (
            <OutgoingMessage text={shownOutgoing.body.text}>
              {shownOutgoing.failure === undefined ? null : (
                <NotSent
                  reason={shownOutgoing.failure}
                  onSendAgain={outbox.sendAgain}
                  onTakeBack={() => {
                    putBack(conversation.id, shownOutgoing.body.text);
                    outbox.discard();
                    setTakenBack(takenBack + 1);
                  }}
                />
              )}
            </OutgoingMessage>
          )}
          <Reply view={view} isSending={isSending} onSayAgain={sayAgain} isDisabled={isDisabled} />
          {isAnswering ? null : (
            <Offers
              view={view}
              isDisabled={isDisabled}
              onSend={say}
              onAnswer={answer}
              onDemoLoaded={onDemoLoaded}
            />
          )}
        </div>
      </div>
      {isAtEnd ? null : (
        <div className={styles['latest']}>
          <Button size="small" onClick={toEnd}>
            To the latest
          </Button>
        </div>
      )}
      <Composer
        key={takenBack}
        hasFocus={takenBack > 0}
        conversation={conversation.id}
        blocked={blockedBy({ mayBuild, isAnswering, isUnsent: shownOutgoing !== undefined })}
        run={run}
        onForgetRun={onForgetRun}
        onSay={(text) => say(text)}
      />
    </section>
  );
}

/** A reply keeps its place when its text is complete, so nothing jumps. */
function keyOf(message: Message): string {
  return message.role === 'assistant' ? (message.turnId ?? message.id) : message.id;
}

function blockedBy(state: {
  mayBuild: boolean;
  isAnswering: boolean;
  isUnsent: boolean;
}): string | undefined {
  if (!state.mayBuild) return 'You may read this conversation. Builders and owners may write.';
  if (state.isAnswering) return 'Parley is answering. You can write on and send after that.';
  return state.isUnsent ? 'Your last message was not sent yet.' : undefined;
}

function Welcome({ hasDraft }: { hasDraft: boolean }) {
  return (
    <p className={styles['welcome']}>
      {hasDraft
        ? 'Say what should be different. What you do not mention stays as it is.'
        : 'Say what should happen, in your own words. You see the workflow before anything runs.'}
    </p>
  );
}

function NotSent(props: { reason: string; onSendAgain: () => void; onTakeBack: () => void }) {
  return (
    <Notice tone="bad" title="Not sent">
      <p>{props.reason}</p>
      <div className={styles['actions']}>
        <Button size="small" onClick={props.onSendAgain}>
          Send again
        </Button>
        <Button size="small" kind="quiet" onClick={props.onTakeBack}>
          Change the text
        </Button>
      </div>
    </Notice>
  );
}

interface ReplyProps {
  readonly view: ConversationView;
  readonly isSending: boolean;
  readonly isDisabled: boolean;
  readonly onSayAgain: () => void;
}

/** The reply that is being written, or why there is none. */
function Reply({ view: { turn, messages }, isSending, isDisabled, onSayAgain }: ReplyProps) {
  if (turn === undefined) return isSending ? <StreamingMessage text="" isRunning /> : null;
  const hasReply = messages.some(({ role, turnId }) => role === 'assistant' && turnId === turn.id);
  const { textSoFar = '', status, error } = turn;
  return (
    <>
      {hasReply || (status === 'failed' && textSoFar === '') ? null : (
        <StreamingMessage key={turn.id} text={textSoFar} isRunning={status === 'running'} />
      )}
      {status === 'failed' && !isSending ? (
        <Notice tone="bad" title="No answer came of this" testId="turn-failed">
          <p>{error}</p>
          <Button size="small" disabled={isDisabled} onClick={onSayAgain}>
            Try again
          </Button>
        </Notice>
      ) : null}
    </>
  );
}

interface OffersProps {
  readonly view: ConversationView;
  readonly isDisabled: boolean;
  readonly onSend: (text: string) => void;
  readonly onAnswer: (question: number, value: string, label: string) => void;
  readonly onDemoLoaded: (loaded: DemoLoaded) => void;
}

/** What may be said next by a click: open questions, and the suggestions of the last reply. */
function Offers({ view, isDisabled, onSend, onAnswer, onDemoLoaded }: OffersProps) {
  const questions = openQuestions(view.draft?.latest);
  const last = view.messages.at(-1);
  const suggestions = (last?.role === 'assistant' ? last.suggestions : []).filter(
    ({ action, question }) =>
      action !== 'answer' || !questions.some(({ number }) => number === question),
  );
  return (
    <>
      {questions.map((question) => (
        <QuestionCard
          key={`${String(view.draft?.latest?.number)}-${String(question.number)}`}
          question={question}
          isDisabled={isDisabled}
          onAnswer={(value, label) => onAnswer(question.number, value, label)}
        />
      ))}
      <Suggestions
        suggestions={suggestions}
        isDisabled={isDisabled}
        onSend={onSend}
        onAnswer={onAnswer}
        onDemoLoaded={onDemoLoaded}
      />
    </>
  );
}
