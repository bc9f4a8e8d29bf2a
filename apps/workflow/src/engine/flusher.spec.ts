import { describe, expect, it } from '@jest/globals';
import { Flusher, type JournalWriter } from './flusher.js';
import type { Ownership } from './journal-store.js';
import type { PlacedTurn, TurnRecord } from './turn-record.js';

/** A journal in memory whose next flushes can be told how to go wrong. */
class FakeJournal implements JournalWriter {
  readonly stored: PlacedTurn[] = [];
  readonly batches: number[] = [];
  /** `lost`: not committed; `unseen`: committed, but the answer is lost; `stolen`: another wrote. */
  readonly faults: ('lost' | 'unseen' | 'stolen' | 'fenced')[] = [];
  poison: string | undefined;
  /** The run whose turns cannot even be sent. */
  unsendable: string | undefined;
  /** Another process has taken over. */
  successor = false;
  private epoch = 0;

  takeOver(): Promise<Ownership> {
    this.epoch += 1;
    const lastSeq = new Map<number, number>();
    for (const { partition, seq } of this.stored) lastSeq.set(partition, seq);
    return Promise.resolve({ epochs: new Map([[0, this.epoch]]), lastSeq });
  }

  takeOverAgain(): Promise<Ownership | undefined> {
    return this.successor ? Promise.resolve(undefined) : this.takeOver();
  }

  flush(_epochs: ReadonlyMap<number, number>, turns: readonly PlacedTurn[]): Promise<boolean> {
    const fault = this.faults.shift();
    if (fault === 'fenced') return Promise.resolve(false);
    if (fault === 'lost') return Promise.reject(connectionLost());
    if (turns.some(({ runId }) => runId === this.poison)) return Promise.reject(dataError());
    if (turns.some(({ runId }) => runId === this.unsendable)) {
      return Promise.reject(new RangeError('Invalid time value'));
    }
    this.batches.push(turns.length);
    if (fault === 'stolen') this.stored.push({ ...turnOf('thief'), seq: this.stored.length + 1 });
    if (fault !== 'stolen') this.stored.push(...turns);
    if (fault === 'stolen') this.stored.push({ ...turnOf('thief'), seq: 99 });
    return fault === undefined ? Promise.resolve(true) : Promise.reject(connectionLost());
  }
}

function connectionLost(): Error {
  return Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
}

function dataError(): Error {
  return Object.assign(new Error('invalid text'), { code: '22P05' });
}

function turnOf(runId: string, tenantId = 'ten_a'): TurnRecord {
  return { partition: 0, tenantId, runId, payload: Buffer.alloc(100) } as unknown as TurnRecord;
}

async function flusherOn(
  journal: FakeJournal,
): Promise<{ flusher: Flusher; fenced: () => number }> {
  let fenced = 0;
  const flusher = new Flusher({
    journal,
    onFenced: () => (fenced += 1),
    onError: () => undefined,
  });
  await flusher.start();
  return { flusher, fenced: () => fenced };
}

/** A turn of a run of its own, unless the run is given. */
const append = (flusher: Flusher, turn: TurnRecord, run: object = {}) => flusher.append(turn, run);

const seqsOf = (journal: FakeJournal) => journal.stored.map(({ seq }) => seq);

