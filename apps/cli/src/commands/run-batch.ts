import { batchItemsMax, type StartItem, type StartResult } from '@parley/contracts';
import { isJsonObject, parseJson, type Json } from '@parley/kernel';
import type { Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { exitCodes, Failure } from '../exit-codes.js';
import { readText } from '../input.js';
import type { Column } from '../output/table.js';
import type { Terminal } from '../terminal.js';
import { findWorkflow } from '../workflow-name.js';

interface BatchOptions {
  readonly version?: string;
}

const columns: readonly Column<StartResult & { item: number }>[] = [
  { title: 'item', value: ({ item }) => item },
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
      `\nEach item has an input and may have a key, tags and attributes:
  {"input":{"orderId":"ord-1"},"key":"order-1","tags":["lunch"],"attributes":{"total":12.5}}
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
  const items = itemsIn(await readText(terminal, options.file), options.file);
  const { id: workflow } = await findWorkflow(client, options.workflow);
  const version = /^\d+$/.test(options.version ?? '') ? Number(options.version) : options.version;
  const results: (StartResult & { item: number })[] = [];
  for (let at = 0; at < items.length; at += batchItemsMax) {
    const started = await client.call('startBatch', {
      params: { workflow },
      body: { items: items.slice(at, at + batchItemsMax), version },
      signal: terminal.interrupted,
    });
    results.push(...started.items.map((result, index) => ({ item: at + index + 1, ...result })));
  }
  print.list(results, columns, 'Nothing to start.');
  const refused = results.filter(({ outcome }) => outcome === 'refused').length;
  if (refused === 0) return;
  const all = String(items.length);
  throw new Failure(exitCodes.refused, `${String(refused)} of ${all} were refused.`);
}

function itemsIn(text: string, file: string): StartItem[] {
  const items = text.trimStart().startsWith('[') ? wholeList(text, file) : lines(text, file);
  return items.map((item, index) => {
    if (isJsonObject(item)) return item;
    const what = `Item ${String(index + 1)} of ${file} is no object.`;
    throw new Failure(exitCodes.usage, `${what} Write it like {"input":{"orderId":"ord-1"}}.`);
  });
}

function wholeList(text: string, file: string): Json[] {
  const list = parsed(text, file);
  return Array.isArray(list) ? list : [];
}

function lines(text: string, file: string): Json[] {
  return text
    .split('\n')
    .map((line, index) => ({ line, place: `line ${String(index + 1)} of ${file}` }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, place }) => parsed(line, place));
}

function parsed(text: string, place: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    const why = (error as Error).message;
    throw new Failure(exitCodes.usage, `${place} is not JSON (${why}).`, error);
  }
}
