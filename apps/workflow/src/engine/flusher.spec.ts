import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Flusher, type JournalWriter } from './flusher.js';
import type { Ownership } from '../replicas/replica-store.js';
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
  /** Partitions that another process has taken over. */
  readonly taken = new Set<number>();
  /** How long a flush takes. */
  flushMs = 0;
  private epoch = 0;

  takeAgain(partitions: readonly number[]): Promise<Ownership> {
    this.epoch += 1;
    const own = partitions.filter((id) => !this.taken.has(id));
    const endOf = (id: number) =>
      Math.max(0, ...this.stored.filter(({ partition }) => partition === id).map(({ seq }) => seq));
    return Promise.resolve({
      epochs: new Map(own.map((id) => [id, this.epoch])),
      lastSeq: new Map(own.map((id) => [id, endOf(id)])),
    });
  }

  async flush(
    _epochs: ReadonlyMap<number, number>,
    turns: readonly PlacedTurn[],
  ): Promise<readonly number[]> {
    if (this.flushMs > 0) await new Promise((done) => setTimeout(done, this.flushMs));
    return this.write(turns);
  }

  private write(turns: readonly PlacedTurn[]): Promise<readonly number[]> {
    const fault = this.faults.shift();
    if (fault === 'fenced') this.taken.add(0);
    if (fault === 'lost') return Promise.reject(connectionLost());
    if (turns.some(({ runId }) => runId === this.poison)) return Promise.reject(dataError());
    if (turns.some(({ runId }) => runId === this.unsendable)) {
      return Promise.reject(new RangeError('Invalid time value'));
    }
    const owned = turns.filter(({ partition }) => !this.taken.has(partition));
    this.batches.push(turns.length);
    if (fault === 'stolen') this.stored.push({ ...turnOf('thief'), seq: this.stored.length + 1 });
    if (fault !== 'stolen') this.stored.push(...owned);
    if (fault === 'stolen') this.stored.push({ ...turnOf('thief'), seq: 99 });
    if (fault === 'unseen' || fault === 'stolen') return Promise.reject(connectionLost());
    const partitions = new Set(turns.map(({ partition }) => partition));
    return Promise.resolve([...partitions].filter((id) => this.taken.has(id)));
  }
}

function connectionLost(): Error {
  return Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
}

function dataError(): Error {
  return Object.assign(new Error('invalid text'), { code: '22P05' });
}

function turnOf(runId: string, tenantId = 'ten_a', partition = 0): TurnRecord {
  const turn = { partition, tenantId, runId, payload: Buffer.alloc(100), run: {} };
  return turn as unknown as TurnRecord;
}

const urgent = (turn: TurnRecord): TurnRecord => ({
  ...turn,
  run: { ...turn.run, priority: 'high' },
});

async function flusherOn(
  journal: FakeJournal,
  partitions: readonly number[] = [0],
): Promise<{ flusher: Flusher; lost: number[] }> {
  const lost: number[] = [];
  const flusher = new Flusher({
    journal,
    onLost: (ids) => lost.push(...ids),
    onError: () => undefined,
  });
  flusher.own(await journal.takeAgain(partitions));
  return { flusher, lost };
}

/** A turn of a run of its own, unless the run is given. */
const append = (flusher: Flusher, turn: TurnRecord, run: object = {}) => flusher.append(turn, run);

const seqsOf = (journal: FakeJournal) => journal.stored.map(({ seq }) => seq);

afterEach(() => {
  jest.useRealTimers();
});

