import type { ReactNode } from 'react';
import styles from './notice.module.css';

export interface NoticeProps {
  readonly tone: 'info' | 'ok' | 'warn' | 'bad';
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly testId?: string;
}

/** Something to know before going on. Failures are announced at once. */
export function Notice({ tone, title, children, testId }: NoticeProps) {
  return (
    <div
      className={`${styles['notice'] ?? ''} ${styles[tone] ?? ''}`}
      role={tone === 'bad' ? 'alert' : 'status'}
      data-testid={testId}
    >
      {title === undefined ? null : <strong>{title}</strong>}
      {children}
    </div>
  );
}
