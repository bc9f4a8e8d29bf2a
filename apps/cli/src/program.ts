import { Command, Option } from 'commander';
import { addApprovalCommands } from './commands/approval.js';
import { addConnectorCommands } from './commands/connector.js';
import { addDevCommands } from './commands/dev.js';
import { addRunCommands } from './commands/run.js';
import { addSignInCommands } from './commands/sign-in.js';
import { addWorkflowCommands } from './commands/workflow.js';
import { exitCodesHelp } from './exit-codes.js';
import { formats } from './output/print.js';
import { defaultServer } from './settings.js';
import type { Terminal } from './terminal.js';

const version = '0.1.0';

const environmentHelp = `Environment
  PARLEY_SERVER    the server, when --server is not given; else the local one at PARLEY_PORT_BASE
  PARLEY_TOKEN     a bearer token; for scripts, instead of "parley login"
  PARLEY_HOME      data folder of a local platform (.parley), for "dev"
  XDG_CONFIG_HOME  where sign-ins are kept (~/.config)
  NO_COLOR         no colours`;

const examples = `Examples
  $ parley login
  $ parley connector import kitchen.yaml
  $ parley workflow list
  $ parley run start handle-order --input '{"orderId":"ord-1001"}' --wait
  $ parley run logs run_01k --follow
  $ parley approval list
  $ parley run list --status failed -o json | jq -r '.items[].id'`;

export function createProgram(terminal: Terminal): Command {
  const program = new Command('parley')
    .description('Runs and watches the workflows of a Parley server.')
    .version(version, '-V', 'show the version')
    .addOption(
      new Option('-o, --output <format>', 'table for people, json for programs')
        .choices(formats)
        .default('table'),
    )
    .option(
      '--server <url>',
      `the server (PARLEY_SERVER, the last one signed in to, ${defaultServer})`,
    )
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: () => undefined, // `runCli` says it, in the form of every other error.
    })
    .addHelpText('after', `\n${examples}\n\n${environmentHelp}\n\n${exitCodesHelp}`);
  addSignInCommands(program, terminal);
  addRunCommands(program, terminal);
  addWorkflowCommands(program, terminal);
  addApprovalCommands(program, terminal);
  addConnectorCommands(program, terminal);
  addDevCommands(program, terminal);
  return program;
}
