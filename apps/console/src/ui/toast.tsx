import { createContext, use, useCallback, useRef, useState, type ReactNode } from 'react';
import { messageOf } from '../api/client';
import styles from './toast.module.css';

const shownMs = 8_000;

interface Toast {
  readonly id: number;
  readonly kind: 'ok' | 'bad';
  readonly text: string;
}

interface Toasts {
  success(text: string): void;
  /** Shows the cause and the cure of a failed call. */
  failure(error: unknown): void;
}

const ToastContext = createContext<Toasts | undefined>(undefined);

export function useToasts(): Toasts {
  const toasts = use(ToastContext);
  if (toasts === undefined) throw new Error('useToasts is used outside of ToastProvider');
  return toasts;
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const nextId = useRef(0);
  const close = useCallback((id: number) => {
    setToasts((shown) => shown.filter((toast) => toast.id !== id));
  }, []);
  const show = useCallback(
    (kind: Toast['kind'], text: string) => {
      const id = nextId.current++;
      setToasts((shown) => [...shown.slice(-3), { id, kind, text }]);
      setTimeout(() => close(id), shownMs);
    },
    [close],
  );
  const [api] = useState<Toasts>(() => ({
    success: (text) => show('ok', text),
    failure: (error) => show('bad', messageOf(error)),
  }));
  return (
    <ToastContext value={api}>
      {children}
      <div className={styles['stack']} role="status" aria-live="polite">
        {toasts.map(({ id, kind, text }) => (
          <div key={id} className={`${styles['toast'] ?? ''} ${styles[kind] ?? ''}`}>
            <span>{text}</span>
            <button type="button" aria-label="Close" onClick={() => close(id)}>
              ×
            </button>
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
