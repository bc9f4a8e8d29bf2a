import { describe, expect, it } from '@jest/globals';
import { turn } from '../../test/journal-contract.js';
import type { NotableTurn } from './journal-store.js';
import type { PlacedTurn } from './turn-record.js';
import { UnpublishedTurns } from './unpublished-turns.js';

/** The journal of partition 0, whose even turns are notable, and what is read of it. */
function setUp() {
  const journal: PlacedTurn[] = [];
  let reads = 0;
  let cursor = 0;
  /** How many turns of the journal are not after the cursor; tests write it in order. */
  let behind = 0;
  let whileReading: () => void = () => undefined;
  const turns = new UnpublishedTurns({
    notableTurns: async (limit, partitions): Promise<NotableTurn[]> => {
      reads += 1;
      while ((journal[behind]?.seq ?? Infinity) <= cursor) behind += 1;
      const found: NotableTurn[] = [];
      for (let at = behind; at < journal.length && found.length < limit; at += 1) {
        const one = journal[at];
        if (one?.notable === true && partitions.includes(one.partition)) found.push(one);
      }
      whileReading();
      return found;
    },
  });
  return {
    turns,
    reads: () => reads,
    whileReading: (work: () => void) => (whileReading = work),
    /** Makes turns durable. */
    write(...seqs: number[]) {
      const written = seqs.map((seq) =>
        turn(`run_${String(seq)}`, { partition: 0, seq, position: 1 }, { notable: seq % 2 === 0 }),
      );
      journal.push(...written);
      return written;
    },
    /** What is given, until there is nothing more, by number. */
    async published(): Promise<number[]> {
      const given: number[] = [];
      for (;;) {
        const next = await turns.next([0]);
        whileReading = () => undefined;
        if (next.turns.length === 0) return given;
        given.push(...next.turns.map(({ seq }) => seq));
        cursor = next.turns.at(-1)?.seq ?? cursor;
        turns.passed(next.turns);
      }
    },
  };
}

describe('turns that are not published', () => {
  it('are read once after a takeover and come from memory then', async () => {
    const { turns, write, published, reads } = setUp();
    write(1, 2, 3, 4);
    turns.own(0, 4);
    expect(await published()).toEqual([2, 4]);
    expect(reads()).toBe(1);
    turns.written(write(5, 6));
    turns.written(write(7, 8, 9));
    expect(await published()).toEqual([6, 8]);
    expect(reads()).toBe(1);
  });

  it('are complete and in order also when they come while the journal is read', async () => {
    const { turns, write, published, reads, whileReading } = setUp();
    turns.own(0, 2);
    write(1, 2);
    turns.written(write(3, 4));
    whileReading(() => turns.written(write(5, 6)));
    expect(await published()).toEqual([2, 4, 6]);
    expect(reads()).toBe(1);
  });

  it('are read again when one was not told', async () => {
    const { turns, write, published, reads } = setUp();
    turns.own(0, 0);
    turns.written(write(1, 2));
    expect(await published()).toEqual([2]);
    write(3, 4);
    turns.written(write(5, 6));
    expect(await published()).toEqual([4, 6]);
    expect(reads()).toBe(2);
  });

  it('are told once that the read has found already', async () => {
    const { turns, write, published } = setUp();
    turns.own(0, 0);
    const early = write(1, 2, 3, 4);
    expect(await published()).toEqual([2, 4]);
    turns.written(early);
    turns.written(write(5, 6));
    expect(await published()).toEqual([6]);
  });

  it('are given again until they are passed', async () => {
    const { turns, write, published } = setUp();
    turns.own(0, 0);
    turns.written(write(1, 2, 3, 4));
    for (let times = 0; times < 2; times += 1) {
      expect((await turns.next([0])).turns.map(({ seq }) => seq)).toEqual([2, 4]);
    }
    turns.doubt([0]);
    expect(await published()).toEqual([2, 4]);
  });

  it('are read in pieces when there are many, and of partitions that nobody tells about', async () => {
    const { turns, write, published, reads } = setUp();
    write(...Array.from({ length: 50 }, (_, index) => index + 1));
    expect((await published()).length).toBe(25);
    const before = reads();
    turns.own(0, 50);
    turns.written(write(51, 52));
    expect(await published()).toEqual([52]);
    expect(reads()).toBe(before + 1);
  });

  it('wait in memory up to a bound, and are read beyond it', async () => {
    const { turns, write, published } = setUp();
    turns.own(0, 0);
    expect(await published()).toEqual([]);
    const many = Array.from({ length: 41_000 }, (_, index) => index + 1);
    turns.written(write(...many));
    turns.written(write(41_001, 41_002));
    expect(await published()).toHaveLength(20_501);
  });
});
