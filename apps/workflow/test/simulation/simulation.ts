import { createHash } from 'node:crypto';
import type { StimulusBody } from '@parley/engine';
import { Random } from '@parley/engine/testing';
import { err, isAppError, isJsonObject, ok } from '@parley/kernel';
import type { Engine } from '../../src/engine/engine.js';
import { approvalId } from '../../src/engine/projection.js';
import type { RunRow } from '../../src/engine/turn-record.js';
import { childDefinitions, childNamed, drawDefinition, type Definition } from './catalogue.js';
import { connectionLost, DistantStore } from './distant-store.js';
import { History } from './history.js';
import { MemoryArchiveStore } from './memory-archives.js';
import { entriesIn, MemoryDatabase } from './memory-database.js';
import { OverlayCrew } from './overlay-crew.js';
import { OutsideSystems } from './outside-systems.js';
import { PublishedEvents } from './published-events.js';
import { SimulatedProcess, type Surroundings } from './simulated-process.js';
import { WorkerCrew } from './worker-crew.js';
import { VirtualTime } from './virtual-time.js';

const tenantId = 'ten_simulated';
const eventsMax = 60_000;
const repairsMax = 12;
const noAnswerMs = 5_000;
const lastMs = 100;

export interface Played {
  /** What was broken, or undefined. */
  readonly violation: string | undefined;
  readonly runs: number;
  readonly injected: Readonly<Record<string, number>>;
  /** Of everything that was journaled, in its order: equal for equal histories. */
  readonly fingerprint: string;
  readonly outcomes: readonly string[];
  readonly virtualMs: number;
  readonly events: number;
}

export interface SimulationOptions {
  readonly seed: number;
  /** Nothing goes wrong, and nobody interferes. */
  readonly calm?: boolean;
  /** Instead of what the seed says. */
  readonly definitions?: readonly Definition[];
}

interface Refused {
  readonly code: string;
}

/**
 * Engines on a database that fails, with clients, people and systems around them, for a while in
 * which everything goes wrong and then until every run has ended.
 *
 * S1  The same seed gives the same history.
 * S2  A start that was acknowledged is there and ends; a key starts one run.
 * S3  A run ends as it would have undisturbed.
 * S4  Everything that runs tell is published, in order.
 * S5  Every turn that was written is in the journal or in an archive, and can be read.
 */
export class Simulation implements Surroundings {
  readonly time: VirtualTime;
  readonly history: History;
  private readonly random: Random;
  private readonly calm: boolean;
  private readonly database = new MemoryDatabase();
  private readonly archived = new MemoryArchiveStore(this.database);
  private readonly systems: OutsideSystems;
  private readonly crew: WorkerCrew;
  private readonly overlays: OverlayCrew;
  private readonly published: PublishedEvents;
  private readonly distant: DistantStore;
  private readonly server = {
    incarnation: 0,
    isDown: false,
    faultRate: 0,
    unwritable: new Set<string>(),
  };
  private readonly injected: Record<string, number> = {};
  private readonly processes: SimulatedProcess[] = [];
  private readonly definitions: Definition[] = [];
  private readonly digest = createHash('sha256');
  private started = 0;
  private clientsLeft = 0;
  private isTroubled = true;
  private settledAtMs: number | undefined;

