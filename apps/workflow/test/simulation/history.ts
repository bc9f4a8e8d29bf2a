import {
  errorTypes,
  fold,
  initialState,
  isCallOpen,
  isStalled,
  pendingEffects,
  stateOf,
  type CallEffect,
  type Entry,
  type RunState,
  type StimulusBody,
} from '@parley/engine';
import { workerTaskId } from '../../src/task-queues/task-rows.js';
import { approvalId, runRow } from '../../src/engine/projection.js';
import type { PlacedTurn, RunFacts } from '../../src/engine/turn-record.js';
import { entriesIn, timerKey, type MemoryDatabase } from './memory-database.js';
import { Revisions } from './revisions.js';

/**
 * Watches the journal while it is written, and everything that leaves the engine.
 *
 * H1  One writer: a flush is by whoever took the partition over last, its turns follow those that
 *     are there without a gap.
 * H2  Replay: folding the journal gives the state in memory, and the row, timers, approvals and
 *     tasks of workers that were written with it.
 * H3  A call leaves only when its `dispatched` entry is durable, with that entry's key; an attempt is
 *     sent once, and once more at most for every process that was started since.
 * H4  A call whose result is journaled does not leave again.
 * H5  Whatever is answered or told is durable: starts, decisions, live changes.
 * H6  An open run can always go on: a step, a call, a timer or an approval is pending.
 * H7  What a call ended with is what was answered to that very attempt.
 * H8  A timer's end is journaled when it is due or later; a run ends once.
 * H9  What a run undoes is what it has done, the last first, and nothing twice or not at all.
 * H10 An answer is refused only for what is durable by then.
 */
export class History {
  /** What was broken first. */
  violation: string | undefined;
  /** Every run as its durable entries say. */
  readonly states = new Map<string, RunState>();
  readonly failures = new Map<string, number>();
  readonly cancelled = new Set<string>();
  private readonly database: MemoryDatabase;
  private readonly revisions: Revisions;
  private readonly dispatched = new Map<string, string>();
  private readonly answered = new Set<string>();
  /** What the outside has answered to attempts: `<attempt> completed`. */
  private readonly heard = new Set<string>();
  private readonly sendings = new Map<string, number[]>();

  constructor(database: MemoryDatabase) {
    this.database = database;
    this.revisions = new Revisions({
      definition: (hash) => this.database.definitionOf(hash),
      violate: (rule, what) => this.violate(rule, what),
    });
  }

  violate(rule: string, what: string): void {
    this.violation ??= `${rule}: ${what}`;
  }

  committed(turns: readonly PlacedTurn[], owner: string): void {
    const ends = new Map<number, number>();
    for (const turn of turns) {
      const { partition, seq } = turn;
      const placed = this.database.journal[partition] ?? [];
      const end = ends.get(partition) ?? placed.findLast((one) => !turns.includes(one))?.seq ?? 0;
      ends.set(partition, seq);
      if (seq !== end + 1) this.violate('H1', `seq ${String(seq)} follows ${String(end)}`);
      if (this.database.partitions[partition]?.owner !== owner) {
        this.violate('H1', `${owner} wrote to a partition that another process owns`);
      }
      this.turn(turn);
    }
    for (const runId of new Set(turns.map((turn) => turn.runId))) {
      const row = turns.findLast((turn) => turn.runId === runId)?.run;
      const state = this.states.get(runId);
      if (row !== undefined && state !== undefined) this.checkTables(row, state);
    }
  }

  private turn({ runId, position, payload, run }: PlacedTurn): void {
    const known = this.database.runs.get(runId)?.turns.length ?? 0;
    if (position > known)
      this.violate('H1', `turn ${String(position)} of ${runId} has no turn before`);
    let state = this.states.get(runId) ?? initialState();
    if (position === 1) this.revisions.started(runId, run.irHash);
    for (const entry of entriesIn(payload)) {
      this.entry(runId, entry, state);
      this.revisions.entry(runId, entry, state);
      try {
        state = fold(state, [entry]);
      } catch (error) {
        this.violate('H2', `${runId} cannot be folded at ${entry.kind}: ${String(error)}`);
      }
    }
    this.states.set(runId, state);
    this.revisions.checkRow(runId, run.irHash);
    if (isStalled(state)) this.violate('H6', `${runId} is stalled after turn ${String(position)}`);
  }

