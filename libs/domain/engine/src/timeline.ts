import type { IrNodeKind, IrOperation, IrRunNode, NodeId } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { StepSkipped } from './control-entries.js';
import { withoutCredentials } from './credentials.js';
import type { Dispatched, Entry, Failed, Place } from './entries.js';
import type { RunError } from './errors.js';
import { nameOf } from './names.js';
import { logicalOccurrence, taskOccurrence, type Occurrence } from './occurrence.js';
import type { Frame, RunState } from './state.js';

export type StepStatus =
  'pending' | 'running' | 'waiting' | 'retrying' | 'completed' | 'failed' | 'skipped' | 'cancelled';

export interface StepAttempt {
  /** 1 for the first; policy retries and operator's reruns count on. */
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly error?: RunError;
}

/** One step as a person sees it: all attempts and reruns of one logical occurrence. */
export interface Step {
  /** Stable over attempts and reruns: use it as the key of a row. */
  readonly id: Occurrence;
  /** The occurrence that ran last; differs from `id` after a rerun. */
  readonly occurrence: Occurrence;
  /** Logical occurrence of the step around it; empty for the run. */
  readonly parent: Occurrence;
  readonly node: NodeId;
  readonly name: string;
  readonly kind: IrNodeKind;
  readonly status: StepStatus;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly attempts: readonly StepAttempt[];
  readonly input: Json;
  readonly output?: Json;
  /** Its end was not recorded, nor what it put out: the fast path. */
  readonly unrecorded?: true;
  readonly error?: RunError;
  /** Whether the step began anything outside, and what. */
  readonly call?: Pick<Dispatched, 'function' | 'args' | 'key' | 'operation'>;
  /** Approvals: what is asked and of whom, as the definition says under `with`, evaluated. */
  readonly asked?: Json;
  /** switch: the case that matched. */
  readonly case?: string;
  /** Who decided an approval, or skipped the step. */
  readonly decidedBy?: string;
  /** wait, retry, approval: until when. */
  readonly until?: number;
  /** A compensation: the step that it undoes. */
  readonly undoes?: Occurrence;
  /** What the step did has been undone. */
  readonly undone?: true;
}

/**
 * The steps of a run in the order in which they were first entered. Pure.
 * @param before what the run was before the entries; of its steps only those that are open are told
 */
export function timeline(entries: Iterable<Entry>, before?: RunState): Step[] {
  const projection = new Timeline(before);
  for (const entry of entries) projection.apply(entry);
  return projection.steps();
}

type At = { readonly at: number };
type Row = { -readonly [K in keyof Step]: Step[K] };

/** Folds entries into steps; keep one per run to follow it live. */
export class Timeline {
  private readonly rows = new Map<Occurrence, Row>();
  private readonly open = new Set<Occurrence>();
  /** Changed since `takeChanged` was last called. */
  private readonly changed = new Set<Occurrence>();
  private lastFailed: Occurrence = '';
  /** Open steps at the moment when the run failed, should it go on later. */
  private interrupted: Row[] = [];
  /** Entries that were not recorded one by one: the fast path. */
  private unrecordedCount: number;
  /** Steps that can be undone, by what undoes them. */
  private readonly undoers = new Map<Occurrence, Occurrence>();

  /** @param before what the run was before the first entry: see `timeline` */
  constructor(before?: RunState) {
    const { frames, kept = [], undo, unrecorded = 0 } = before ?? {};
    this.unrecordedCount = unrecorded;
    for (const { as, occurrence } of undo?.current === undefined ? kept : [...kept, undo.current]) {
      this.undoers.set(logicalOccurrence(as), logicalOccurrence(occurrence));
    }
    for (const frame of frames?.values() ?? []) {
      const row = rowOf(frame);
      if (row !== undefined) this.put({ ...row, ...this.undoing(row.id) });
    }
  }

  get unrecorded(): number {
    return this.unrecordedCount;
  }

  steps(): Step[] {
    return [...this.rows.values()];
  }

  /** The steps that changed since the last time this was asked. */
  takeChanged(): Step[] {
    const steps = [...this.changed]
      .map((id) => this.rows.get(id))
      .filter((row) => row !== undefined);
    this.changed.clear();
    return steps;
  }

