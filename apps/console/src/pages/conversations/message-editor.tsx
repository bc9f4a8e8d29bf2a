import type { Message } from '@parley/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { client, messageOf } from '../../api/client';
import { Button } from '../../ui/button';
import { Notice } from '../../ui/notice';
import { TextArea } from '../../ui/text-area';
import styles from './message-editor.module.css';

/** Changes the text of one's own message; what it said before stays readable. */
export function MessageEditor({ message, onDone }: { message: Message; onDone: () => void }) {
  const [text, setText] = useState(message.text);
  const save = useMutation({
    mutationFn: () =>
      client.call('editMessage', {
        params: { conversation: message.conversationId, message: message.id },
        body: { text: text.trim() },
      }),
    onSuccess: onDone,
  });
  const canSave = text.trim() !== '' && text.trim() !== message.text;
  return (
    <form
      className={styles['form']}
      onSubmit={(event) => {
        event.preventDefault();
        if (canSave) save.mutate();
      }}
    >
      <TextArea
        autoFocus
        aria-label="Text of the message"
        value={text}
        maxLength={20_000}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onDone();
        }}
      />
      {save.isError ? <Notice tone="bad">{messageOf(save.error)}</Notice> : null}
      <div className={styles['actions']}>
        <small>The earlier text stays readable. The draft does not change by this.</small>
        <Button size="small" onClick={onDone}>
          Cancel
        </Button>
        <Button size="small" kind="primary" type="submit" disabled={!canSave} busy={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
