import { hashJson, type Ir } from '@parley/ir';
import { canonicalJson, isJsonObject, type Json } from '@parley/kernel';
import { appliers } from '../appliers.js';
import type { Entry } from '../entries.js';
import { fold } from '../evolve.js';
import { defaultLimits } from '../limits.js';
import { loadProgram } from '../load-program.js';
import type { LoadedIr, LoadOptions } from '../loaded-ir.js';
import { advance } from '../machine/advance.js';
import { revisionOf } from '../overlays.js';
import { stateOf } from '../run-states.js';
import { initialState, type RunState } from '../state.js';
import type { StimulusBody } from '../stimuli.js';
import { causesOf } from './causes.js';
import { headHash, turnHash, type ExportedTurn, type RunExport } from './run-export.js';
import { shownEntry } from './shown.js';
import { StateDigest } from './state-digest.js';

export interface ReplayReport {
  readonly turns: number;
  readonly entries: number;
  /** Turns that the machine was let take again, and took in the same way. */
  readonly repeated: number;
  /** Turns that were only folded: what set them off does not show in their entries. */
  readonly folded: readonly number[];
  /** The first one; absent when there is none. */
  readonly difference?: Difference;
}

export interface Difference {
  /** Turn that it is in; absent when it is in no turn. */
  readonly position?: number;
  /** Number of the entry within the run, from 1. */
  readonly entry?: number;
  readonly what: string;
  /** What the file says, and what comes out here. */
  readonly recorded?: Json;
  readonly replayed?: Json;
}

/** Steps that a turn which was cut may take here: more than any turn takes. */
const cutTurnNodesMax = 2 * defaultLimits.turnNodesMax;

/**
 * Checks an exported run without the platform: that nothing in the file was changed (X1), that its
 * entries fold to the states that they led to (X2), and that the machine decides today what it
 * decided then.
 */
export function replayCheck(file: RunExport, options: LoadOptions = {}): ReplayReport {
  return new Replay(file, options).check();
}

class Replay {
  private readonly file: RunExport;
  private readonly options: LoadOptions;
  private readonly digest = new StateDigest();
  private state: RunState = initialState();
  /** By hash. */
  private readonly programs = new Map<string, LoadedIr>();
  private repeated = 0;
  private readonly folded: number[] = [];

  constructor(file: RunExport, options: LoadOptions) {
    this.file = file;
    this.options = options;
  }

  check(): ReplayReport {
    const difference = this.firstDifference();
    const { repeated, folded, file, state } = this;
    return {
      turns: file.turns.length,
      entries: state.entries,
      repeated,
      folded,
      ...(difference === undefined ? {} : { difference }),
    };
  }

  private firstDifference(): Difference | undefined {
    const { run, definition, revisions = [], turns } = this.file;
    for (const ir of [definition, ...revisions]) {
      const wrong = changedDefinition(ir) ?? this.load(ir);
      if (wrong !== undefined) return wrong;
    }
    let hash = headHash(run, definition);
    for (const [index, turn] of turns.entries()) {
      const position = index + 1;
      if (turn.position !== position) {
        const { position: recorded } = turn;
        return { position, what: 'a turn is missing', recorded, replayed: position };
      }
      const difference = this.differs(hash, turn);
      if (difference !== undefined) return difference;
      hash = turn.hash;
    }
    return this.wrongEnd(hash);
  }

  private load(ir: Ir): Difference | undefined {
    const program = loadProgram(ir, this.options);
    if (program.ok) {
      this.programs.set(ir.hash, program.value);
      return undefined;
    }
    const [problem] = program.error;
    return { what: `the definition cannot be run here: ${problem?.message ?? ''}` };
  }

  /** What the run goes by, as far as the file was folded. */
  private program(): LoadedIr | undefined {
    return this.programs.get(revisionOf(this.state) ?? this.file.definition.hash);
  }

  private differs(before: string, turn: ExportedTurn): Difference | undefined {
    const unknown = turn.entries.find(({ kind }) => !Object.hasOwn(appliers, kind));
    if (unknown !== undefined) {
      const what = `this version does not know entries of the kind "${unknown.kind}"`;
      return { position: turn.position, what };
    }
    try {
      return this.broken(before, turn) ?? this.repeat(turn) ?? this.apply(turn);
    } catch (thrown) {
      // Entries that no release has written so: neither the machine nor the fold is made for them.
      const { position } = turn;
      const what = `the entries of the turn cannot be read: ${said(thrown)}`;
      return { position, entry: this.state.entries + 1, what };
    }
  }

  /** X1 */
  private broken(before: string, turn: ExportedTurn): Difference | undefined {
    const replayed = turnHash(before, turn);
    if (replayed === turn.hash) return undefined;
    const what = 'the turn was changed after the export: its hash is another';
    return { position: turn.position, what, recorded: turn.hash, replayed };
  }

