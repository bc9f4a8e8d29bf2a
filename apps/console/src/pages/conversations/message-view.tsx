import type { Message } from '@parley/contracts';
import { memo, useState, type ReactNode } from 'react';
import { Button } from '../../ui/button';
import { Prose } from '../../ui/prose';
import { Time } from '../../ui/time';
import { MessageEditor } from './message-editor';
import { MessageVersions } from './message-versions';
import styles from './message-view.module.css';

export interface MessageViewProps {
  readonly message: Message;
  /** Whether the reader wrote it. */
  readonly isOwn: boolean;
  readonly onShowRevision: (revision: number) => void;
}

/** One message of a person or an agent; it stays as it is while another one is being written. */
export const MessageView = memo(function MessageView(props: MessageViewProps) {
  const { message, isOwn, onShowRevision } = props;
  const [isEditing, setEditing] = useState(false);
  const { role, author, text, draftRevision } = message;
  return (
    <article className={styles[role]} data-testid={`message-${role}`} aria-label={author.name}>
      <header className={styles['meta']}>
        {isOwn && !isEditing ? (
          <Button
            size="small"
            kind="quiet"
            className={styles['edit']}
            onClick={() => setEditing(true)}
          >
            Edit
          </Button>
        ) : null}
        <span className={styles['author']}>{isOwn ? 'You' : author.name}</span>
        <Time at={message.createdAt} />
        {message.version > 1 ? <MessageVersions message={message} /> : null}
      </header>
      {isEditing ? (
        <MessageEditor message={message} onDone={() => setEditing(false)} />
      ) : (
        <div className={styles['body']}>
          {role === 'user' ? <p className={styles['plain']}>{text}</p> : <Prose text={text} />}
        </div>
      )}
      {draftRevision === undefined ? null : (
        <Button size="small" onClick={() => onShowRevision(draftRevision)}>
          Draft revision {draftRevision}
        </Button>
      )}
    </article>
  );
});

/** What was said and is on its way. */
export function OutgoingMessage({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <article className={styles['user']} data-testid="message-user" aria-label="You">
      <header className={styles['meta']}>
        <span className={styles['author']}>You</span>
      </header>
      <div className={styles['body']}>
        <p className={styles['plain']}>{text}</p>
      </div>
      {children}
    </article>
  );
}

/** The reply as far as it has come. It is read out once it is complete. */
export function StreamingMessage({ text, isRunning }: { text: string; isRunning: boolean }) {
  return (
    <article
      className={styles['assistant']}
      data-testid="message-assistant"
      data-streaming={isRunning}
      aria-label="Reply"
      aria-busy={isRunning}
    >
      <header className={styles['meta']}>
        <span className={styles['author']}>Parley</span>
        {isRunning ? (
          <span className={styles['working']}>
            {text === '' ? 'thinking' : 'writing'}
            <i />
            <i />
            <i />
          </span>
        ) : null}
      </header>
      <div className={styles['body']}>
        <Prose text={text} />
      </div>
    </article>
  );
}