  constructor({ seed, calm = false, definitions }: SimulationOptions) {
    this.random = new Random(seed);
    this.time = new VirtualTime(this.random);
    this.calm = calm;
    this.history = new History(this.database);
    const violate = (rule: string, what: string) => this.history.violate(rule, what);
    this.systems = new OutsideSystems(violate);
    this.crew = new WorkerCrew({
      database: this.database,
      time: this.time,
      systems: this.systems,
      history: this.history,
      isTroubled: () => this.isTroubled,
      isDown: () => this.server.isDown,
      brought: (messages) => {
        const by = this.processes[this.random.below(this.processes.length + 1)];
        by?.deliver(() => by.engine.brought(messages));
      },
    });
    this.overlays = new OverlayCrew({
      tenantId,
      database: this.database,
      random: this.random,
      definitions: this.definitions,
      apply: (runId, overlay) => void this.tell(runId, overlay),
    });
    this.published = new PublishedEvents(this.database, violate);
    this.distant = new DistantStore(this.time, this.server);
    this.database.now = () => this.time.nowMs;
    this.database.readsSnapshot = () => this.random.chance(0.8);
    this.database.onCommit = (turns, owner) => {
      for (const { seq, payload } of turns)
        this.digest.update(`${owner} ${String(seq)}`).update(payload);
      this.history.committed(turns, owner);
    };
    const count = calm ? 1 : 1 + this.random.below(4);
    this.definitions.push(
      ...(definitions ?? Array.from({ length: count }, () => drawDefinition(this.random))),
    );
    for (const ir of [...childDefinitions, ...this.definitions.map((one) => one.ir)]) {
      this.database.define(tenantId, ir);
    }
  }

  async play(): Promise<Played> {
    this.supervise();
    this.collect();
    this.definitions.forEach((definition, at) => void this.client(definition, at));
    this.people();
    this.crew.start();
    if (this.calm) this.isTroubled = false;
    else {
      this.trouble();
      this.overlay();
    }
    await this.time.play(() => this.isOver());
    if (this.history.violation === undefined) await this.finish();
    return {
      violation: this.history.violation,
      runs: this.definitions.length,
      injected: { ...this.injected, ...this.distant.injected },
      fingerprint: this.digest.digest('hex'),
      outcomes: [...this.database.runs.values()]
        .filter(({ row }) => row.parent === undefined)
        .map(({ row }) => outcomeOf(row)),
      virtualMs: this.time.nowMs - Date.UTC(2026, 0, 1),
      events: this.time.events,
    };
  }

  private isOver(): boolean {
    if (this.history.violation !== undefined) return true;
    if (this.time.events > eventsMax) {
      this.history.violate('S2', `it does not end: ${this.whatIsLeft()}`);
      return true;
    }
    if (this.isTroubled || this.clientsLeft > 0) return false;
    for (const { row } of this.database.runs.values()) if (!this.isSettled(row)) return false;
    if (!this.published.isThrough()) return false;
    // What is still on its way arrives.
    this.settledAtMs ??= this.time.nowMs;
    return this.time.nowMs > this.settledAtMs + lastMs;
  }

  private isSettled({ runId, status }: RunRow): boolean {
    if (status === 'completed' || status === 'cancelled' || status === 'terminated') return true;
    if (status !== 'failed') return false;
    const isUndone = this.history.states.get(runId)?.undo !== undefined;
    return isUndone || (this.history.failures.get(runId) ?? 0) > repairsMax;
  }

  private whatIsLeft(): string {
    const open = [...this.database.runs.values()]
      .filter(({ row }) => !this.isSettled(row))
      .map(({ row }) => `${row.runId} (${row.workflowName}) is ${row.status}`);
    const unpublished = this.published.isThrough() ? [] : ['events are not published'];
    const clients = this.clientsLeft === 0 ? [] : [`${String(this.clientsLeft)} clients wait`];
    return [...open, ...unpublished, ...clients].join(', ');
  }

  private async finish(): Promise<void> {
    await this.published.check();
    this.checkJournals();
    const byStarter = new Map<string, string[]>();
    for (const [runId, { row }] of this.database.runs) {
      if (row.parent !== undefined) continue;
      byStarter.set(row.startedBy, [...(byStarter.get(row.startedBy) ?? []), runId]);
    }
    for (const [starter, runIds] of byStarter) {
      if (runIds.length > 1)
        this.history.violate('S2', `${starter} started ${runIds.join(' and ')}`);
    }
    if (!this.calm) await this.checkOutcomes();
  }

