import { baseLevel, snapshotFormat, type Entry } from '@parley/engine';
import type { Ir } from '@parley/ir';
import type { Json } from '@parley/kernel';
import { databaseError } from '@parley/postgres';
import { decodePayload } from '../../src/engine/codec.js';
import type {
  DueTimer,
  JournalStore,
  NotableTurn,
  StoredRun,
  StoredSnapshot,
  StoredTurn,
  TimerPlace,
} from '../../src/engine/journal-store.js';
import type { Passage } from '../../src/engine/relay.js';
import { stateOfSnapshot, type ParsedSnapshot } from '../../src/engine/snapshots.js';
import { partOf } from '../../src/journal/archive-format.js';
import type { ArchivedRange } from '../../src/journal/archive-store.js';
import { entriesOf } from '../../src/payloads/claims.js';
import { KnownClaims } from '../../src/payloads/known-claims.js';
import { partitionCount, partitionOfRun } from '../../src/engine/run-id.js';
import type {
  ApprovalClosing,
  ApprovalRow,
  Message,
  PlacedTurn,
  RunFacts,
  RunRow,
} from '../../src/engine/turn-record.js';

import type { WorkerTaskRow } from '../../src/task-queues/task-rows.js';
import type {
  Ownership,
  ReplicaRow,
  ReplicaStore,
  ReplicaView,
  SeenPartition,
} from '../../src/replicas/replica-store.js';

interface StoredReplica {
  readonly id: string;
  renewedAt: number;
  leaseUntil: number;
  leaving: boolean;
}

export interface StoredApproval extends ApprovalRow {
  readonly runId: string;
  readonly status: 'pending' | ApprovalClosing['status'];
}

export interface StoredTask {
  readonly row: WorkerTaskRow;
  readonly runId: string;
  readonly tenantId: string;
  state: 'waiting' | 'leased' | 'ended';
}

export interface StoredRange extends ArchivedRange {
  readonly hash: string;
}

interface RunTable {
  row: RunRow;
  readonly turns: PlacedTurn[];
}

/**
 * What a database server keeps, as the engine's migration lays it out, in memory. What it does is
 * proved by the contract suite that PostgreSQL passes too.
 */
export class MemoryDatabase {
  readonly partitions = Array.from({ length: partitionCount }, () => ({ epoch: 0, owner: '' }));
  readonly journal: PlacedTurn[][] = Array.from({ length: partitionCount }, () => []);
  readonly runs = new Map<string, RunTable>();
  readonly startKeys = new Map<string, { fingerprint: string; runId: string }>();
  readonly timers = new Map<string, DueTimer>();
  /** In the order in which they were written. */
  readonly inbox = new Map<string, Message>();
  readonly approvals = new Map<string, StoredApproval>();
  /** By id. */
  readonly workerTasks = new Map<string, StoredTask>();
  /** Turns that have left the journal, and snapshots that were removed. */
  readonly moved = new Set<PlacedTurn>();
  readonly forgotten = new Set<PlacedTurn>();
  readonly archives: StoredRange[] = [];
  /** By hash. */
  readonly objects = new Map<string, { readonly content: Buffer; touchedAt: number }>();
  readonly relayCursor: number[] = Array.from({ length: partitionCount }, () => 0);
  readonly definitions = new Map<string, Ir>();
  private readonly byHash = new Map<string, Ir>();
  /** Of the journal, which is on. */
  level: number = baseLevel;
  /** By address. */
  readonly replicas = new Map<string, StoredReplica>();
  /** The server's clock. */
  now: () => number = () => 0;
  /** Whether the release that asks can read the snapshot that it finds. */
  readsSnapshot: () => boolean = () => true;
  /** Sees every flush that was committed. */
  onCommit: (turns: readonly PlacedTurn[], owner: string) => void = () => undefined;

  store(owner: string): JournalStore {
    return new MemoryJournalStore(this, owner);
  }

  /** The same journal, of which nothing was published. */
  fromStart(): JournalStore {
    const database = new MemoryDatabase();
    database.journal.splice(0, partitionCount, ...this.journal);
    for (const [runId, run] of this.runs) database.runs.set(runId, run);
    return database.store('');
  }

  commit(turns: readonly PlacedTurn[], owner: string): void {
    this.checkKeys(turns);
    for (const turn of turns) this.write(turn);
    this.onCommit(turns, owner);
  }

  /** A compiled definition by its hash, whoever has it. */
  definitionOf(hash: string): Ir | undefined {
    return this.byHash.get(hash);
  }

  define(tenantId: string, ir: Ir): void {
    this.definitions.set(keyOf(tenantId, ir.hash), ir);
    this.byHash.set(ir.hash, ir);
  }

  /** What is in the journal of a partition. */
  turnsIn(partition: number): PlacedTurn[] {
    return (this.journal[partition] ?? []).filter((turn) => !this.moved.has(turn));
  }

