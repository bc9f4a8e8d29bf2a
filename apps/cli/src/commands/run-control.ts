import type { Run } from '@parley/contracts';
import type { Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { readJsonOption } from '../input.js';
import { namesFor } from '../member-names.js';
import { safeText } from '../output/text.js';
import { idsIn, runText } from '../runs/run-view.js';
import type { Terminal } from '../terminal.js';

type Verb = 'terminateRun' | 'suspendRun';

interface Control {
  readonly name: string;
  readonly call: Verb;
  readonly description: string;
  readonly example: string;
}

const controls: readonly Control[] = [
  {
    name: 'terminate',
    call: 'terminateRun',
    description: 'end a run at once, whatever it still does to end in good order',
    example: 'parley run terminate run_01k',
  },
  {
    name: 'suspend',
    call: 'suspendRun',
    description: 'keep a run from going on; answers, decisions and time still count',
    example: 'parley run suspend run_01k --reason "the till is being counted"',
  },
];

/** What operators do with runs that there are. */
export function addRunControlCommands(group: Command, terminal: Terminal): void {
  addCancel(group, terminal);
  for (const { name, call, description, example } of controls) {
    group
      .command(name)
      .argument('<run>')
      .description(description)
      .option('--reason <text>', 'why; kept with the run')
      .addHelpText('after', `\nExample\n  $ ${example}`)
      .action(async (run: string, { reason }: { reason?: string }, command: Command) => {
        const context = contextOf(terminal, command);
        await show(context, await context.client.call(call, { params: { run }, body: { reason } }));
      });
  }
  group
    .command('resume')
    .argument('<run>')
    .description('let a suspended run go on')
    .addHelpText('after', '\nExample\n  $ parley run resume run_01k')
    .action(async (run: string, _options, command: Command) => {
      const context = contextOf(terminal, command);
      await show(context, await context.client.call('resumeRun', { params: { run } }));
    });
  group
    .command('retry')
    .argument('<run>')
    .description('run the failed step of a failed run again')
    .addHelpText('after', '\nExample\n  $ parley run retry run_01k')
    .action(async (run: string, _options, command: Command) => {
      const context = contextOf(terminal, command);
      await show(context, await context.client.call('retryRun', { params: { run } }));
    });
  addSkip(group, terminal);
  addQuery(group, terminal);
}

function addQuery(group: Command, terminal: Terminal): void {
  group
    .command('query')
    .argument('<run>')
    .argument('<expression>', 'jq; `.` is the run with its open steps')
    .description('say what a run is right now, also while it goes on')
    .addHelpText(
      'after',
      `\nExamples
  $ parley run query run_01k '.open[].step'
  $ parley run query run_01k '$context.total, (.open | length)'`,
    )
    .action(async (run: string, expression: string, _options, command: Command) => {
      const { client, print } = contextOf(terminal, command);
      const body = { expression };
      const answer = await client.call('queryRun', { params: { run }, body });
      print.value(answer, () =>
        answer.values.map((value) => safeText(JSON.stringify(value, undefined, 2))).join('\n'),
      );
    });
}

function addCancel(group: Command, terminal: Terminal): void {
  group
    .command('cancel')
    .argument('<run>')
    .description('end a run in good order: nothing new begins, calls under way are given up')
    .option('--compensate', 'undo what it has done before it ends, the last step first')
    .option('--reason <text>', 'why; kept with the run')
    .addHelpText(
      'after',
      `\nExamples
  $ parley run cancel run_01k --reason "ordered twice"
  $ parley run cancel run_01k --compensate`,
    )
    .action(
      async (
        run: string,
        { reason, compensate }: { reason?: string; compensate?: boolean },
        command: Command,
      ) => {
        const context = contextOf(terminal, command);
        const body = { reason, compensate };
        await show(context, await context.client.call('cancelRun', { params: { run }, body }));
      },
    );
}

interface SkipOptions {
  readonly step?: string;
  readonly result?: string;
  readonly reason?: string;
}

function addSkip(group: Command, terminal: Terminal): void {
  group
    .command('skip')
    .argument('<run>')
    .description('take the failed step, or an open one, as completed')
    .option('--step <occurrence>', 'which one, as "run logs -o json" names it')
    .option('--result <json>', 'what it hands on: JSON, @file or -; without it, its input')
    .option('--reason <text>', 'why; kept with the run')
    .addHelpText(
      'after',
      `\nExamples
  $ parley run skip run_01k --result '{"paid":true}' --reason "paid in cash"
  $ parley run skip run_01k --step do/askChef`,
    )
    .action(async (run: string, options: SkipOptions, command: Command) => {
      const context = contextOf(terminal, command);
      const { step, reason } = options;
      const output =
        options.result === undefined
          ? undefined
          : await readJsonOption(terminal, options.result, '--result');
      const body = { step, output, reason };
      await show(context, await context.client.call('skipStep', { params: { run }, body }));
    });
}

async function show(context: Context, run: Run): Promise<void> {
  const nameOf = await namesFor(context, idsIn(run));
  context.print.value(run, () => runText(run, nameOf));
}
