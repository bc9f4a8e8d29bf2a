import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { initialState, snapshotFormat, type Entry, type RunState } from '@parley/engine';
import { encodePayload } from '../src/engine/codec.js';
import type { JournalStore, StoredRun, StoredTurn } from '../src/engine/journal-store.js';
import type { Ownership } from '../src/replicas/replica-store.js';
import { makeRunId, partitionCount } from '../src/engine/run-id.js';
import { systemClock } from '../src/engine/clock.js';
import { workerTaskId, type WorkerTaskRow } from '../src/task-queues/task-rows.js';
import type { Message, PlacedTurn, RunRow } from '../src/engine/turn-record.js';
import { passagesOf } from '../src/engine/relay.js';

/** A database that was never used, and the stores of as many processes as are asked for. */
export interface JournalUnderTest {
  open(): Promise<{
    store(): JournalStore;
    /** Ids of what a run has given to workers. */
    workOf(runId: string): Promise<string[]>;
    close(): Promise<void>;
  }>;
}

export const tenantId = 'ten_test';
export const created = Date.UTC(2026, 0, 1);

function rowOf(runId: string, status: RunRow['status'], position: number): RunRow {
  const facts = { runId, tenantId, workflowId: 'wf_test', workflowName: 'test', version: 1 };
  const times = { createdAt: created, updatedAt: created + position };
  return {
    ...facts,
    ...times,
    irHash: 'hash',
    startedBy: 'mem_a',
    status,
    input: {},
    waitingFor: [],
  };
}

export function turn(
  runId: string,
  place: { partition: number; seq: number; position: number },
  more: Partial<PlacedTurn> & { status?: RunRow['status'] } = {},
): PlacedTurn {
  const { status = 'running', ...rest } = more;
  const entries = [{ kind: 'yielded', at: created + place.position }] as unknown as Entry[];
  return {
    ...place,
    tenantId,
    runId,
    entries,
    payload: encodePayload(entries),
    notable: false,
    run: rowOf(runId, status, place.position),
    timersArmed: [],
    timersGone: [],
    approvalsOpened: [],
    approvalsClosed: [],
    subscriptionsOpened: [],
    subscriptionsClosed: [],
    workerTasksOpened: [],
    workerTasksClosed: [],
    messagesSent: [],
    ...rest,
  };
}

export async function turnsOf(run: StoredRun | undefined): Promise<StoredTurn[]> {
  const turns: StoredTurn[] = [];
  if (run !== undefined) for await (const one of run.turns) turns.push(one);
  return turns;
}

export const newRun = (partition: number) => makeRunId(partition, created, systemClock);

export const everyPartition = Array.from({ length: partitionCount }, (_, id) => id);

/** Takes every partition, whoever has it. */
export async function takeAll({ replicas }: JournalStore): Promise<Ownership> {
  return replicas.take((await replicas.view()).partitions);
}

