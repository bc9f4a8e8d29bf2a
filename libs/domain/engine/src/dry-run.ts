import type { Ir, IrOperation, NodeId, RunHistory } from '@parley/ir';
import { err, ok, type Json, type Result } from '@parley/kernel';
import type { CallEffect, Effect, OpenApproval, OpenWorkerTask } from './effects.js';
import type { Entry } from './entries.js';
import { runError, type RunError } from './errors.js';
import type { EngineLimits } from './limits.js';
import { loadProgram } from './load-program.js';
import type { LoadedIr, LoadProblem } from './loaded-ir.js';
import { advance } from './machine/advance.js';
import { nameOf } from './names.js';
import type { Occurrence } from './occurrence.js';
import { stateOf, type RunStatus } from './run-states.js';
import { initialState, type RunState } from './state.js';
import type { StimulusBody } from './stimuli.js';
import { timeline, type Step } from './timeline.js';

/** A call that a dry run made. */
export interface DryRunCall {
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly node: NodeId;
  readonly name: string;
  readonly function: Mocked;
  readonly args: Json;
  readonly key: string;
  readonly operation?: IrOperation;
}

type Mocked = CallEffect['function'] | 'worker';

/** An answer that is a failure; everything else that a handler returns is the call's output. */
export class MockFailure {
  readonly error: RunError;
  readonly outcome: 'definitive' | 'ambiguous';

  constructor(error: RunError, outcome: 'definitive' | 'ambiguous' = 'definitive') {
    this.error = error;
    this.outcome = outcome;
  }
}

export interface MockDecision {
  readonly decision: 'approved' | 'rejected';
  readonly by?: string;
  readonly reason?: string;
  readonly data?: Json;
}

type MockHandler = (args: Json, call: DryRunCall) => Json | MockFailure;

/** What stands in for the world. A call without a handler fails with a `configuration` error. */
export interface DryRunHandlers extends Readonly<Partial<Record<Mocked, MockHandler>>> {
  /** `undefined` leaves the approval open. @default approves */
  readonly human?: (approval: OpenApproval) => MockDecision | undefined;
}

export interface DryRunOptions {
  readonly input?: Json;
  readonly handlers?: DryRunHandlers;
  /** Virtual time at the start, in milliseconds. @default 0 */
  readonly now?: number;
  /** @default 10,000 */
  readonly turnsMax?: number;
  /** @default defaultLimits */
  readonly limits?: EngineLimits;
  /** What is recorded, whatever the definition says. @default full */
  readonly history?: RunHistory;
  readonly run?: string;
}

export interface DryRun {
  readonly status: RunStatus;
  readonly output?: Json;
  readonly error?: RunError;
  readonly calls: readonly DryRunCall[];
  readonly approvals: readonly OpenApproval[];
  readonly steps: readonly Step[];
  readonly entries: readonly Entry[];
  readonly state: RunState;
  /** Virtual time at the end: timers fire at once, but the clock jumps. */
  readonly now: number;
  /** The turns were used up before the run ended. */
  readonly cut: boolean;
}

const turnsMaxDefault = 10_000;

/**
 * Runs a definition to its end against mocks, in virtual time and in memory. Pure as long as the
 * handlers are: nothing leaves, nothing is stored.
 */
export function dryRun(
  ir: Ir,
  options: DryRunOptions = {},
): Result<DryRun, readonly LoadProblem[]> {
  const { limits, history = 'full' } = options;
  const loaded = loadProgram(ir, { history, ...(limits === undefined ? {} : { limits }) });
  return loaded.ok ? ok(dryRunLoaded(loaded.value, options)) : err(loaded.error);
}

export function dryRunLoaded(program: LoadedIr, options: DryRunOptions = {}): DryRun {
  const shell = new MemoryShell(program, options);
  shell.run({ kind: 'start', run: options.run ?? 'run_dry', input: options.input ?? {} });
  return shell.result();
}

