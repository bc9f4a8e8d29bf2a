import { compileCached, JqError, type Limits } from '@parley/jq';
import { err, ok, type Json, type JsonObject, type Result } from '@parley/kernel';
import { withoutCredentials } from './credentials.js';
import { isoTime } from './durations.js';
import { errorToJson } from './errors.js';
import { nameOf } from './names.js';
import { rootOccurrence } from './occurrence.js';
import { stateOf } from './run-states.js';
import type { Frame, RunState } from './state.js';

/** A question must not hold up runs: some milliseconds, and an answer that fits on a page. */
const limits: Limits = {
  fuel: 300_000,
  depth: 1_000,
  outputs: 1_000,
  outputNodes: 20_000,
  stringLength: 256 * 1024,
  arrayLength: 100_000,
};

/** Of the outputs together, as JSON text. */
const answerLengthMax = 256 * 1024;

export interface QueryProblem {
  readonly message: string;
  /** In the expression, from 1; absent for what goes wrong while it is evaluated. */
  readonly line?: number;
  readonly column?: number;
}

/**
 * Evaluates an expression on what a run is: `.` is the run with its open steps, `$input` and
 * `$context` are what they are in its definition. Nothing of it is journaled.
 */
export function queryRun(state: RunState, source: string): Result<readonly Json[], QueryProblem> {
  const compiled = compileCached(source, { variables: ['context', 'input'] });
  if (!compiled.ok) {
    const { message, line, column } = compiled.error;
    return err({ message, line, column });
  }
  const { input, context, at } = state;
  try {
    const variables = { input, context };
    const values = compiled.value.run(queriedRun(state), { variables, now: at / 1_000, limits });
    if (JSON.stringify(values).length <= answerLengthMax) return ok(values);
    return err({ message: `the answer is longer than ${answerLengthMax} characters` });
  } catch (thrown) {
    if (thrown instanceof JqError) return err({ message: thrown.message });
    throw thrown;
  }
}

/** What a question sees as `.`; values of the run are shared, credentials are left out. */
function queriedRun(state: RunState): JsonObject {
  const { run, input, context, output, failure, labels, frames } = state;
  return {
    id: run,
    status: stateOf(state),
    input,
    context,
    output: output ?? null,
    error: failure === undefined ? null : errorToJson(failure.error),
    failedStep: failure?.occurrence ?? null,
    tags: [...(labels?.tags ?? [])],
    attributes: { ...labels?.attributes },
    startedAt: isoTime(state.startedAt),
    updatedAt: isoTime(state.at),
    entries: state.entries,
    open: frames
      .values()
      .filter(({ occurrence }) => occurrence !== rootOccurrence)
      .map(openStep)
      .toArray(),
  };
}

function openStep(frame: Frame): JsonObject {
  const { occurrence, node, kind, attempt, startedAt, input } = frame;
  return {
    step: occurrence,
    name: nameOf(node),
    kind,
    attempt,
    startedAt: isoTime(startedAt),
    input,
    ...particulars(frame),
  };
}

function particulars(frame: Frame): JsonObject {
  switch (frame.kind) {
    case 'call': {
      if (frame.call === undefined) return {};
      const { function: name, args } = frame.call;
      return { calls: name, arguments: withoutCredentials(args) };
    }
    case 'for':
      return { items: frame.items.length, index: frame.index };
    case 'map':
      return { items: frame.items.length, started: frame.started, done: frame.done };
    case 'item':
      return { index: frame.index };
    case 'fork':
      return { branches: frame.branches, done: frame.done };
    case 'try':
      return { stage: frame.stage, retries: frame.retries };
    case 'listen':
      return { heard: frame.heard.length, isOpen: frame.isOpen };
    case 'wait':
      return frame.timer === undefined ? {} : { until: isoTime(frame.timer.dueAt) };
    case 'run':
    case 'do':
      return {};
  }
}
