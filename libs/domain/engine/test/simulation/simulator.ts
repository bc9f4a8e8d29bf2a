import {
  advance,
  fold,
  initialState,
  isCallOpen,
  isStalled,
  isTerminal,
  pendingEffects,
  revisionOf,
  stateOf,
  stateOfWritten,
  type ArmTimer,
  type Effect,
  type Entry,
  type LoadedIr,
  type Recovery,
  type RunState,
  type Stimulus,
  type StimulusBody,
  type Turn,
  type WrittenState,
} from '../../src/index.js';
import type { Ir } from '@parley/ir';
import { parseJson } from '@parley/kernel';
import { defaultLimits } from '../../src/limits.js';
import { Random } from '../../src/testing/index.js';
import { Relay } from './relay.js';
import { Violation, World } from './world.js';

/** What a simulation can get wrong on purpose, to prove that it would be noticed. */
export interface Machine {
  advance(program: LoadedIr, state: RunState, stimulus: Stimulus, now: number): Turn;
  fold(state: RunState, entries: readonly Entry[]): RunState;
  pendingEffects(state: RunState): Recovery;
  /** A state as it is written down. */
  snapshot(state: RunState): string;
  /** Effects leave before their turn is durable. */
  readonly releasesEarly?: boolean;
  /** Events are published before their entry is durable. */
  readonly publishesEarly?: boolean;
}

/** Small fuel, so that turns are cut often. */
export const simulationLimits = { ...defaultLimits, turnNodesMax: 4 };

export const realMachine: Machine = {
  advance,
  fold,
  pendingEffects,
  snapshot: (state) => JSON.stringify(state),
};

export interface Disturbance {
  readonly crashesMax: number;
  /** Whether results and timers come twice, late or early. */
  readonly messy: boolean;
  /** Whether somebody skips steps, and cancels or terminates the run. */
  readonly meddled?: boolean;
}

export const undisturbed: Disturbance = { crashesMax: 0, messy: false };
export const disturbed: Disturbance = { crashesMax: 6, messy: true };

const stepsMax = 4_000;
const repairsMax = 12;
const suspensionsMax = 3;

/** Makes an overlay for a definition. */
export type OverlaySource = (
  random: Random,
  base: Ir,
  id: string,
) => { readonly body: StimulusBody; readonly program: LoadedIr };

type Pending =
  | { readonly what: 'stimulus'; readonly stimulus: StimulusBody }
  | { readonly what: 'timer'; readonly timer: ArmTimer };

/** One run on a shell whose process dies, whose log forgets what was not flushed, and whose messages
 * come late, early and twice. */
export class Simulator {
  /** What the run goes by. */
  private program: LoadedIr;
  /** What it was started with, and whatever an overlay would lead it to, by hash. */
  private readonly programs = new Map<string, LoadedIr>();
  private readonly first: LoadedIr;
  private readonly overlays: OverlaySource | undefined;
  private overlaid = 0;
  private readonly machine: Machine;
  private readonly random: Random;
  private readonly disturbance: Disturbance;
  private readonly world = new World();
  private readonly relay = new Relay();
  private readonly log: Entry[] = [];
  /** What the run was after some of the log. */
  private snapshot: { readonly entries: number; readonly text: string } | undefined;
  private state = initialState();
  private unflushed: Entry[] = [];
  /** The turns that became durable. */
  readonly turns: (readonly Entry[])[] = [];
  private unflushedTurns: (readonly Entry[])[] = [];
  private held: Effect[] = [];
  private pending: Pending[] = [];
  private now = 1_000;
  private crashes = 0;
  private repairs = 0;
  private suspensions = 0;

  constructor(
    program: LoadedIr,
    options: {
      seed: number;
      machine?: Machine;
      disturbance?: Disturbance;
      overlays?: OverlaySource;
    },
  ) {
    this.program = program;
    this.first = program;
    this.programs.set(program.ir.hash, program);
    this.overlays = options.overlays;
    this.machine = options.machine ?? realMachine;
    this.random = new Random(options.seed);
    this.disturbance = options.disturbance ?? disturbed;
  }

