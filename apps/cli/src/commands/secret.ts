import type { Secret } from '@parley/contracts';
import type { Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { readText } from '../input.js';
import { moreText, wholeNumber } from '../numbers.js';
import type { Column } from '../output/table.js';
import { timeText } from '../output/text.js';
import { firstItems } from '../pages.js';
import type { Terminal } from '../terminal.js';

const listLimit = 50;

interface SetOptions {
  readonly host: string[];
  readonly valueFile: string;
}

const columns: readonly Column<Secret>[] = [
  { title: 'secret', value: ({ name }) => name },
  { title: 'hosts', value: ({ hosts }) => hosts.join(', ') },
  { title: 'updated', value: ({ updatedAt }) => timeText(updatedAt) },
  {
    title: 'last used',
    value: ({ lastUsedAt }) => (lastUsedAt === undefined ? 'never' : timeText(lastUsedAt)),
  },
];

export function addSecretCommands(program: Command, terminal: Terminal): void {
  const group = program
    .command('secret')
    .description('what workflows prove themselves with; values can never be read back');
  group
    .command('set')
    .argument('<name>', 'as definitions declare it under use.secrets')
    .description('store a secret, or replace it with its hosts')
    .requiredOption(
      '--host <host>',
      'where it may be sent, by https; again for more hosts',
      (host: string, before: string[] | undefined) => [...(before ?? []), host],
    )
    .option('--value-file <file>', 'file with the value; - is what is piped in', '-')
    .addHelpText(
      'after',
      `\nThe value is a JSON object with the properties of the authentication; for bearer also the token as
it is. A line end at its end is left out.

Examples
  $ parley secret set shopToken --host api.example.com --value-file token.txt
  $ echo '{"username":"reader","password":"…"}' | parley secret set shopLogin --host api.example.com`,
    )
    .action((name: string, options: SetOptions, command: Command) =>
      setSecret(contextOf(terminal, command), name, options),
    );
  group
    .command('list')
    .description('every secret with its hosts, without its value')
    .option('--limit <count>', 'how many at most', wholeNumber, listLimit)
    .addHelpText('after', '\nExample\n  $ parley secret list')
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { client, print } = contextOf(terminal, command);
      const { items, more } = await firstItems(client, 'listSecrets', { limit });
      print.list(items, columns, 'No secrets. Set one: parley secret set NAME --host HOST');
      if (more) print.note(moreText(limit));
    });
  group
    .command('delete')
    .argument('<name>', 'name of the secret')
    .description('remove a secret; calls that name it fail from then on')
    .addHelpText('after', '\nExample\n  $ parley secret delete shopToken')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(terminal, command);
      await client.call('deleteSecret', { params: { secret: name } });
      print.note(`Secret ${name} is removed.`);
    });
}

async function setSecret(
  { client, print, terminal }: Context,
  name: string,
  { host: hosts, valueFile }: SetOptions,
): Promise<void> {
  const value = (await readText(terminal, valueFile)).replace(/\r?\n$/, '');
  const body = { value, hosts };
  const secret = await client.call('setSecret', { params: { secret: name }, body });
  print.value(secret, () => `Secret ${secret.name} may be sent to ${secret.hosts.join(', ')}.`);
}