  /** S5 */
  private checkJournals(): void {
    for (const [runId, { turns }] of this.database.runs) {
      try {
        const read = this.database.turnsOf(runId, 1);
        const written = turns.map(({ position, payload }) => [position, entriesIn(payload)]);
        const same = JSON.stringify(read.map(({ position, entries }) => [position, entries]));
        if (same === JSON.stringify(written)) continue;
        this.history.violate('S5', `the journal of ${runId} is not what was written`);
      } catch (error) {
        this.history.violate('S5', `the journal of ${runId} cannot be read: ${String(error)}`);
      }
    }
    this.injected['archives'] = this.database.archives.length;
    const states = [...this.history.states.values()];
    this.injected['overlays applied'] = states.flatMap(({ overlays = [] }) => overlays).length;
  }

  /** S3 */
  private async checkOutcomes(): Promise<void> {
    for (const { row } of this.database.runs.values()) {
      if (row.status === 'cancelled') {
        if (!this.history.cancelled.has(row.runId)) this.history.violate('S3', 'nobody cancelled');
        continue;
      }
      // It failed on something that was done to it, and undid what it had done.
      if (this.history.states.get(row.runId)?.undo !== undefined) continue;
      if (row.parent !== undefined) continue; // What becomes of it is in the outcome of its parent.
      const { overlays = [] } = this.history.states.get(row.runId) ?? {};
      const first = overlays[0]?.base ?? row.irHash;
      const definition = this.definitions.find(({ ir }) => ir.hash === first);
      if (definition === undefined) continue;
      const expected = await undisturbed(definition);
      const ended = outcomeOf(row);
      if (expected.includes(ended)) continue;
      this.history.violate(
        'S3',
        `${definition.name} ended as ${ended}, not as ${expected.join(' or ')}`,
      );
    }
  }

  /** As long as the runs are in trouble. */
  private overlay(): void {
    this.overlays.look();
    if (this.isTroubled) this.time.in(this.time.between(5, 120), () => this.overlay());
  }

  // What goes wrong.

  private trouble(): void {
    const { random, time } = this;
    this.server.faultRate = [0, 0.01, 0.05, 0.15][random.below(4)] ?? 0;
    const untilMs = time.nowMs + time.between(200, 4_000);
    const meanMs = time.between(60, 800);
    const next = () => {
      if (time.nowMs >= untilMs) return this.calmDown();
      const [name, work] = this.disasters[random.below(this.disasters.length)]!;
      this.injected[name] = (this.injected[name] ?? 0) + 1;
      work();
      time.in(time.between(1, 2 * meanMs), next);
    };
    time.in(time.between(0, 2 * meanMs), next);
  }

  private calmDown(): void {
    this.isTroubled = false;
    this.server.faultRate = 0;
    this.server.isDown = false;
    for (const process of this.processes) process.skewMs = 0;
    for (const process of [...this.processes]) if (process !== this.latest()) process.die();
  }

  private readonly disasters: readonly (readonly [string, () => void])[] = [
    ['crash', () => this.latest()?.die()],
    ['crash', () => this.latest()?.die()],
    [
      'zombie',
      () => {
        if (this.random.chance(0.5)) this.latest()?.freeze(this.time.between(10, 2_000));
        this.spawn();
      },
    ],
    ['freeze', () => this.latest()?.freeze(this.time.between(10, 1_500))],
    ['stop', () => this.latest()?.stop()],
    ['database restart', () => this.restartDatabase()],
    ['connections lost', () => void (this.server.incarnation += 1)],
    [
      'clock jump',
      () => {
        const process = this.latest();
        if (process !== undefined) process.skewMs = this.time.between(-5_000, 2_000);
      },
    ],
    ['repeated result', () => this.repeatResult()],
    ['early timer', () => this.fireEarly()],
    ['suspension', () => void this.suspend()],
    ['unwritable run', () => this.makeUnwritable()],
  ];

  private restartDatabase(): void {
    this.server.isDown = true;
    this.server.incarnation += 1;
    this.time.in(this.time.between(0, 1_200), () => (this.server.isDown = false));
  }

  private readonly results: { runId: string; stimulus: StimulusBody }[] = [];

  /** What has been said already is said again. */
  private repeatResult(): void {
    const said = this.results.slice(-6)[this.random.below(6)];
    if (said !== undefined) void this.tell(said.runId, said.stimulus);
  }

