import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { HistoryEntry } from '@parley/contracts';
import { parseJson, type Json } from '@parley/kernel';
import type { Command } from 'commander';
import { contextOf, printerOf, type Context } from '../context.js';
import { exitCodes, Failure } from '../exit-codes.js';
import { readText } from '../input.js';
import { moreText, wholeNumber } from '../numbers.js';
import { firstItems } from '../pages.js';
import { historyColumns, stateText } from '../runs/history-view.js';
import type { Terminal } from '../terminal.js';

const historyLimit = 1_000;

interface HistoryOptions {
  readonly limit: number;
}
interface StateOptions {
  readonly at?: number;
}
interface ExportOptions {
  readonly file?: string;
}

/** What is told of a run's past. */
export function addRunHistoryCommands(group: Command, terminal: Terminal): void {
  group
    .command('history')
    .argument('<run>')
    .description('every entry of the journal of a run; with -o json all that is in them')
    .option('--limit <count>', 'how many at most', wholeNumber, historyLimit)
    .addHelpText('after', '\nExample\n  $ parley run history run_01k -o json | jq .items[].summary')
    .action((run: string, options: HistoryOptions, command: Command) =>
      showHistory(contextOf(terminal, command), run, options),
    );
  group
    .command('state')
    .argument('<run>')
    .description('a run and its steps as they are, or as they were after an entry of its history')
    .option('--at <entry>', 'number of the entry; without it, the last one', wholeNumber)
    .addHelpText('after', '\nExample\n  $ parley run state run_01k --at 12')
    .action((run: string, { at }: StateOptions, command: Command) =>
      showState(contextOf(terminal, command), run, at),
    );
  group
    .command('export')
    .argument('<run>')
    .description(
      'the run, its definition and its journal as one file; without credentials of calls',
    )
    .option('--file <path>', 'where to write it; without it, to the standard output')
    .addHelpText(
      'after',
      '\nExample\n  $ parley run export run_01k --file run.json && parley run replay-check run.json',
    )
    .action((run: string, { file }: ExportOptions, command: Command) =>
      exportRun(contextOf(terminal, command), run, file),
    );
  group
    .command('replay-check')
    .argument('<file>', 'what "run export" wrote; - is what is piped in')
    .description(
      'check an exported run without a server: is it whole, and would it go the same way?',
    )
    .addHelpText(
      'after',
      `
Checks that nothing in the file was changed since the export, that the entries fold to the states
that they led to, and that this version of the engine decides what was decided then. Exit code 1
with the first difference.`,
    )
    .action(async (file: string, _options, command: Command) => {
      // The engine is large: other commands start without it.
      const { checkExport, reportText } = await import('../runs/replay.js');
      const report = checkExport(await readJson(terminal, file), file);
      printerOf(terminal, command).value(report, () => reportText(report));
      if (report.difference !== undefined) {
        throw new Failure(exitCodes.refused, `${file}: ${report.difference.what}.`);
      }
    });
}

async function showHistory(
  context: Context,
  run: string,
  { limit }: HistoryOptions,
): Promise<void> {
  const { client, print } = context;
  const { items, more } = await firstItems(client, 'getRunHistory', { params: { run }, limit });
  print.list<HistoryEntry>(items, historyColumns, 'No entries.');
  if (more) print.note(moreText(limit));
}

async function showState(
  { client, print }: Context,
  run: string,
  at: number | undefined,
): Promise<void> {
  const state = await client.call('getRunState', { params: { run }, query: { at } });
  print.value(state, () => stateText(state));
}

async function exportRun(
  { client, print, terminal }: Context,
  run: string,
  file: string | undefined,
): Promise<void> {
  const { body } = await client.download('exportRun', { params: { run } });
  if (body === null) throw new Failure(exitCodes.refused, 'The platform sent an empty file.');
  if (file === undefined) {
    const text = new TextDecoder();
    for await (const piece of body as ReadableStream<Uint8Array>)
      terminal.out(text.decode(piece, { stream: true }));
    return;
  }
  await pipeline(body, createWriteStream(resolve(terminal.cwd, file)));
  print.note(`${run} is in ${file}. Check it: parley run replay-check ${file}`);
}

async function readJson(terminal: Terminal, file: string): Promise<Json> {
  const text = await readText(terminal, file);
  try {
    return parseJson(text);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new Failure(exitCodes.refused, `${file} is not JSON (${why}); was it cut off?`, cause);
  }
}
