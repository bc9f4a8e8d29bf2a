import type { HistoryEntry } from '@parley/contracts';
import { memo, useEffect, useRef } from 'react';
import { When } from '../../ui/when';
import styles from './history.module.css';

export interface EntryListProps {
  readonly entries: readonly HistoryEntry[];
  readonly selected: number;
  readonly onSelect: (entry: number) => void;
}

/** Every entry as one line; the browser draws only those that are near. */
export function EntryList({ entries, selected, onSelect }: EntryListProps) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    // Within the list alone: the page itself stays where it is.
    const box = list.current;
    const line = box?.querySelector<HTMLElement>('[aria-current="true"]');
    if (box === null || line === null || line === undefined) return;
    const top = line.offsetTop - box.offsetTop;
    if (top < box.scrollTop) box.scrollTop = top;
    const bottom = top + line.offsetHeight;
    if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  }, [selected, entries]);
  return (
    <ol ref={list} className={styles['list']}>
      {entries.map((entry) => (
        <EntryLine
          key={entry.entry}
          entry={entry}
          isSelected={entry.entry === selected}
          onSelect={onSelect}
        />
      ))}
    </ol>
  );
}

interface EntryLineProps {
  readonly entry: HistoryEntry;
  readonly isSelected: boolean;
  readonly onSelect: (entry: number) => void;
}

const EntryLine = memo(
  function EntryLine({ entry, isSelected, onSelect }: EntryLineProps) {
    return (
      <li className={styles['line']}>
        <button
          type="button"
          data-testid="history-entry"
          data-entry={entry.entry}
          data-kind={entry.kind}
          aria-current={isSelected}
          onClick={() => onSelect(entry.entry)}
        >
          <span className={styles['number']}>{entry.entry}</span>
          <span className={styles['summary']}>{entry.summary}</span>
          <span className={styles['time']}>
            <When at={entry.at} />
          </span>
        </button>
      </li>
    );
  },
  // What selecting does depends on the address alone, not on when the line was drawn.
  (before, now) => before.entry === now.entry && before.isSelected === now.isSelected,
);