  /** For a while, or until a person who looks for suspended runs comes by. */
  private async suspend(): Promise<void> {
    const open = [...this.database.runs.values()].filter(({ row }) => !this.isSettled(row));
    const runId = open[this.random.below(open.length + 1)]?.row.runId;
    if (runId === undefined) return;
    await this.tell(runId, { kind: 'suspend', by: 'operator' });
    await this.time.pause(this.time.between(0, 500));
    await this.tell(runId, { kind: 'resume', by: 'operator' });
  }

  private makeUnwritable(): void {
    const runId = [...this.database.runs.keys()][this.random.below(this.database.runs.size + 1)];
    if (runId === undefined) return;
    this.server.unwritable.add(runId);
    this.time.in(this.time.between(5, 300), () => this.server.unwritable.delete(runId));
  }

  private fireEarly(): void {
    const timers = [...this.database.timers.values()];
    const timer = timers[this.random.below(timers.length + 1)];
    if (timer === undefined) return;
    const { runId, occurrence, generation } = timer;
    void this.tell(runId, { kind: 'timerFired', occurrence, generation });
  }

  // Processes.

  /** The one that was started last: others that still live have been given up. */
  private latest(): SimulatedProcess | undefined {
    const name = `process ${String(this.started)}`;
    return this.processes.find((process) => process.name === name);
  }

  private spawn(): void {
    this.started += 1;
    const process = new SimulatedProcess(`process ${String(this.started)}`, this);
    this.processes.push(process);
    process.start();
  }

  /** The latest process is followed by another one soon after its end. */
  private supervise(): void {
    if (this.latest() === undefined) this.spawn();
    this.time.in(this.time.between(50, 400), () => this.supervise());
  }

  archives(process: SimulatedProcess) {
    return this.distant.archivesFor(process, this.archived);
  }

  isUsed(partition: number): boolean {
    return this.database.endOf(partition) > 0;
  }

  /** Objects that nobody needs are removed. */
  private collect(): void {
    this.archived.collect(100);
    this.time.in(this.time.between(50, 300), () => this.collect());
  }

  ended(process: SimulatedProcess): void {
    this.processes.splice(this.processes.indexOf(process), 1);
  }

  store(process: SimulatedProcess) {
    return this.distant.for(process, this.database.store(process.name));
  }

  private isOwner(process: SimulatedProcess): boolean {
    return this.database.partitions.every(({ owner }) => owner === process.name);
  }

  call: Surroundings['call'] = (by, run, call) => {
    const { time, history } = this;
    history.sent(run.runId, call, {
      isOwner: this.isOwner(by),
      starts: Number(by.name.split(' ')[1]),
    });
    return new Promise((resolve) => {
      time.in(time.between(0, 40), () => {
        const outcome = this.systems.receive(run.runId, call);
        history.hear(run.runId, call, outcome.kind);
        const { occurrence, attempt } = call;
        const stimulus: StimulusBody = { ...outcome, occurrence, attempt };
        this.results.push({ runId: run.runId, stimulus });
        if (this.isTroubled && time.random.chance(0.3)) {
          // Often together with the answer itself, sometimes long after it.
          const lateMs = time.random.chance(0.7) ? 40 : 250;
          time.in(time.between(0, lateMs), () => void this.tell(run.runId, stimulus));
        }
        time.in(time.between(0, 40), () => by.deliver(() => resolve(outcome)));
      });
    });
  };

  /** What is lost may have been done, or is done later, when nobody expects it any more. */
  publish: Surroundings['publish'] = (by, events, passages) => {
    const { time } = this;
    return new Promise((resolve, reject) => {
      time.in(time.between(0, 5), () => {
        const isLost = time.random.chance(this.server.faultRate);
        const isDone = !isLost || time.random.chance(0.5);
        const passed = isDone && this.published.take(events, passages);
        if (!isDone && time.random.chance(0.5))
          time.in(time.between(0, 1_500), () => void this.published.take(events, passages));
        time.in(time.between(0, 5), () =>
          by.deliver(() => (isLost ? reject(connectionLost()) : resolve(passed))),
        );
      });
    });
  };