  apply(entry: Entry): void {
    switch (entry.kind) {
      case 'startedFrom':
        for (const frame of Object.values(entry.state.frames)) this.found(frame, entry.at);
        break;
      case 'entered':
        this.begin(entry, entry.task === 'wait' ? 'waiting' : 'running');
        break;
      case 'listening':
        this.begin(entry, 'waiting');
        break;
      case 'invoked':
      case 'mapped':
        this.begin(entry, 'running');
        break;
      case 'ran': {
        const { output, own = output, case: chosen } = entry;
        this.begin(entry, 'running');
        this.end(entry.occurrence, entry.at, { status: 'completed', output: own, case: chosen });
        break;
      }
      case 'emitted': {
        const { event, output = event, own = output } = entry;
        this.begin(entry, 'running');
        this.end(entry.occurrence, entry.at, { status: 'completed', output: own });
        break;
      }
      case 'skipped':
        this.begin(entry, 'running');
        this.end(entry.occurrence, entry.at, { status: 'skipped' });
        break;
      case 'stepSkipped':
        this.skip(entry);
        break;
      case 'failed':
        this.fail(entry);
        break;
      case 'completed':
        this.cancelBelow(entry.occurrence, entry.at);
        this.end(entry.occurrence, entry.at, {
          status: 'completed',
          output: entry.own === undefined ? entry.output : entry.own,
        });
        break;
      case 'runCompleted':
      case 'runCancelled':
      case 'runTerminated':
      case 'runFailed':
      case 'undoStarted':
      case 'undoFailed':
        this.endAll(entry);
        break;
      default:
        this.applyProgress(entry);
    }
  }

  private applyProgress(entry: Entry): void {
    switch (entry.kind) {
      case 'dispatched': {
        const { function: name, key, operation } = entry;
        const pinned: { operation?: IrOperation } = operation === undefined ? {} : { operation };
        const args = withoutCredentials(entry.args);
        this.update(entry.occurrence, { call: { function: name, args, key, ...pinned } });
        break;
      }
      case 'approvalOpened':
        this.update(entry.occurrence, { status: 'waiting', until: entry.dueAt, asked: entry.args });
        break;
      case 'decided':
        this.update(entry.occurrence, { decidedBy: entry.by });
        break;
      case 'timerArmed':
        if (entry.purpose === 'wait') this.update(entry.occurrence, { until: entry.dueAt });
        break;
      case 'caught':
        this.closeBelow(entry.occurrence, entry.at);
        this.update(entry.occurrence, { status: 'running', until: undefined });
        break;
      case 'eventTaken':
        this.update(entry.occurrence, { status: 'running' });
        break;
      case 'eventDone':
        this.update(entry.occurrence, { status: 'waiting' });
        break;
      case 'itemEnded':
        if (entry.failed === true) this.closeItem(entry.occurrence, entry.at);
        break;
      case 'retryScheduled':
        this.closeBelow(entry.occurrence, entry.at);
        this.update(entry.occurrence, { status: 'retrying', until: entry.dueAt });
        break;
      case 'retried':
        this.update(entry.occurrence, { status: 'running', until: undefined });
        break;
      case 'undoKept':
        this.undoers.set(logicalOccurrence(entry.as), logicalOccurrence(entry.occurrence));
        break;
      case 'changed': {
        this.unrecordedCount += entry.count;
        const change = { status: 'completed', unrecorded: true } as const;
        for (const occurrence of entry.closed ?? []) this.end(occurrence, entry.at, change);
        for (const frame of entry.opened ?? []) this.found(frame, entry.at);
        break;
      }
      case 'stepUndone': {
        this.endAll(entry);
        const undone = this.undoers.get(logicalOccurrence(entry.occurrence));
        if (undone !== undefined) this.update(undone, { undone: true });
        break;
      }
      case 'reopened':
        for (const row of this.interrupted) {
          if (row.kind !== 'call' && row.kind !== 'run') this.put(row);
        }
        break;
      default:
    }
  }

  private begin(entry: Place & { readonly at: number }, status: StepStatus): void {
    const id = logicalOccurrence(entry.occurrence);
    const known = this.rows.get(id);
    const startedAt = entry.at;
    const attempt = { attempt: (known?.attempts.length ?? 0) + 1, startedAt };
    this.put({
      id,
      occurrence: entry.occurrence,
      parent: taskOccurrence(logicalOccurrence(entry.parent)),
      node: entry.node,
      name: nameOf(entry.node),
      kind: entry.task,
      status,
      startedAt: known?.startedAt ?? startedAt,
      attempts: [...(known?.attempts ?? []), attempt],
      input: entry.input,
      ...(known?.undone === undefined ? {} : { undone: known.undone }),
      ...this.undoing(id),
    });
  }

  /** A step that an earlier run had begun. */
  private found({ kind, ...frame }: Frame, at: number): void {
    if (kind === 'run' || kind === 'item' || frame.parent === undefined) return;
    const { occurrence, node, attempt, input, parent } = frame;
    const place = { occurrence, node, task: kind, parent, attempt, input, at };
    this.begin(place, kind === 'wait' || kind === 'listen' ? 'waiting' : 'running');
  }

  private undoing(id: Occurrence): Pick<Row, 'undoes'> {
    const undoes = this.undoers.get(id);
    return undoes === undefined ? {} : { undoes };
  }

  private end(occurrence: Occurrence, at: number, change: Partial<Row>): void {
    const row = this.rows.get(logicalOccurrence(occurrence));
    if (row === undefined) return;
    const last = row.attempts.at(-1);
    const error = change.error === undefined ? {} : { error: change.error };
    const attempts =
      last === undefined ? [] : [...row.attempts.slice(0, -1), { ...last, endedAt: at, ...error }];
    this.update(occurrence, { until: undefined, ...change, endedAt: at, attempts });
  }

