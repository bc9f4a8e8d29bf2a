import type { Connector } from '@parley/contracts';
import type { Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { readText } from '../input.js';
import { moreText, wholeNumber } from '../numbers.js';
import { detailsText, type Column } from '../output/table.js';
import { firstItems } from '../pages.js';
import type { Terminal } from '../terminal.js';

const listLimit = 50;

interface ImportOptions {
  readonly name?: string;
  readonly sourceUrl?: string;
}

const columns: readonly Column<Connector>[] = [
  { title: 'connector', value: (connector) => connector.name },
  { title: 'title', value: (connector) => connector.title },
  { title: 'operations', value: (connector) => connector.operationCount },
  { title: 'base url', value: (connector) => connector.baseUrl ?? '-' },
  { title: 'ready', value: ({ openQuestions }) => (openQuestions.length === 0 ? 'yes' : 'no') },
  { title: 'open', value: ({ openQuestions }) => openQuestions.join('; ') },
];

export function addConnectorCommands(program: Command, terminal: Terminal): void {
  const group = program
    .command('connector')
    .description('business systems that workflows may call');
  group
    .command('import')
    .argument('<file>', 'OpenAPI 3.x document, JSON or YAML; - is what is piped in')
    .description('import an OpenAPI document; the same name again replaces it')
    .option('--name <name>', 'name in definitions; without it, derived from the title')
    .option('--source-url <url>', 'where the document is from; relative servers start there')
    .addHelpText(
      'after',
      `\nExamples
  $ parley connector import kitchen.yaml
  $ curl -s $URL | parley connector import - --name kitchen --source-url $URL`,
    )
    .action((file: string, options: ImportOptions, command: Command) =>
      importConnector(contextOf(terminal, command), file, options),
    );
  group
    .command('list')
    .description('every connector, and what keeps it from being used')
    .option('--limit <count>', 'how many at most', wholeNumber, listLimit)
    .addHelpText('after', '\nExample\n  $ parley connector list')
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { client, print } = contextOf(terminal, command);
      const { items, more } = await firstItems(client, 'listConnectors', { limit });
      print.list(items, columns, 'No connectors. Import one: parley connector import FILE');
      if (more) print.note(moreText(limit));
    });
}

async function importConnector(
  { client, print, terminal }: Context,
  file: string,
  { name, sourceUrl }: ImportOptions,
): Promise<void> {
  const document = await readText(terminal, file);
  const connector = await client.call('importConnector', { body: { name, sourceUrl, document } });
  print.value(connector, () => connectorText(connector));
}

function connectorText(connector: Connector): string {
  return detailsText([
    ['Connector', `${connector.name} (${connector.id})`],
    ['Title', `${connector.title} ${connector.version}`],
    ['Operations', String(connector.operationCount)],
    ['Base URL', connector.baseUrl],
    ['Address', connector.addressApproved ? 'approved' : 'not approved'],
    ['Still open', connector.openQuestions.join('\n')],
    ['Notices', connector.notices?.join('\n')],
  ]);
}
