import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { renameSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Input } from './reply.ts';

/*
 * Invariants
 * L1  A call is in the file before its answer leaves, so that counts survive a kill of the demo.
 * L2  The file is a beginning (`opened` or `snapshot`) followed by what happened since; replaying
 *     it restores business, answers by key and calls.
 * L3  A torn last line is a call that was never answered, and is cut off.
 */

/** Calls kept in memory and in a snapshot; older ones leave first. */
export const CALLS_MAX = 100_000;
/** Lines after which the file is rewritten as one snapshot. */
const LINES_MAX = 200_000;

export interface Call {
  seq: number;
  at: string;
  system: string;
  /** Null when the system has no such operation. */
  operation: string | null;
  method: string;
  path: string;
  idempotencyKey: string | null;
  requestId?: string;
  /** Trace that the caller sent (W3C traceparent). */
  traceId?: string;
  /** The status that was decided, also when the answer was withheld or the connection dropped. */
  status: number;
  /** True when this very call changed something: false for a repeated key. */
  effect: boolean;
  /** What became of the answer. */
  answer: 'sent' | 'withheld' | 'dropped';
  /** True when the answer to an earlier call with this key was given again. */
  replayed: boolean;
}

/** What a call asked for, kept when replaying it matters: it had an effect or its key is taken. */
export interface Performed {
  input: Omit<Input, 'now'>;
  fingerprint: string | null;
}

export type Line =
  | { type: 'opened'; seed: number; scale: number; at: string; seq: number }
  | { type: 'call'; call: Call; performed?: Performed }
  | { type: 'cleared' }
  | { type: 'snapshot'; state: unknown };

/** The file behind the ledger; without a path, nothing is kept. */
export class LedgerFile {
  readonly path: string | undefined;
  private descriptor: number | undefined;
  private readonly linesMax: number;
  private lines = 0;

  constructor(path: string | undefined, linesMax = LINES_MAX) {
    this.path = path;
    this.linesMax = linesMax;
  }

  /** The lines of an earlier process, oldest first. Changes nothing but a torn end (L3). */
  read(): Line[] {
    if (this.path === undefined || !existsSync(this.path)) return [];
    const text = readFileSync(this.path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(this.path, Buffer.byteLength(whole));
    const lines = whole.split('\n').filter((line) => line !== '');
    this.lines = lines.length;
    return lines.map((line, index) => {
      try {
        return JSON.parse(line, revive) as Line;
      } catch (cause) {
        const where = `${this.path}, line ${index + 1}`;
        throw new Error(`${where} is damaged. Delete the file to start afresh.`, { cause });
      }
    });
  }

  get full(): boolean {
    return this.lines >= this.linesMax;
  }

  append(line: Line): void {
    if (this.path === undefined) return;
    this.descriptor ??= openSync(this.path, 'a');
    write(this.descriptor, line);
    this.lines++;
  }

  /** Starts the file again with one line; a kill in between leaves the old one. */
  restart(line: Line): void {
    if (this.path === undefined) return;
    this.close();
    mkdirSync(dirname(this.path), { recursive: true });
    const fresh = `${this.path}.new`;
    const descriptor = openSync(fresh, 'w');
    write(descriptor, line);
    closeSync(descriptor);
    renameSync(fresh, this.path);
    this.lines = 1;
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

/** One write may take only a part, for instance of a large snapshot. */
function write(descriptor: number, line: Line): void {
  const bytes = Buffer.from(`${JSON.stringify(line, keepMaps)}\n`);
  for (let offset = 0; offset < bytes.length;) {
    offset += writeSync(descriptor, bytes, offset);
  }
}

function keepMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? { $map: [...value] } : value;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$map' in value)) return value;
  return Array.isArray(value.$map) ? new Map(value.$map as [unknown, unknown][]) : value;
}
