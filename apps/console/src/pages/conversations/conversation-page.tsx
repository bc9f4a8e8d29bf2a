import { Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { messageOf } from '../../api/client';
import { conversationRoute } from '../../app/router';
import { DraftPanel } from '../../draft/draft-panel';
import { EmptyState } from '../../ui/empty-state';
import { useIsWide } from '../../ui/media';
import { Spinner } from '../../ui/spinner';
import { Tabs } from '../../ui/tabs';
import { Chat } from './chat';
import styles from './conversation-page.module.css';
import { openQuestions, type ConversationView } from './conversation-view';
import { Split } from './split';
import { useConversation } from './use-conversation';

type Pane = 'chat' | 'draft';

/** A conversation and the draft that comes of it. */
export function ConversationPage() {
  const { conversation: id } = conversationRoute.useParams();
  const { view, refused, showDraft } = useConversation(id);
  if (refused !== undefined) {
    return (
      <EmptyState title="This conversation cannot be shown">
        <p>{messageOf(refused)}</p>
        <Link to="/conversations">All conversations</Link>
      </EmptyState>
    );
  }
  if (view === undefined) {
    return (
      <EmptyState title="">
        <Spinner label="Opening the conversation" />
      </EmptyState>
    );
  }
  return <OpenConversation key={id} view={view} showDraft={showDraft} />;
}

interface OpenConversationProps {
  readonly view: ConversationView;
  readonly showDraft: ReturnType<typeof useConversation>['showDraft'];
}

function OpenConversation({ view, showDraft }: OpenConversationProps) {
  const { run } = conversationRoute.useSearch();
  const navigate = useNavigate();
  const isWide = useIsWide();
  const [pane, setPane] = useState<Pane>('chat');
  const [revision, setRevision] = useState<number>();
  const { conversation, draft, turn } = view;

  const forgetRun = useCallback(() => {
    void navigate({
      to: '/conversations/$conversation',
      params: { conversation: conversation.id },
      search: {},
      replace: true,
    });
  }, [navigate, conversation.id]);

  const latest = draft?.latest?.number;
  const showRevision = useCallback(
    (number: number) => {
      // The latest is followed, not held: the next revision takes its place.
      setRevision(number === latest ? undefined : number);
      setPane('draft');
    },
    [latest],
  );

  const chat = <Chat view={view} run={run} onForgetRun={forgetRun} onShowRevision={showRevision} />;
  const panel = (
    <DraftPanel
      draft={draft}
      isAnswering={turn?.status === 'running'}
      shownRevision={revision}
      onShowRevision={setRevision}
      onChanged={showDraft}
      onAnswer={() => setPane('chat')}
    />
  );
  return (
    <div className={styles['page']}>
      <header className={styles['header']}>
        <Link to="/conversations" className={styles['back']} aria-label="All conversations">
          ‹
        </Link>
        <h1>{conversation.title === '' ? 'New conversation' : conversation.title}</h1>
        {conversation.workflowId === undefined ? null : (
          <Link to="/workflows/$workflow" params={{ workflow: conversation.workflowId }}>
            Workflow
          </Link>
        )}
      </header>
      {isWide ? (
        <Split left={chat} right={panel} />
      ) : (
        <Tabs
          className={styles['panes']}
          label="Chat or draft"
          tabs={[
            { id: 'chat', label: 'Chat' },
            { id: 'draft', label: <DraftLabel view={view} /> },
          ]}
          selected={pane}
          onSelect={setPane}
        >
          {pane === 'chat' ? chat : panel}
        </Tabs>
      )}
    </div>
  );
}

function DraftLabel({ view: { draft } }: { view: ConversationView }) {
  const latest = draft?.latest;
  if (latest === undefined) return <>Draft</>;
  const blocking = openQuestions(latest).filter((question) => question.blocking).length;
  return (
    <>
      Draft {latest.number}
      {blocking === 0 ? null : (
        <span className={styles['open']}>
          {blocking} open<span className="visually-hidden"> questions</span>
        </span>
      )}
    </>
  );
}
