import { Timeline } from '@parley/engine';
import type { Run } from '@parley/contracts';
import { EventQueue, type ServerSentEvent } from '@parley/nest-kit';
import type { RunChange } from '../engine/engine.js';
import type { RunFeed } from './run-feed.js';
import { loadOf, type ListedTurn } from './listed-turns.js';
import { runOfRow, type RunJournal, type RunReader } from './run-reader.pg.js';
import { fromEntryOf, stepView, unrecordedOf } from './run-view.js';

export interface RunStreamOptions {
  readonly reader: RunReader;
  readonly feed: RunFeed;
  readonly tenantId: string;
  readonly runId: string;
  /** Position that the client has seen. */
  readonly seen?: number;
  readonly ended: AbortSignal;
}

/** How many times as much as is listed at first is kept while somebody looks on. */
const loadMax = 3;

/**
 * Live events of one run: first what the client has not seen, then every durable turn. It listens
 * before it reads, and reads again when a turn is missing in between, so nothing falls into a gap.
 */
export async function* runStream(options: RunStreamOptions): AsyncGenerator<ServerSentEvent> {
  const { reader, feed, tenantId, runId } = options;
  let unsubscribe: () => void = () => undefined;
  const queue = new EventQueue<RunChange>({ signal: options.ended, onEnd: () => unsubscribe() });
  unsubscribe = feed.onRun(runId, (change) => queue.push(change));
  try {
    const first = await reader.journal(tenantId, runId);
    let { run } = first;
    let timeline = new Timeline(first.before);
    let position = fold(timeline, first.turns, 0);
    let load = loadOfAll(first.turns);
    yield* firstEvents(first, timeline, options.seen);
    for await (const change of queue) {
      if (change.position <= position) continue;
      load += loadOf(change.entries);
      if (change.position === position + 1 && load <= loadMax) {
        run = runOfRow(change.row, change.position);
        for (const entry of change.entries) timeline.apply(entry);
        position = change.position;
        yield* changes(run, timeline);
        continue;
      }
      const anew = await reader.journal(tenantId, runId);
      ({ run } = anew);
      if (load <= loadMax && (anew.turns[0]?.position ?? 1) <= position + 1) {
        position = fold(timeline, anew.turns, position);
        yield* changes(run, timeline);
        continue;
      }
      // Of a run without end all steps are more than anybody can hold.
      timeline = new Timeline(anew.before);
      position = fold(timeline, anew.turns, 0);
      load = loadOfAll(anew.turns);
      yield* firstEvents(anew, timeline, undefined);
    }
  } finally {
    unsubscribe();
  }
}

function* firstEvents(
  { run, before, turns }: RunJournal,
  timeline: Timeline,
  seen: number | undefined,
): Generator<ServerSentEvent> {
  timeline.takeChanged();
  if (seen === undefined || !turns.some(({ position }) => position === seen)) {
    const steps = timeline.steps().map((step) => stepView(run, step));
    const data = { run, steps, ...fromEntryOf(before), ...unrecordedOf(timeline) };
    yield { id: run.position, event: 'timeline', data };
    return;
  }
  const since = new Timeline(before);
  fold(
    since,
    turns.filter(({ position }) => position <= seen),
    0,
  );
  since.takeChanged();
  fold(since, turns, seen);
  yield* changes(run, since);
}

function* changes(run: Run, timeline: Timeline): Generator<ServerSentEvent> {
  const steps = timeline.takeChanged().map((step) => stepView(run, step));
  const unrecorded = unrecordedOf(timeline);
  if (steps.length > 0 || unrecorded.unrecorded !== undefined) {
    yield { event: 'steps', data: { steps, ...unrecorded } };
  }
  // The id comes with the last event of a turn: whoever resumes from it has seen all of the turn.
  yield { id: run.position, event: 'run', data: run };
}

function loadOfAll(turns: readonly ListedTurn[]): number {
  return turns.reduce((sum, { entries }) => sum + loadOf(entries), 0);
}

function fold(timeline: Timeline, turns: readonly ListedTurn[], after: number): number {
  let last = after;
  for (const { position, entries } of turns) {
    if (position <= after) continue;
    for (const entry of entries) timeline.apply(entry);
    last = position;
  }
  return last;
}