  /** Moves the relay past these turns, unless it has passed one of them. */
  pass(passages: readonly Passage[]): boolean {
    const { relayCursor } = this;
    const wasPassed = ({ partition, first }: Passage) => (relayCursor[partition] ?? 0) >= first;
    if (passages.some(wasPassed)) return false;
    for (const { partition, last } of passages) relayCursor[partition] = last;
    return true;
  }

  /** Where the journal of a partition ends. */
  endOf(partition: number): number {
    const last = this.journal[partition]?.findLast((turn) => !this.moved.has(turn))?.seq ?? 0;
    return Math.max(last, this.relayCursor[partition] ?? 0);
  }

  /** The turns of a run from one on, wherever they are. */
  turnsOf(runId: string, from: number): StoredTurn[] {
    const inJournal = (this.runs.get(runId)?.turns ?? []).filter((turn) => !this.moved.has(turn));
    const inArchives = this.archives
      .filter((range) => range.runId === runId)
      .flatMap(({ hash, first }) => {
        const { content } = this.objects.get(hash) ?? {};
        if (content === undefined) throw new Error(`the object ${hash} is missing`);
        return partOf(content, runId, first).turns;
      });
    return [
      ...inArchives.map(([position, turn]) => ({ position, entries: entriesOf(turn), length: 0 })),
      ...inJournal.map(({ position, payload }) => {
        return { position, entries: entriesIn(payload), length: payload.length };
      }),
    ]
      .filter(({ position }) => position >= from)
      .sort((a, b) => a.position - b.position);
  }

  /** The primary keys and unique indexes. */
  private checkKeys(turns: readonly PlacedTurn[]): void {
    const known = new Set<string>();
    const claim = (what: string, isTaken: boolean) => {
      if (isTaken || known.has(what)) throw uniqueViolation(what);
      known.add(what);
    };
    for (const { partition, seq, runId, position, startKey, tenantId, ...turn } of turns) {
      const places = this.journal[partition]?.some((other) => other.seq === seq) === true;
      claim(`journal ${String(partition)}/${String(seq)}`, places);
      const positions = this.runs.get(runId)?.turns.some((other) => other.position === position);
      claim(`journal ${runId} ${String(position)}`, positions === true);
      if (startKey !== undefined) {
        claim(`key ${startKey.key}`, this.startKeys.has(keyOf(tenantId, startKey.key)));
      }
      for (const { id } of turn.messagesSent) claim(`message ${id}`, this.inbox.has(id));
      for (const { id } of turn.approvalsOpened) claim(`approval ${id}`, this.approvals.has(id));
    }
  }

  private write(turn: PlacedTurn): void {
    const { runId, tenantId, partition, startKey } = turn;
    this.journal[partition]?.push(turn);
    const run = this.runs.get(runId);
    if (run !== undefined) {
      run.row = turn.run;
      run.turns.push(turn);
    } else if (turn.position === 1) this.runs.set(runId, { row: turn.run, turns: [turn] });
    if (startKey !== undefined) {
      const { key, fingerprint } = startKey;
      this.startKeys.set(keyOf(tenantId, key), { fingerprint, runId });
    }
    for (const timer of turn.timersArmed)
      this.timers.set(timerKey(runId, timer), { tenantId: turn.tenantId, runId, ...timer });
    for (const timer of turn.timersGone) this.timers.delete(timerKey(runId, timer));
    for (const row of turn.workerTasksOpened) {
      this.workerTasks.set(row.id, { row, runId, tenantId, state: 'waiting' });
    }
    for (const id of turn.workerTasksClosed) this.workerTasks.delete(id);
    for (const message of turn.messagesSent) this.inbox.set(message.id, message);
    if (turn.messageHeard !== undefined) this.inbox.delete(turn.messageHeard);
    for (const row of turn.approvalsOpened) {
      this.approvals.set(row.id, { ...row, runId, status: 'pending' });
    }
    for (const { id, status } of turn.approvalsClosed) {
      const row = this.approvals.get(id);
      if (row !== undefined) this.approvals.set(id, { ...row, status });
    }
  }
}

/** Replicas and partitions, as the tables of these names have them. */
class MemoryReplicaStore implements ReplicaStore {
  readonly id: string;
  private readonly database: MemoryDatabase;

  constructor(database: MemoryDatabase, id: string) {
    this.database = database;
    this.id = id;
  }

  async join(url: string, leaseMs: number): Promise<void> {
    const now = this.database.now();
    const row = { id: this.id, renewedAt: now, leaseUntil: now + leaseMs, leaving: false };
    this.database.replicas.set(url, row);
  }

  async renew(leaseMs: number): Promise<ReplicaView | undefined> {
    const row = this.own();
    if (row === undefined) return undefined;
    row.renewedAt = this.database.now();
    row.leaseUntil = row.renewedAt + leaseMs;
    return this.view();
  }