  /** Plays one history; throws a `Violation` when a promise is broken. */
  run(): RunState {
    this.start();
    for (let step = 0; step < stepsMax; step += 1) {
      if (this.random.chance(0.1)) this.publish();
      if (this.unflushed.length > 0 && this.random.chance(0.5)) this.flush();
      else if (this.wantsCrash()) this.crash();
      else if (this.meddles()) this.meddle();
      else if (this.overlays !== undefined && this.random.chance(0.25)) this.overlay(this.overlays);
      else if (this.wantsSuspension()) this.turn({ kind: 'suspend', by: 'operator' });
      else if (this.wantsResumption()) this.turn({ kind: 'resume', by: 'operator' });
      else if (this.pending.length > 0) this.deliver();
      else if (this.unflushed.length > 0) this.flush();
      else if (this.mayRepair()) this.turn({ kind: 'retryStep', by: 'operator' });
      else return this.finished();
    }
    throw new Violation(`the run did not end within ${stepsMax} steps`);
  }

  private meddles(): boolean {
    const isOver = isTerminal(stateOf(this.state)) || this.state.phase === 'pending';
    return this.disturbance.meddled === true && !isOver && this.random.chance(0.05);
  }

  private meddle(): void {
    const by = 'operator';
    const open = [...this.state.frames].map(([occurrence]) => occurrence);
    const occurrence = open[this.random.below(open.length)];
    const skip = {
      kind: 'skipStep',
      by,
      ...(occurrence === undefined ? {} : { occurrence }),
    } as const;
    if (this.random.chance(0.9)) this.turn(skip);
    else if (this.random.chance(0.4)) this.turn({ kind: 'terminate', by });
    else this.turn({ kind: 'cancel', by, compensate: this.random.chance(0.7) });
  }

  /** The revisions that the run was led to. */
  get revisions(): Ir[] {
    return (this.state.overlays ?? []).map(({ revision }) => this.programFor(revision).ir);
  }

  /** Somebody has an overlay for the run, or for what it was a while ago. */
  private overlay(source: OverlaySource): void {
    if (this.state.phase === 'pending') return;
    const { body, program } = source(this.random, this.program.ir, `ov_${(this.overlaid += 1)}`);
    this.programs.set(program.ir.hash, program);
    const before = { state: this.state, ir: this.program.ir };
    this.turn(body, program);
    if (this.state.overlays !== before.state.overlays) checkOverlay(before, program.ir);
  }

  private programFor(hash: string | undefined): LoadedIr {
    return this.programs.get(hash ?? this.first.ir.hash) ?? this.first;
  }

  /** An operator keeps the run from going on, a few times, and lets it go on some time later. */
  private wantsSuspension(): boolean {
    const { messy } = this.disturbance;
    const isOpen = this.state.phase === 'running' && this.state.suspended === undefined;
    if (!messy || !isOpen || this.suspensions >= suspensionsMax) return false;
    if (!this.random.chance(0.03)) return false;
    this.suspensions += 1;
    return true;
  }

  private wantsResumption(): boolean {
    if (this.state.phase !== 'running' || this.state.suspended === undefined) return false;
    const nothingElse = this.pending.length === 0 && this.unflushed.length === 0;
    return nothingElse || this.random.chance(0.1);
  }

  /** An operator lets a failed run go on, a few times. */
  private mayRepair(): boolean {
    if (stateOf(this.state) !== 'failed' || this.repairs >= repairsMax) return false;
    this.repairs += 1;
    return true;
  }

  private finished(): RunState {
    const status = stateOf(this.state);
    if (!isTerminal(status)) throw new Violation(`nothing is pending, but the run is ${status}`);
    this.relay.publish(this.log);
    this.relay.check(this.log);
    checkSuspensions(this.log);
    checkUndone(this.log);
    return this.state;
  }

  /** The relay looks when it likes, and may die between the bus and its cursor. */
  private publish(): void {
    const early = this.machine.publishesEarly === true ? this.unflushed : [];
    const forgets = this.disturbance.messy && this.random.chance(0.3);
    this.relay.publish([...this.log, ...early], this.log, { forgets });
  }

