import type { HistoryEntry, Payload } from '@parley/contracts';
import { useNameOf } from '../../app/people';
import { When } from '../../ui/when';
import { PayloadView } from './payload-view';
import { ErrorText } from './step-detail';
import styles from './history.module.css';

type Detail = HistoryEntry['detail'];

const values = [
  ['arguments', 'Arguments'],
  ['input', 'Input'],
  ['result', 'Answer'],
  ['output', 'Output'],
  ['data', 'Filled in'],
  ['context', 'Context'],
] as const satisfies readonly (readonly [keyof Detail, string])[];

/** What one entry holds. */
export function EntryDetail({ runId, entry }: { runId: string; entry: HistoryEntry }) {
  const { detail } = entry;
  const facts = useFacts(detail);
  const shown = values.flatMap(([name, label]) => {
    const payload: Payload | undefined = detail[name];
    return payload === undefined ? [] : [{ name, label, payload }];
  });
  return (
    <div data-testid="entry-detail" className={styles['detail']}>
      <p className={styles['said']}>{entry.summary}</p>
      {facts.length === 0 ? null : (
        <dl>
          {facts.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {detail.error === undefined ? null : <ErrorText error={detail.error} />}
      {shown.map(({ name, label, payload }) => (
        <details key={name}>
          <summary>{label}</summary>
          <PayloadView payload={payload} of={{ runId, entry: entry.entry }} />
        </details>
      ))}
    </div>
  );
}

function useFacts(detail: Detail) {
  const nameOf = useNameOf();
  const { attempt, by, calls, reason, dueAt, delayMs, next, key, outcome } = detail;
  const facts = [
    ['By', by === undefined ? undefined : nameOf(by)],
    ['Calls', calls],
    ['Attempt', attempt === undefined || attempt === 1 ? undefined : attempt],
    ['Reason', reason],
    ['Case', detail.case],
    ['Outcome', outcome],
    ['After', delayMs === undefined ? undefined : `${delayMs} ms`],
    ['Until', dueAt === undefined ? undefined : <When at={dueAt} />],
    ['Then', next],
    ['Key', key === undefined ? undefined : <code>{key}</code>],
  ] as const;
  return facts.filter(([, value]) => value !== undefined);
}
