import type { RunStep, RunWait } from '@parley/contracts';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { EmptyLine, StepFilter, matches, type Filter } from './step-filter';
import { linesOf, withWorkerWaits, type StepLine } from './run-state';
import { StepRow } from './step-row';
import styles from './steps.module.css';

/** Rows come in blocks; a block far from the window is an empty box of the same height. */
const blockSize = 50;
const rowHeightPx = 41;
const renderMargin = '800px 0px';
const filterFrom = 12;

export interface StepListProps {
  readonly runId: string;
  readonly steps: ReadonlyMap<string, RunStep>;
  /** What the run waits for now. @default nothing */
  readonly waits?: readonly RunWait[];
  /** A step to open and to scroll to. */
  readonly revealed: { readonly step: string; readonly times: number } | undefined;
  /** Whether the run goes on: then its open steps can be skipped. @default false */
  readonly isOpenRun?: boolean;
  /** Whether there were steps that are not listed: the fast path. @default false */
  readonly isUnrecorded?: boolean;
}

/** The timeline: one row per step, also when there are thousands. */
export function StepList(props: StepListProps) {
  const { runId, steps, waits, revealed, isOpenRun = false, isUnrecorded = false } = props;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [filter, setFilter] = useState<Filter>({ text: '', status: '' });
  const list = useRef<HTMLOListElement>(null);
  const lines = useMemo(() => linesOf(withWorkerWaits(steps, waits ?? [])), [steps, waits]);
  const shown = useMemo(() => lines.filter((line) => matches(line, filter)), [lines, filter]);

  const [seen, setSeen] = useState(revealed);
  if (seen !== revealed) {
    setSeen(revealed);
    setFilter({ text: '', status: '' });
    if (revealed !== undefined) setOpen(new Set(open).add(revealed.step));
  }
  useEffect(() => {
    if (revealed === undefined) return;
    const row = list.current?.querySelector<HTMLElement>(
      `[data-occurrence="${CSS.escape(revealed.step)}"] button`,
    );
    row?.scrollIntoView({ block: 'center' });
    row?.focus({ preventScroll: true });
  }, [revealed]);

  const toggle = useCallback((occurrence: string) => {
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(occurrence)) next.add(occurrence);
      return next;
    });
  }, []);

  return (
    <>
      {lines.length >= filterFrom ? (
        <StepFilter filter={filter} onChange={setFilter} count={shown.length} />
      ) : null}
      {shown.length === 0 ? (
        <EmptyLine isFiltered={lines.length > 0} isUnrecorded={isUnrecorded} />
      ) : null}
      <ol ref={list} className={styles['list']}>
        {blocksOf(shown).map((block, at) => (
          <Block
            key={at}
            lines={block}
            isFirst={at === 0}
            open={open}
            runId={runId}
            isOpenRun={isOpenRun}
            onToggle={toggle}
            forced={block.some(({ step }) => step.occurrence === revealed?.step)}
          />
        ))}
      </ol>
    </>
  );
}

interface BlockProps {
  readonly lines: readonly StepLine[];
  readonly isFirst: boolean;
  readonly forced: boolean;
  readonly open: ReadonlySet<string>;
  readonly runId: string;
  readonly isOpenRun: boolean;
  readonly onToggle: (occurrence: string) => void;
}

function Block({ lines, isFirst, forced, open, runId, isOpenRun, onToggle }: BlockProps) {
  const box = useRef<HTMLLIElement>(null);
  const [isNear, setIsNear] = useState(isFirst);
  const [height, setHeight] = useState<number>();
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry === undefined) return;
        // What was open has another height than a row: the box that replaces it keeps it.
        if (!entry.isIntersecting && element.childElementCount > 0) {
          setHeight(entry.boundingClientRect.height);
        }
        setIsNear(entry.isIntersecting);
      },
      { root: element.closest('main'), rootMargin: renderMargin },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const isShown = isNear || forced;
  return (
    <li
      ref={box}
      className={styles['block']}
      style={isShown ? undefined : { height: height ?? lines.length * rowHeightPx }}
    >
      {isShown ? (
        <ol>
          {lines.map((line) => (
            <StepRow
              key={line.step.occurrence}
              runId={runId}
              step={line.step}
              depth={line.depth}
              pass={line.pass}
              isOpen={open.has(line.step.occurrence)}
              isOpenRun={isOpenRun}
              onToggle={onToggle}
            />
          ))}
        </ol>
      ) : null}
    </li>
  );
}

function blocksOf(lines: readonly StepLine[]): StepLine[][] {
  const blocks: StepLine[][] = [];
  for (let at = 0; at < lines.length; at += blockSize) blocks.push(lines.slice(at, at + blockSize));
  return blocks;
}
