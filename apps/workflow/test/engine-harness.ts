import type { Approval, EventEnvelope } from '@parley/contracts';
import { compileDefinition } from '@parley/dsl';
import type { Ir } from '@parley/ir';
import { err, isJsonObject, ok, type Json, type Result } from '@parley/kernel';
import { createPool, migrate, withTenant, type Pool } from '@parley/postgres';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FileObjects, type ObjectStore } from '@parley/objects';
import { ApprovalStore } from '../src/approvals/approval-store.pg.js';
import { encodePayload } from '../src/engine/codec.js';
import {
  Engine,
  type CallOutcome,
  type PerformCall,
  type ReplicaOptions,
  type RunChange,
  type RunnableVersion,
  type StartRequest,
} from '../src/engine/engine.js';
import type { HeavyTurns } from '../src/engine/heavy-turns.js';
import { PgJournalStore } from '../src/engine/journal-store.pg.js';
import { JournalRelay, type JournalRelayOptions, type Publisher } from '../src/engine/relay.js';
import { partitionCount } from '../src/engine/run-id.js';
import type { StartBatch } from '../src/engine/start-batch.js';
import type { ShareOf } from '../src/engine/tenant-limits.js';
import { EventBringer } from '../src/events/event-bringer.js';
import { EventStore } from '../src/events/event-store.pg.js';
import { EntryReader } from '../src/payloads/entry-reader.js';
import type { Partitions } from '../src/replicas/partitions.js';
import { RunReader } from '../src/runs/run-reader.pg.js';
import { LeaseStore } from '../src/task-queues/lease-store.pg.js';
import { LeaseSweeper } from '../src/task-queues/lease-sweeper.js';
import { TaskPolls } from '../src/task-queues/task-polls.js';
import { TaskQueueReader } from '../src/task-queues/task-queue-reader.pg.js';
import { WorkerTasks } from '../src/task-queues/worker-tasks.js';
import { WorkerTaskStore } from '../src/task-queues/worker-task-store.pg.js';

export const tenantId = 'ten_test';

/** Starts of one version of a workflow, as a batch. */
export function batchOf(requests: readonly StartRequest[]): StartBatch {
  const [first] = requests;
  if (first === undefined) throw new Error('a batch has items');
  const { tenantId, irHash } = first;
  const items = requests.map((request) => {
    const { key, priority } = request;
    return { key: key?.key, priority, request: () => request };
  });
  return { tenantId, irHash, items };
}

export const allPartitions = Array.from({ length: partitionCount }, (_, partition) => partition);

/** A database with the engine's tables, and engines on it that can be replaced by one another. */
export class EngineHarness {
  readonly database: TestDatabase;
  readonly reader: RunReader;
  readonly bringer: EventBringer;
  readonly app: Pool;
  readonly system: Pool;
  readonly objectsFolder = mkdtempSync(join(tmpdir(), 'parley-objects-'));
  readonly objects: ObjectStore = new FileObjects(this.objectsFolder);
  readonly polls: TaskPolls;
  readonly queues: TaskQueueReader;
  private readonly engines: Engine[] = [];
  private readonly defined = new Map<string, RunnableVersion>();

  private constructor(database: TestDatabase) {
    this.database = database;
    const urls = database.urls('workflow');
    this.app = createPool(urls.app, { applicationName: 'test app' });
    this.system = createPool(urls.system, { applicationName: 'test engine' });
    this.reader = new RunReader(this.app, new EntryReader(this.objects));
    const onError = () => undefined;
    this.polls = new TaskPolls({ store: this.workerStore(), onError });
    const changed = this.polls.wake.bind(this.polls);
    this.queues = new TaskQueueReader({ pool: this.app, changed });
    const store = new EventStore(this.system);
    this.bringer = new EventBringer({ store, now: Date.now, onError: () => undefined });
  }

  static async start(): Promise<EngineHarness> {
    const directory = resolve(import.meta.dirname, '../migrations');
    const database = await testDatabase(['workflow'], { workflow: directory });
    await migrate({ ownerUrl: database.urls('workflow').owner, schema: 'workflow', directory });
    return new EngineHarness(database);
  }

