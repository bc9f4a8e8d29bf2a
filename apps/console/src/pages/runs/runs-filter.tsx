import { RunStatus } from '@parley/contracts';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { runsRoute, type RunsSearch } from '../../app/router';
import { useWorkflowChoices } from '../../app/workflow-titles';
import { localText } from '../../ui/local-text';
import styles from './runs-page.module.css';

const statuses: readonly RunStatus[] = [
  'running',
  'waiting',
  'suspended',
  'compensating',
  'failed',
  'compensation-failed',
  'completed',
  'cancelled',
  'terminated',
  'pending',
];
const firstYear = 1970;

/** What the list is narrowed to; it stands in the address. */
export function RunsFilter() {
  const search = runsRoute.useSearch();
  const { workflow, status, stalled, tag, attribute, from, before } = search;
  const navigate = useNavigate({ from: '/runs' });
  const workflows = useWorkflowChoices();
  const narrow = (part: Partial<Record<keyof RunsSearch, string | true | undefined>>) =>
    void navigate({ search: (now) => ({ ...now, ...part }) as RunsSearch });
  return (
    <div className={styles['filter']} role="search" aria-label="Which runs are shown">
      <select
        aria-label="Workflow"
        value={workflow ?? ''}
        onChange={({ target: { value } }) => narrow({ workflow: orNothing(value) })}
      >
        <option value="">Every workflow</option>
        {workflows.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
      <select
        aria-label="Status"
        value={stalled === true ? 'stalled' : (status ?? '')}
        onChange={({ target: { value } }) =>
          value === 'stalled'
            ? narrow({ status: undefined, stalled: true })
            : narrow({ status: orNothing(value), stalled: undefined })
        }
      >
        <option value="">Any status</option>
        {statuses.map((one) => (
          <option key={one}>{one}</option>
        ))}
        <option value="stalled">stalled</option>
      </select>
      <TextFilter label="Tag" value={tag} onChange={(value) => narrow({ tag: value })} />
      <TextFilter
        label="Attribute"
        hint="total>=100"
        value={attribute}
        onChange={(value) => narrow({ attribute: value })}
      />
      <div className={styles['times']}>
        <TimeFilter label="From" value={from} onChange={(value) => narrow({ from: value })} />
        <TimeFilter label="Before" value={before} onChange={(value) => narrow({ before: value })} />
      </div>
      {Object.keys(search).length === 0 ? null : (
        <Link to="/runs" className={styles['all']} data-testid="clear-filters">
          Show all
        </Link>
      )}
    </div>
  );
}

interface FilterProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** Narrows when the person is done with typing: on Enter, or on leaving the field. */
function TextFilter({ label, hint, value = '', onChange }: FilterProps) {
  const [text, setText] = useDraft(value);
  const done = () => {
    const typed = text.trim();
    if (typed !== value) onChange(orNothing(typed));
  };
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={hint ?? label}
      spellCheck={false}
      autoCapitalize="none"
      value={text}
      onChange={({ target }) => {
        setText(target.value);
        // The cross in the field; nothing else tells of it in every browser.
        if (target.value === '' && value !== '') onChange(undefined);
      }}
      onBlur={done}
      onKeyDown={({ key }) => {
        if (key === 'Enter') done();
      }}
    />
  );
}

/** A point in time on the person's clock. */
function TimeFilter({ label, value, onChange }: FilterProps) {
  const [text, setText] = useDraft(value === undefined ? '' : localText(new Date(value)));
  return (
    <label className={styles['time']}>
      {label}
      <input
        type="datetime-local"
        aria-label={`Started ${label.toLowerCase()}`}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          const at = new Date(target.value);
          // While a year is typed, it begins with zeros.
          if (target.value === '') onChange(undefined);
          else if (at.getFullYear() >= firstYear) onChange(at.toISOString());
        }}
      />
    </label>
  );
}

/** What is typed; begins anew when the address says something else. */
function useDraft(value: string) {
  const [draft, setDraft] = useState({ of: value, text: value });
  if (draft.of !== value) setDraft({ of: value, text: value });
  return [draft.text, (text: string) => setDraft({ of: value, text })] as const;
}

function orNothing(text: string): string | undefined {
  return text === '' ? undefined : text;
}
