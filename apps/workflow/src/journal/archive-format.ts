import { parseJson } from '@parley/kernel';
import { decodeText } from '../engine/codec.js';
import type { ParsedSnapshot } from '../engine/snapshots.js';
import type { ParsedTurn } from '../payloads/claims.js';

const format = 'parley-archive/1';

/** A turn as it was written. */
export interface ToldTurn {
  readonly position: number;
  /** JSON text: see `textOfTurn`. */
  readonly text: string;
}

/** Turns of one run that follow one another. */
export interface PartOfRun {
  readonly runId: string;
  /** What the run was before them; absent when it begins with them, or when nobody knows. */
  readonly opening?: StoredOpening;
  readonly turns: readonly ToldTurn[];
}

export interface StoredOpening {
  readonly format: number;
  readonly payload: Buffer;
}

/** The same as it was read. */
export interface ArchivedPart {
  readonly run: string;
  readonly first: number;
  readonly opening?: { readonly format: number; readonly snapshot: ParsedSnapshot };
  readonly turns: readonly (readonly [position: number, turn: ParsedTurn])[];
}

/**
 * An archive: a line of JSON that says what it is, and then one for each part. Turns are in it as
 * they were written, to the digit, so the same turns give the same archive.
 */
export function encodeArchive(parts: readonly PartOfRun[]): Buffer {
  const lines = parts.map(({ runId, opening, turns }) => {
    const told = turns.map(({ position, text }) => `[${position},${text}]`);
    const state =
      opening === undefined
        ? ''
        : `"opening":{"format":${opening.format},"snapshot":${decodeText(opening.payload)}},`;
    return `${startOf(runId, turns[0]?.position ?? 0)}${state}"turns":[${told.join()}]}\n`;
  });
  return Buffer.from(`${JSON.stringify({ format })}\n${lines.join('')}`);
}

/** A part of a run in an archive. @throws when this is no archive, or not one that has the part */
export function partOf(archive: Buffer, runId: string, first: number): ArchivedPart {
  const head = archive.subarray(0, archive.indexOf('\n')).toString();
  if (head !== JSON.stringify({ format })) {
    throw new Error(`not an archive that this version reads: ${head.slice(0, 100)}`);
  }
  const start = startOf(runId, first);
  const at = archive.indexOf(`\n${start}`) + 1;
  if (at === 0) throw new Error(`turn ${String(first)} of ${runId} is not in its archive`);
  const line = archive.subarray(at, archive.indexOf('\n', at)).toString();
  return parseJson(line) as unknown as ArchivedPart;
}

function startOf(runId: string, first: number): string {
  return `{"run":${JSON.stringify(runId)},"first":${String(first)},`;
}
