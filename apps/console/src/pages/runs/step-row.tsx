import type { RunStep } from '@parley/contracts';
import { Link } from '@tanstack/react-router';
import { memo, useId, type CSSProperties } from 'react';
import { Elapsed } from '../../ui/elapsed';
import { StatusPill } from '../../ui/status-pill';
import { KindIcon } from './kind-icon';
import { StepDetail } from './step-detail';
import styles from './steps.module.css';

const depthShownMax = 8;

export interface StepRowProps {
  readonly runId: string;
  readonly step: RunStep;
  readonly depth: number;
  readonly pass: string | undefined;
  readonly isOpen: boolean;
  readonly isOpenRun: boolean;
  readonly onToggle: (occurrence: string) => void;
}

/** One step; the whole row is the button that opens it. */
export const StepRow = memo(function StepRow(props: StepRowProps) {
  const { runId, step, depth, pass, isOpen, isOpenRun, onToggle } = props;
  const id = useId();
  const { name, status, calls, attempts, startedAt, endedAt, undoes, undone, wait } = step;
  const indent = { '--depth': Math.min(depth, depthShownMax) } as CSSProperties;
  return (
    <li
      data-testid="step-row"
      data-step={name}
      data-status={status}
      data-occurrence={step.occurrence}
      className={styles['step']}
    >
      <button
        type="button"
        className={styles['row']}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        style={indent}
        onClick={() => onToggle(step.occurrence)}
      >
        <span className={styles['fold']} aria-hidden="true">
          {isOpen ? '▾' : '▸'}
        </span>
        <KindIcon kind={step.kind} />
        <span className={styles['name']}>
          {name}
          {pass === undefined ? null : <small>{pass}</small>}
          {undoes === undefined ? null : <small>undoes {nameIn(undoes)}</small>}
          {undone === true ? <small>undone</small> : null}
        </span>
        <span className={styles['calls']} title={calls}>
          {calls}
        </span>
        {attempts.length > 1 ? (
          <span className={styles['attempts']}>{attempts.length} attempts</span>
        ) : null}
        <span className={styles['time']}>
          {startedAt === undefined ? null : <Elapsed from={startedAt} to={endedAt} />}
        </span>
        <span className={styles['status']}>
          <StatusPill status={status} />
        </span>
      </button>
      {wait?.kind === 'worker' && wait.queue !== undefined ? (
        <p className={styles['wait']} style={indent}>
          waits for a worker of{' '}
          <Link to="/task-queues/$queue" params={{ queue: wait.queue }}>
            {wait.queue}
          </Link>
        </p>
      ) : null}
      {isOpen ? (
        <div id={id} role="region" aria-label={`Details of ${name}`} className={styles['detail']}>
          <StepDetail runId={runId} step={step} isOpenRun={isOpenRun} />
        </div>
      ) : null}
    </li>
  );
});

/** The last name of an occurrence. */
function nameIn(occurrence: string): string {
  return occurrence.slice(occurrence.lastIndexOf('/') + 1);
}
