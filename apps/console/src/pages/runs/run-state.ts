import type { Run, RunEvent, RunStep, RunWait } from '@parley/contracts';

/** A run as it is followed: what has been heard of it so far. */
export interface RunState {
  readonly run: Run;
  /** By occurrence, in the order in which the steps were first entered. */
  readonly steps: ReadonlyMap<string, RunStep>;
  /** Of a very long run: steps that had ended before this entry are not among them. */
  readonly fromEntry?: number;
  /** Entries of steps that were not recorded one by one. */
  readonly unrecorded?: number;
}

/** A step with its place in the tree of scopes. */
export interface StepLine {
  readonly step: RunStep;
  readonly depth: number;
  /** Which pass of the step around it, or which visit of itself, this is; e.g. `item 3`. */
  readonly pass: string | undefined;
}

/** Takes events in; `before` is undefined until the first `timeline`. */
export function applyEvents(
  before: RunState | undefined,
  events: readonly RunEvent[],
): RunState | undefined {
  let run = before?.run;
  let steps = before?.steps ?? new Map<string, RunStep>();
  let fromEntry = before?.fromEntry;
  let unrecorded = before?.unrecorded;
  for (const event of events) {
    switch (event.event) {
      case 'timeline':
        run = event.data.run;
        steps = new Map(event.data.steps.map((step) => [step.occurrence, step]));
        fromEntry = event.data.fromEntry;
        unrecorded = event.data.unrecorded;
        break;
      case 'run':
        run = event.data;
        break;
      case 'steps': {
        // One copy for all events of a batch: long runs come with many.
        const next = steps === before?.steps ? new Map(steps) : (steps as Map<string, RunStep>);
        for (const step of event.data.steps) next.set(step.occurrence, step);
        steps = next;
        unrecorded = event.data.unrecorded ?? unrecorded;
      }
    }
  }
  if (run === undefined) return undefined;
  return {
    run,
    steps,
    ...(fromEntry === undefined ? {} : { fromEntry }),
    ...(unrecorded === undefined ? {} : { unrecorded }),
  };
}

/** The step as a row has it: an operator's reruns belong to the same row. */
export function rowOf(occurrence: string): string {
  return occurrence.replace(/!\d+/g, '');
}

/** Steps that wait for a worker say so: in the engine they are calls like others, which run. */
export function withWorkerWaits(
  steps: ReadonlyMap<string, RunStep>,
  waits: readonly RunWait[],
): ReadonlyMap<string, RunStep> {
  const ofWorkers = waits.filter(({ kind }) => kind === 'worker');
  if (ofWorkers.length === 0) return steps;
  const next = new Map(steps);
  for (const wait of ofWorkers) {
    const step = next.get(rowOf(wait.step));
    if (step?.status === 'running') {
      next.set(step.occurrence, { ...step, status: 'waiting', wait });
    }
  }
  return next;
}

/** Whether a step has done something: only what is done can be undone. */
export function mayBeUndone(steps: ReadonlyMap<string, RunStep>): boolean {
  return [...steps.values()].some(
    ({ status, attempts }) =>
      status === 'completed' ||
      status === 'skipped' ||
      attempts.some(({ endedAt, error }) => endedAt !== undefined && error === undefined),
  );
}

/**
 * The step that a run is undone for: it failed, and all that is around it with it. None when the
 * run was cancelled: an error that was caught has left what is around it as it was.
 */
export function causeOfUndo(steps: ReadonlyMap<string, RunStep>): RunStep | undefined {
  return [...steps.values()]
    .filter(({ error, occurrence }) => {
      if (error === undefined) return false;
      const path = [...pathOf(occurrence, steps)];
      return path.every(({ status, undoes }) => status === 'failed' && undoes === undefined);
    })
    .sort((a, b) => (a.endedAt ?? '').localeCompare(b.endedAt ?? ''))
    .at(-1);
}

/** Of the steps that undoing has come to: those that are still done, and those that are not any more. */
export function undoneSoFar(steps: ReadonlyMap<string, RunStep>): {
  readonly kept: readonly string[];
  readonly undone: readonly string[];
} {
  const kept: string[] = [];
  const undone: string[] = [];
  for (const step of steps.values()) {
    if (step.undone === true) undone.push(step.name);
    if (step.undoes === undefined) continue;
    const done = steps.get(rowOf(step.undoes));
    if (done !== undefined && done.undone !== true) kept.push(done.name);
  }
  return { kept, undone };
}

/** A step and all that is around it, from the inside out. */
function* pathOf(occurrence: string, steps: ReadonlyMap<string, RunStep>): Generator<RunStep> {
  for (let at: string | undefined = occurrence; at !== undefined; at = parentOf(at, steps)) {
    const step = steps.get(at);
    if (step !== undefined) yield step;
  }
}

/** The steps as lines: what is inside of a step follows it, one level deeper. */
export function linesOf(steps: ReadonlyMap<string, RunStep>): StepLine[] {
  const inside = new Map<string | undefined, RunStep[]>();
  for (const step of steps.values()) {
    const parent = parentOf(step.occurrence, steps);
    const siblings = inside.get(parent);
    if (siblings === undefined) inside.set(parent, [step]);
    else siblings.push(step);
  }
  const lines: StepLine[] = [];
  const add = (parent: string | undefined, depth: number) => {
    for (const step of inside.get(parent) ?? []) {
      lines.push({ step, depth, pass: passOf(step.occurrence, parent, steps) });
      add(step.occurrence, depth + 1);
    }
  };
  add(undefined, 0);
  return lines;
}

function parentOf(occurrence: string, steps: ReadonlyMap<string, RunStep>): string | undefined {
  for (let at = occurrence.length - 1; at > 0; at--) {
    const character = occurrence[at];
    if (character !== '/' && character !== '[') continue;
    const prefix = occurrence.slice(0, at);
    if (steps.has(prefix)) return prefix;
  }
  return undefined;
}

function passOf(
  occurrence: string,
  parent: string | undefined,
  steps: ReadonlyMap<string, RunStep>,
): string | undefined {
  const rest = occurrence.slice(parent?.length ?? 0);
  const isLoop = parent !== undefined && steps.get(parent)?.kind === 'for';
  const index = isLoop ? /^\[(\d+)\]/.exec(rest)?.[1] : undefined;
  const visit = /#(\d+)$/.exec(rest)?.[1];
  const parts = [
    ...(index === undefined ? [] : [`item ${String(Number(index) + 1)}`]),
    ...(visit === undefined ? [] : [`visit ${visit}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}
