import type { Json } from '@parley/kernel';
import type { Entry } from '../entries.js';
import type { OverlaidTasks } from '../overlay-entries.js';
import { nameOf } from '../names.js';
import {
  logicalOccurrence,
  parseOccurrence,
  rootOccurrence,
  taskOccurrence,
  type Occurrence,
} from '../occurrence.js';

/** An entry in words. */
export interface DescribedEntry {
  /** The step that it is about, as the timeline names it; absent when it is about the run. */
  readonly step?: Occurrence;
  readonly name?: string;
  readonly summary: string;
}

/** Says in one sentence what happened, for people; who did it stands in the entry's `by`. */
export function describeEntry(entry: Entry): DescribedEntry {
  const occurrence = occurrenceOf(entry);
  const step = occurrence && taskOccurrence(logicalOccurrence(occurrence));
  if (step === undefined || step === rootOccurrence)
    return { summary: summaryOf(entry, 'the run') };
  const parsed = parseOccurrence(step);
  const name = parsed.ok ? nameOf(parsed.value.node) : step;
  return { step, name, summary: summaryOf(entry, `"${name}"`) };
}

function occurrenceOf(entry: Entry): Occurrence | undefined {
  if (entry.kind === 'reopened') return entry.reenter[0]?.occurrence;
  return 'occurrence' in entry ? entry.occurrence : undefined;
}

function summaryOf(entry: Entry, it: string): string {
  switch (entry.kind) {
    case 'started':
      return 'The run started';
    case 'startedFrom':
      return 'The run started where an earlier one had come to';
    case 'runCompleted':
      return 'The run completed';
    case 'runFailed':
      return `The run failed: ${errorText(entry)}`;
    case 'runCancelled':
      return 'The run was cancelled';
    case 'runTerminated':
      return 'The run was terminated';
    case 'suspended':
      return 'The run was suspended';
    case 'resumed':
      return 'The run was resumed';
    case 'labelled':
      return 'The run got other tags or search attributes';
    case 'commanded':
      return 'The command came by way of another process';
    case 'overlaid':
      return `The rest of the run was changed${changedIn(entry.tasks)}`;
    case 'reopened':
      return `The run goes on, from ${it}`;
    case 'undoStarted':
      return 'What the run has done is undone';
    case 'undoFailed':
      return `The run could not be undone: ${errorText(entry)}`;
    case 'changed':
      return `The run took steps that make ${entry.count} entries; not recorded: fast path`;
    case 'yielded':
      return 'The run let others go first';
    case 'failed':
      return `${it} failed: ${errorText(entry)}`;
    case 'caught':
      return `${it} took the error: ${errorText(entry)}`;
    case 'retryScheduled':
      return `${it} will try again after: ${errorText(entry)}`;
    default:
      return summaryOfStep(entry, it);
  }
}

function summaryOfStep(entry: Entry, it: string): string {
  switch (entry.kind) {
    case 'entered':
      return `${it} began${extentOf(entry)}`;
    case 'invoked':
      return `${it} began, as a function`;
    case 'mapped':
      return `${it} began: ${counted(entry.items.length, 'item')}`;
    case 'iterated':
      return `${it} began iteration ${entry.index + 1}`;
    case 'itemStarted':
      return `${it} began item ${entry.index + 1}`;
    case 'itemEnded':
      return `${it} ended item ${itemOf(entry.occurrence)}${entry.failed === true ? ', which failed' : ''}`;
    case 'ran':
      return entry.task === 'switch'
        ? `${it} chose ${entry.case === undefined ? 'no case' : `"${entry.case}"`}`
        : `${it} was done`;
    case 'emitted':
      return `${it} emitted ${textOf(entry.event['type'])}`;
    case 'skipped':
      return `${it} was skipped`;
    case 'stepSkipped':
      return `${it} was taken as completed`;
    case 'completed':
      return `${it} completed`;
    case 'undoKept':
      return `${it} can be undone`;
    case 'stepUndoing':
      return `${it} is to undo what was done`;
    case 'stepUndone':
      return `${it} has undone what was done`;
    default:
      return summaryOfWaiting(entry, it);
  }
}

function summaryOfWaiting(entry: Entry, it: string): string {
  switch (entry.kind) {
    case 'dispatched':
      return entry.attempt === 1
        ? `${it} made its call`
        : `${it} made its call, attempt ${entry.attempt}`;
    case 'approvalOpened':
      return `${it} asked for a decision`;
    case 'decided':
      return `${it} was ${entry.decision}`;
    case 'retried':
      return `${it} began attempt ${entry.attempt}`;
    case 'timerArmed':
      if (entry.purpose === 'wait') return `${it} waits`;
      return entry.purpose === 'backoff'
        ? `${it} waits before it tries again`
        : `the time of ${it} runs`.replace(/^t/, 'T');
    case 'attemptTimed':
      return `The time of attempt ${entry.attempt} of ${it} runs`;
    default:
      return `${it}: ${wordsOf(entry.kind)}`;
  }
}

function extentOf({ items, branches, compete }: Extract<Entry, { kind: 'entered' }>): string {
  if (items !== undefined) return `: ${counted(items.length, 'item')}`;
  if (branches === undefined) return '';
  const race = compete === true ? ', the first to complete wins' : '';
  return `: ${branches.length === 1 ? '1 branch' : `${branches.length} branches`}${race}`;
}

/** `: added "x"; removed "y", "z"` */
function changedIn(tasks: OverlaidTasks): string {
  const parts = (Object.entries(tasks) as [string, readonly string[]][])
    .filter(([, ids]) => ids.length > 0)
    .map(([how, ids]) => `${how} ${ids.map((id) => `"${nameOf(id)}"`).join(', ')}`);
  return parts.length === 0 ? '' : `: ${parts.join('; ')}`;
}

function errorText({ error }: { readonly error: { title?: string; type: string } }): string {
  return error.title ?? error.type;
}

function itemOf(occurrence: Occurrence): string {
  const index = /\[(\d+)\](?:!\d+)?$/.exec(occurrence)?.[1];
  return index === undefined ? '' : String(Number(index) + 1);
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : 'an event';
}

/** `taskSuspended` → "task suspended". */
function wordsOf(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
