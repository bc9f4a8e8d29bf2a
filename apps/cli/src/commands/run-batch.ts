import { batchItemsMax, type StartItem, type StartResult } from '@parley/contracts';
import { isJsonObject, parseJson, type Json } from '@parley/kernel';
import { isParleyError } from '@parley/sdk';
import type { Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { exitCodes, Failure } from '../exit-codes.js';
import { readText } from '../input.js';
import type { Column } from '../output/table.js';
import { exitCodeOf, messageOf } from '../problem-text.js';
import type { Terminal } from '../terminal.js';
import { findWorkflow } from '../workflow-name.js';

interface BatchOptions {
  readonly version?: string;
}

/** Where an item stands: its line of the file, or its place in the list; both from 1. */
interface Placed {
  readonly item: number;
}
type PlacedResult = StartResult & Placed;

interface Batch {
  readonly unit: 'line' | 'item';
  readonly items: readonly (Placed & { readonly start: StartItem })[];
}

const columnsAfterPlace: readonly Column<PlacedResult>[] = [
  { title: 'outcome', value: ({ outcome }) => outcome },
  { title: 'run', value: (result) => ('runId' in result ? result.runId : '') },
  { title: 'why', value: (result) => ('problem' in result ? result.problem.detail : '') },
];

export function addRunBatchCommand(group: Command, terminal: Terminal): void {
  group
    .command('start-batch')
    .argument('<workflow>', 'id or name')
    .argument('<file>', 'what to start: one JSON object a line, or one list of them; - is piped in')
    .description('start many runs; exit code 1 when some were refused')
    .option('--version <version>', 'a version number or a tag; without it, the tag "live"')
    .addHelpText(
      'after',
      `\nEach item has an input and may have a key, a priority, tags and attributes:
  {"input":{"orderId":"ord-1"},"key":"order-1","priority":"high","tags":["lunch"],"attributes":{"total":12.5}}

The answer names each by its line of the file, or by its place in the list.
\nExample\n  $ parley run start-batch handle-order orders.ndjson -o json`,
    )
    .action((workflow: string, file: string, options: BatchOptions, command: Command) =>
      startBatch(contextOf(terminal, command), { workflow, file, ...options }),
    );
}

async function startBatch(
  { client, terminal, print }: Context,
  options: BatchOptions & { readonly workflow: string; readonly file: string },
): Promise<void> {
  const { unit, items } = batchIn(await readText(terminal, options.file), options.file);
  const { id: workflow } = await findWorkflow(client, options.workflow);
  const version = /^\d+$/.test(options.version ?? '') ? Number(options.version) : options.version;
  const results: PlacedResult[] = [];
  const columns = [{ title: unit, value: ({ item }: Placed) => item }, ...columnsAfterPlace];
  for (let at = 0; at < items.length; at += batchItemsMax) {
    const sent = items.slice(at, at + batchItemsMax);
    try {
      const answer = await client.call('startBatch', {
        params: { workflow },
        body: { items: sent.map(({ start }) => start), version },
        signal: terminal.interrupted,
      });
      results.push(
        ...answer.items.map((result, index) => ({ item: sent[index]?.item ?? 0, ...result })),
      );
    } catch (error) {
      if (results.length > 0) print.list(results, columns, '');
      const failure = stoppedBy(error, { unit, items: sent }, results);
      if (!terminal.interrupted.aborted) throw failure;
      print.note(failure.message);
      throw error;
    }
  }
  print.list(results, columns, 'Nothing to start.');
  const count = (of: StartResult['outcome']) =>
    results.filter(({ outcome }) => outcome === of).length;
  const refused = count('refused');
  if (refused === 0)
    return print.note(`${count('started')} started, ${count('repeated')} repeated.`);
  const all = String(items.length);
  throw new Failure(exitCodes.refused, `${String(refused)} of ${all} were refused.`);
}

/** Answers of the platform that come before anything of what was sent has started. */
const refusedWhole: ReadonlySet<number> = new Set([400, 401, 403, 404, 413, 422]);

/** Says where it stopped, and what is known of what came before and of what was sent last. */
function stoppedBy(
  error: unknown,
  { unit, items }: Batch,
  results: readonly PlacedResult[],
): Failure {
  const what = placed(messageOf(error), { unit, items }).replace(/[.\s]*$/, '');
  const [first, last] = [items[0]?.item ?? 0, items.at(-1)?.item ?? 0];
  const sent = first === last ? `${unit} ${first}` : `${unit}s ${first} to ${last}`;
  const started = results.filter(({ outcome }) => outcome === 'started').length;
  const known =
    results.length > 0 ? [`${started} run${started === 1 ? ' was' : 's were'} started before`] : [];
  if (!isParleyError(error) || !refusedWhole.has(error.status)) {
    known.push(`What became of ${sent} is not known`);
    known.push('Those with a key can be sent again: none starts twice');
  } else if (results.length === 0) {
    known.push('Nothing was started');
  } else {
    known.push(`Nothing of ${sent} was`);
    known.push(`Correct the file and send it from ${unit} ${first} on`);
  }
  return new Failure(exitCodeOf(error), `${[what, ...known].join('. ')}.`, error);
}

/** Pointers into what was sent, as places of the file: its reader knows no others. */
function placed(text: string, { unit, items }: Batch): string {
  return text.replace(
    /\/items\/(\d+)((?:\/[^\s/),;]*)*)/g,
    (pointer: string, index: string, member: string) => {
      const item = items[Number(index)]?.item;
      if (item === undefined) return pointer;
      return member === '' ? `${unit} ${item}` : `${unit} ${item}, ${member}`;
    },
  );
}

function batchIn(text: string, file: string): Batch {
  const unit = text.trimStart().startsWith('[') ? 'item' : 'line';
  const given = unit === 'item' ? wholeList(text, file) : lines(text, file);
  const items = given.map(({ item, json }) => {
    if (isJsonObject(json)) return { item, start: json };
    const what = `${unit === 'item' ? 'Item' : 'Line'} ${item} of ${file} is no object.`;
    throw new Failure(exitCodes.usage, `${what} Write it like {"input":{"orderId":"ord-1"}}.`);
  });
  return { unit, items };
}

type PlacedJson = Placed & { readonly json: Json };

function wholeList(text: string, file: string): PlacedJson[] {
  const list = parsed(text, file);
  return Array.isArray(list) ? list.map((json, index) => ({ item: index + 1, json })) : [];
}

function lines(text: string, file: string): PlacedJson[] {
  return text
    .split('\n')
    .map((line, index) => ({ line, item: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, item }) => ({ item, json: parsed(line, `line ${item} of ${file}`) }));
}

function parsed(text: string, place: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    const why = (error as Error).message;
    throw new Failure(exitCodes.usage, `${place} is not JSON (${why}).`, error);
  }
}
