import type { Command } from 'commander';
import { baseProgram } from './base-program.js';
import { addApprovalCommands } from './commands/approval.js';
import { addConnectorCommands } from './commands/connector.js';
import { addDevCommands } from './commands/dev.js';
import { addEventCommands } from './commands/event.js';
import { addRunCommands } from './commands/run.js';
import { addScheduleCommands } from './commands/schedule.js';
import { addSecretCommands } from './commands/secret.js';
import { addSignInCommands } from './commands/sign-in.js';
import { addTaskQueueCommands } from './commands/task-queue.js';
import { addWorkflowCommands } from './commands/workflow.js';
import { exitCodesHelp } from './exit-codes.js';
import { addDslCommands } from './language/dsl-commands.js';
import { addJqCommand } from './language/jq-command.js';
import type { Terminal } from './terminal.js';

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
  $ parley run list --status failed -o json | parley jq -r '.items[].id'
  $ parley dsl validate order.yaml`;

export function createProgram(terminal: Terminal): Command {
  const program = baseProgram(terminal).addHelpText(
    'after',
    `\n${examples}\n\n${environmentHelp}\n\n${exitCodesHelp}`,
  );
  addSignInCommands(program, terminal);
  addRunCommands(program, terminal);
  addWorkflowCommands(program, terminal);
  addScheduleCommands(program, terminal);
  addEventCommands(program, terminal);
  addApprovalCommands(program, terminal);
  addConnectorCommands(program, terminal);
  addTaskQueueCommands(program, terminal);
  addSecretCommands(program, terminal);
  addDslCommands(program, terminal, { exitCode: 0 });
  addJqCommand(program, terminal, { exitCode: 0 });
  addDevCommands(program, terminal);
  return program;
}
