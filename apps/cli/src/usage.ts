import type { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.js';
import { oneLine } from './output/text.js';
import type { Terminal } from './terminal.js';

/** Commander has shown the help already when that was asked for, or when a group stood alone. */
export function reportUsage(error: CommanderError, terminal: Terminal): number {
  if (error.exitCode === 0) return exitCodes.ok;
  if (error.code !== 'commander.help') {
    const text = error.message.replace(/^error: /, '').replace(/\.$/, '');
    terminal.err(`parley: ${oneLine(text)}. See "parley --help".\n`);
  }
  return exitCodes.usage;
}