  /** Lets the machine take the turn again. */
  private repeat(turn: ExportedTurn): Difference | undefined {
    const { position, entries } = turn;
    const missing = this.missingRevision(entries);
    const program = this.program();
    if (missing !== undefined || program === undefined) {
      const what = 'the file has not got the definition that the run goes by';
      return { position, what, recorded: missing ?? revisionOf(this.state) ?? null };
    }
    const causes = causesOf(this.state, entries);
    if (causes.length === 0) {
      this.folded.push(position);
      return undefined;
    }
    let closest: Difference | undefined;
    for (const cause of causes) {
      const difference = this.differenceOf(program, turn, cause);
      if (difference === undefined) {
        this.repeated += 1;
        return undefined;
      }
      if ((difference.entry ?? 0) > (closest?.entry ?? -1)) closest = difference;
    }
    return closest;
  }

  private missingRevision(entries: readonly Entry[]): string | undefined {
    for (const entry of entries) {
      if (entry.kind === 'overlaid' && !this.programs.has(entry.revision)) return entry.revision;
    }
    return undefined;
  }

  private differenceOf(
    program: LoadedIr,
    turn: ExportedTurn,
    cause: StimulusBody,
  ): Difference | undefined {
    const { position, entries } = turn;
    const cut = entries.at(-1);
    const steps = cut?.kind === 'yielded' ? cut.steps : undefined;
    // Where a turn is cut depends on who ran it, what it does until then does not.
    const isCut = cut?.kind === 'yielded' && steps === undefined;
    const recorded = isCut ? entries.slice(0, -1) : entries;
    const fuelled = isCut
      ? patient(program)
      : steps === undefined
        ? program
        : cutAfter(program, steps);
    const replayed = this.again(fuelled, entries, cause);
    const length = isCut ? recorded.length : Math.max(recorded.length, replayed.length);
    for (let at = 0; at < length; at += 1) {
      const there = recorded[at] as unknown as Json | undefined;
      const here = replayed[at] as unknown as Json | undefined;
      if (there !== undefined && here !== undefined && sameJson(there, here)) continue;
      return {
        position,
        entry: this.state.entries + at + 1,
        what: 'the machine decides something else',
        ...(there === undefined ? {} : { recorded: there }),
        ...(here === undefined ? {} : { replayed: here }),
      };
    }
    return undefined;
  }

  private again(program: LoadedIr, entries: readonly Entry[], cause: StimulusBody): Entry[] {
    const drawn = entries.find((entry) => entry.kind === 'retryScheduled');
    const random = drawn?.kind === 'retryScheduled' ? drawn.random : undefined;
    const command = entries.find((entry) => entry.kind === 'commanded')?.command;
    const revision = cause.kind === 'applyOverlay' ? this.programs.get(cause.revision) : undefined;
    const stimulus = {
      ...cause,
      ...(revision === undefined ? {} : { program: revision }),
      ...(random === undefined ? {} : { random }),
      ...(command === undefined ? {} : { command }),
    };
    const limits = { ...program.limits, turnEvaluationMax: Infinity };
    const turn = advance({ ...program, limits }, this.state, stimulus, entries[0]?.at ?? 0);
    return turn.entries.map(shownEntry);
  }

  /** Folds the turn. X2 */
  private apply(turn: ExportedTurn): Difference | undefined {
    const { position } = turn;
    this.state = fold(this.state, turn.entries);
    const replayed = this.digest.of(this.state);
    if (replayed === turn.state) return undefined;
    const what = 'the entries fold to another state than they did';
    return { position, entry: this.state.entries, what, recorded: turn.state, replayed };
  }

  private wrongEnd(hash: string): Difference | undefined {
    const { end, turns, run } = this.file;
    const counted = { turns: turns.length, entries: this.state.entries, hash };
    const said = { turns: end.turns, entries: end.entries, hash: end.hash };
    if (!sameJson(said, counted)) {
      return { what: 'the file does not end where it ended', recorded: said, replayed: counted };
    }
    const shown = isJsonObject(run) ? (run['status'] ?? null) : null;
    const status = stateOf(this.state);
    if (shown === status) return undefined;
    return { what: 'the run is in another state', recorded: shown, replayed: status };
  }
}

function changedDefinition(definition: Ir): Difference | undefined {
  const { hash: recorded, ...rest } = definition;
  const replayed = hashJson(rest as unknown as Json);
  if (recorded === replayed) return undefined;
  return { what: 'the definition was changed: its hash is another', recorded, replayed };
}

/** The program with fuel for as long as a turn can have lasted. */
function patient(program: LoadedIr): LoadedIr {
  const limits = { turnNodesMax: cutTurnNodesMax, turnBytesMax: 2 * defaultLimits.turnBytesMax };
  return { ...program, limits: { ...program.limits, ...limits } };
}

/** On the fast path the cut says where it is: steps that are not recorded cannot be told apart. */
function cutAfter(program: LoadedIr, turnNodesMax: number): LoadedIr {
  const limits = { ...program.limits, turnNodesMax, turnBytesMax: Infinity };
  return { ...program, limits };
}

function sameJson(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

function said(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
