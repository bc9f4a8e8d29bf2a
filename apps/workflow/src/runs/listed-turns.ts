import { fold, jsonSize, type Entry, type RunState } from '@parley/engine';
import type { Json } from '@parley/kernel';

/** Steps of the entries that are more are not listed: of a run of millions nobody wants them all. */
export const listedEntriesMax = 50_000;
/** The same for what is in them, about, as JSON text: a list that grows is in each of a thousand steps. */
const listedBytesMax = 64 * 1024 * 1024;

/** Of what is listed at most, how much some entries are: 1 is all of it. */
export function loadOf(entries: readonly Entry[]): number {
  return Math.max(entries.length / listedEntriesMax, bytesOf(entries) / listedBytesMax);
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + jsonSize(entry as unknown as Json), 0);
}

export interface ListedTurn {
  readonly position: number;
  readonly entries: readonly Entry[];
}

/** The last turns of a run, as many as are listed, and what the run was before them. */
export class ListedTurns {
  private state: RunState;
  private readonly bytesMax: number;
  private readonly listed: { readonly turn: ListedTurn; readonly bytes: number }[] = [];
  private bytes = 0;

  /** @param before what the run was before the first turn that is added */
  constructor(before: RunState, bytesMax = listedBytesMax) {
    this.state = before;
    this.bytesMax = bytesMax;
  }

  /** What the run was before the turns that are listed. */
  get before(): RunState {
    return this.state;
  }

  get turns(): ListedTurn[] {
    return this.listed.map(({ turn }) => turn);
  }

  get entries(): Entry[] {
    return this.listed.flatMap(({ turn }) => turn.entries);
  }

  /** Lists a turn; the earliest ones are only folded where all of them would be too much. */
  add(turn: ListedTurn): void {
    const bytes = bytesOf(turn.entries);
    this.listed.push({ turn, bytes });
    this.bytes += bytes;
    let folded = 0;
    while (this.bytes > this.bytesMax && folded < this.listed.length - 1) {
      this.bytes -= this.listed[folded]?.bytes ?? 0;
      folded += 1;
    }
    const earliest = this.listed.splice(0, folded);
    if (folded > 0)
      this.state = fold(
        this.state,
        earliest.flatMap(({ turn: { entries } }) => entries),
      );
  }
}
