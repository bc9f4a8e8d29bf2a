import styles from './status-pill.module.css';

const tones: Record<string, string> = {
  completed: 'ok',
  approved: 'ok',
  ok: 'ok',
  ready: 'ok',
  configured: 'ok',
  running: 'info',
  pending: 'info',
  'not ready': 'warn',
  missing: 'warn',
  retrying: 'warn',
  waiting: 'warn',
  suspended: 'warn',
  compensating: 'warn',
  failed: 'bad',
  stalled: 'bad',
  'compensation-failed': 'bad',
  rejected: 'bad',
  cancelled: 'muted',
  terminated: 'muted',
  skipped: 'muted',
};

/** A status in one word, told by colour and by the word itself. */
export function StatusPill({ status }: { status: string }) {
  return (
    <span
      className={`${styles['pill'] ?? ''} ${styles[tones[status] ?? 'muted'] ?? ''}`}
      data-status={status}
    >
      {status}
    </span>
  );
}
