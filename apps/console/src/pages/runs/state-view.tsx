import type { RunStateAt, RunStep } from '@parley/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { client } from '../../api/client';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { StatusPill } from '../../ui/status-pill';
import { EntryDetail } from './entry-detail';
import { StepList } from './step-list';
import { UnrecordedNote } from './unrecorded-note';
import styles from './history.module.css';

/** A scrubber that is dragged passes many entries; only where it rests is asked for. */
const restMs = 120;

/** The run as it was right after an entry. */
export function StateView({ runId, entry }: { runId: string; entry: number }) {
  const at = useRested(entry);
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['run-state', runId, at],
    queryFn: () => client.call('getRunState', { params: { run: runId }, query: { at } }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  if (error !== null) return <Problem error={error} />;
  if (data === undefined) return <Spinner label="Looking at that time" />;
  return <Then state={data} isOld={isPlaceholderData || data.entry.entry !== entry} />;
}

function Then({ state, isOld }: { state: RunStateAt; isOld: boolean }) {
  const { runId, run, entry } = state;
  const steps = useMemo(
    () => new Map(state.steps.map((step) => [step.occurrence, asOf(step, entry.at)])),
    [state.steps, entry.at],
  );
  return (
    <section
      aria-labelledby="then"
      aria-busy={isOld}
      data-testid="history-state"
      data-entry={entry.entry}
      className={styles['state']}
    >
      <h2 id="then">
        Then{' '}
        <span data-testid="history-status" data-status={run.status}>
          <StatusPill status={run.status} />
        </span>
      </h2>
      <EntryDetail runId={runId} entry={entry} />
      <h3>
        Steps <small>{steps.size}</small>
      </h3>
      <UnrecordedNote count={state.unrecorded} />
      <StepList
        runId={runId}
        steps={steps}
        revealed={undefined}
        isUnrecorded={state.unrecorded !== undefined}
      />
    </section>
  );
}

/** What went on then goes on no more: its time counts up to that moment. */
function asOf(step: RunStep, at: string): RunStep {
  const { wait: _wait, ...rest } = step;
  const attempts = step.attempts.map((attempt) => ({ ...attempt, endedAt: attempt.endedAt ?? at }));
  return { ...rest, endedAt: step.endedAt ?? at, attempts };
}

/** The value once it has not changed for a moment; the first one at once. */
function useRested(value: number): number {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), restMs);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
