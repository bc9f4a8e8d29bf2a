import type { Run, RunEvent, RunStep } from '@parley/contracts';

/** A run as it is followed: what has been heard of it so far. */
export interface RunState {
  readonly run: Run;
  /** By occurrence, in the order in which the steps were first entered. */
  readonly steps: ReadonlyMap<string, RunStep>;
  /** Of a very long run: steps that had ended before this entry are not among them. */
  readonly fromEntry?: number;
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
  for (const event of events) {
    switch (event.event) {
      case 'timeline':
        run = event.data.run;
        steps = new Map(event.data.steps.map((step) => [step.occurrence, step]));
        fromEntry = event.data.fromEntry;
        break;
      case 'run':
        run = event.data;
        break;
      case 'steps': {
        // One copy for all events of a batch: long runs come with many.
        const next = steps === before?.steps ? new Map(steps) : (steps as Map<string, RunStep>);
        for (const step of event.data.steps) next.set(step.occurrence, step);
        steps = next;
      }
    }
  }
  if (run === undefined) return undefined;
  return { run, steps, ...(fromEntry === undefined ? {} : { fromEntry }) };
}

/** The step as a row has it: an operator's reruns belong to the same row. */
export function rowOf(occurrence: string): string {
  return occurrence.replace(/!\d+/g, '');
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
