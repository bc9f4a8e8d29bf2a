import { timersOf } from '../effects.js';
import type { Entry } from '../entries.js';
import { errorTypes } from '../errors.js';
import { noLabels } from '../labels.js';
import { rootOccurrence, type Occurrence } from '../occurrence.js';
import { attemptTimerOf, type Frame, type RunState, type Timer } from '../state.js';
import type { StimulusBody } from '../stimuli.js';

type Of<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

/**
 * What may have made a run take a turn. A journal holds what was decided, not what was said to the
 * run; but the first entry of a turn repeats what was said, or names the timer that it answers. None:
 * the entries do not tell.
 */
export function causesOf(before: RunState, entries: readonly Entry[]): StimulusBody[] {
  const [first] = entries;
  if (first === undefined) return [];
  const causes = [...causesOfEntry(before, first, entries), ...goingOn(before)];
  return causes.length > 0 ? causes : dueTimers(before, first.at);
}

function causesOfEntry(
  before: RunState,
  first: Entry,
  entries: readonly Entry[],
): readonly StimulusBody[] {
  switch (first.kind) {
    case 'started': {
      const { run, input, by } = first;
      const given = entries.find((entry) => entry.kind === 'labelled');
      const labels = given && { addTags: given.tags, attributes: given.attributes };
      const more = { ...(by === undefined ? {} : { by }), ...(labels && { labels }) };
      return [{ kind: 'start', run, input, ...more }];
    }
    case 'startedFrom': {
      const { kind: _kind, at: _at, ...from } = first;
      const given = entries.find((entry) => entry.kind === 'labelled');
      const labels = given && { addTags: given.tags, attributes: given.attributes };
      return [{ kind: 'startFrom', ...from, ...(labels && { labels }) }];
    }
    case 'undoKept': {
      const [, ...rest] = entries;
      return rest[0] === undefined ? [] : causesOfEntry(before, rest[0], rest);
    }
    case 'completed':
      return causesOfCompletion(before.frames.get(first.occurrence), first);
    case 'failed':
      return causesOfFailure(before.frames.get(first.occurrence), first, entries);
    case 'decided': {
      const { occurrence, decision, by, reason, data } = first;
      const said = {
        ...(reason === undefined ? {} : { reason }),
        ...(data === undefined ? {} : { data }),
      };
      return [{ kind: 'decided', occurrence, decision, by, ...said }];
    }
    case 'retried':
    case 'caught':
    case 'retryScheduled':
      return timersAt(before.frames.get(first.occurrence));
    case 'runFailed':
    case 'undoFailed':
      return timersAt(before.frames.get(rootOccurrence));
    default:
      return causesOfCommand(before, first, entries);
  }
}

/** What an operator said. */
function causesOfCommand(
  before: RunState,
  first: Entry,
  entries: readonly Entry[],
): readonly StimulusBody[] {
  const [, second, third] = entries;
  switch (first.kind) {
    case 'runCancelled':
      return [{ kind: 'cancel', ...whoOf(first) }];
    case 'runTerminated':
      return [{ kind: 'terminate', ...whoOf(first) }];
    case 'undoStarted':
      return first.cause.by === undefined
        ? timersAt(before.frames.get(rootOccurrence))
        : [{ kind: 'cancel', ...first.cause, compensate: true }];
    case 'suspended':
      return [{ kind: 'suspend', ...whoOf(first) }];
    case 'resumed':
      // A failed run that was suspended is resumed by what lets it go on.
      if (second?.kind === 'undoStarted') return causesOfCommand(before, second, []);
      if (second?.kind === 'reopened') return causesOfReopening(before, second, third);
      return [{ kind: 'resume', by: first.by }];
    case 'reopened':
      return causesOfReopening(before, first, second);
    case 'stepSkipped':
      return [skipped(first)];
    case 'labelled':
      return [labelled(before, first)];
    case 'overlaid': {
      const { kind: _kind, at: _at, ...given } = first;
      return [{ kind: 'applyOverlay', ...given }];
    }
    default:
      return [];
  }
}

function causesOfReopening(
  before: RunState,
  { by, reenter: [again] }: Of<'reopened'>,
  next: Entry | undefined,
): StimulusBody[] {
  if (next?.kind === 'stepSkipped') return [skipped(next)];
  const failed = before.failure?.occurrence !== rootOccurrence && again?.replaces === undefined;
  const input = failed && again !== undefined ? { input: again.input } : {};
  return [{ kind: 'retryStep', by, ...input }];
}

function labelled({ labels = noLabels }: RunState, entry: Of<'labelled'>): StimulusBody {
  const { by = '', tags, attributes } = entry;
  const removeTags = labels.tags.filter((tag) => !tags.includes(tag));
  const gone = Object.keys(labels.attributes).filter((name) => !Object.hasOwn(attributes, name));
  const removed = Object.fromEntries(gone.map((name) => [name, null]));
  return {
    kind: 'label',
    by,
    addTags: tags,
    removeTags,
    attributes: { ...attributes, ...removed },
  };
}

function skipped(entry: Of<'stepSkipped'>): StimulusBody {
  const { occurrence, output, own } = entry;
  return { kind: 'skipStep', ...whoOf(entry), occurrence, output: own ?? output };
}

function whoOf({ by, reason }: { readonly by: string; readonly reason?: string }) {
  return { by, ...(reason === undefined ? {} : { reason }) };
}

function causesOfCompletion(frame: Frame | undefined, entry: Of<'completed'>): StimulusBody[] {
  if (frame?.kind !== 'call') return timersAt(frame);
  const { occurrence, attempt, own, output, result } = entry;
  const answer = result ?? own ?? output;
  return [{ kind: 'completed', occurrence, attempt, output: answer }];
}

function causesOfFailure(
  frame: Frame | undefined,
  entry: Of<'failed'>,
  entries: readonly Entry[],
): StimulusBody[] {
  const { occurrence, attempt, error, outcome, result } = entry;
  if (frame?.kind !== 'call') return timersAt(frame);
  if (result !== undefined) return [{ kind: 'completed', occurrence, attempt, output: result }];
  if (outcome === undefined) return timersAt(frame);
  const failed = { kind: 'failed', occurrence, attempt, error, outcome } as const;
  const retry = entries.find((one) => one.kind === 'retryScheduled');
  return [
    ...(error.type === errorTypes.unknownOutcome
      ? [{ kind: 'unknownOutcome', occurrence, attempt } as const]
      : []),
    failed,
    // The receiver may have asked for more time than the policy gives; how much shows in the delay.
    ...(retry === undefined ? [] : [{ ...failed, retryAfterMs: retry.delayMs }]),
  ];
}

function timersAt(frame: Frame | undefined): StimulusBody[] {
  if (frame === undefined) return [];
  return [attemptTimerOf(frame), ...timersOf(frame)]
    .filter((timer) => timer !== undefined)
    .map((timer) => fired(frame.occurrence, timer));
}

function dueTimers(before: RunState, now: number): StimulusBody[] {
  return [...before.frames.values()].flatMap((frame) =>
    timersOf(frame)
      .filter(({ dueAt }) => dueAt <= now)
      .map((timer) => fired(frame.occurrence, timer)),
  );
}

function fired(occurrence: Occurrence, { generation }: Timer): StimulusBody {
  return { kind: 'timerFired', occurrence, generation };
}

function goingOn({ ready }: RunState): StimulusBody[] {
  return ready.length > 0 ? [{ kind: 'continue' }] : [];
}
