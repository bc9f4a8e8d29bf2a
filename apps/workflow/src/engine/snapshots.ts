import {
  snapshotFormat,
  stateOfWritten,
  type RunState,
  type Turn,
  type WrittenState,
} from '@parley/engine';
import type { Json } from '@parley/kernel';
import type { KnownClaims } from '../payloads/known-claims.js';
import { encodeText } from './codec.js';

/** JSON text of entries that are folded rather than snapshotted: reading them costs no more. */
export const snapshotBytesMin = 128 * 1024;

/** A run's state as it is stored. */
export interface EncodedSnapshot {
  readonly format: number;
  /** Entries of the run until then. */
  readonly entries: number;
  readonly payload: Buffer;
}

/** What of a run decides when the next snapshot is due. */
export interface SnapshotProgress {
  /** Large values of the run that its journal refers to already. */
  readonly claimed: KnownClaims;
  /** JSON text of the entries since the last snapshot. */
  unsnapped: number;
  /** JSON text of the last snapshot. */
  snapshotLength: number;
}

/** Where a value stands in a state, and the hash that it is kept under. */
type Place = readonly [path: readonly string[], hash: string];

interface StoredState {
  readonly state: WrittenState;
  readonly places: readonly Place[];
}

/**
 * The snapshot that is to be written with a turn, if one is.
 *
 * N1  It is due when the entries since the last one are as long as that one was: so all snapshots of
 *     a run are about as long as its entries, however large its state grows, and reading a run costs
 *     about twice what its state costs. Short runs never write one.
 * N2  It refers to the objects that the run's entries refer to, and makes none of its own.
 */
export function snapshotDue(
  run: SnapshotProgress,
  { state }: Pick<Turn, 'state'>,
  { length, bytesMin }: { readonly length: number; readonly bytesMin: number },
): EncodedSnapshot | undefined {
  run.unsnapped += length;
  if (run.unsnapped < Math.max(bytesMin, run.snapshotLength)) return undefined;
  if (state.phase !== 'running') return undefined;
  const text = JSON.stringify(withoutClaimed(state, run.claimed));
  run.unsnapped = 0;
  run.snapshotLength = text.length;
  return { format: snapshotFormat, entries: state.entries, payload: encodeText(text) };
}

function withoutClaimed(state: RunState, claimed: KnownClaims): StoredState {
  const places: Place[] = [];
  const isClaimed = (value: unknown) => hashOf(claimed, value) !== undefined;
  const lift = (value: unknown, path: readonly string[]): unknown => {
    const hash = hashOf(claimed, value);
    if (hash !== undefined) {
      places.push([path, hash]);
      return null;
    }
    if (!Array.isArray(value) || !value.some(isClaimed)) return value;
    return value.map((item, index) => lift(item, [...path, String(index)]));
  };
  const liftMembers = <T extends object>(record: T, path: readonly string[]): T => {
    let rest = record;
    for (const [member, value] of Object.entries(record) as [string, unknown][]) {
      const left = lift(value, [...path, member]);
      if (left !== value) rest = { ...rest, [member]: left };
    }
    return rest;
  };
  const { frames, ready, failure, kept, ...rest } = state;
  const stored = {
    ...state, // For the order of its members.
    ...liftMembers(rest, []),
    frames: Object.fromEntries(
      [...frames].map(([name, frame]) => [name, liftMembers(frame, ['frames', name])]),
    ),
    ready: ready.map((item, index) => liftMembers(item, ['ready', String(index)])),
    ...(failure === undefined ? {} : { failure: liftMembers(failure, ['failure']) }),
    ...(kept === undefined
      ? {}
      : { kept: kept.map((step, index) => liftMembers(step, ['kept', String(index)])) }),
  };
  return { state: stored, places };
}

function hashOf(claimed: KnownClaims, value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? claimed.hashOf(value) : undefined;
}

/** A stored snapshot as it was parsed; what is kept as objects is not in it yet. */
export type ParsedSnapshot = StoredState;

/** The hashes of the values that a snapshot does not hold itself. */
export function claimsOfSnapshot({ places }: ParsedSnapshot): string[] {
  return [...new Set(places.map(([, hash]) => hash))];
}

/**
 * The state that a snapshot is of, every digit of it. What was parsed becomes part of it.
 * @param valueOf the value of a claim: one object for each hash, as they were before
 */
export function stateOfSnapshot(
  { state, places }: ParsedSnapshot,
  valueOf: (hash: string) => Json,
): RunState {
  for (const [path, hash] of places) {
    let inside = state as unknown as Record<string, unknown>;
    for (const name of path.slice(0, -1)) inside = inside[name] as Record<string, unknown>;
    inside[path.at(-1) ?? ''] = valueOf(hash);
  }
  return stateOfWritten(state);
}