  private entry(runId: string, entry: Entry, before: RunState): void {
    if (!['pending', 'running', 'failed', 'compensation-failed'].includes(before.phase)) {
      this.violate('H8', `${runId} is ${before.phase} and goes on with ${entry.kind}`);
    }
    switch (entry.kind) {
      case 'dispatched':
        this.dispatched.set(attemptKey(runId, entry), entry.key);
        return;
      case 'completed': {
        const frame = before.frames.get(entry.occurrence);
        if (frame?.kind === 'wait' && entry.at < (frame.timer?.dueAt ?? 0)) {
          this.violate('H8', `${runId} ${entry.occurrence} ended before it was due`);
        }
        this.checkAnswer(runId, before, entry);
        this.answered.add(attemptKey(runId, { ...entry, attempt: frame?.attempt ?? 0 }));
        return;
      }
      case 'failed':
        if (entry.error.type === errorTypes.communication && entry.outcome !== undefined) {
          this.checkAnswer(runId, before, entry);
        }
        return;
      case 'retried': {
        const frame = before.frames.get(entry.occurrence);
        if (frame?.kind === 'try' && entry.at < (frame.backoff?.dueAt ?? 0)) {
          this.violate('H8', `${runId} ${entry.occurrence} was retried before it was due`);
        }
        return;
      }
      case 'resumed':
        // What could be sent again is sent again, whatever became of it.
        for (const attempt of this.sendings.keys()) {
          if (attempt.startsWith(`${runId} `)) this.sendings.delete(attempt);
        }
        return;
      case 'stepUndoing':
        if (before.undo?.current !== undefined || before.kept?.at(-1)?.as !== entry.occurrence) {
          this.violate('H9', `${runId} ${entry.occurrence} is undone out of order`);
        }
        return;
      case 'undoStarted':
        if (entry.cause.by !== undefined) this.cancelled.add(runId);
        return;
      case 'runFailed':
        this.checkUndone(runId, before);
        this.failures.set(runId, (this.failures.get(runId) ?? 0) + 1);
        return;
      case 'runCancelled':
        this.checkUndone(runId, before);
        this.cancelled.add(runId);
        return;
      default:
        return;
    }
  }

  /** H9 */
  private checkUndone(runId: string, { undo, kept = [] }: RunState): void {
    if (undo === undefined || (undo.current === undefined && kept.length === 0)) return;
    this.violate('H9', `${runId} ended half undone`);
  }

  /** The outside answers an attempt of a call. */
  hear(runId: string, call: CallEffect, kind: 'completed' | 'failed'): void {
    this.heard.add(`${attemptKey(runId, call)} ${kind}`);
  }

  /** H7 */
  private checkAnswer(
    runId: string,
    { frames }: RunState,
    { occurrence, kind }: { readonly occurrence: string; readonly kind: 'completed' | 'failed' },
  ): void {
    const frame = frames.get(occurrence);
    if (frame?.kind !== 'call' || frame.call === undefined) return;
    if (frame.call.function === 'human' || frame.call.function === 'workflow') return;
    const attempt = attemptKey(runId, frame);
    if (this.heard.has(`${attempt} ${kind}`)) return;
    this.violate('H7', `${attempt} ${kind}, which nobody has answered to it`);
  }

