import { ApprovalStatus, type Approval } from '@parley/contracts';
import { Option, type Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { namesFor, type NameOf } from '../member-names.js';
import { moreText, wholeNumber } from '../numbers.js';
import { detailsText, type Column } from '../output/table.js';
import { timeText } from '../output/text.js';
import { firstItems } from '../pages.js';
import type { Terminal } from '../terminal.js';

const listLimit = 50;

interface ListOptions {
  readonly status: ApprovalStatus | 'all';
  readonly run?: string;
  readonly limit: number;
}

const columns: readonly Column<Approval>[] = [
  { title: 'approval', value: (approval) => approval.id },
  { title: 'status', value: (approval) => approval.status, status: true },
  { title: 'who', value: whoText },
  { title: 'mine', value: ({ mine }) => (mine ? 'yes' : 'no') },
  { title: 'since', value: (approval) => timeText(approval.requestedAt) },
  { title: 'run', value: (approval) => approval.runId },
  { title: 'title', value: (approval) => approval.title },
];

export function addApprovalCommands(program: Command, terminal: Terminal): void {
  const group = program.command('approval').description('decisions that runs wait for');
  group
    .command('list')
    .description('approvals, latest first; without --status those that wait')
    .addOption(
      new Option('--status <status>', 'only in this state')
        .choices([...ApprovalStatus.options, 'all'])
        .default('pending'),
    )
    .option('--run <run>', 'only of this run')
    .option('--limit <count>', 'how many at most', wholeNumber, listLimit)
    .addHelpText('after', '\nExample\n  $ parley approval list --status all')
    .action((options: ListOptions, command: Command) =>
      listApprovals(contextOf(terminal, command), options),
    );
  for (const { verb, decision } of verbs) {
    group
      .command(verb)
      .argument('<approval>')
      .description(`${verb} what the run asks for`)
      .option('--reason <text>', 'why; kept with the decision')
      .addHelpText(
        'after',
        `\nExample\n  $ parley approval ${verb} apr_01k --reason "regular guest"`,
      )
      .action(async (approval: string, { reason }: { reason?: string }, command: Command) => {
        const context = contextOf(terminal, command);
        const decided = await context.client.call('decideApproval', {
          params: { approval },
          body: { decision, reason },
        });
        const nameOf = await namesFor(context, [decided.decidedBy]);
        context.print.value(decided, () => approvalText(decided, nameOf));
      });
  }
}

const verbs = [
  { verb: 'approve', decision: 'approved' },
  { verb: 'reject', decision: 'rejected' },
] as const;

async function listApprovals(
  { client, print }: Context,
  { status, run, limit }: ListOptions,
): Promise<void> {
  const query = { status: status === 'all' ? undefined : status, runId: run };
  const { items, more } = await firstItems(client, 'listApprovals', { query, limit });
  print.list(items, columns, status === 'all' ? 'No approvals.' : `No ${status} approvals.`);
  if (more) print.note(moreText(limit));
}

function approvalText(approval: Approval, nameOf: NameOf): string {
  return detailsText([
    ['Approval', approval.id],
    ['Title', approval.title],
    ['Status', approval.status],
    ['Who', whoText(approval)],
    ['Reason', approval.reason],
    ['Decided', `${timeText(approval.decidedAt)} by ${nameOf(approval.decidedBy ?? '')}`],
    ['Run', `${approval.runId} of ${approval.workflowName}`],
  ]);
}

function whoText({ assignee }: Approval): string {
  return 'role' in assignee ? `role ${assignee.role}` : assignee.member;
}
