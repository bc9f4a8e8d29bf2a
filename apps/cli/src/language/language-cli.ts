import { CommanderError } from 'commander';
import { baseProgram } from '../base-program.js';
import { exitCodes, Failure } from '../exit-codes.js';
import { oneLine } from '../output/text.js';
import type { Terminal } from '../terminal.js';
import { reportUsage } from '../usage.js';
import type { Outcome } from './context.js';
import { addDslCommands } from './dsl-commands.js';
import { addJqCommand, joinedArguments } from './jq-command.js';

/** Runs one command about the language; whatever keeps it from its work ends with 2. */
export async function runLanguageCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = baseProgram(terminal);
  const outcome: Outcome = { exitCode: exitCodes.ok };
  addDslCommands(program, terminal, outcome);
  addJqCommand(program, terminal, outcome);
  try {
    await program.parseAsync(joinedArguments(args), { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, terminal);
    if (!(error instanceof Failure)) throw error;
    terminal.err(`parley: ${oneLine(error.message)}\n`);
    return error.exitCode;
  }
}
