import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import styles from './tabs.module.css';

export interface Tab<T extends string> {
  readonly id: T;
  readonly label: ReactNode;
}

export interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<T>[];
  readonly selected: T;
  readonly onSelect: (tab: T) => void;
  /** Content of the selected tab. */
  readonly children: ReactNode;
  /** Stands at the end of the row of tabs. */
  readonly aside?: ReactNode;
  readonly className?: string;
}

/** Tabs as the ARIA practices have them: arrows move, the panel is named by its tab. */
export function Tabs<T extends string>(props: TabsProps<T>) {
  const { label, tabs, selected, onSelect, children, aside, className } = props;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);

  function onKeyDown(event: KeyboardEvent) {
    const at = tabs.findIndex((tab) => tab.id === selected);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const to = (at + step + tabs.length) % tabs.length;
    const tab = tabs[to];
    if (tab !== undefined) onSelect(tab.id);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[to]?.focus();
  }

  return (
    <div className={`${styles['tabs'] ?? ''} ${className ?? ''}`}>
      <div className={styles['row']}>
        <div ref={list} role="tablist" aria-label={label} className={styles['list']}>
          {tabs.map((tab) => (
            <button
              key={tab.id}
              type="button"
              role="tab"
              id={`${id}-${tab.id}`}
              aria-controls={`${id}-panel`}
              aria-selected={tab.id === selected}
              tabIndex={tab.id === selected ? 0 : -1}
              data-testid={`tab-${tab.id}`}
              className={styles['tab']}
              onClick={() => onSelect(tab.id)}
              onKeyDown={onKeyDown}
            >
              {tab.label}
            </button>
          ))}
        </div>
        {aside}
      </div>
      <div
        id={`${id}-panel`}
        role="tabpanel"
        aria-labelledby={`${id}-${selected}`}
        className={styles['panel']}
      >
        {children}
      </div>
    </div>
  );
}