  async stop(): Promise<void> {
    await Promise.all(this.engines.map((engine) => engine.stop({ graceMs: 0 })));
    this.bringer.stop();
    this.polls.stop();
    await Promise.all([this.app.end(), this.system.end()]);
    await this.database.stop();
    rmSync(this.objectsFolder, { recursive: true, force: true });
  }

  async engine(
    performCall: PerformCall,
    hooks: {
      onChange?: (change: RunChange) => void;
      onFenced?: () => void;
      idleRunsMax?: number;
      firingMax?: number;
      stepsPerTurn?: number;
      snapshotBytesMin?: number;
      heavyTurns?: Pick<HeavyTurns, 'take' | 'end'>;
      store?: (pool: Pool, objects: ObjectStore) => PgJournalStore;
      onError?: (error: unknown, message: string) => void;
      replica?: ReplicaOptions;
      partitions?: Partitions;
      shareOf?: ShareOf;
    } = {},
  ): Promise<Engine> {
    const engine = new Engine({
      store:
        hooks.store?.(this.system, this.objects) ?? new PgJournalStore(this.system, this.objects),
      performCall,
      findWorkflow: (_tenant, wanted) => Promise.resolve(this.named(wanted)),
      onListening: (task) => this.bringer.begun(task),
      onWork: (tenant, queue) => this.polls.wake(tenant, queue),
      onChange: hooks.onChange ?? (() => undefined),
      onFenced: hooks.onFenced ?? (() => undefined),
      onError: hooks.onError ?? (() => undefined),
      replica: hooks.replica,
      partitions: hooks.partitions,
      shareOf: hooks.shareOf,
      idleRunsMax: hooks.idleRunsMax,
      firingMax: hooks.firingMax,
      stepsPerTurn: hooks.stepsPerTurn,
      snapshotBytesMin: hooks.snapshotBytesMin,
      heavyTurns: hooks.heavyTurns,
    });
    this.engines.push(engine);
    await engine.start();
    engine.partitions.onTaken((partitions) => this.bringer.taken(partitions));
    await this.bringer.start(engine.partitions.owned, (messages) => engine.brought(messages));
    return engine;
  }

  /** What workers do, told to this engine. */
  workers(engine: Engine): WorkerTasks {
    return new WorkerTasks({
      store: this.workerStore(),
      polls: this.polls,
      brought: (told) => engine.brought(told),
    });
  }

  /** The doors of workers in a process of its own. */
  workerStore(): WorkerTaskStore {
    return new WorkerTaskStore(this.app, this.objects);
  }

  /** Ends leases when it is asked to, however long the test takes between. */
  sweeper(engine: Engine, { blindMs = 3_600_000 } = {}): LeaseSweeper {
    return new LeaseSweeper({
      blindMs,
      store: new LeaseStore(this.system),
      owned: () => engine.partitions.owned,
      brought: (told) => engine.brought(told),
      onError: (error) => {
        throw error;
      },
    });
  }

  /** The store of a process of its own. */
  store(): PgJournalStore {
    return new PgJournalStore(this.system, this.objects);
  }

  /** What publishes the journal, on a bus of the test's. */
  relay(bus: { publish(events: readonly EventEnvelope[]): Promise<void> }): JournalRelay {
    const store = this.store();
    const emitted: JournalRelayOptions['emitted'] = (events) => this.bringer.arrived(events);
    const owned = () => allPartitions;
    const publisher: Publisher = {
      encode: (envelope) => ({ key: envelope.partitionkey, envelope, text: '' }),
      publish: async (events, passages) => {
        await bus.publish(events.map(({ envelope }) => envelope));
        return store.passTurns(passages);
      },
    };
    const onError = () => undefined;
    return new JournalRelay({ store, owned, bus: publisher, emitted, onError });
  }

