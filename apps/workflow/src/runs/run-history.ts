import { setImmediate as nextRound } from 'node:timers/promises';
import {
  exportFormat,
  fold,
  RunExporter,
  shownEntry,
  timeline,
  type Entry,
  type RunState,
} from '@parley/engine';
import type { HistoryEntry, Run, RunStateAt } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { pageTokenOf, type Page } from '@parley/nest-kit';
import { runRow } from '../engine/projection.js';
import type { OfRun } from '../journal/archive-store.js';
import { entryView, overlayView } from './history-view.js';
import {
  journalStart,
  placeAfter,
  type JournalReader,
  type Place,
  type PlacedEntry,
} from './journal-reader.pg.js';
import { runOfRow, type RunReader } from './run-reader.pg.js';
import { ListedTurns } from './listed-turns.js';
import { fromEntryOf, payloadView, stepView, unrecordedOf } from './run-view.js';

/** Turns that are folded for an export before others get their turn. */
const turnsPerRound = 50;

/** What is told of a run's past: its entries, what it was at any of them, and all of it as a file. */
export class RunHistory {
  private readonly runs: RunReader;
  private readonly journal: JournalReader;

  constructor(runs: RunReader, journal: JournalReader) {
    this.runs = runs;
    this.journal = journal;
  }

  /** @throws AppError `not-found` */
  async page(
    of: OfRun,
    { pageSize, pageToken }: { readonly pageSize: number; readonly pageToken?: string },
  ): Promise<Page<HistoryEntry>> {
    const { tenantId, runId } = of;
    await this.runs.run(tenantId, runId);
    const from = placeOf(pageToken);
    const items: HistoryEntry[] = [];
    let last = from;
    for await (const placed of this.journal.entries(of, from)) {
      if (items.length === pageSize) return { items, nextPageToken: tokenOf(last) };
      items.push(entryView(runId, placed));
      last = after(last, placed);
    }
    return { items };
  }

  /** One entry without its credentials. @throws AppError `not-found` */
  async entry(of: OfRun, number: number): Promise<Entry> {
    const { tenantId, runId } = of;
    await this.runs.run(tenantId, runId);
    const from = placeAfter(await this.journal.stateBefore(of, number - 1));
    for await (const placed of this.journal.entries(of, from)) {
      if (placed.number === number) return shownEntry(placed.entry);
    }
    throw new AppError('not-found', `run ${runId} has no entry ${number}`);
  }

  /** The run as it was right after an entry; without one, as it is. @throws AppError `not-found` */
  async stateAt(of: OfRun, at: number | undefined): Promise<RunStateAt> {
    const { tenantId, runId } = of;
    const run = await this.runs.run(tenantId, runId);
    const start = await this.journal.beforeListed(of, at);
    const listed = new ListedTurns(start.state);
    let last: PlacedEntry | undefined;
    for await (const placed of this.journal.entries(of, placeAfter(start))) {
      if (at === undefined && placed.position > run.position) break;
      listed.add({ position: placed.position, entries: [placed.entry] });
      last = placed;
      if (placed.number === at) break;
    }
    if (last === undefined || (at !== undefined && last.number !== at)) {
      throw new AppError('not-found', `run ${runId} has no entry ${at ?? 1}`);
    }
    const { before, entries } = listed;
    const state = fold(before, entries);
    const then = runAsOf(run, { tenantId, state, position: last.position });
    const { number } = last;
    return {
      runId,
      entry: entryView(runId, last),
      run: then,
      steps: timeline(entries, before).map((step) => stepView(then, step, number)),
      ...fromEntryOf(before),
      ...unrecordedOf(state),
      ...overlaysOf(state),
      context: payloadView(state.context, `/v1/runs/${runId}/history/${number}`),
    };
  }

  /**
   * The run as a file, piece by piece, one turn on a line. A run that goes on is exported as it was
   * when this began. @throws AppError `not-found`, before the first piece
   */
  async export(of: OfRun): Promise<AsyncGenerator<string>> {
    const { tenantId, runId } = of;
    const run = await this.runs.run(tenantId, runId);
    const { first: definition, revisions } = await this.journal.definitions(of, run.position);
    const turns = this.journal.turns(of, { to: run.position });
    async function* pieces() {
      const exporter = new RunExporter(run, definition);
      const revised = revisions.length === 0 ? {} : { revisions };
      const head = { format: exportFormat, run, definition, ...revised };
      yield `${JSON.stringify(head).slice(0, -1)},"turns":[`;
      let separator = '\n';
      for await (const turn of turns) {
        yield separator + JSON.stringify(exporter.turn(turn));
        separator = ',\n';
        if (turn.position % turnsPerRound === 0) await nextRound();
      }
      yield `\n],"end":${JSON.stringify(exporter.end())}}\n`;
    }
    return pieces();
  }
}

function overlaysOf({ overlays }: RunState): Pick<RunStateAt, 'overlays'> {
  return overlays === undefined ? {} : { overlays: overlays.map(overlayView) };
}

/** What changes about a run, as it was; the rest as it is. */
function runAsOf(
  run: Run,
  then: { readonly tenantId: string; readonly state: RunState; readonly position: number },
): Run {
  const { output: _output, error: _error, failedStep: _step, endedAt: end, ...rest } = run;
  const { parent, ...lasting } = rest;
  const { tenantId, state, position } = then;
  const createdAt = Date.parse(run.createdAt);
  const facts = { ...lasting, runId: run.id, tenantId, irHash: '', createdAt };
  const ended = end === undefined ? NaN : Date.parse(end);
  const endedBefore = ended <= state.at ? ended : undefined;
  const shown = runOfRow(runRow(facts, state, endedBefore), position);
  return parent === undefined ? shown : { ...shown, parent };
}

/** Page tokens: the turn, how many of its entries are done, and of all entries. */
function placeOf(pageToken: string | undefined): Place {
  const token = pageTokenOf(pageToken, /^\d{1,9}\.\d{1,9}\.\d{1,9}$/);
  if (token === undefined) return journalStart;
  const [position = 1, index = 0, number = 0] = token.split('.').map(Number);
  return { position, index, number };
}

function tokenOf({ position, index, number }: Place): string {
  return `${position}.${index}.${number}`;
}

function after(before: Place, { position, number }: PlacedEntry): Place {
  const index = position === before.position ? before.index + 1 : 1;
  return { position, index, number };
}
