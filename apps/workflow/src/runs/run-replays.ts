import type { ReplayPreview, ReplayQuery, ReplayRun, ReplayStep, Run } from '@parley/contracts';
import {
  effectsOfRun,
  planRerun,
  revisionOf,
  type RerunPlan,
  type StateBefore,
  type Step,
} from '@parley/engine';
import { hashText } from '@parley/ir';
import { AppError, type Json } from '@parley/kernel';
import type { RunReader } from './run-reader.pg.js';
import { callText, payloadView } from './run-view.js';

/** Steps that a preview lists. */
const listedMax = 1_000;

/** A run that begins again, as it was shown. */
export interface Replay {
  readonly run: Run;
  readonly preview: ReplayPreview;
  /** Of the step, or of the run when it begins at its beginning. */
  readonly input: Json;
  /** Where an earlier run had come to; absent: the beginning. */
  readonly from?: { readonly of: string; readonly step: string; readonly state: StateBefore };
  /** What the earlier run went by there, when that is not its version: an overlay had led it to it. */
  readonly pinned?: { readonly irHash: string };
}

/** What running runs again comes down to. */
export class RunReplays {
  private readonly reader: Pick<RunReader, 'journal'>;

  constructor(reader: Pick<RunReader, 'journal'>) {
    this.reader = reader;
  }

  /**
   * What will repeat, and what the new run begins with.
   * @throws AppError `not-found` when there is no such run, or it has not begun the step; `conflict`
   *     when there is too much to tell
   */
  async plan(
    tenantId: string,
    runId: string,
    { step, mode, input }: ReplayQuery & Pick<ReplayRun, 'input'>,
  ): Promise<Replay> {
    const { run, before, turns } = await this.reader.journal(tenantId, runId);
    const entries = turns.flatMap((turn) => turn.entries);
    if (mode === 'live') {
      if (before.entries > 0) throw tooLong();
      const given = input === undefined ? (run.input ?? {}) : input;
      const repeats = effectsOfRun(entries);
      return { run, preview: previewOf(run, { input: run.input ?? {}, repeats }), input: given };
    }
    if (step === undefined) throw stepNeeded();
    const plan = planRerun(entries, step, { input, start: before });
    if (!plan.ok) throw new AppError('not-found', plan.error);
    const { state } = plan.value;
    const preview = previewOf(run, plan.value);
    const irHash = revisionOf(state);
    const pinned = irHash === undefined ? {} : { pinned: { irHash } };
    return { run, preview, input: plan.value.input, from: { of: runId, step, state }, ...pinned };
  }

  /** The same for a start. @throws AppError `conflict` when something else repeats than was shown */
  async confirmed(tenantId: string, runId: string, body: ReplayRun): Promise<Replay> {
    const replay = await this.plan(tenantId, runId, body);
    if (replay.preview.seen === body.seen) return replay;
    throw new AppError('conflict', 'What would repeat is not what you saw: look at it once more.');
  }
}

function stepNeeded(): AppError {
  const errors = [{ pointer: '/step', message: 'is needed, unless everything is to run again' }];
  return new AppError('invalid', 'Name the step that the new run is to begin with.', { errors });
}

function tooLong(): AppError {
  const what = 'The run is too long to tell what running all of it again would repeat.';
  return new AppError('conflict', `${what} Start a new run with its input.`);
}

function previewOf(
  { id, version }: Run,
  plan: Pick<RerunPlan, 'input' | 'repeats'> & Partial<Pick<RerunPlan, 'step' | 'name' | 'reused'>>,
): ReplayPreview {
  const { step, name, input, reused = [], repeats } = plan;
  const again = repeats.map(stepOf);
  return {
    runId: id,
    version,
    mode: step === undefined ? 'live' : 'freeze',
    ...(step === undefined ? {} : { step }),
    ...(name === undefined ? {} : { name }),
    input: payloadView(input, `/v1/runs/${id}`),
    reused: reused.length,
    undone: reused.filter(({ undone }) => undone === true).map(({ id: occurrence }) => occurrence),
    repeats: again.slice(0, listedMax),
    repeatCount: again.length,
    seen: hashText(JSON.stringify([step ?? '', again])).slice(0, 32),
  };
}

function stepOf(step: Step): ReplayStep {
  const calls = callText(step);
  return {
    step: step.id,
    name: step.name,
    kind: step.asked === undefined ? step.kind : 'human',
    ...(calls === undefined ? {} : { calls }),
    attempts: step.attempts.length,
  };
}