  /** Until some statement waits for a lock. */
  async untilWaiting(): Promise<void> {
    for (;;) {
      const { rows } = await this.system.query<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if ((rows[0]?.waiting ?? 0) > 0) return;
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  /** Stores a definition as requests do, and gives what a start of it needs. */
  async define(
    source: string,
    options: { readonly timezone?: string } = {},
  ): Promise<Parameters<Engine['startRun']>[0]> {
    const compiled = compileDefinition(source, options);
    if (compiled.ir === undefined) throw new Error(JSON.stringify(compiled.diagnostics));
    const ir: Ir = compiled.ir;
    await withTenant(this.app, tenantId, (client) =>
      client.query(
        `INSERT INTO compiled_definition (tenant_id, ir_hash, ir) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING`,
        [tenantId, ir.hash, encodePayload(ir)],
      ),
    );
    const version = {
      workflowId: 'wf_test',
      workflowName: ir.document.name,
      version: 1,
      irHash: ir.hash,
    };
    this.defined.set(ir.document.name, version);
    return {
      ...version,
      tenantId,
      startedBy: 'mem_test',
      input: {},
    };
  }

  private named(wanted: Json): Result<RunnableVersion, string> {
    const name = isJsonObject(wanted) ? wanted['name'] : undefined;
    const found = typeof name === 'string' ? this.defined.get(name) : undefined;
    return found === undefined ? err(`There is no ${JSON.stringify(name)}.`) : ok(found);
  }

  /** The approvals that a run has asked for, latest first. */
  async approvals(runId: string) {
    const person = { tenantId, principal: 'mem_test', roles: ['owner'] };
    return (await new ApprovalStore(this.app).list(person, { runId, pageSize: 100 })).items;
  }

  async untilApproval(runId: string, isWanted: (approval: Approval) => boolean): Promise<Approval> {
    for (;;) {
      const found = (await this.approvals(runId)).find(isWanted);
      if (found !== undefined) return found;
      await new Promise((done) => setTimeout(done, 10));
    }
  }

  /** Makes a run impossible to read, until the answer is called. */
  async hideDefinition(irHash: string): Promise<() => Promise<void>> {
    const admin = createPool(this.database.adminUrl, { applicationName: 'test admin', max: 1 });
    const rename = (from: string, to: string) =>
      admin.query('UPDATE workflow.compiled_definition SET ir_hash = $2 WHERE ir_hash = $1', [
        from,
        to,
      ]);
    await rename(irHash, 'hidden');
    return async () => {
      await rename('hidden', irHash);
      await admin.end();
    };
  }

  /** Changes what nobody may change. */
  async forge(text: string): Promise<void> {
    const admin = createPool(this.database.adminUrl, { applicationName: 'test admin', max: 1 });
    await admin.query(`SET search_path = workflow; ${text}`);
    await admin.end();
  }

  /** Messages that no run has heard. */
  async unheard(): Promise<number> {
    const { rows } = await this.system.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM inbox',
    );
    return rows[0]?.count ?? 0;
  }

  /** Ends every connection of the engine's role, as a restart of the database would. */
  async breakConnections(): Promise<void> {
    const admin = createPool(this.database.adminUrl, { applicationName: 'test admin', max: 1 });
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'test engine'`,
    );
    await admin.end();
  }

  async untilStatus(runId: string, status: string) {
    for (;;) {
      const run = await this.reader.run(tenantId, runId);
      if (run.status === status) return run;
      if (['failed', 'cancelled', 'completed'].includes(run.status)) {
        throw new Error(`run is ${run.status}: ${JSON.stringify(run.error)}`);
      }
      await new Promise((done) => setTimeout(done, 10));
    }
  }
}

export interface MadeCall {
  readonly runId: string;
  readonly node: string;
  readonly key: string;
  readonly attempt: number;
}

/** A call performer that records calls and answers when it is told to, or at once. */
export class ScriptedCalls {
  readonly made: MadeCall[] = [];
  private readonly held: ((outcome: CallOutcome) => void)[] = [];
  hold = false;

  readonly perform: PerformCall = (run, effect, signal) => {
    this.made.push({
      runId: run.runId,
      node: effect.node,
      key: effect.key,
      attempt: effect.attempt,
    });
    const output: Json = { node: effect.node };
    if (!this.hold) return Promise.resolve({ kind: 'completed', output });
    return new Promise((answer) => {
      this.held.push(answer);
      signal.addEventListener('abort', () => answer({ kind: 'completed', output: null }));
    });
  };

  release(): void {
    this.hold = false;
    for (const answer of this.held.splice(0)) answer({ kind: 'completed', output: { late: true } });
  }

  async untilMade(count: number): Promise<void> {
    while (this.made.length < count) await new Promise((done) => setTimeout(done, 5));
  }
}
