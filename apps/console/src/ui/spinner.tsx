import styles from './spinner.module.css';

/** Something is under way; the label is read out and shown. */
export function Spinner({ label }: { label: string }) {
  return (
    <span className={styles['row']} role="status">
      <span className={styles['ring']} aria-hidden="true" />
      {label}
    </span>
  );
}
