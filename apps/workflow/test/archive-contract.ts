import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { initialState, snapshotFormat } from '@parley/engine';
import { encodePayload } from '../src/engine/codec.js';
import type { JournalStore } from '../src/engine/journal-store.js';
import type { PlacedTurn } from '../src/engine/turn-record.js';
import { passagesOf } from '../src/engine/relay.js';
import { Archiver, type ArchiverOptions } from '../src/journal/archiver.js';
import type { ArchiveStore } from '../src/journal/archive-store.js';
import type { Ownership } from '../src/replicas/replica-store.js';
import {
  created,
  everyPartition,
  newRun,
  takeAll,
  tenantId,
  turn,
  turnsOf,
} from './journal-contract.js';

/** A journal that was never used, and what moves its turns into archives. */
export interface ArchivesUnderTest {
  open(): Promise<{
    store(): JournalStore;
    readonly archives: ArchiveStore;
    /** Removes objects that nobody needs, however young they are. @returns those that are left */
    collect(): Promise<number>;
    close(): Promise<void>;
  }>;
}

const notable = { notable: true };

/** What every archive store does: the promises that journal and history rest on (A1 to A4). */
export function describeArchives(name: string, under: ArchivesUnderTest): void {
  describe(`archives ${name}`, () => {
    let opened: Awaited<ReturnType<ArchivesUnderTest['open']>>;
    let archives: ArchiveStore;
    let store: JournalStore;
    let owned: Ownership;

    beforeAll(async () => {
      opened = await under.open();
      ({ archives } = opened);
      store = opened.store();
      owned = await takeAll(store);
    }, 60_000);

    afterAll(() => opened.close());

    /** Writes turns of runs of one partition, one after the other. */
    async function write(
      partition: number,
      turns: readonly (readonly [string, number, Parameters<typeof turn>[2]?])[],
    ): Promise<void> {
      const before = owned.lastSeq.get(partition) ?? 0;
      const placed: PlacedTurn[] = turns.map(([runId, position, more], index) =>
        turn(runId, { partition, seq: before + index + 1, position }, more),
      );
      await store.flush(owned.epochs, placed);
      owned = {
        ...owned,
        lastSeq: new Map([...owned.lastSeq, [partition, before + turns.length]]),
      };
    }

    async function relayed(partition: number): Promise<void> {
      await store.passTurns(passagesOf([{ partition, seq: owned.lastSeq.get(partition) ?? 0 }]));
    }

    function archiver(limits = {}, more: Partial<ArchiverOptions> = {}): Archiver {
      return new Archiver({
        ...{ store: archives, limits },
        pause: () => Promise.resolve(),
        isStopped: () => false,
        ...more,
        onError: (error) => {
          throw error;
        },
      });
    }

    const later = created + 1_000_000;
    const positionsOf = async (runId: string) =>
      (await turnsOf(await store.loadRun(runId))).map(({ position }) => position);
    const inJournal = async (runId: string) =>
      (await archives.tail([runId], { after: 0, limit: 100 })).map(({ position }) => position);

    it('take what runs at rest have left in the journal, and give it back to whoever asks', async () => {
      const [ended, failed, going] = [newRun(1), newRun(1), newRun(1)];
      await write(1, [
        [ended, 1, notable],
        [going, 1],
        [failed, 1, notable],
        [ended, 2, { status: 'completed', ...notable }],
        [failed, 2, { status: 'failed', ...notable }],
      ]);
      await relayed(1);
      await archiver().archiveOld([1], later);
      for (const runId of [ended, failed]) {
        expect(await inJournal(runId)).toEqual([]);
        expect(await positionsOf(runId)).toEqual([1, 2]);
      }
      expect(await inJournal(going)).toEqual([1]);
      // A failed run that goes on all the same.
      await write(1, [[failed, 3, { status: 'completed', ...notable }]]);
      await relayed(1);
      expect(await positionsOf(failed)).toEqual([1, 2, 3]);
      await archiver().archiveOld([1], later);
      expect(await inJournal(failed)).toEqual([]);
      expect(await positionsOf(failed)).toEqual([1, 2, 3]);
      expect(await archives.archivedUntil({ tenantId, runId: failed })).toEqual({
        ...{ position: 3, entries: 3 },
      });
    });

    it('take nothing that is young, and nothing that the relay has not passed (A2)', async () => {
      const [told, untold] = [newRun(2), newRun(2)];
      const ended = { status: 'completed', ...notable } as const;
      await write(2, [[told, 1, ended]]);
      await relayed(2);
      await write(2, [[untold, 1, ended]]);
      await archiver().archiveOld([2], created);
      expect(await inJournal(told)).toEqual([1]);
      await archiver().archiveOld([2], later);
      expect(await inJournal(told)).toEqual([]);
      const waiting = await store.notableTurns(10, [2]);
      expect(waiting.map(({ run }) => run.runId)).toEqual([untold]);
    });

    it('leave it known where the journal ends, when its last turn has left (A2)', async () => {
      const runId = newRun(3);
      await write(3, [
        [runId, 1, notable],
        [runId, 2, { status: 'completed', ...notable }],
      ]);
      await relayed(3);
      await archiver().archiveOld([3], later);
      expect(await inJournal(runId)).toEqual([]);
      const taken = await store.replicas.takeAgain(everyPartition);
      expect(taken.lastSeq.get(3)).toBe(owned.lastSeq.get(3));
      owned = { ...owned, epochs: taken.epochs };
    });

    it('let the relay pass what says nothing, up to what does', async () => {
      const [quiet, loud] = [newRun(4), newRun(4)];
      await write(4, [
        [quiet, 1],
        [quiet, 2],
        [loud, 1, notable],
        [quiet, 3],
      ]);
      await archives.passQuiet(everyPartition);
      expect(await inJournal(quiet)).toEqual([1, 2]);
      expect((await store.notableTurns(10, [4])).map(({ run }) => run.runId)).toEqual([loud]);
      await relayed(4);
      await write(4, [[quiet, 4]]);
      await archives.passQuiet(everyPartition);
      expect(await inJournal(quiet)).toEqual([1, 2, 3, 4]);
    });

    const snapshot = (entries: number) => ({
      snapshot: {
        ...{ format: snapshotFormat, entries },
        payload: encodePayload({ state: { ...initialState(), entries }, places: [] }),
      },
    });
    /** Turns of a run that each have a snapshot and little text, as those with large values do. */
    const heavy = (runId: string, count: number) =>
      Array.from({ length: count }, (_, at) => [runId, at + 1, snapshot(at + 1)] as const);

    it('take what a long run has left behind its snapshots, in parts that open with one (A4)', async () => {
      const runId = newRun(5);
      await write(
        5,
        Array.from({ length: 10 }, (_, at) => {
          const position = at + 1;
          return [runId, position, position % 3 === 0 ? snapshot(position) : {}] as const;
        }),
      );
      await archiver({ longRunSnapshots: 2, partLength: 1 }).shortenRuns(everyPartition);
      expect(await inJournal(runId)).toEqual([10]);
      const run = { tenantId, runId };
      expect(await archives.archivedUntil(run)).toEqual({ position: 9, entries: 9 });
      expect(await archives.cutPoints(run, 0)).toEqual([{ position: 9, entries: 9 }]);
      const stored = await store.loadRun(runId);
      expect(stored?.snapshot?.position).toBe(9);
      expect(await positionsOf(runId)).toEqual([10]);
    });

    it('take what a long run has left behind, too, when its turns have little text themselves', async () => {
      const [going, over, short] = [newRun(10), newRun(10), newRun(10)];
      await write(10, heavy(going, 12));
      await write(10, [...heavy(over, 12), [over, 13, { status: 'completed' }]]);
      await write(10, heavy(short, 9));
      const keeper = archiver({ countedSnapshots: 20 });
      for (let look = 0; look < 10; look += 1) await keeper.shortenRuns(everyPartition);
      expect(await inJournal(going)).toEqual([9, 10, 11, 12]);
      const cuts = await archives.cutPoints({ tenantId, runId: going }, 0);
      expect(cuts.map(({ position }) => position)).toEqual([8, 9, 10, 11, 12]);
      expect((await store.loadRun(going))?.snapshot?.position).toBe(12);
      // That is for when it has been at rest for long.
      expect(await inJournal(over)).toHaveLength(13);
      expect(await inJournal(short)).toHaveLength(9);
    });

    it('leave a long run alone for a while that could not be shortened', async () => {
      const runId = newRun(11);
      await write(11, [[newRun(11), 1, notable], ...heavy(runId, 12)]);
      let reads = 0;
      const tail: ArchiveStore['tail'] = (runIds, range) => {
        reads += runIds.includes(runId) ? 1 : 0;
        return archives.tail(runIds, range);
      };
      const watching = new Proxy(archives, {
        get: (target, name) => (name === 'tail' ? tail : (Reflect.get(target, name) as unknown)),
      });
      const keeper = archiver({ fruitlessLooks: 3 }, { store: watching });
      const look = () => keeper.shortenRuns(everyPartition);
      await look();
      await look();
      await relayed(11); // What had held it up.
      await look();
      expect(reads).toBe(1);
      await look();
      expect(await inJournal(runId)).toEqual([9, 10, 11, 12]);
    });

    it('go no further when the process stops', async () => {
      const runs = [newRun(12), newRun(12), newRun(12)];
      await write(
        12,
        runs.map((runId) => [runId, 1, { status: 'completed', ...notable }] as const),
      );
      await relayed(12);
      const left = async () => (await Promise.all(runs.map(inJournal))).flat().length;
      for (const [limits, still] of [
        [{ sharedBytes: 1 }, 2],
        [{ shortRunBytes: 0 }, 1],
      ] as const) {
        let isStopped = false;
        const pause = async () => void (isStopped = true);
        const stopping = archiver(limits, { pause, isStopped: () => isStopped });
        await stopping.archiveOld([12], later);
        expect(await left()).toBe(still);
      }
    });

    it('are not removed with runs that have gone on since they were looked at', async () => {
      const [old, again] = [newRun(13), newRun(13)];
      await write(13, [
        [old, 1, { status: 'failed', ...notable }],
        [again, 1, { status: 'failed', ...notable }],
      ]);
      await relayed(13);
      await archiver().archiveOld([13], later);
      await archives.remove([old, again], created);
      await write(13, [[again, 2, { status: 'failed', ...notable }]]);
      await archives.remove([old, again], later);
      expect(await store.loadRun(old)).toBeUndefined();
      expect(await positionsOf(again)).toEqual([1, 2]);
    });

    it('are not collected while a run has turns in them, and then they are (A3)', async () => {
      const runId = newRun(6);
      await write(6, [[runId, 1, { status: 'completed', ...notable }]]);
      await relayed(6);
      await archiver().archiveOld([6], later);
      const before = await opened.collect();
      expect(await positionsOf(runId)).toEqual([1]);
      await archiver().removeEnded([6], later);
      expect(await store.loadRun(runId)).toBeUndefined();
      expect(await opened.collect()).toBe(before - 1);
    });

    it('take turns once, whoever else tries (A1)', async () => {
      const runId = newRun(7);
      await write(7, [[runId, 1, { status: 'completed', ...notable }]]);
      await relayed(7);
      const range = { runId, first: 1, last: 1, before: 0, entries: 1, isOver: true };
      const [told] = await archives.tail([runId], { after: 0, limit: 1 });
      const content = Buffer.from(
        `{"format":"parley-archive/1"}\n{"run":"${runId}","first":1,"turns":[[1,${told!.payload.subarray(1).toString()}]]}\n`,
      );
      await archives.move(tenantId, content, [range]);
      await expect(archives.move(tenantId, content, [range])).rejects.toThrow();
      expect(await positionsOf(runId)).toEqual([1]);
    });

    it('go with their runs: the start key, too, but only of those that are over for long', async () => {
      const [old, waiting] = [newRun(8), newRun(8)];
      const key = { key: 'removed', fingerprint: 'f' };
      await write(8, [
        [old, 1, { startKey: key, ...notable }],
        [old, 2, { status: 'completed', ...notable }],
        [waiting, 1, { status: 'waiting' }],
      ]);
      await relayed(8);
      await archiver().removeEnded([8], later);
      expect(await store.loadRun(old)).toBeDefined(); // Its turns are in the journal.
      await archiver().archiveOld([8], later);
      await archiver().removeEnded([9], later);
      await archiver().removeEnded([8], created);
      expect(await store.findStartKey(tenantId, 'removed')).toBeDefined();
      await archiver().removeEnded([8], later);
      expect(await store.findStartKey(tenantId, 'removed')).toBeUndefined();
      expect(await store.loadRun(old)).toBeUndefined();
      expect(await store.loadRun(waiting)).toBeDefined();
    });
  });
}