  async view(): Promise<ReplicaView> {
    const { replicas, partitions, now } = this.database;
    return {
      replicas: [...replicas].map(([url, { id, leaving, leaseUntil, renewedAt }]) => {
        return { url, id, leaving, leaseMs: leaseUntil - now(), silentMs: now() - renewedAt };
      }),
      partitions: partitions.map(({ epoch, owner }, id) => {
        return { id, epoch, ...(owner === '' ? {} : { owner }) };
      }),
      level: this.database.level,
    };
  }

  /** Everybody is of this release. */
  async switchOn(level: number): Promise<number> {
    this.database.level = Math.max(this.database.level, level);
    return this.database.level;
  }

  async expire({ id, silentMs }: ReplicaRow): Promise<void> {
    const row = [...this.database.replicas.values()].find((other) => other.id === id);
    if (row === undefined || this.database.now() - row.renewedAt < silentMs) return;
    row.leaseUntil = this.database.now();
  }

  async leaving(): Promise<void> {
    const row = this.own();
    if (row !== undefined) row.leaving = true;
  }

  async leave(): Promise<void> {
    const { replicas } = this.database;
    for (const [url, { id }] of replicas) if (id === this.id) replicas.delete(url);
  }

  async take(seen: readonly SeenPartition[]): Promise<Ownership> {
    const { partitions } = this.database;
    const there = seen.filter(({ id, epoch }) => partitions[id]?.epoch === epoch);
    return this.raise(there.map(({ id }) => id));
  }

  async takeAgain(ids: readonly number[]): Promise<Ownership> {
    const { partitions } = this.database;
    return this.raise(ids.filter((id) => partitions[id]?.owner === this.id));
  }

  async free(seen: readonly SeenPartition[]): Promise<void> {
    for (const { id, epoch } of seen) {
      const partition = this.database.partitions[id];
      if (partition?.owner === this.id && partition.epoch === epoch) partition.owner = '';
    }
  }

  private raise(ids: readonly number[]): Ownership {
    const epochs = new Map<number, number>();
    for (const id of ids) {
      const partition = this.database.partitions[id];
      if (partition === undefined) continue;
      partition.epoch += 1;
      partition.owner = this.id;
      epochs.set(id, partition.epoch);
    }
    return { epochs, lastSeq: new Map(ids.map((id) => [id, this.database.endOf(id)])) };
  }

  private own(): StoredReplica | undefined {
    return [...this.database.replicas.values()].find(({ id }) => id === this.id);
  }
}

class MemoryJournalStore implements JournalStore {
  readonly replicas: ReplicaStore;
  private readonly database: MemoryDatabase;
  private readonly owner: string;

  constructor(database: MemoryDatabase, owner: string) {
    this.database = database;
    this.owner = owner;
    this.replicas = new MemoryReplicaStore(database, owner);
  }

  async flush(
    epochs: ReadonlyMap<number, number>,
    turns: readonly PlacedTurn[],
  ): Promise<readonly number[]> {
    const ids = [...new Set(turns.map(({ partition }) => partition))];
    const owned = ids.filter((id) => this.database.partitions[id]?.epoch === epochs.get(id));
    this.database.commit(
      turns.filter(({ partition }) => owned.includes(partition)),
      this.owner,
    );
    return ids.filter((id) => !owned.includes(id));
  }

  async loadRun(runId: string): Promise<StoredRun | undefined> {
    const run = this.database.runs.get(runId);
    if (run === undefined) return undefined;
    const isKnown = this.database.readsSnapshot();
    const taken = run.turns.findLast(
      (turn) =>
        isKnown && turn.snapshot?.format === snapshotFormat && !this.database.forgotten.has(turn),
    );
    const turns = this.database.turnsOf(runId, (taken?.position ?? 0) + 1);
    return {
      facts: factsOf(run.row),
      ...(run.row.endedAt === undefined ? {} : { endedAt: run.row.endedAt }),
      ...(taken === undefined ? {} : { snapshot: snapshotOf(taken) }),
      turns: inOrder(turns),
      claimed: new KnownClaims(),
    };
  }

  async loadIr(tenantId: string, irHash: string): Promise<Ir | undefined> {
    return this.database.definitions.get(keyOf(tenantId, irHash));
  }

  async findStartKey(tenantId: string, key: string) {
    return this.database.startKeys.get(keyOf(tenantId, key));
  }

  async findStartKeys(tenantId: string, keys: readonly string[]) {
    const { startKeys } = this.database;
    return new Map(
      keys.flatMap((key) => {
        const known = startKeys.get(keyOf(tenantId, key));
        return known === undefined ? [] : [[key, known] as const];
      }),
    );
  }

