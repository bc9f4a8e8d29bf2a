import type { Ir } from '@parley/ir';
import { parseJson } from '@parley/kernel';
import {
  exportFormat,
  fold,
  initialState,
  readExport,
  RunExporter,
  stateOf,
  type Entry,
  type RunExport,
} from '../src/index.js';

/** The file that the platform makes of a run, read again. */
export function exported(
  ir: Ir,
  turns: readonly (readonly Entry[])[],
  revisions: readonly Ir[] = [],
): RunExport {
  const status = stateOf(fold(initialState(), turns.flat()));
  const run = { id: 'run_1', status };
  const exporter = new RunExporter(run, ir);
  const made = turns.map((entries, index) => exporter.turn({ position: index + 1, entries }));
  const definitions = { definition: ir, ...(revisions.length > 0 && { revisions }) };
  const file = { format: exportFormat, run, ...definitions, turns: made, end: exporter.end() };
  const read = readExport(parseJson(JSON.stringify(file)));
  if (typeof read === 'string') throw new Error(read);
  return read;
}
