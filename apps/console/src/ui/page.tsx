import { useEffect, type ReactNode } from 'react';
import styles from './page.module.css';

export interface PageProps {
  /** Also the title of the window. */
  readonly title: string;
  /** Stands above the title, e.g. the way back. */
  readonly above?: ReactNode;
  /** Stands beside the title. */
  readonly beside?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A page with a title and what can be done there. */
export function Page({ title, above, beside, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Parley`;
    return () => {
      document.title = 'Parley';
    };
  }, [title]);
  return (
    <div className={styles['page']}>
      <header className={styles['header']}>
        {above === undefined ? null : <div className={styles['above']}>{above}</div>}
        <div className={styles['heading']}>
          <h1>{title}</h1>
          {beside}
        </div>
        {actions === undefined ? null : <div className={styles['actions']}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