  async busyRuns(partitions: readonly number[]): Promise<string[]> {
    const runs = [...this.database.runs].filter(
      ([runId, { row }]) =>
        partitions.includes(partitionOfRun(runId) ?? -1) &&
        (row.status === 'pending' ||
          row.status === 'running' ||
          row.status === 'suspended' ||
          row.status === 'compensating'),
    );
    return runs.map(([runId]) => runId).sort();
  }

  async tenantsWithTimers(timeMs: number): Promise<string[]> {
    const due = [...this.database.timers.values()].filter(({ dueAt }) => dueAt <= timeMs);
    return [...new Set(due.map(({ tenantId }) => tenantId))].sort();
  }

  async timersDueBefore(
    timeMs: number,
    limit: number,
    partitions: readonly number[],
    after: readonly TimerPlace[],
  ): Promise<DueTimer[]> {
    const due = [...this.database.timers.values()]
      .filter(({ dueAt, runId }) => {
        return dueAt <= timeMs && partitions.includes(partitionOfRun(runId) ?? -1);
      })
      .sort(comparePlaces);
    return after.flatMap((place) =>
      due
        .filter((one) => one.tenantId === place.tenantId && comparePlaces(one, place) > 0)
        .slice(0, limit),
    );
  }

  async notableTurns(limit: number, partitions: readonly number[]): Promise<NotableTurn[]> {
    return this.database.journal.flatMap((_, partition) => {
      if (!partitions.includes(partition)) return [];
      const from = this.database.relayCursor[partition] ?? 0;
      return this.database
        .turnsIn(partition)
        .filter(({ notable, seq }) => notable && seq > from)
        .sort((a, b) => a.seq - b.seq)
        .slice(0, limit)
        .flatMap(({ seq, runId, payload }) => {
          const run = this.database.runs.get(runId);
          if (run === undefined) return [];
          return [{ partition, seq, run: factsOf(run.row), entries: entriesIn(payload) }];
        });
    });
  }

  async passTurns(passages: readonly Passage[]): Promise<boolean> {
    return this.database.pass(passages);
  }

  async messagesFor(partitions: readonly number[], limit: number): Promise<Message[]> {
    return [...this.database.inbox.values()]
      .filter(({ runId }) => partitions.includes(partitionOfRun(runId) ?? 0))
      .slice(0, limit);
  }

  async settleMessage(
    heard: Message,
    owned: { readonly id: number; readonly epoch: number },
    answer?: Message,
  ): Promise<boolean> {
    if (this.database.partitions[owned.id]?.epoch !== owned.epoch) return false;
    const isThere = this.database.inbox.delete(heard.id);
    if (isThere && answer !== undefined) this.database.inbox.set(answer.id, answer);
    return true;
  }
}

function snapshotOf({ position, snapshot }: PlacedTurn): StoredSnapshot | undefined {
  if (snapshot === undefined) return undefined;
  const { payload } = snapshot;
  const state = stateOfSnapshot(decodePayload<ParsedSnapshot & Json>(payload), () => null);
  return { position, state, length: payload.length };
}

async function* inOrder(turns: readonly StoredTurn[]): AsyncGenerator<StoredTurn> {
  yield* turns;
}

const decoded = new WeakMap<Buffer, readonly Entry[]>();

/** Entries are never changed, so reading a payload once is enough. */
export function entriesIn(payload: Buffer): readonly Entry[] {
  const known = decoded.get(payload) ?? decodePayload<readonly Entry[]>(payload);
  decoded.set(payload, known);
  return known;
}

function factsOf(row: RunRow): RunFacts {
  const { runId, tenantId, workflowId, workflowName, version, irHash, startedBy } = row;
  const { rerunOf, parent, createdAt } = row;
  const facts = {
    runId,
    tenantId,
    workflowId,
    workflowName,
    version,
    irHash,
    startedBy,
    createdAt,
  };
  return {
    ...facts,
    ...(rerunOf === undefined ? {} : { rerunOf }),
    ...(parent === undefined ? {} : { parent }),
  };
}

function keyOf(tenantId: string, key: string): string {
  return `${tenantId} ${key}`;
}

export function timerKey(runId: string, timer: { occurrence: string; generation: number }): string {
  return `${runId} ${timer.occurrence} ${String(timer.generation)}`;
}

/** As the pool maps it. */
function uniqueViolation(what: string): Error {
  const error = Object.assign(new Error(`duplicate key: ${what}`), { code: '23505' });
  return databaseError(error) as Error;
}

function comparePlaces(a: TimerPlace, b: TimerPlace): number {
  if (a.dueAt !== b.dueAt) return a.dueAt - b.dueAt;
  const texts = (place: TimerPlace) => `${place.runId} ${place.occurrence}`;
  if (texts(a) !== texts(b)) return texts(a) < texts(b) ? -1 : 1;
  return a.generation - b.generation;
}