  /** H2 */
  private checkTables(row: RunFacts, state: RunState): void {
    const { runId } = row;
    const facts = Object.fromEntries(
      Object.entries(row).filter(([name]) => factNames.has(name)),
    ) as unknown as RunFacts;
    if (textOf(runRow(facts, state)) !== textOf(row)) {
      this.violate('H2', `the row of ${runId} is not what its entries say`);
    }
    const { effects } = pendingEffects(state);
    const timers = effects.flatMap((effect) =>
      effect.kind === 'armTimer' ? timerKey(runId, effect) : [],
    );
    const stored = [...this.database.timers]
      .filter(([, timer]) => timer.runId === runId)
      .map(([key]) => key);
    if (timers.sort().join() !== stored.sort().join()) {
      this.violate('H2', `the timers of ${runId} are ${stored.join()}, not ${timers.join()}`);
    }
    const asked = effects.flatMap((effect) =>
      effect.kind === 'openApproval' ? approvalId(runId, effect.occurrence, effect.attempt) : [],
    );
    const open = [...this.database.approvals.values()]
      .filter((approval) => approval.runId === runId && approval.status === 'pending')
      .map(({ id }) => id);
    if (asked.sort().join() !== open.sort().join()) {
      this.violate('H2', `the open approvals of ${runId} are ${open.join()}, not ${asked.join()}`);
    }
    this.checkWork(runId, state);
  }

  /** H2 */
  private checkWork(runId: string, { phase, frames }: RunState): void {
    const wanted = [...frames.values()].flatMap((frame) =>
      frame.kind === 'call' && frame.call?.function === 'worker' && phase === 'running'
        ? workerTaskId(runId, frame.occurrence, frame.attempt)
        : [],
    );
    const queued = [...this.database.workerTasks.values()]
      .filter((task) => task.runId === runId)
      .map(({ row }) => row.id);
    if (wanted.sort().join() !== queued.sort().join()) {
      this.violate('H2', `the work of ${runId} is ${queued.join()}, not ${wanted.join()}`);
    }
  }

  /** H2: all turns of the run are durable, so memory and journal say the same. */
  checkMemory(runId: string, live: RunState): void {
    const durable = this.states.get(runId);
    if (JSON.stringify(live) !== JSON.stringify(durable)) {
      this.violate('H2', `the state of ${runId} in memory is not what its entries say`);
    }
  }

  /** H10 */
  checkRefused(runId: string, stimulus: StimulusBody): void {
    if (stimulus.kind !== 'completed' && stimulus.kind !== 'failed') return;
    const durable = this.states.get(runId);
    // A run that has failed, or undoes what it did, takes no answer, though a step may be open still.
    if (durable === undefined || !['running', 'waiting'].includes(stateOf(durable))) return;
    const attempt = attemptKey(runId, stimulus);
    // One that was answered may be open again: somebody has retried the step.
    if (!isCallOpen(durable, stimulus) || this.answered.has(attempt)) return;
    this.violate('H10', `an answer to ${attempt} was refused too early`);
  }

  /** A call leaves a process; `starts` are the times at which processes started. */
  sent(
    runId: string,
    call: CallEffect,
    by: { readonly isOwner: boolean; readonly starts: number },
  ) {
    const attempt = attemptKey(runId, call);
    if (this.dispatched.get(attempt) !== call.key) {
      this.violate('H3', `${attempt} left before it was durable, or with another key`);
    }
    if (by.isOwner && this.answered.has(attempt)) {
      this.violate('H4', `${attempt} left again after its result was durable`);
    }
    const before = this.sendings.get(attempt) ?? [];
    if (before.includes(by.starts)) this.violate('H3', `${attempt} was sent twice by one process`);
    this.sendings.set(attempt, [...before, by.starts]);
  }
}

const factNames = new Set([
  'runId',
  'tenantId',
  'workflowId',
  'workflowName',
  'version',
  'irHash',
  'startedBy',
  'rerunOf',
  'parent',
  'createdAt',
]);

/** The same text whatever the order of the members at the top. */
function textOf(row: object): string {
  return JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function attemptKey(
  runId: string,
  { occurrence, attempt }: { readonly occurrence: string; readonly attempt: number },
): string {
  return `${runId} ${occurrence} ${String(attempt)}`;
}
