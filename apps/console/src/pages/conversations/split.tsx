import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import styles from './split.module.css';

const storageKey = 'parley.split';
const percentMin = 28;
const percentMax = 72;
const percentDefault = 42;

function within(percent: number): number {
  return Math.min(percentMax, Math.max(percentMin, percent));
}

function storedPercent(): number {
  const stored = Number(localStorage.getItem(storageKey) ?? Number.NaN);
  return Number.isFinite(stored) ? within(stored) : percentDefault;
}

/** Two panes side by side; the bar between them is moved by pointer or arrow keys. */
export function Split({ left, right }: { left: ReactNode; right: ReactNode }) {
  const [percent, setPercent] = useState(storedPercent);
  const frame = useRef<HTMLDivElement>(null);

  function move(to: number) {
    setPercent(within(to));
    localStorage.setItem(storageKey, String(within(to)));
  }

  function onPointerMove(event: PointerEvent<HTMLDivElement>) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || frame.current === null) return;
    const { left: start, width } = frame.current.getBoundingClientRect();
    move(((event.clientX - start) / width) * 100);
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (step !== undefined) move(percent + step);
  }

  return (
    <div
      ref={frame}
      className={styles['split']}
      style={{
        gridTemplateColumns: `minmax(0, ${String(percent)}fr) 9px minmax(0, ${String(100 - percent)}fr)`,
      }}
    >
      {left}
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the chat"
        aria-valuenow={Math.round(percent)}
        aria-valuemin={percentMin}
        aria-valuemax={percentMax}
        tabIndex={0}
        className={styles['bar']}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
        onKeyDown={onKeyDown}
        onDoubleClick={() => move(percentDefault)}
      />
      {right}
    </div>
  );
}
