import { CommanderError } from 'commander';
import { exitCodes, Failure } from './exit-codes.js';
import { oneLine } from './output/text.js';
import { exitCodeOf, messageOf } from './problem-text.js';
import { createProgram } from './program.js';
import type { Terminal } from './terminal.js';
import { reportUsage } from './usage.js';

/** Runs one command; returns its exit code and throws nothing. */
export async function runPlatformCli(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync(args, { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    return report(error, terminal);
  }
}

function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return reportUsage(error, terminal);
  if (terminal.interrupted.aborted && !(error instanceof Failure)) return exitCodes.interrupted;
  terminal.err(`parley: ${oneLine(messageOf(error))}\n`);
  if (terminal.env.PARLEY_DEBUG && error instanceof Error) terminal.err(`${error.stack ?? ''}\n`);
  return exitCodeOf(error);
}
