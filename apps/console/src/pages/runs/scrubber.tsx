import type { HistoryEntry } from '@parley/contracts';
import { useId } from 'react';
import { Button } from '../../ui/button';
import { When } from '../../ui/when';
import styles from './history.module.css';

export interface ScrubberProps {
  readonly entries: readonly HistoryEntry[];
  /** Number of an entry, from 1. */
  readonly selected: number;
  readonly onSelect: (entry: number) => void;
}

/** Goes back and forth in a run; arrows, Home, End and Page keys do it too. */
export function Scrubber({ entries, selected, onSelect }: ScrubberProps) {
  const id = useId();
  const entry = entries[selected - 1];
  const { length } = entries;
  return (
    <div className={styles['scrubber']}>
      <label htmlFor={id} className={styles['where']}>
        Entry {selected} of {length}
      </label>
      <Button
        size="small"
        aria-label="Entry before"
        disabled={selected <= 1}
        onClick={() => onSelect(selected - 1)}
      >
        ‹
      </Button>
      <input
        id={id}
        type="range"
        data-testid="history-scrubber"
        min={1}
        max={length}
        value={selected}
        aria-valuetext={entry === undefined ? undefined : `${selected}: ${entry.summary}`}
        onChange={(event) => onSelect(Number(event.target.value))}
      />
      <Button
        size="small"
        aria-label="Entry after"
        disabled={selected >= length}
        onClick={() => onSelect(selected + 1)}
      >
        ›
      </Button>
      <p className={styles['then']} aria-live="polite">
        {entry === undefined ? null : (
          <>
            <When at={entry.at} /> {entry.summary}
          </>
        )}
      </p>
    </div>
  );
}