describe('the flusher', () => {
  it('writes what collects during a flush as one batch, numbered without gaps (F1)', async () => {
    const journal = new FakeJournal();
    const { flusher } = await flusherOn(journal);
    const first = append(flusher, turnOf('a'));
    await Promise.resolve();
    const rest = ['b', 'c', 'd'].map((run) => append(flusher, turnOf(run)));
    await Promise.all([first, ...rest]);
    expect(journal.batches.reduce((sum, size) => sum + size, 0)).toBe(4);
    expect(journal.batches.length).toBeLessThan(4);
    expect(seqsOf(journal)).toEqual([1, 2, 3, 4]);
  });

  it('sends a lost batch again, and not one that was committed unseen (F3)', async () => {
    const journal = new FakeJournal();
    const { flusher } = await flusherOn(journal);
    journal.faults.push('lost');
    await append(flusher, turnOf('a'));
    journal.faults.push('unseen');
    await append(flusher, turnOf('b'));
    await append(flusher, turnOf('c'));
    expect(journal.stored.map(({ runId }) => runId)).toEqual(['a', 'b', 'c']);
    expect(seqsOf(journal)).toEqual([1, 2, 3]);
  });

  it.each(['stolen', 'fenced'] as const)('stops for good when it is %s', async (fault) => {
    const journal = new FakeJournal();
    const { flusher, fenced } = await flusherOn(journal);
    journal.faults.push(fault);
    await expect(append(flusher, turnOf('a'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(append(flusher, turnOf('b'))).rejects.toMatchObject({ code: 'unavailable' });
    expect(fenced()).toBe(1);
  });

  it('does not take back what another process has taken over (J3)', async () => {
    const journal = new FakeJournal();
    const { flusher, fenced } = await flusherOn(journal);
    journal.successor = true;
    journal.faults.push('lost');
    await expect(append(flusher, turnOf('a'))).rejects.toMatchObject({ code: 'unavailable' });
    expect(fenced()).toBe(1);
    expect(journal.stored).toEqual([]);
  });

  it('faults the run with bad data, its later turns, and nobody else (F4)', async () => {
    const journal = new FakeJournal();
    const { flusher } = await flusherOn(journal);
    journal.poison = 'bad';
    const bad = {};
    const runs = ['a', 'bad', 'b', 'bad', 'c', 'd'];
    const outcomes = await Promise.allSettled(
      runs.map((run) => append(flusher, turnOf(run), run === 'bad' ? bad : {})),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      runs.map((run) => (run === 'bad' ? 'rejected' : 'fulfilled')),
    );
    expect(journal.stored.map(({ runId }) => runId)).toEqual(['a', 'b', 'c', 'd']);
    expect(seqsOf(journal)).toEqual([1, 2, 3, 4]);
  });

  it('faults only the run with what cannot be sent (F4)', async () => {
    const journal = new FakeJournal();
    const { flusher } = await flusherOn(journal);
    journal.unsendable = 'bad';
    const runs = ['a', 'bad', 'b'];
    const outcomes = await Promise.allSettled(runs.map((run) => append(flusher, turnOf(run))));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(journal.stored.map(({ runId }) => runId)).toEqual(['a', 'b']);
  });

  it('takes no turn that was made from a lost one, however late it comes (F4)', async () => {
    const journal = new FakeJournal();
    const { flusher } = await flusherOn(journal);
    const run = {};
    journal.poison = 'a';
    const lost = append(flusher, turnOf('a'), run);
    // In the moment of the loss, before anybody could have heard of it.
    const late = lost.catch(() => append(flusher, turnOf('later turn of a'), run));
    await expect(late).rejects.toMatchObject({ code: 'unavailable' });
    await append(flusher, turnOf('b'));
    expect(journal.stored.map(({ runId }) => runId)).toEqual(['b']);
    expect(flusher.backlog).toBe(0);
    expect(flusher.backlogBytes).toBe(0);
  });

  it('fills a batch with what the other tenants leave free', async () => {
    const journal = new FakeJournal();
    const { flusher } = await flusherOn(journal);
    const flood = Array.from({ length: 400 }, () => append(flusher, turnOf('x', 'ten_loud')));
    await Promise.all([...flood, append(flusher, turnOf('y', 'ten_quiet'))]);
    expect(journal.batches).toEqual([401]);
  });

  it('does not let one tenant fill a batch while another waits', async () => {
    const journal = new FakeJournal();
    const { flusher } = await flusherOn(journal);
    const flood = Array.from({ length: 1_000 }, () => append(flusher, turnOf('x', 'ten_loud')));
    const quiet = append(flusher, turnOf('y', 'ten_quiet'));
    await Promise.all([...flood, quiet]);
    const place = journal.stored.findIndex(({ runId }) => runId === 'y');
    expect(place).toBeLessThanOrEqual(100);
  });
});
