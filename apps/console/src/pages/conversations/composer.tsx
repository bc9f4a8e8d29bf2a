import { useRef, type KeyboardEvent } from 'react';
import { Button } from '../../ui/button';
import { readSessionValue, useSessionValue, writeSessionValue } from '../../ui/session-value';
import { TextArea } from '../../ui/text-area';
import styles from './composer.module.css';

export interface ComposerProps {
  readonly conversation: string;
  /** Why nothing can be said right now. */
  readonly blocked: string | undefined;
  /** The run that the next thing said is about. */
  readonly run?: string;
  /** Whether to begin with the focus. */
  readonly hasFocus: boolean;
  readonly onForgetRun: () => void;
  readonly onSay: (text: string) => void;
}

const storageKey = (conversation: string) => `parley.composer.${conversation}`;

/** Puts a text before what is being written; it shows when the composer is made anew. */
export function putBack(conversation: string, text: string): void {
  const written = readSessionValue<string>(storageKey(conversation));
  const both = written === undefined ? text : `${text}\n${written}`;
  writeSessionValue(storageKey(conversation), both);
}

/** Where a person writes. The text stays through reloads and away-and-back until it is sent. */
export function Composer(props: ComposerProps) {
  const { conversation, blocked, run, hasFocus, onForgetRun, onSay } = props;
  const [text = '', setText] = useSessionValue<string>(storageKey(conversation));
  const field = useRef<HTMLTextAreaElement>(null);
  const canSend = blocked === undefined && text.trim() !== '';

  function send() {
    if (!canSend) return;
    onSay(text.trim());
    setText(undefined);
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className={styles['composer']}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {run === undefined ? null : (
        <p className={styles['about']}>
          About run <code>{run}</code>
          <Button size="small" kind="quiet" onClick={onForgetRun}>
            Not about this run
          </Button>
        </p>
      )}
      <div className={styles['row']}>
        <label className="visually-hidden" htmlFor="composer">
          Message
        </label>
        <TextArea
          ref={field}
          id="composer"
          data-testid="composer"
          autoFocus={hasFocus}
          value={text}
          maxLength={20_000}
          placeholder="Describe a process, or what should change"
          aria-describedby="composer-hint"
          onChange={(event) => setText(event.target.value === '' ? undefined : event.target.value)}
          onKeyDown={onKeyDown}
        />
        <Button kind="primary" type="submit" data-testid="send" disabled={!canSend}>
          Send
        </Button>
      </div>
      <p id="composer-hint" className={styles['hint']}>
        {blocked ?? (
          <span className={styles['keys']}>Enter sends, Shift+Enter begins a new line</span>
        )}
      </p>
    </form>
  );
}
