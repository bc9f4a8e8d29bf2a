import type { StepLine } from './run-state';
import styles from './steps.module.css';

export interface Filter {
  readonly text: string;
  /** Empty: any. */
  readonly status: string;
}

const statuses = ['failed', 'running', 'waiting', 'retrying', 'completed', 'skipped', 'cancelled'];

export function matches({ step }: StepLine, { text, status }: Filter): boolean {
  if (status !== '' && step.status !== status) return false;
  if (text === '') return true;
  const wanted = text.toLowerCase();
  return `${step.name} ${step.calls ?? ''}`.toLowerCase().includes(wanted);
}

/** Narrows a long timeline. */
export function StepFilter(props: {
  readonly filter: Filter;
  readonly count: number;
  readonly onChange: (filter: Filter) => void;
}) {
  const { filter, count, onChange } = props;
  return (
    <div className={styles['filter']} role="search">
      <input
        type="search"
        aria-label="Find steps"
        placeholder="Find by name or call"
        value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.target.value })}
      />
      <select
        aria-label="Status of steps"
        value={filter.status}
        onChange={(event) => onChange({ ...filter, status: event.target.value })}
      >
        <option value="">Any status</option>
        {statuses.map((status) => (
          <option key={status}>{status}</option>
        ))}
      </select>
      <span className="visually-hidden" role="status">
        {filter.text === '' && filter.status === '' ? null : `${String(count)} steps shown`}
      </span>
    </div>
  );
}

export function EmptyLine(props: { isFiltered: boolean; isUnrecorded: boolean }) {
  const { isFiltered, isUnrecorded } = props;
  const none = isUnrecorded ? 'No step was recorded by itself.' : 'No step has begun yet.';
  return <p className={styles['none']}>{isFiltered ? 'No step is like that.' : none}</p>;
}
