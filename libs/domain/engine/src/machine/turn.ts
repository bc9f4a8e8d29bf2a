import { assert, type Json } from '@parley/kernel';
import { Draft } from '../draft.js';
import { react, type Effect } from '../effects.js';
import type { Entry, EntryBody } from '../entries.js';
import { CeilingFault, runError } from '../errors.js';
import { applyEntry } from '../evolve.js';
import { jsonSize, NewBytes, stateBytes } from '../json-size.js';
import type { EngineLimits } from '../limits.js';
import type { EvaluationWork } from '../expressions.js';
import type { LoadedIr, LoadedNode } from '../loaded-ir.js';
import { netEffects } from '../net-effects.js';
import type { Occurrence } from '../occurrence.js';
import type { Frame, OwnerFrame, RunState } from '../state.js';
import { isOwner } from '../state.js';
import type { Rejection } from '../stimuli.js';
import { isLeftOut, Stretch } from './fast-path.js';

/** What is not recorded costs time alone, and counts for a part of what is. */
const unrecordedFuelShare = 32;
/** The same for lists that grow: what is new is recorded, but each is a copy of its own in memory. */
const copiedFuelShare = 32;

/** What one stimulus led to. */
export interface Turn {
  /** The state after the entries; equal to folding them. */
  readonly state: RunState;
  readonly entries: readonly Entry[];
  /** To be released after the entries are durable, in this order. */
  readonly effects: readonly Effect[];
  /** The fuel was spent: send `continue` when it is this run's turn again. */
  readonly yielded: boolean;
  /** What the run goes by from now on, when that has changed. */
  readonly program?: LoadedIr;
  /** Why nothing happened. There may still be effects (a timer to arm again). */
  readonly rejection?: Rejection;
}

export interface TurnOptions {
  readonly now: number;
  readonly random: number;
}

/**
 * One turn in the making. Every change goes through `emit`, which folds the entry into the draft:
 * so the live state is the fold of the entries by construction.
 */
export class TurnDraft {
  readonly random: number;
  readonly limits: EngineLimits;
  readonly work: EvaluationWork;
  /** Journal time: the wall clock, but never behind the last entry. */
  readonly now: number;
  private current: LoadedIr;
  private adopted: LoadedIr | undefined;
  private readonly base: RunState;
  private readonly draft: Draft;
  private readonly entries: Entry[] = [];
  private readonly effects: Effect[] = [];
  private readonly isFast: boolean;
  private stretch: Stretch | undefined;
  private readonly newBytes = new NewBytes();
  private bytes = 0;
  private nodes = 0;
  private yielded = false;

  constructor(program: LoadedIr, state: RunState, options: TurnOptions) {
    this.current = program;
    this.base = state;
    this.draft = new Draft(state);
    this.random = options.random;
    this.limits = program.limits;
    this.isFast = program.isFast;
    const { stepEvaluationMax, sharedEvaluationMax: max = stepEvaluationMax } = program.limits;
    this.work = { steps: 0, max, isShared: max !== stepEvaluationMax };
    this.now = Math.max(options.now, state.at);
  }

  get program(): LoadedIr {
    return this.current;
  }

  /** Goes on by another revision of the definition; the limits stay those of the turn. */
  adopt(program: LoadedIr): void {
    this.current = program;
    this.adopted = program;
  }

  get state(): RunState {
    return this.draft.state;
  }

  /** Nothing has been decided yet. */
  get isEmpty(): boolean {
    return this.entries.length === 0 && this.stretch === undefined;
  }

  /** Journals a decision. */
  emit(body: EntryBody): void {
    if (!isFinal(body) && body.kind !== 'undoKept') this.checkCeilings(body);
    const entry = { ...body, at: this.now } as Entry;
    const { whole, fresh, copied } = this.newBytes.of(entry);
    if (whole > this.limits.valueBytesMax) this.checkValues(body);
    const isLeftOutHere = this.isFast && isLeftOut(body) && !this.isAnswer(body);
    if (isLeftOutHere) this.stretch ??= new Stretch(this.draft);
    else this.endStretch(body);
    for (const effect of react(this.draft.state, entry)) this.effects.push(effect);
    applyEntry(this.draft, entry);
    if (isLeftOutHere) this.stretch?.add(entry, whole);
    else this.entries.push(entry);
    const bytes = this.limits.listsGrow === true ? fresh + copied / copiedFuelShare : whole;
    this.bytes += isLeftOutHere ? bytes / unrecordedFuelShare : bytes;
  }

  /** What has come from outside is recorded whole: a turn that it has set off begins with it. */
  private isAnswer({ kind }: EntryBody): boolean {
    if (kind !== 'completed' || this.stretch !== undefined) return false;
    return this.entries.every((entry) => entry.kind === 'undoKept');
  }

