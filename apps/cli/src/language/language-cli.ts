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
    return report(error, terminal);
  }
}

/** A mistake of the program itself must not look like a verdict on a definition. */
function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return reportUsage(error, terminal);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Failure) {
    terminal.err(`parley: ${oneLine(message)}\n`);
    return error.exitCode;
  }
  terminal.err(
    `parley: Something broke in parley: ${oneLine(message)}. PARLEY_DEBUG=1 says where.\n`,
  );
  if (terminal.env.PARLEY_DEBUG && error instanceof Error) terminal.err(`${error.stack ?? ''}\n`);
  return exitCodes.usage;
}
