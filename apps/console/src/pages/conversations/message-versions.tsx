import type { Message } from '@parley/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client, messageOf } from '../../api/client';
import { Time } from '../../ui/time';
import styles from './message-versions.module.css';

/** Every text that an edited message has had. */
export function MessageVersions({ message }: { message: Message }) {
  const [isOpen, setOpen] = useState(false);
  const { conversationId: conversation, id, version } = message;
  const versions = useQuery({
    queryKey: ['message-versions', id, version],
    queryFn: () => client.call('listMessageVersions', { params: { conversation, message: id } }),
    enabled: isOpen,
  });
  return (
    <details className={styles['versions']} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>edited, version {version}</summary>
      <ol>
        {versions.isError ? <li>{messageOf(versions.error)}</li> : null}
        {versions.data?.items.map((item) => (
          <li key={item.version}>
            <small>
              Version {item.version} · <Time at={item.createdAt} />
            </small>
            <p>{item.text}</p>
          </li>
        ))}
      </ol>
    </details>
  );
}