  private start(): void {
    this.pending.push({
      what: 'stimulus',
      stimulus: { kind: 'start', run: 'run_sim', input: { n: 3 } },
    });
  }

  private wantsCrash(): boolean {
    return this.crashes < this.disturbance.crashesMax && this.random.chance(0.08);
  }

  private deliver(): void {
    const index = this.random.below(this.pending.length);
    const next = this.pending[index];
    const { messy } = this.disturbance;
    if (next?.what === 'timer') {
      if (messy && this.random.chance(0.15)) this.fire(next.timer);
      else this.fireNextDue(messy);
      return;
    }
    if (next === undefined) return;
    if (!messy || !this.random.chance(0.15)) this.pending.splice(index, 1);
    this.turn(next.stimulus);
  }

  /** Timers may be late, but the clock does not pass one timer to fire another. */
  private fireNextDue(messy: boolean): void {
    const timers = this.pending.filter((item) => item.what === 'timer');
    const [next] = timers.toSorted((a, b) => a.timer.dueAt - b.timer.dueAt);
    if (next === undefined) return;
    if (next.timer.dueAt > this.now && this.unflushed.length > 0) return this.flush();
    this.now = Math.max(this.now, next.timer.dueAt);
    if (!messy || !this.random.chance(0.15)) {
      this.pending = this.pending.filter((item) => item !== next);
    }
    this.fire(next.timer);
  }

  private fire({ occurrence, generation }: ArmTimer): void {
    this.turn({ kind: 'timerFired', occurrence, generation });
  }

  private turn(body: StimulusBody, program?: LoadedIr): void {
    const before = JSON.stringify(this.state);
    const more = program === undefined ? {} : { program };
    const stimulus = { ...body, random: this.random.next(), ...more };
    const turn = this.machine.advance(this.program, this.state, stimulus, this.now);
    this.program = turn.program ?? this.program;
    if (JSON.stringify(this.state) !== before) throw new Violation('advance changed its argument');
    this.state = turn.state;
    this.unflushed.push(...turn.entries);
    if (turn.entries.length > 0) this.unflushedTurns.push(turn.entries);
    this.checkReplay();
    if (isStalled(this.state)) throw new Violation('the run is stalled');
    if (this.machine.releasesEarly === true) this.release(turn.effects);
    else this.held.push(...turn.effects);
    if (turn.yielded) this.pending.push({ what: 'stimulus', stimulus: { kind: 'continue' } });
    if (turn.entries.length === 0 && turn.effects.length > 0) this.flush();
  }

  private checkReplay(): void {
    const folded = this.machine.fold(initialState(), [...this.log, ...this.unflushed]);
    if (JSON.stringify(folded) !== JSON.stringify(this.state)) {
      throw new Violation('folding the entries does not give the live state');
    }
  }

  private flush(): void {
    this.log.push(...this.unflushed);
    this.turns.push(...this.unflushedTurns);
    this.unflushed = [];
    this.unflushedTurns = [];
    if (this.random.chance(0.3)) this.takeSnapshot();
    const effects = this.held;
    this.held = [];
    this.release(effects);
  }

  /** The process dies: what was not flushed never happened, what was in flight is lost or comes late. */
  private crash(): void {
    this.crashes += 1;
    this.unflushed = [];
    this.unflushedTurns = [];
    this.held = [];
    this.pending = this.pending.filter(() => this.random.chance(0.3));
    this.state = this.recovered();
    this.program = this.programFor(revisionOf(this.state));
    if (this.state.phase === 'pending') return this.start();
    const { effects, stimuli } = this.machine.pendingEffects(this.state);
    if (this.state.suspended !== undefined && effects.some(({ kind }) => kind === 'call')) {
      throw new Violation('S1: a call of a suspended run was sent again');
    }
    this.release(effects);
    for (const stimulus of stimuli) this.pending.push({ what: 'stimulus', stimulus });
  }

  private takeSnapshot(): void {
    this.snapshot = { entries: this.log.length, text: this.machine.snapshot(this.state) };
  }

