import type { JournalStore, NotableTurn } from './journal-store.js';
import { isNotable } from './projection.js';
import { weightOf, type PlacedTurn } from './turn-record.js';

/** Turns and bytes that wait in memory; what is beyond is read from the journal when its turn comes. */
const turnsMax = 20_000;
const bytesMax = 64 * 1_048_576;
/** Turns that are published together, of all partitions and of one, and bytes of their entries. */
const takenMax = 256;
const takenPerPartition = 32;
const takenBytesMax = 1_048_576;
/** Turns of a partition that are read from the journal at once. */
const readMax = 8;

/** What is known of a partition that this process writes. */
interface Known {
  /** The last turn that is known to be durable. */
  end: number;
  /** Everything notable up to here is published or in `turns`; undefined when that is not so. */
  through?: number | undefined;
  turns: Held[];
  /** What becomes durable while the journal is read. */
  meanwhile: Held[];
}

interface Held extends NotableTurn {
  readonly bytes: number;
}

/** What can be published now, in order per partition, and whether there is more that need not wait. */
export interface NextTurns {
  readonly turns: readonly NotableTurn[];
  readonly more: boolean;
}

/** Who is told what becomes durable, per partition in its order. */
export interface WrittenTurns {
  /** This process writes a partition from now on, whose journal ends at `lastSeq`. */
  own(partition: number, lastSeq: number): void;
  disown(partition: number): void;
  written(turns: readonly PlacedTurn[]): void;
}

/**
 * What the relay has still to publish. Whoever writes a partition has its turns in memory already and
 * need not read them again; the journal is read after a takeover, when more waits than memory is for,
 * and of partitions that nobody tells about.
 *
 * U1  A partition is served from memory only where nothing is missing: the journal was read to its
 *     end, and every turn since then has been told, one number after the other.
 * U2  A turn is given again until it is passed.
 */
export class UnpublishedTurns implements WrittenTurns {
  private readonly store: Pick<JournalStore, 'notableTurns'>;
  private readonly known = new Map<number, Known>();
  private count = 0;
  private bytes = 0;
  /** Where taking begins, so that no partition is always the last. */
  private turn = 0;

  constructor(store: Pick<JournalStore, 'notableTurns'>) {
    this.store = store;
  }

  own(partition: number, lastSeq: number): void {
    this.disown(partition);
    this.known.set(partition, { end: lastSeq, turns: [], meanwhile: [] });
  }

  disown(partition: number): void {
    this.doubt([partition]);
    this.known.delete(partition);
  }

  written(turns: readonly PlacedTurn[]): void {
    for (const turn of turns) {
      const known = this.known.get(turn.partition);
      if (known !== undefined) this.learn(known, turn);
    }
  }

  /** The next turns of these partitions; none when all are published. */
  async next(partitions: readonly number[]): Promise<NextTurns> {
    const unsure = partitions.filter((id) => this.known.get(id)?.through === undefined);
    const read = unsure.length === 0 ? [] : await this.read(unsure);
    const { taken, isCut } = this.take(partitions, takenMax - read.length);
    return { turns: [...read, ...taken], more: read.length > 0 || isCut };
  }

  /** Published: these need not be given again. */
  passed(turns: readonly NotableTurn[]): void {
    const ends = new Map(turns.map(({ partition, seq }) => [partition, seq]));
    for (const [partition, end] of ends) {
      const known = this.known.get(partition);
      if (known === undefined) continue;
      const first = known.turns.findIndex(({ seq }) => seq > end);
      this.release(known.turns.splice(0, first < 0 ? known.turns.length : first));
    }
  }

  /** What is in memory of these partitions is not to be relied on. */
  doubt(partitions: Iterable<number>): void {
    for (const partition of partitions) {
      const known = this.known.get(partition);
      if (known === undefined) continue;
      this.release(known.turns);
      this.release(known.meanwhile);
      this.known.set(partition, { end: known.end, turns: [], meanwhile: [] });
    }
  }

  private learn(known: Known, turn: PlacedTurn): void {
    const { partition, seq } = turn;
    if (seq <= known.end && known.through === undefined) return;
    known.end = Math.max(known.end, seq);
    if (known.through === undefined) return this.hold(known.meanwhile, turn);
    if (seq <= known.through) return;
    if (seq !== known.through + 1) return this.doubt([partition]); // U1
    known.through = seq;
    this.hold(known.turns, turn);
  }

  private hold(into: Held[], turn: PlacedTurn): void {
    const { partition, seq, run, entries, notable } = turn;
    if (!notable) return;
    if (this.count >= turnsMax || this.bytes >= bytesMax) return this.doubt([partition]);
    const { runId, tenantId, workflowId, version, startedBy } = run;
    const facts = { runId, tenantId, workflowId, version, startedBy };
    const bytes = weightOf(turn);
    const told = entries.map((entry) => (isNotable(entry) ? entry : null));
    into.push({ partition, seq, run: facts, entries: told, bytes });
    this.count += 1;
    this.bytes += bytes;
  }

  private release(turns: readonly Held[]): void {
    this.count -= turns.length;
    for (const { bytes } of turns) this.bytes -= bytes;
  }

  /** @returns turns of partitions that are not read to their end; the others are in memory then */
  private async read(partitions: readonly number[]): Promise<NotableTurn[]> {
    const before = new Map(partitions.map((id) => [id, this.known.get(id)]));
    for (const known of before.values()) {
      if (known !== undefined) this.release(known.meanwhile.splice(0));
    }
    const found = Map.groupBy(
      await this.store.notableTurns(readMax, partitions),
      ({ partition }) => partition,
    );
    return partitions.flatMap((partition) => {
      const turns = found.get(partition) ?? [];
      const known = before.get(partition);
      const isSame = known !== undefined && this.known.get(partition) === known;
      if (!isSame || turns.length >= readMax) return turns;
      const last = turns.at(-1)?.seq ?? 0;
      const meanwhile = known.meanwhile.filter(({ seq }) => seq > last);
      this.release(known.meanwhile);
      known.turns = [...turns.map((turn) => ({ ...turn, bytes: 0 })), ...meanwhile];
      known.meanwhile = [];
      known.through = Math.max(known.end, last);
      this.count += known.turns.length;
      for (const { bytes } of meanwhile) this.bytes += bytes;
      return [];
    });
  }

  private take(
    partitions: readonly number[],
    countMax: number,
  ): { readonly taken: NotableTurn[]; readonly isCut: boolean } {
    const taken: NotableTurn[] = [];
    let bytes = 0;
    let isCut = false;
    this.turn += 1;
    for (let step = 0; step < partitions.length; step += 1) {
      const at = partitions[(this.turn + step) % partitions.length] ?? -1;
      const known = this.known.get(at);
      if (known?.through === undefined) continue;
      isCut ||= known.turns.length > takenPerPartition;
      for (const turn of known.turns.slice(0, takenPerPartition)) {
        if (taken.length >= countMax || bytes >= takenBytesMax) return { taken, isCut: true };
        taken.push(turn);
        bytes += turn.bytes;
      }
    }
    return { taken, isCut };
  }
}