  /** The attempts stay what they were: a step that had failed has done so. */
  private skip({ occurrence, at, output, own = output, by }: StepSkipped & At): void {
    const row = this.rows.get(logicalOccurrence(occurrence));
    this.cancelBelow(occurrence, at);
    const change = { status: 'skipped', output: own, error: undefined, decidedBy: by } as const;
    if (row?.endedAt === undefined) this.end(occurrence, at, change);
    else this.update(occurrence, change);
  }

  private fail(entry: Failed & { readonly at: number }): void {
    const id = logicalOccurrence(entry.occurrence);
    const open = this.rows.get(id);
    if (open === undefined || open.endedAt !== undefined) this.begin(entry, 'running');
    this.cancelBelow(id, entry.at);
    this.lastFailed = id;
    this.end(entry.occurrence, entry.at, { status: 'failed', error: entry.error });
  }

  /** A `try` took an error: what the error passed through failed, what ran beside it is cut off. */
  private closeBelow(occurrence: Occurrence, at: number): void {
    this.close(this.openBelow(logicalOccurrence(occurrence)), this.lastFailed, at);
  }

  /** The error of an item was collected: it passed through what is open inside. */
  private closeItem(item: Occurrence, at: number): void {
    const start = `${logicalOccurrence(item)}/`;
    const inside = this.openRows().filter(({ id }) => id.startsWith(start));
    this.close(inside, this.lastFailed, at);
  }

  private cancelBelow(occurrence: Occurrence, at: number): void {
    this.close(this.openBelow(logicalOccurrence(occurrence)), '', at);
  }

  private endAll(entry: Entry): void {
    const rows = this.openRows();
    if (entry.kind === 'runFailed' || entry.kind === 'undoFailed') this.interrupted = rows;
    this.close(rows, logicalOccurrence(failedIn(entry)), entry.at);
  }

  private close(rows: readonly Row[], failed: Occurrence, at: number): void {
    const passed = new Set<Occurrence>();
    for (let row = this.rows.get(failed); row !== undefined; row = this.rows.get(row.parent)) {
      passed.add(row.id);
    }
    for (const row of rows) {
      this.end(row.id, at, { status: passed.has(row.id) ? 'failed' : 'cancelled' });
    }
  }

  private openRows(): Row[] {
    return [...this.open].map((id) => this.rows.get(id)).filter((row) => row !== undefined);
  }

  private openBelow(id: Occurrence): Row[] {
    if (this.open.size === 0) return [];
    return this.openRows().filter((row) => {
      let up: Row | undefined = row;
      while (up !== undefined && up.parent !== id) up = this.rows.get(up.parent);
      return up !== undefined;
    });
  }

  private update(occurrence: Occurrence, change: Partial<Row>): void {
    const row = this.rows.get(logicalOccurrence(occurrence));
    if (row !== undefined) this.put({ ...row, ...change });
  }

  private put(row: Row): void {
    this.rows.set(row.id, row);
    this.changed.add(row.id);
    if (row.endedAt === undefined) this.open.add(row.id);
    else this.open.delete(row.id);
  }
}

/** The task whose error an entry says that nobody took. */
function failedIn(entry: Entry): Occurrence {
  if (entry.kind === 'runFailed' || entry.kind === 'undoFailed') return entry.occurrence;
  return entry.kind === 'undoStarted' && entry.cause.by === undefined ? entry.cause.occurrence : '';
}

/** An open step as far as its frame tells, or nothing when people see no step in it. */
function rowOf(frame: Frame): Row | undefined {
  const { occurrence, node, parent, attempt, startedAt, input } = frame;
  if (parent === undefined || frame.kind === 'run' || frame.kind === 'item') return undefined;
  const row: Row = {
    id: logicalOccurrence(occurrence),
    occurrence,
    parent: taskOccurrence(logicalOccurrence(parent)),
    node,
    name: nameOf(node),
    kind: frame.kind,
    status: frame.kind === 'wait' || frame.kind === 'listen' ? 'waiting' : 'running',
    startedAt,
    attempts: [{ attempt, startedAt }],
    input,
  };
  if (frame.kind === 'wait') return { ...row, until: frame.timer?.dueAt };
  if (frame.kind === 'try' && frame.stage === 'backoff') {
    return { ...row, status: 'retrying', until: frame.backoff?.dueAt };
  }
  if (frame.kind !== 'call' || frame.call === undefined) return row;
  const { function: name, key, operation, dueAt } = frame.call;
  if (name === 'human') return { ...row, status: 'waiting', until: dueAt, asked: frame.call.args };
  const args = withoutCredentials(frame.call.args);
  const pinned = operation === undefined ? {} : { operation };
  const kind = processes.has(name) ? 'run' : 'call';
  return { ...row, kind, call: { function: name, args, key, ...pinned } };
}

/** What a `run` task runs; everything else is called by a `call`. */
const processes: ReadonlySet<string> = new Set<IrRunNode['process']>([
  'workflow',
  'script',
  'shell',
  'container',
]);
