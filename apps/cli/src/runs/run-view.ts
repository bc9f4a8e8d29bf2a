import type { Run, RunSummary, RunWait } from '@parley/contracts';
import { detailsText, type Column } from '../output/table.js';
import { durationText, safeText, timeText } from '../output/text.js';
import type { NameOf } from '../member-names.js';
import { errorText, waitText } from './log-lines.js';

export const runColumns: readonly Column<RunSummary>[] = [
  { title: 'run', value: (run) => run.id },
  { title: 'workflow', value: (run) => run.workflowName },
  { title: 'version', value: (run) => run.version },
  { title: 'status', value: (run) => run.status, status: true },
  { title: 'started', value: (run) => timeText(run.createdAt) },
  { title: 'took', value: tookText },
  { title: 'detail', value: detailText },
];

/** An error can quote data of any size. */
const errorLengthMax = 200;

/** What a run waits for, or why it does not go on. */
function detailText({ stalledSince, waitingFor, failedStep, error }: RunSummary): string {
  if (stalledSince !== undefined) return 'stalled';
  if (error === undefined || waitingFor.length > 0) return waitingFor.map(waitText).join('; ');
  const text = errorText(error);
  const short = text.length > errorLengthMax ? `${text.slice(0, errorLengthMax)} …` : text;
  return failedStep === undefined ? short : `${failedStep}: ${short}`;
}

export function runText(run: Run, nameOf: NameOf = (id) => id): string {
  return detailsText([
    ['Run', run.id],
    ['Workflow', `${run.workflowName} version ${run.version} (${run.workflowId})`],
    ['Status', run.status],
    ['Priority', run.priority],
    ['Stalled', run.stalledSince && `since ${timeText(run.stalledSince)}: nothing moves it`],
    [
      'Waits',
      run.waitingFor
        .map((wait) => `${wait.name || 'the run'}: ${waitText(named(wait, nameOf))}`)
        .join('\n'),
    ],
    ['Started', `${timeText(run.createdAt)} by ${nameOf(run.startedBy)}`],
    ['Ended', timeText(run.endedAt)],
    ['Took', tookText(run)],
    ['Rerun of', run.rerunOf],
    ['Part of', run.parent && `${run.parent.runId} (${run.parent.step})`],
    ['Tags', run.tags.join(', ')],
    ['Attributes', attributesText(run)],
    ['Failed step', run.failedStep],
    ['Error', run.error && safeText(errorText(run.error))],
    ['Input', jsonText(run.input)],
    ['Output', jsonText(run.output)],
  ]);
}

/** Whoever's id shows in a run; for `namesFor`. */
export function idsIn(run: Run): string[] {
  return [run.startedBy, ...run.waitingFor.map(({ who = '' }) => memberIn(who))];
}

function memberIn(who: string): string {
  return who.replace(/^member /, '');
}

function named(wait: RunWait, nameOf: NameOf): RunWait {
  if (wait.who === undefined) return wait;
  const id = memberIn(wait.who);
  const name = nameOf(id);
  return name === id ? wait : { ...wait, who: name };
}

function attributesText({ attributes }: RunSummary): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join('\n');
}

function tookText(run: RunSummary): string {
  if (run.endedAt === undefined) return '';
  return durationText(Date.parse(run.endedAt) - Date.parse(run.createdAt));
}

function jsonText(value: unknown): string | undefined {
  return value === undefined ? undefined : safeText(JSON.stringify(value, undefined, 2));
}
