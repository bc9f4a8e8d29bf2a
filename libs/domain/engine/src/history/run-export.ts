import { hashText, type Ir } from '@parley/ir';
import { canonicalJson, isJsonObject, type Json } from '@parley/kernel';
import type { Entry } from '../entries.js';
import { fold } from '../evolve.js';
import { initialState, type RunState } from '../state.js';
import { shownEntry } from './shown.js';
import { StateDigest } from './state-digest.js';

export const exportFormat = 'parley-run/1';

/**
 * One run as one file.
 *
 * X1  `hash` of a turn is over its entries, its state and the hash before it; the first one is over
 *     the run and the definition: nothing can be changed, left out or moved without being seen.
 * X2  `state` of a turn is the digest of the state after it, as the platform folded it: another
 *     release that folds the entries to something else is found out.
 * X3  Nothing in the file depends on when or where it was made: the same journal gives the same file.
 */
export interface RunExport {
  readonly format: typeof exportFormat;
  /** The run as the API shows it. */
  readonly run: Json;
  /** The compiled definition that it was started with; it names its own hash. */
  readonly definition: Ir;
  /** Those that overlays led it to; each names its own hash, and the turn that it began with. */
  readonly revisions?: readonly Ir[];
  readonly turns: readonly ExportedTurn[];
  readonly end: ExportEnd;
}

export interface ExportedTurn {
  readonly position: number;
  readonly entries: readonly Entry[];
  readonly state: string;
  readonly hash: string;
}

export interface ExportEnd {
  readonly turns: number;
  readonly entries: number;
  /** Of the last turn. */
  readonly hash: string;
}

export interface JournaledTurn {
  readonly position: number;
  readonly entries: readonly Entry[];
}

/** Makes the turns of an export one after the other, so that a long run is never whole in memory. */
export class RunExporter {
  private readonly digest = new StateDigest();
  private state: RunState = initialState();
  private hash: string;
  private turns = 0;

  constructor(run: Json, definition: Ir) {
    this.hash = headHash(run, definition);
  }

  turn({ position, entries }: JournaledTurn): ExportedTurn {
    const shown = entries.map(shownEntry);
    this.state = fold(this.state, shown);
    const state = this.digest.of(this.state);
    this.hash = turnHash(this.hash, { position, entries: shown, state });
    this.turns += 1;
    return { position, entries: shown, state, hash: this.hash };
  }

  end(): ExportEnd {
    return { turns: this.turns, entries: this.state.entries, hash: this.hash };
  }
}

/** X1 */
export function headHash(run: Json, definition: Ir): string {
  return hashText(`${exportFormat}\n${canonicalJson(run)}\n${definition.hash}`);
}

/** X1: over the text itself, so that digits and the order of keys count too. */
export function turnHash(before: string, turn: Omit<ExportedTurn, 'hash'>): string {
  const { position, entries, state } = turn;
  return hashText(`${before}\n${position}\n${JSON.stringify(entries)}\n${state}`);
}

/** Reads what was parsed from a file. Only the form is looked at. @returns what is wrong with it */
export function readExport(file: Json): RunExport | string {
  if (!isJsonObject(file) || typeof file['format'] !== 'string') return 'is not an export of a run';
  if (file['format'] !== exportFormat) {
    return `has the format "${file['format'].slice(0, 100)}", which this version does not read`;
  }
  const { run, definition, revisions = [], turns, end } = file;
  if (!isJsonObject(run)) return 'has no run';
  if (!isJsonObject(definition)) return 'has no definition';
  if (!Array.isArray(revisions) || !revisions.every(isJsonObject)) return 'has broken revisions';
  if (!isJsonObject(end)) return 'is cut off: it has no end';
  if (!Array.isArray(turns)) return 'has no turns';
  const broken = turns.findIndex((turn) => !isTurn(turn));
  if (broken >= 0) return `has something else than a turn as number ${broken + 1} of its turns`;
  return file as unknown as RunExport;
}

function isTurn(turn: Json): boolean {
  return (
    isJsonObject(turn) &&
    typeof turn['position'] === 'number' &&
    typeof turn['state'] === 'string' &&
    typeof turn['hash'] === 'string' &&
    Array.isArray(turn['entries']) &&
    turn['entries'].every((entry) => isJsonObject(entry) && typeof entry['kind'] === 'string')
  );
}