/** At a time of its own, on a journal that takes its time. */
async function slowFlusher() {
  jest.useFakeTimers();
  const journal = new FakeJournal();
  journal.flushMs = 10;
  return { journal, ...(await flusherOn(journal)) };
}

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

  it('takes runs of a higher priority first, each in its order; other tenants have their share', async () => {
    const journal = new FakeJournal();
    const { flusher } = await flusherOn(journal);
    const first = append(flusher, turnOf('first'));
    await Promise.resolve();
    const many = Array.from({ length: 300 }, (_, n) => append(flusher, turnOf(`m${String(n)}`)));
    const late = ['h1', 'h2', 'h3'].map((run) => append(flusher, urgent(turnOf(run))));
    const other = append(flusher, turnOf('other', 'ten_b'));
    await Promise.all([first, ...many, ...late, other]);
    const written = journal.stored.map(({ runId }) => runId);
    expect(written.slice(1, 4)).toEqual(['h1', 'h2', 'h3']);
    expect(written.filter((run) => run.startsWith('m'))).toEqual(
      many.map((_, n) => `m${String(n)}`),
    );
    expect(written.indexOf('other')).toBe(25); // Behind the share of one tenant, with all that is high in it.
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

  it.each(['stolen', 'fenced'] as const)(
    'takes nothing more of a partition that is %s, and goes on with the others (F5)',
    async (fault) => {
      const journal = new FakeJournal();
      const { flusher, lost } = await flusherOn(journal, [0, 1]);
      journal.faults.push(fault);
      const turn = append(flusher, turnOf('a'));
      await expect(turn).rejects.toMatchObject({ code: 'unavailable' });
      await expect(append(flusher, turnOf('b'))).rejects.toMatchObject({ code: 'unavailable' });
      await append(flusher, turnOf('c', 'ten_a', 1));
      expect(lost).toEqual([0]);
      expect(journal.stored.map(({ runId }) => runId)).toContain('c');
      expect([flusher.backlog, flusher.backlogBytes]).toEqual([0, 0]);
    },
  );

  it('loses of a batch only what is of a partition that another has (F5)', async () => {
    const journal = new FakeJournal();
    const { flusher, lost } = await flusherOn(journal, [0, 1, 2]);
    journal.taken.add(1);
    const outcomes = await Promise.allSettled(
      [0, 1, 2, 1, 0].map((id) => append(flusher, turnOf(`of ${String(id)}`, 'ten_a', id))),
    );
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(lost).toEqual([1]);
    expect(seqsOf(journal)).toEqual([1, 1, 2]);
  });

  it('takes back after a lost connection only what is still its own (J3, F5)', async () => {
    const journal = new FakeJournal();
    const { flusher, lost } = await flusherOn(journal, [0, 1]);
    journal.taken.add(0);
    journal.faults.push('lost');
    const [theirs, own] = await Promise.allSettled([
      append(flusher, turnOf('a')),
      append(flusher, turnOf('b', 'ten_a', 1)),
    ]);
    expect([theirs.status, own.status]).toEqual(['rejected', 'fulfilled']);
    expect(lost).toEqual([0]);
    expect(journal.stored.map(({ runId }) => runId)).toEqual(['b']);
  });

  it('tells when nothing of a partition is under way any more', async () => {
    const journal = new FakeJournal();
    const { flusher } = await flusherOn(journal, [0, 1]);
    await flusher.quiet(0);
    const done: string[] = [];
    const written = append(flusher, turnOf('a')).then(() => done.push('written'));
    const quiet = flusher.quiet(0).then(() => done.push('quiet'));
    await Promise.all([written, quiet]);
    expect(done.sort()).toEqual(['quiet', 'written']);
    expect(journal.stored).toHaveLength(1);
  });

  it('gives up a partition with what waits for it, and owns it again with a new epoch', async () => {
    const journal = new FakeJournal();
    const { flusher, lost } = await flusherOn(journal, [0]);
    const waiting = append(flusher, turnOf('a'));
    flusher.disown(0);
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
    await flusher.quiet(0);
    flusher.own(await journal.takeAgain([0]));
    await append(flusher, turnOf('b'));
    expect(journal.stored.map(({ runId }) => runId)).toEqual(['b']);
    expect(lost).toEqual([]);
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

  it('rests between batches of a tenant that has many, and writes alone what comes meanwhile (F6)', async () => {
    const { journal, flusher } = await slowFlusher();
    const loud = Array.from({ length: 56 }, () => append(flusher, turnOf('x', 'ten_loud')));
    const quiet = append(flusher, turnOf('y', 'ten_quiet'));
    await jest.advanceTimersByTimeAsync(10);
    await quiet;
    expect(journal.batches).toEqual([25]);
    await jest.advanceTimersByTimeAsync(5);
    const late = append(flusher, turnOf('z', 'ten_quiet'));
    await jest.advanceTimersByTimeAsync(10);
    await late;
    expect(journal.batches).toEqual([25, 1]);
    await jest.advanceTimersByTimeAsync(15); // The rest is over.
    expect(journal.batches).toEqual([25, 1, 24]);
    await jest.advanceTimersByTimeAsync(29);
    expect(journal.batches).toEqual([25, 1, 24]); // A rest, and not quite a flush.
    await jest.advanceTimersByTimeAsync(1);
    expect(journal.batches).toEqual([25, 1, 24, 8]);
    await Promise.all(loud);
  });

  it('writes alone who has come during a batch of a tenant that has many (F6)', async () => {
    const { journal, flusher } = await slowFlusher();
    const loud = Array.from({ length: 56 }, () => append(flusher, turnOf('x', 'ten_loud')));
    loud.push(append(flusher, turnOf('y', 'ten_quiet')));
    await jest.advanceTimersByTimeAsync(5);
    const other = append(flusher, turnOf('z', 'ten_other'));
    await jest.advanceTimersByTimeAsync(15);
    await other;
    expect(journal.batches).toEqual([25, 1]);
    await jest.advanceTimersByTimeAsync(60);
    await Promise.all(loud);
  });

  it('rests for nobody where nobody has more than a share (F6)', async () => {
    const { journal, flusher } = await slowFlusher();
    const tenants = ['ten_a', 'ten_b', 'ten_c'];
    for (let at = 0; at < 6; at += 1) {
      const turns = tenants
        .slice(0, 1 + (at % 3))
        .map((tenantId) => append(flusher, turnOf(`${tenantId} ${at}`, tenantId)));
      await jest.advanceTimersByTimeAsync(10);
      await Promise.all(turns);
    }
    expect(journal.batches).toEqual([1, 2, 3, 1, 2, 3]);
    const first = append(flusher, turnOf('first', 'ten_a'));
    await jest.advanceTimersByTimeAsync(5);
    const second = ['ten_b', 'ten_c'].map((id) => append(flusher, turnOf(`second ${id}`, id)));
    await jest.advanceTimersByTimeAsync(15);
    await Promise.all([first, ...second]);
  });

  it('keeps nobody waiting for ever, however often others come (F6)', async () => {
    const { flusher } = await slowFlusher();
    const loud = Array.from({ length: 80 }, () => append(flusher, turnOf('x', 'ten_loud')));
    const quiet: Promise<void>[] = [];
    for (let at = 0; at < 30; at += 1) {
      quiet.push(append(flusher, turnOf(`y${at}`, 'ten_quiet')));
      await jest.advanceTimersByTimeAsync(5);
    }
    await Promise.all(loud);
    await jest.advanceTimersByTimeAsync(20);
    await Promise.all(quiet);
  });

  it('does not rest when it stops', async () => {
    const { journal, flusher } = await slowFlusher();
    const all = Array.from({ length: 56 }, () => append(flusher, turnOf('x', 'ten_loud')));
    all.push(append(flusher, turnOf('y', 'ten_quiet')));
    await jest.advanceTimersByTimeAsync(15);
    const stopped = flusher.stop();
    await jest.advanceTimersByTimeAsync(20);
    await stopped;
    await Promise.all(all);
    expect(journal.batches).toEqual([25, 24, 8]);
  });
});
