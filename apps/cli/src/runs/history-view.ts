import type { HistoryEntry, RunStateAt } from '@parley/contracts';
import { tableText, type Column } from '../output/table.js';
import { errorText } from './log-lines.js';
import { runText } from './run-view.js';

export const historyColumns: readonly Column<HistoryEntry>[] = [
  { title: 'entry', value: ({ entry }) => entry },
  { title: 'time', value: ({ at }) => at },
  { title: 'what', value: ({ summary }) => summary },
  { title: 'detail', value: ({ detail }) => detailText(detail) },
];

function detailText({ calls, by, reason, error, dueAt, next }: HistoryEntry['detail']): string {
  const parts = [
    calls,
    by === undefined ? undefined : `by ${by}`,
    reason,
    error?.detail === undefined ? undefined : errorText(error),
    dueAt === undefined ? undefined : `until ${dueAt}`,
    next === undefined ? undefined : `then ${next}`,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

/** A run as it was. */
export function stateText({ entry, run, steps, unrecorded }: RunStateAt): string {
  const head = `As of entry ${entry.entry}, ${entry.at}: ${entry.summary}`;
  const table = tableText(
    [
      { title: 'step', value: ({ occurrence }) => occurrence },
      { title: 'status', value: ({ status }) => status, status: true },
      { title: 'attempts', value: ({ attempts }) => attempts.length },
    ],
    steps,
    false,
  );
  const note = `Not recorded: fast path (${String(unrecorded)} entries of steps that the run took by itself)`;
  return [
    head,
    runText(run),
    ...(unrecorded === undefined ? [] : [note]),
    ...(steps.length === 0 ? [] : [table]),
  ].join('\n\n');
}