/** The smallest shell: one run, one queue, timers in a list. */
class MemoryShell {
  private readonly program: LoadedIr;
  private readonly options: DryRunOptions;
  private readonly calls: DryRunCall[] = [];
  private readonly approvals: OpenApproval[] = [];
  private readonly entries: Entry[] = [];
  private readonly queue: StimulusBody[] = [];
  private timers: Extract<Effect, { kind: 'armTimer' }>[] = [];
  private state = initialState();
  private now: number;
  private turns = 0;

  constructor(program: LoadedIr, options: DryRunOptions) {
    this.program = program;
    this.options = options;
    this.now = options.now ?? 0;
  }

  run(start: StimulusBody): void {
    this.queue.push(start);
    const turnsMax = this.options.turnsMax ?? turnsMaxDefault;
    for (; this.turns < turnsMax; this.turns += 1) {
      const stimulus = this.queue.shift() ?? this.nextTimer();
      if (stimulus === undefined) return;
      this.turn(stimulus);
    }
  }

  result(): DryRun {
    const { state, calls, approvals, entries, now } = this;
    const status = stateOf(state);
    return {
      status,
      ...(state.output === undefined ? {} : { output: state.output }),
      ...(status === 'failed' || status === 'compensation-failed'
        ? { error: state.failure?.error }
        : {}),
      calls,
      approvals,
      steps: timeline(entries),
      entries,
      state,
      now,
      cut: this.queue.length > 0 || this.timers.length > 0,
    };
  }

  private turn(stimulus: StimulusBody): void {
    const turn = advance(this.program, this.state, stimulus, this.now);
    this.state = turn.state;
    for (const entry of turn.entries) this.entries.push(entry);
    for (const effect of turn.effects) this.perform(effect);
    if (turn.yielded) this.queue.push({ kind: 'continue' });
  }

  private nextTimer(): StimulusBody | undefined {
    const next = this.timers.toSorted((a, b) => a.dueAt - b.dueAt)[0];
    if (next === undefined) return undefined;
    this.timers = this.timers.filter((timer) => timer !== next);
    this.now = Math.max(this.now, next.dueAt);
    const { occurrence, generation } = next;
    return { kind: 'timerFired', occurrence, generation };
  }

  private perform(effect: Effect): void {
    switch (effect.kind) {
      case 'call':
        this.queue.push(this.answer(effect));
        break;
      case 'openWorkerTask':
        this.queue.push(this.answer({ ...effect, function: 'worker' }));
        break;
      case 'openApproval':
        this.approvals.push(effect);
        this.decide(effect);
        break;
      case 'armTimer':
        this.timers.push(effect);
        break;
      case 'cancelTimer':
        this.timers = this.timers.filter(({ generation }) => generation !== effect.generation);
        break;
      case 'abort':
      case 'closeApproval':
      case 'closeWorkerTask':
        break;
    }
  }

  private answer(
    effect: CallEffect | (OpenWorkerTask & { readonly function: 'worker' }),
  ): StimulusBody {
    const { occurrence, attempt, node, function: name, args, key } = effect;
    const pinned = effect.kind === 'call' ? effect.operation : undefined;
    const operation = pinned === undefined ? {} : { operation: pinned };
    const call = {
      ...{ occurrence, attempt, node, function: name, args, key, ...operation },
      name: nameOf(node),
    };
    this.calls.push(call);
    const handler = this.options.handlers?.[name];
    const answer = handler === undefined ? notMocked(name) : handler(args, call);
    if (!(answer instanceof MockFailure)) {
      return { kind: 'completed', occurrence, attempt, output: answer };
    }
    const { error, outcome } = answer;
    return { kind: 'failed', occurrence, attempt, error, outcome };
  }

  private decide(approval: OpenApproval): void {
    const { human } = this.options.handlers ?? {};
    const decision = human === undefined ? ({ decision: 'approved' } as const) : human(approval);
    if (decision === undefined) return;
    const { occurrence } = approval;
    this.queue.push({ kind: 'decided', occurrence, by: 'dry-run', ...decision });
  }
}

function notMocked(name: string): MockFailure {
  const detail = `The dry run has no answer for this ${name} call.`;
  return new MockFailure(runError('configuration', 'No mock', { detail }));
}
