import { describeEntry, shownEntry, type AppliedOverlay, type Entry } from '@parley/engine';
import type { HistoryDetail, HistoryEntry, Payload, RunOverlay } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import type { PlacedEntry } from './journal-reader.pg.js';
import { callText, payloadView } from './run-view.js';

/** Everything that some kind of entry may hold: what there is of it is shown. */
type AnyEntry = { readonly at: number } & Readonly<Record<string, Json | undefined>>;

/** An entry as the history shows it. */
export function entryView(runId: string, { number, position, entry }: PlacedEntry): HistoryEntry {
  const shown = shownEntry(entry);
  const { step, name, summary } = describeEntry(shown);
  return {
    entry: number,
    position,
    kind: entry.kind,
    at: new Date(entry.at).toISOString(),
    ...(step === undefined ? {} : { step }),
    ...(name === undefined ? {} : { name }),
    summary,
    detail: detailOf(shown, (value) => payloadView(value, `/v1/runs/${runId}/history/${number}`)),
  };
}

export function overlayView({ overlay: id, at, ...applied }: AppliedOverlay): RunOverlay {
  return { id, ...applied, at: new Date(at).toISOString() };
}

function detailOf(entry: Entry, view: (value: Json) => Payload): HistoryDetail {
  const any = entry as unknown as AnyEntry;
  const detail: HistoryDetail = {
    ...pick(any, 'number', ['attempt', 'index', 'delayMs']),
    ...pick(any, 'string', ['key', 'by', 'reason', 'purpose', 'case', 'outcome', 'decision']),
  };
  const values = {
    input: any['input'],
    output: any['own'] ?? any['output'] ?? any['event'],
    result: any['result'],
    context: any['context'],
    arguments: any['args'],
    data: any['data'],
  };
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) detail[name as keyof typeof values] = view(value);
  }
  if ('error' in entry) detail.error = entry.error;
  if (typeof any['dueAt'] === 'number') detail.dueAt = new Date(any['dueAt']).toISOString();
  if ('next' in entry) detail.next = nextOf(entry.next);
  const calls = callsOf(entry);
  return calls === undefined ? detail : { ...detail, calls };
}

/** The members of these names that are of the type that they should be of. */
function pick(
  entry: AnyEntry,
  type: 'number' | 'string',
  names: readonly (keyof HistoryDetail)[],
): Partial<HistoryDetail> {
  return Object.fromEntries(
    names.flatMap((name) => (typeof entry[name] === type ? [[name, entry[name]]] : [])),
  );
}

function nextOf(next: { readonly to: string; readonly node?: string }): string {
  return next.node === undefined ? next.to : next.node.slice(next.node.lastIndexOf('/') + 1);
}

function callsOf(entry: Entry): string | undefined {
  if (entry.kind === 'dispatched') return callText({ call: entry });
  return entry.kind === 'approvalOpened' ? callText({ asked: entry.args }) : undefined;
}
