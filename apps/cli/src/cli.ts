import { isParleyError } from '@parley/sdk';
import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes, Failure } from './exit-codes.js';
import { oneLine } from './output/text.js';
import { createProgram } from './program.js';
import type { Terminal } from './terminal.js';

/** Runs one command; returns its exit code and throws nothing. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
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

/** Commander has shown the help already when that was asked for, or when a group stood alone. */
function reportUsage(error: CommanderError, terminal: Terminal): number {
  if (error.exitCode === 0) return exitCodes.ok;
  if (error.code !== 'commander.help') {
    const text = error.message.replace(/^error: /, '').replace(/\.$/, '');
    terminal.err(`parley: ${oneLine(text)}. See "parley --help".\n`);
  }
  return exitCodes.usage;
}

function messageOf(error: unknown): string {
  if (!isParleyError(error)) return error instanceof Error ? error.message : String(error);
  const details = (error.problem.errors ?? [])
    .map(({ pointer, message }) => (pointer ? `${pointer} ${message}` : message))
    .filter((detail) => !error.message.includes(detail));
  if (exitCodeOf(error) === exitCodes.notSignedIn) details.push('Sign in with: parley login');
  if (details.length === 0) return error.message;
  return `${error.message.replace(/[.\s]*$/, '')}. ${details.join('; ')}`;
}