  private endStretch(next?: EntryBody): void {
    if (this.stretch === undefined) return;
    this.entries.push(...this.stretch.end(next?.kind === 'runCompleted'));
    this.stretch = undefined;
  }

  /** Asks for something that changes no state. */
  ask(effect: Effect): void {
    this.effects.push(effect);
  }

  /** Whether there is something to run and fuel left for it; journals the cut when there is not. */
  nextStep(): boolean {
    if (this.state.phase !== 'running' || this.state.ready.length === 0) return false;
    if (this.state.suspended !== undefined) return false;
    if (this.hasFuel) {
      this.nodes += 1;
      return true;
    }
    this.emit({ kind: 'yielded', ...(this.isFast && { steps: this.nodes }) });
    this.yielded = true;
    return false;
  }

  private get hasFuel(): boolean {
    const { turnNodesMax, turnBytesMax, turnEvaluationMax } = this.limits;
    return (
      this.nodes < turnNodesMax && this.bytes < turnBytesMax && this.work.steps < turnEvaluationMax
    );
  }

  node(frame: Pick<Frame, 'node'>): LoadedNode {
    const loaded = this.program.nodes.get(frame.node);
    assert(loaded !== undefined, `node ${frame.node} is part of the definition`);
    return loaded;
  }

  owner(occurrence: Occurrence): OwnerFrame {
    const frame = this.state.frames.get(occurrence);
    assert(frame !== undefined && isOwner(frame), `${occurrence} is the owner of a scope`);
    return frame;
  }

  nextGeneration(): number {
    return this.state.generation + 1;
  }

  finish(): Turn {
    this.endStretch();
    const { entries, effects, yielded, adopted } = this;
    const turn = { state: this.draft.state, entries, effects: netEffects(effects), yielded };
    return adopted === undefined ? turn : { ...turn, program: adopted };
  }

  reject(reason: Rejection['reason'], message: string): Turn {
    const { effects, base } = this;
    const rejection = { reason, message };
    return { state: base, entries: [], effects, yielded: false, rejection };
  }

  /** Fails the run when it keeps more than it may; looked at once per turn. */
  checkStateBytes(): void {
    const { limits, state } = this;
    if (state.phase !== 'running' || state.undo !== undefined) return;
    if (stateBytes(state) > limits.runStateBytesMax) {
      const what = `more than ${limits.runStateBytesMax} bytes of live state`;
      throw ceiling('stateLimit', what, 'Hand on less data, e.g. with `output.as`.');
    }
  }

  /** A value that is too large is not kept, not even of what failed: the run fails in its place. */
  private checkValues(body: EntryBody): void {
    const { valueBytesMax } = this.limits;
    for (const [name, value] of Object.entries(body) as [string, Json | undefined][]) {
      if (jsonSize(value) <= valueBytesMax) continue;
      const what = `a value of more than ${valueBytesMax} bytes (${name} of a step)`;
      throw ceiling('valueLimit', what, 'Let it be fetched where it is needed, or in parts.');
    }
  }

  private checkCeilings(body: EntryBody): void {
    const { limits, state } = this;
    // What was done within the limit can be undone beyond it.
    const isUndoing = state.undo !== undefined || body.kind === 'undoStarted';
    if (state.entries + (state.unrecorded ?? 0) >= limits.runEntriesMax * (isUndoing ? 2 : 1)) {
      const what = `more than ${limits.runEntriesMax} entries`;
      throw ceiling('entriesLimit', what, 'Look for a loop without an end, or use several runs.');
    }
    // The run itself is a frame too, and not counted.
    if (opens(body) && this.draft.state.frames.size > limits.runLiveMax) {
      const what = `more than ${limits.runLiveMax} open occurrences`;
      throw ceiling('liveLimit', what, 'Give the `map` steps a smaller `concurrency`.');
    }
  }
}

/** Whether an entry makes an occurrence that stays open. */
function opens({ kind }: EntryBody): boolean {
  return kind === 'entered' || kind === 'invoked' || kind === 'mapped' || kind === 'itemStarted';
}

function isFinal(body: EntryBody): boolean {
  return (
    body.kind === 'runCompleted' ||
    body.kind === 'runFailed' ||
    body.kind === 'runCancelled' ||
    body.kind === 'runTerminated' ||
    body.kind === 'undoFailed' ||
    body.kind === 'commanded'
  );
}

type Ceiling = 'entriesLimit' | 'liveLimit' | 'stateLimit' | 'valueLimit';

function ceiling(type: Ceiling, what: string, cure: string): CeilingFault {
  const detail = `The run has ${what}. ${cure}`;
  return new CeilingFault(runError(type, 'The run is too large', { detail }));
}
