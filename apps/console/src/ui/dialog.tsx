import { useEffect, useId, useRef, type ReactNode } from 'react';
import styles from './dialog.module.css';

export interface DialogProps {
  readonly title: string;
  /** Asked for by Escape or the cross; a press beside the dialog must not lose what was typed. */
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly testId?: string;
}

/** A modal dialog while it is rendered; focus goes back to where it was. */
export function Dialog({ title, onClose, children, testId }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    const shown = dialog.current;
    shown?.showModal();
    // Where something is asked, not on the cross that comes first.
    shown?.querySelector<HTMLElement>('input:not([type=file]), select, textarea')?.focus();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles['dialog']}
      aria-labelledby={id}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles['box']}>
        <header className={styles['header']}>
          <h2 id={id}>{title}</h2>
          <button type="button" className={styles['close']} aria-label="Close" onClick={onClose}>
            ×
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** The form of a dialog: what is asked scrolls, the buttons stay in view. */
export function DialogForm(props: {
  readonly onSubmit: () => void;
  readonly buttons: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <form
      className={styles['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      <div className={styles['body']}>{props.children}</div>
      <footer className={styles['footer']}>{props.buttons}</footer>
    </form>
  );
}
