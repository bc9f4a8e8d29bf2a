import { isParleyError, type ParleyError } from '@parley/sdk';
import { CommanderError } from 'commander';
import { exitCodes, Failure, type ExitCode } from './exit-codes.js';
import { oneLine } from './output/text.js';
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

function messageOf(error: unknown): string {
  if (!isParleyError(error)) return error instanceof Error ? error.message : String(error);
  const details = detailsOf(error);
  if (exitCodeOf(error) === exitCodes.notSignedIn) details.push('Sign in with: parley login');
  if (details.length === 0) return error.message;
  return `${error.message.replace(/[.\s]*$/, '')}. ${details.join('; ')}`;
}

/** What the message does not say yet; each place is named once. */
function detailsOf({ message: said, problem }: ParleyError): string[] {
  const byPlace = new Map<string, string[]>();
  for (const { pointer = '', message } of problem.errors ?? []) {
    if (said.includes(pointer) && said.includes(message)) continue;
    byPlace.set(pointer, [...(byPlace.get(pointer) ?? []), message]);
  }
  return [...byPlace].map(([pointer, messages]) => `${pointer} ${messages.join(' and ')}`.trim());
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof Failure) return error.exitCode;
  if (!isParleyError(error)) return exitCodes.refused;
  switch (error.code) {
    case 'unauthenticated':
    case 'token-expired':
      return exitCodes.notSignedIn;
    case 'not-found':
      return exitCodes.notFound;
    case 'unavailable':
    case 'timeout':
      return exitCodes.unreachable;
    default:
      return exitCodes.refused;
  }
}