  /** From the snapshot and what follows it, as if everything had been folded. */
  private recovered(): RunState {
    const whole = this.machine.fold(initialState(), this.log);
    if (this.snapshot === undefined) return whole;
    const { entries, text } = this.snapshot;
    const state = this.machine.fold(
      stateOfWritten(parseJson(text) as unknown as WrittenState),
      this.log.slice(entries),
    );
    if (JSON.stringify(state) !== JSON.stringify(whole)) {
      throw new Violation('a snapshot and what follows it do not give the state');
    }
    return state;
  }

  private release(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'call') {
        if (effect.again === true && !isCallOpen(this.state, effect)) continue;
        this.pending.push({ what: 'stimulus', stimulus: this.world.receive(effect, this.log) });
      } else if (effect.kind === 'armTimer') {
        this.pending.push({ what: 'timer', timer: effect });
      } else if (effect.kind === 'openApproval') {
        const { occurrence } = effect;
        const stimulus: StimulusBody = {
          kind: 'decided',
          occurrence,
          decision: 'approved',
          by: 'm',
        };
        this.pending.push({ what: 'stimulus', stimulus });
      } else this.withdraw(effect);
    }
  }

  /** Cancellations are best effort. */
  private withdraw(effect: Effect): void {
    if (this.disturbance.messy && this.random.chance(0.3)) return;
    this.pending = this.pending.filter((item) =>
      effect.kind === 'cancelTimer'
        ? item.what !== 'timer' || item.timer.generation !== effect.generation
        : item.what === 'timer' ||
          !('occurrence' in item.stimulus) ||
          item.stimulus.occurrence !== effect.occurrence,
    );
  }
}

/** What was in progress when an overlay was applied is in it as it was, apart from what follows it. */
function checkOverlay(before: { readonly state: RunState; readonly ir: Ir }, after: Ir): void {
  const textOf = (ir: Ir, id: string) => {
    const node = ir.nodes[id];
    if (node === undefined) throw new Violation(`V1: ${id} is in progress and gone`);
    const { pointer: _pointer, next: _next, nextIfSkipped: _skipped, ...rest } = node;
    const branches = node.kind === 'fork' ? ir.scopes[node.branches] : undefined;
    return JSON.stringify({ ...rest, branches });
  };
  const { frames, kept = [], ready } = before.state;
  const open = [...frames.values()].filter(({ kind }) => kind !== 'run');
  for (const { node } of [...open, ...kept]) {
    if (textOf(before.ir, node) === textOf(after, node)) continue;
    throw new Violation(`V1: ${node} is in progress and was changed`);
  }
  for (const item of ready) if (item.do === 'enter') textOf(after, item.node);
}

/** Between a suspension and its end the journal says what came in, never that something began. */
function checkSuspensions(log: readonly Entry[]): void {
  let isSuspended = false;
  for (const { kind } of log) {
    if (kind === 'suspended') isSuspended = true;
    if (kind === 'resumed') isSuspended = false;
    if (isSuspended && (kind === 'entered' || kind === 'dispatched' || kind === 'ran')) {
      throw new Violation(`S2: a suspended run went on: ${kind}`);
    }
  }
}

/** What is undone is what was completed, the last first, and nothing is left out or done twice. */
function checkUndone(log: readonly Entry[]): void {
  let kept: { readonly as: string; readonly step: string }[] = [];
  let current: string | undefined;
  let begun = false;
  for (const entry of log) {
    if (entry.kind === 'undoKept') {
      const { as, occurrence, node, output } = entry;
      const step = JSON.stringify([occurrence, node, output]);
      kept = [...kept.filter((one) => one.step !== step), { as, step }];
    } else if (entry.kind === 'undoStarted') begun = true;
    else if (entry.kind === 'stepUndoing') {
      if (current !== undefined || kept.pop()?.as !== entry.occurrence) {
        throw new Violation(`U1: ${entry.occurrence} is undone out of order`);
      }
      current = entry.occurrence;
    } else if (entry.kind === 'stepUndone') {
      if (current !== entry.occurrence) throw new Violation('U1: another step was undone');
      current = undefined;
    } else if (begun && (entry.kind === 'runCancelled' || entry.kind === 'runFailed')) {
      if (current !== undefined || kept.length > 0) throw new Violation('U3: ended half undone');
    }
  }
}