  readonly findWorkflow: Surroundings['findWorkflow'] = async (_tenant, wanted) => {
    const named = isJsonObject(wanted) ? wanted['name'] : undefined;
    const name = typeof named === 'string' ? named : '';
    const ir = childNamed(name);
    await this.time.pause(this.time.between(0, 3));
    if (ir === undefined) return err(`there is no workflow ${name}`);
    return ok({ workflowId: 'wf_child', workflowName: name, version: 1, irHash: ir.hash });
  };

  changed: Surroundings['changed'] = (by, { row, position }) => {
    const { runId } = row;
    const end = this.database.runs.get(runId)?.row;
    const durable = this.database.runs.get(runId)?.turns.length ?? 0;
    if (end === undefined || position > durable) {
      this.history.violate('H5', `a change of ${runId} was told before it was durable`);
    }
    if (!this.isOwner(by)) return;
    const live = by.settledRun(runId);
    if (live !== undefined) this.history.checkMemory(runId, live.state);
  };

  // Who uses it.

  /** Asks a process that answers requests; undefined: no answer came. */
  private ask<T>(
    work: (engine: Engine, by: SimulatedProcess) => Promise<T>,
  ): Promise<T | Refused | undefined> {
    const { time, random } = this;
    const ready = this.processes.filter(({ isReady }) => isReady);
    const process = ready[random.below(ready.length)];
    return new Promise((resolve) => {
      const giveUp = time.in(process === undefined ? 50 : noAnswerMs, () => resolve(undefined));
      const answer = (what: T | Refused | undefined) =>
        void time.in(time.between(0, 5), () => {
          giveUp();
          resolve(what);
        });
      time.in(time.between(0, 5), () =>
        process?.deliver(() => {
          work(process.engine, process).then(answer, (error: unknown) => {
            answer({ code: isAppError(error) ? error.code : 'internal' });
          });
        }),
      );
    });
  }

  /** @returns whether the run has taken it; undefined when nobody knows */
  private async tell(runId: string, stimulus: StimulusBody, approval?: string) {
    const answer = await this.ask(async (engine, by) => {
      const rejection = await engine.apply(runId, stimulus, {
        tenantId,
        unless: ({ frames }) => {
          if (approval === undefined || stimulus.kind !== 'decided') return undefined;
          const { occurrence } = stimulus;
          const attempt = frames.get(occurrence)?.attempt ?? 0;
          const isOpen = approvalId(runId, occurrence, attempt) === approval;
          return isOpen ? undefined : { reason: 'stale', message: 'the approval is not open' };
        },
      });
      if (rejection === undefined) this.checkApplied(runId, stimulus);
      // One that was overtaken and does not know it yet may be behind.
      else if (rejection.reason === 'stale' && this.isOwner(by)) {
        this.history.checkRefused(runId, stimulus);
      }
      return rejection ?? 'applied';
    });
    return answer === undefined || (answer !== 'applied' && 'code' in answer)
      ? undefined
      : answer === 'applied';
  }

  /** H5 */
  private checkApplied(runId: string, stimulus: StimulusBody): void {
    const { kind } = stimulus;
    if (kind === 'applyOverlay') {
      const { overlays = [] } = this.history.states.get(runId) ?? {};
      if (overlays.some(({ overlay }) => overlay === stimulus.overlay)) return;
      this.history.violate('H5', `${stimulus.overlay} was answered before it was durable`);
    }
    if (kind === 'cancel' && !this.history.cancelled.has(runId)) {
      this.history.violate('H5', `a cancellation of ${runId} was answered before it was durable`);
    }
  }

