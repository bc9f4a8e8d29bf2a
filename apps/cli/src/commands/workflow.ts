import type { Workflow } from '@parley/contracts';
import type { Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { moreText, wholeNumber } from '../numbers.js';
import { detailsText, type Column } from '../output/table.js';
import { safeText, timeText } from '../output/text.js';
import { firstItems } from '../pages.js';
import type { Terminal } from '../terminal.js';
import { findWorkflow } from '../workflow-name.js';

const listLimit = 50;

interface GetOptions {
  readonly version?: string;
  readonly source?: boolean;
}

const columns: readonly Column<Workflow>[] = [
  { title: 'workflow', value: (workflow) => workflow.id },
  { title: 'name', value: (workflow) => workflow.name },
  { title: 'live', value: ({ tags }) => tags.live },
  { title: 'latest', value: (workflow) => workflow.latestVersion },
  { title: 'trigger', value: (workflow) => workflow.trigger },
  { title: 'updated', value: (workflow) => timeText(workflow.updatedAt) },
];

export function addWorkflowCommands(program: Command, terminal: Terminal): void {
  const group = program.command('workflow').description('approved workflows and their versions');
  group
    .command('list')
    .description('every workflow')
    .option('--limit <count>', 'how many at most', wholeNumber, listLimit)
    .addHelpText('after', '\nExample\n  $ parley workflow list')
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { client, print } = contextOf(terminal, command);
      const { items, more } = await firstItems(client, 'listWorkflows', { limit });
      print.list(items, columns, 'No workflows. Approve a draft in the console first.');
      if (more) print.note(moreText(limit));
    });
  group
    .command('get')
    .argument('<workflow>', 'id or name')
    .description('one workflow, or one of its versions with the definition')
    .option('--version <version>', 'this version, by number or tag')
    .option('--source', 'only the definition, of the tag "live" without --version')
    .addHelpText(
      'after',
      '\nExamples\n  $ parley workflow get handle-order\n  $ parley workflow get handle-order --version 1 --source > order.yaml',
    )
    .action((workflow: string, options: GetOptions, command: Command) =>
      getWorkflow(contextOf(terminal, command), workflow, options),
    );
}

async function getWorkflow(
  { client, print }: Context,
  idOrName: string,
  { version, source = false }: GetOptions,
): Promise<void> {
  const workflow = await findWorkflow(client, idOrName);
  if (version === undefined && !source) return print.value(workflow, () => workflowText(workflow));
  const params = { workflow: workflow.id, version: version ?? 'live' };
  const found = await client.call('getVersion', { params });
  print.value(found, () => {
    if (source) return safeText(found.source.trimEnd());
    const facts = detailsText([
      ['Workflow', `${workflow.name} version ${found.version} (${workflow.id})`],
      ['Trigger', found.trigger],
      ['Time zone', found.timezone],
      ['Approved by', found.approvedBy],
      ['Created', timeText(found.createdAt)],
      ['Revision', found.revisionHash],
    ]);
    return `${facts}\n\n${safeText(found.source.trimEnd())}`;
  });
}

function workflowText(workflow: Workflow): string {
  const tags = Object.entries(workflow.tags).map(([tag, version]) => `${tag} → ${version}`);
  return detailsText([
    ['Workflow', `${workflow.name} (${workflow.id})`],
    ['Title', workflow.title],
    ['Summary', workflow.summary],
    ['Latest version', String(workflow.latestVersion)],
    ['Tags', tags.join(', ')],
    ['Trigger', workflow.trigger],
    ['Next run', timeText(workflow.nextRunAt)],
    ['Conversation', workflow.conversationId],
    ['Created', timeText(workflow.createdAt)],
    ['Updated', timeText(workflow.updatedAt)],
  ]);
}
