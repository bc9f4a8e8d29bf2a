import { useRef, type KeyboardEvent } from 'react';
import { Button } from '../../ui/button';
import { useSessionValue } from '../../ui/session-value';
import { TextArea } from '../../ui/text-area';
import styles from './composer.module.css';

export interface ComposerProps {
  readonly conversation: string;
  /** Why nothing can be said right now. */
  readonly blocked: string | undefined;
  /** The run that the next thing said is about. */
  readonly run?: string;
  readonly onForgetRun: () => void;
  readonly onSay: (text: string) => void;
}

/** Where a person writes. The text stays through reloads and away-and-back until it is sent. */
export function Composer({ conversation, blocked, run, onForgetRun, onSay }: ComposerProps) {
  const [text = '', setText] = useSessionValue<string>(`parley.composer.${conversation}`);
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