  private async client({ ir, name }: Definition, at: number): Promise<void> {
    const { time, random } = this;
    this.clientsLeft += 1;
    const isKeyed = this.calm || random.chance(0.7);
    const cancelMs = !this.calm && random.chance(0.1) ? time.between(0, 400) : undefined;
    const request = {
      tenantId,
      workflowId: 'wf_simulated',
      workflowName: name,
      version: 1,
      irHash: ir.hash,
      startedBy: `mem_client${String(at)}`,
      input: { n: 3 },
      ...(isKeyed ? { key: { key: `key ${String(at)}`, fingerprint: name } } : {}),
    };
    const start = () =>
      this.ask(async (engine) => {
        const started = await engine.startRun(request);
        this.checkStarted(started.runId);
        return started;
      });
    await time.pause(time.between(0, this.calm ? 0 : 1_000));
    let runId: string | undefined;
    while (runId === undefined) {
      if (isKeyed && !this.calm && random.chance(0.1)) void start(); // Somebody pressed twice.
      const answer = await start();
      if (answer !== undefined && 'runId' in answer) runId = answer.runId;
      else if (isKeyed || answer?.code === 'overloaded') await time.pause(time.between(20, 200));
      else break; // Nobody knows whether there is a run, and asking again would start another.
    }
    if (runId !== undefined && isKeyed && !this.calm) await this.askAgain(runId, start);
    if (runId !== undefined && cancelMs !== undefined) {
      await time.pause(cancelMs);
      const cancel = {
        kind: 'cancel',
        by: 'mem_simulated',
        compensate: random.chance(0.5),
      } as const;
      while ((await this.tell(runId, cancel)) === undefined) {
        await time.pause(time.between(20, 200));
      }
    }
    this.clientsLeft -= 1;
  }

  /** S2: the same key gives the first run, also for whoever asks again after all this. */
  private async askAgain(
    first: string,
    start: () => Promise<{ runId: string } | Refused | undefined>,
  ): Promise<void> {
    if (!this.random.chance(0.3)) return;
    await this.time.pause(this.time.between(0, 3_000));
    const answer = await start();
    if (answer === undefined || !('runId' in answer) || answer.runId === first) return;
    this.history.violate('S2', 'the same key gave another run');
  }

  private checkStarted(runId: string): void {
    if (this.database.runs.has(runId)) return;
    this.history.violate('H5', `the start of ${runId} was answered before it was durable`);
  }

  /** They decide what they are asked, and let failed runs go on. */
  private people(): void {
    const { time, random } = this;
    for (const { id, runId, occurrence, status } of [...this.database.approvals.values()]) {
      if (status !== 'pending' || random.chance(0.4)) continue;
      const decided = {
        kind: 'decided',
        occurrence,
        decision: 'approved',
        by: 'mem_person',
      } as const;
      void this.tell(runId, decided, id);
      if (!this.calm && random.chance(0.1)) void this.tell(runId, decided, id);
    }
    for (const { row } of this.database.runs.values()) {
      if (row.status === 'suspended' && !this.isTroubled) {
        void this.tell(row.runId, { kind: 'resume', by: 'operator' });
      }
      const isFailed = row.status === 'failed' || row.status === 'compensation-failed';
      if (!isFailed || this.isSettled(row)) continue;
      void this.tell(row.runId, { kind: 'retryStep', by: 'operator' });
    }
    time.in(time.between(30, 200), () => this.people());
  }
}

function outcomeOf({ status, output, error }: RunRow): string {
  return JSON.stringify({ status, output, error });
}

const calmOutcomes = new Map<string, Promise<readonly string[]>>();

/** How runs of a definition end when nothing goes wrong (or, of a call that is not repeated, might). */
function undisturbed(definition: Definition): Promise<readonly string[]> {
  const { ir, isOnce, name } = definition;
  const known =
    calmOutcomes.get(ir.hash) ??
    new Simulation({ seed: 1, calm: true, definitions: [definition] }).play().then((played) => {
      if (played.violation !== undefined) {
        throw new Error(`${name} breaks ${played.violation} in all calm`);
      }
      return isOnce ? [...played.outcomes, unknownOutcome] : played.outcomes;
    });
  calmOutcomes.set(ir.hash, known);
  return known;
}

const unknownOutcome = JSON.stringify({
  status: 'completed',
  output: { unknown: 'https://parley.dev/errors/unknown-outcome' },
});