/** What every journal store does: the promises that the engine rests on (J1 to J3). */
export function describeJournal(name: string, under: JournalUnderTest): void {
  describe(`a journal ${name}`, () => {
    let opened: Awaited<ReturnType<JournalUnderTest['open']>>;
    let store: JournalStore;
    let owned: Ownership;

    beforeAll(async () => {
      opened = await under.open();
    }, 60_000);

    afterAll(() => opened.close());

    /** A process that has everything, and the place after the last turn of a partition. */
    async function takeOver(): Promise<(partition: number, ahead?: number) => number> {
      store = opened.store();
      owned = await takeAll(store);
      return (partition, ahead = 1) => (owned.lastSeq.get(partition) ?? 0) + ahead;
    }

    it('is taken over as a whole, with the place where each partition ends', async () => {
      const next = await takeOver();
      expect(owned.epochs.size).toBe(partitionCount);
      const runId = newRun(3);
      const first = turn(runId, { partition: 3, seq: next(3), position: 1 });
      const second = turn(runId, { partition: 3, seq: next(3, 2), position: 2 });
      expect(await store.flush(owned.epochs, [first, second])).toEqual([]);
      const after = await takeAll(opened.store());
      expect(after.lastSeq.get(3)).toBe(next(3, 2));
      for (const [id, epoch] of after.epochs) expect(epoch).toBeGreaterThan(owned.epochs.get(id)!);
    });

    it('takes nothing of a process that was overtaken (J1), who cannot take it back (J3)', async () => {
      const next = await takeOver();
      const [zombie, itsEpochs, runId] = [store, owned.epochs, newRun(4)];
      const mine = turn(runId, { partition: 4, seq: next(4), position: 1 });
      await takeOver();
      expect(await zombie.flush(itsEpochs, [mine])).toEqual([4]);
      expect(await store.loadRun(runId)).toBeUndefined();
      expect((await zombie.replicas.takeAgain(everyPartition)).epochs.size).toBe(0);
      expect(await store.flush(owned.epochs, [mine])).toEqual([]);
    });

    it("takes of a flush what is of partitions that are still the process's (J1)", async () => {
      const next = await takeOver();
      const [first, ours, theirs] = [store, newRun(17), newRun(18)];
      const { partitions } = await first.replicas.view();
      const other = opened.store();
      await other.replicas.take(partitions.filter(({ id }) => id === 18));
      const batch = [
        turn(theirs, { partition: 18, seq: next(18), position: 1 }),
        turn(ours, { partition: 17, seq: next(17), position: 1 }),
      ];
      expect(await first.flush(owned.epochs, batch)).toEqual([18]);
      expect(await first.loadRun(ours)).toBeDefined();
      expect(await first.loadRun(theirs)).toBeUndefined();
      const again = await first.replicas.takeAgain([17, 18]);
      expect([...again.epochs.keys()]).toEqual([17]);
    });

    it('lets a partition be taken only as it was seen, and anew when it is free (J3)', async () => {
      await takeOver();
      const seen = (await store.replicas.view()).partitions.filter(({ id }) => id === 19);
      const other = opened.store();
      expect((await other.replicas.take(seen)).epochs.size).toBe(1);
      expect((await store.replicas.take(seen)).epochs.size).toBe(0);
      const [taken] = (await store.replicas.view()).partitions.filter(({ id }) => id === 19);
      await store.replicas.free([taken!]);
      await other.replicas.free(seen);
      const ownerOf = async () => (await store.replicas.view()).partitions[19]?.owner;
      expect(await ownerOf()).toBe(other.replicas.id);
      await other.replicas.free([taken!]);
      expect(await ownerOf()).toBeUndefined();
    });

    it('knows who is there, until another comes with the same address', async () => {
      const [first, second] = [opened.store().replicas, opened.store().replicas];
      await first.join('http://one.test', 60_000);
      const view = await first.renew(60_000);
      const row = view?.replicas.find(({ id }) => id === first.id);
      expect(row).toMatchObject({ url: 'http://one.test', leaving: false });
      expect(row?.leaseMs).toBeGreaterThan(0);
      await first.leaving();
      expect((await second.view()).replicas).toContainEqual(
        expect.objectContaining({ id: first.id, leaving: true }),
      );
      await second.join('http://one.test', 60_000);
      expect(await first.renew(60_000)).toBeUndefined();
      expect(await second.renew(60_000)).toBeDefined();
      await second.leave();
      expect((await first.view()).replicas.map(({ id }) => id)).not.toContain(second.id);
    });

    it('is taken back by its owner, which fences what is still under way', async () => {
      const next = await takeOver();
      const [before, runId] = [owned.epochs, newRun(5)];
      const late = turn(runId, { partition: 5, seq: next(5), position: 1 });
      const again = await store.replicas.takeAgain(everyPartition);
      expect(again.lastSeq.get(5)).toBe(next(5, 0));
      expect(await store.flush(before, [late])).toEqual([5]);
      expect(await store.flush(again.epochs, [late])).toEqual([]);
      const last = await store.replicas.takeAgain([5]);
      expect(last.lastSeq.get(5)).toBe(next(5));
    });

    it('takes all turns of a flush or none', async () => {
      const next = await takeOver();
      const key = { key: 'once', fingerprint: 'f' };
      const [first, beside, second] = [newRun(6), newRun(7), newRun(6)];
      const start = turn(first, { partition: 6, seq: next(6), position: 1 }, { startKey: key });
      await store.flush(owned.epochs, [start]);
      const batch = [
        turn(beside, { partition: 7, seq: next(7), position: 1 }),
        turn(second, { partition: 6, seq: next(6, 2), position: 1 }, { startKey: key }),
      ];
      await expect(store.flush(owned.epochs, batch)).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.loadRun(beside)).toBeUndefined();
      expect(await store.findStartKey(tenantId, 'once')).toEqual({
        fingerprint: 'f',
        runId: first,
      });
      expect(await store.findStartKey('ten_other', 'once')).toBeUndefined();
    });

    it('has one turn in a place and one turn of a number', async () => {
      const next = await takeOver();
      const runId = newRun(8);
      const start = turn(runId, { partition: 8, seq: next(8), position: 1 });
      await store.flush(owned.epochs, [start]);
      const samePlace = turn(newRun(8), { partition: 8, seq: next(8), position: 1 });
      const sameNumber = turn(runId, { partition: 8, seq: next(8, 2), position: 1 });
      for (const wrong of [samePlace, sameNumber]) {
        await expect(store.flush(owned.epochs, [wrong])).rejects.toMatchObject({
          code: 'conflict',
        });
      }
      expect(await turnsOf(await store.loadRun(runId))).toHaveLength(1);
    });

    it('gives a run as it was written, its turns in order', async () => {
      const next = await takeOver();
      const runId = newRun(9);
      const first = turn(runId, { partition: 9, seq: next(9), position: 1 });
      const second = turn(
        runId,
        { partition: 9, seq: next(9, 2), position: 2 },
        { status: 'waiting' },
      );
      await store.flush(owned.epochs, [first]);
      await store.flush(owned.epochs, [second]);
      const run = await store.loadRun(runId);
      const turns = await turnsOf(run);
      expect(turns.map(({ position }) => position)).toEqual([1, 2]);
      expect(turns[1]?.entries).toEqual([{ kind: 'yielded', at: created + 2 }]);
      const facts = { runId, tenantId, workflowId: 'wf_test', irHash: 'hash', createdAt: created };
      expect(run?.facts).toMatchObject(facts);
      expect(await store.loadRun(newRun(9))).toBeUndefined();
    });

    it('gives a run as its latest snapshot that can be read has it, and the turns after that', async () => {
      const next = await takeOver();
      const runId = newRun(20);
      const state = (entries: number): RunState => ({ ...initialState(), run: runId, entries });
      const snapshot = (entries: number, format = snapshotFormat) => ({
        ...{ format, entries },
        payload: encodePayload({ state: state(entries), places: [] }),
      });
      const place = (position: number) => ({ partition: 20, seq: next(20, position), position });
      await store.flush(owned.epochs, [
        turn(runId, place(1)),
        turn(runId, place(2), { snapshot: snapshot(2) }),
        turn(runId, place(3)),
      ]);
      const read = async () => {
        const run = await store.loadRun(runId);
        const turns = await turnsOf(run);
        return [run?.snapshot?.position, run?.snapshot?.state, turns.map((one) => one.position)];
      };
      expect(await read()).toEqual([2, state(2), [3]]);
      await store.flush(owned.epochs, [
        turn(runId, place(4), { snapshot: snapshot(4) }),
        turn(runId, place(5), { snapshot: snapshot(5, snapshotFormat + 1) }),
      ]);
      expect(await read()).toEqual([4, state(4), [5]]);
    });

    it('knows which runs were busy, as their last turn left them', async () => {
      const next = await takeOver();
      const [busy, waiting] = [newRun(10), newRun(11)];
      await store.flush(owned.epochs, [
        turn(busy, { partition: 10, seq: next(10), position: 1 }),
        turn(waiting, { partition: 11, seq: next(11), position: 1 }),
        turn(waiting, { partition: 11, seq: next(11, 2), position: 2 }, { status: 'waiting' }),
      ]);
      const runs = await store.busyRuns([10, 11]);
      expect(await store.busyRuns([11])).not.toContain(busy);
      expect(runs).toContain(busy);
      expect(runs).not.toContain(waiting);
    });

    it('keeps timers until they are gone, and gives the next ones', async () => {
      const next = await takeOver();
      const runId = newRun(12);
      const timer = (occurrence: string, dueAt: number) => ({ occurrence, generation: 1, dueAt });
      const timersArmed = [
        timer('c', 3_000),
        timer('a', 1_000),
        timer('b', 2_000),
        timer('d', 9_000),
      ];
      const [gone] = timersArmed;
      await store.flush(owned.epochs, [
        turn(runId, { partition: 12, seq: next(12), position: 1 }, { timersArmed }),
        turn(runId, { partition: 12, seq: next(12, 2), position: 2 }, { timersGone: [gone!] }),
      ]);
      const start = { tenantId, dueAt: 0, runId: '', occurrence: '', generation: 0 };
      const due = async (limit: number, after = start) =>
        (await store.timersDueBefore(8_000, limit, [12], [after])).map(
          ({ occurrence }) => occurrence,
        );
      expect(await due(10)).toEqual(['a', 'b']);
      expect(await due(1)).toEqual(['a']);
      expect(await due(10, { ...start, runId, ...timer('a', 1_000) })).toEqual(['b']);
      expect(await due(10, { ...start, tenantId: 'ten_none' })).toEqual([]);
      expect(await store.timersDueBefore(8_000, 10, [11], [start])).toEqual([]);
      expect(await store.tenantsWithTimers(8_000)).toContain(tenantId);
      expect(await store.tenantsWithTimers(500)).not.toContain(tenantId);
      const timersGone = [timer('a', 0), timer('b', 0), timer('d', 0)];
      await store.flush(owned.epochs, [
        turn(runId, { partition: 12, seq: next(12, 3), position: 3 }, { timersGone }),
      ]);
      expect(await due(10)).toEqual([]);
    });

    it('gives timers from place to place, also those that are due at the same moment', async () => {
      const next = await takeOver();
      const [one, other] = [newRun(13), newRun(13)].sort() as [string, string];
      const timersArmed = ['a', 'b', 'c'].flatMap((occurrence) =>
        [1, 2].map((generation) => ({ occurrence, generation, dueAt: 5_000 })),
      );
      await store.flush(owned.epochs, [
        turn(one, { partition: 13, seq: next(13), position: 1 }, { timersArmed }),
        turn(other, { partition: 13, seq: next(13, 2), position: 1 }, { timersArmed }),
      ]);
      const given: string[] = [];
      let place = { tenantId, dueAt: 0, runId: '', occurrence: '', generation: 0 };
      for (let page = [place]; page.length > 0;) {
        page = await store.timersDueBefore(5_000, 5, [13], [place]);
        place = page.at(-1) ?? place;
        given.push(
          ...page.map((timer) => `${timer.runId} ${timer.occurrence} ${timer.generation}`),
        );
      }
      const expected = [one, other].flatMap((runId) =>
        timersArmed.map(({ occurrence, generation }) => `${runId} ${occurrence} ${generation}`),
      );
      expect(given).toEqual(expected);
      const timersGone = timersArmed;
      await store.flush(owned.epochs, [
        turn(one, { partition: 13, seq: next(13, 3), position: 2 }, { timersGone }),
        turn(other, { partition: 13, seq: next(13, 4), position: 2 }, { timersGone }),
      ]);
    });

    it('keeps messages from the turn that says them to the turn that hears them', async () => {
      const next = await takeOver();
      const [source, target] = [newRun(15), newRun(16)];
      const message = (index: number): Message => ({
        id: `${source}:1:${String(index)}`,
        tenantId,
        runId: target,
        body: { kind: 'tell', stimulus: { kind: 'cancel', by: source } },
      });
      const messagesSent = [message(0), message(1), message(2)];
      await store.flush(owned.epochs, [
        turn(source, { partition: 15, seq: next(15), position: 1 }, { messagesSent }),
      ]);
      const waiting = (limit = 10) => store.messagesFor([16], limit);
      expect(await waiting()).toEqual(messagesSent);
      expect(await waiting(2)).toEqual(messagesSent.slice(0, 2));
      expect(await store.messagesFor([15], 10)).toEqual([]);
      const heard = turn(target, { partition: 16, seq: next(16), position: 1 });
      await store.flush(owned.epochs, [{ ...heard, messageHeard: message(0).id }]);
      expect(await waiting()).toEqual(messagesSent.slice(1));
      const [past, epoch] = [owned.epochs.get(16)! - 1, owned.epochs.get(16)!];
      const answer = { ...message(9), runId: source };
      expect(await store.settleMessage(message(1), { id: 16, epoch: past }, answer)).toBe(false);
      expect(await waiting()).toEqual(messagesSent.slice(1));
      for (let times = 0; times < 2; times += 1) {
        expect(await store.settleMessage(message(1), { id: 16, epoch }, answer)).toBe(true);
      }
      expect(await waiting()).toEqual(messagesSent.slice(2));
      expect(await store.messagesFor([15], 10)).toEqual([answer]);
    });

    it('keeps work from the turn that gives it to the turn that ends it', async () => {
      const next = await takeOver();
      const runId = newRun(20);
      const task = (occurrence: string): WorkerTaskRow => ({
        id: workerTaskId(runId, occurrence, 1),
        ...{ occurrence, attempt: 1, queue: 'packing', task: 'pack', priority: 1, key: 'k' },
        ...{ args: '{}', queuedAt: created, turnAt: created },
      });
      const [kept, gone, brief] = [task('a'), task('b'), task('c')];
      await store.flush(owned.epochs, [
        turn(
          runId,
          { partition: 20, seq: next(20), position: 1 },
          { workerTasksOpened: [kept, gone, brief] },
        ),
        turn(
          runId,
          { partition: 20, seq: next(20, 2), position: 2 },
          { workerTasksClosed: [brief.id] },
        ),
      ]);
      expect(await opened.workOf(runId)).toEqual([kept.id, gone.id].sort());
      const closing = { workerTasksClosed: [gone.id] };
      const last = turn(runId, { partition: 20, seq: next(20, 3), position: 3 }, closing);
      const before = new Map(owned.epochs).set(20, -1);
      expect(await store.flush(before, [last])).toEqual([20]);
      expect(await opened.workOf(runId)).toEqual([kept.id, gone.id].sort());
      await store.flush(owned.epochs, [last]);
      expect(await opened.workOf(runId)).toEqual([kept.id]);
    });

    it('gives what is to be published, by partition and in order, from where it was last', async () => {
      const next = await takeOver();
      const [left, right] = [newRun(13), newRun(14)];
      const notable = { notable: true };
      await store.flush(owned.epochs, [
        turn(left, { partition: 13, seq: next(13), position: 1 }, notable),
        turn(left, { partition: 13, seq: next(13, 2), position: 2 }),
        turn(left, { partition: 13, seq: next(13, 3), position: 3 }, notable),
        turn(right, { partition: 14, seq: next(14), position: 1 }, notable),
      ]);
      const places = async (limit: number) =>
        (await store.notableTurns(limit, everyPartition)).map(({ partition, seq }) => [
          partition,
          seq,
        ]);
      const all = [[13, next(13)], [13, next(13, 3)], [14, next(14)]]; // prettier-ignore
      expect(await places(10)).toEqual(all);
      expect(await places(1)).toEqual([all[0], all[2]]);
      const [first] = await store.notableTurns(1, everyPartition);
      expect((await store.loadRun(left))?.facts).toMatchObject({ ...first?.run });
      const passed = (...places: [partition: number, seq: number][]) =>
        store.passTurns(passagesOf(places.map(([partition, seq]) => ({ partition, seq }))));
      expect(await passed([13, next(13)])).toBe(true);
      expect(await places(10)).toEqual([all[1], all[2]]);
      // Somebody else has passed the first of them: then none of the others either.
      expect(await passed([13, next(13)], [13, next(13, 3)], [14, next(14)])).toBe(false);
      expect(await places(10)).toEqual([all[1], all[2]]);
      expect(await passed([13, next(13, 3)], [14, next(14)])).toBe(true);
      expect(await passed([13, next(13, 3)])).toBe(false);
      expect(await places(10)).toEqual([]);
    });
  });
}
