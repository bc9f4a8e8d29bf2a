import type { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.js';
import { oneLine } from './output/text.js';
import type { Terminal } from './terminal.js';

/** Commander has shown the help already when that was asked for, or when a group stood alone. */
export function reportUsage(error: CommanderError, terminal: Terminal): number {
  if (error.exitCode === 0) return exitCodes.ok;
  if (error.code !== 'commander.help') {
    const text = withoutFarProposal(error.message)
      .replace(/^error: /, '')
      .replace(/\.$/, '');
    terminal.err(`parley: ${oneLine(text)}. See "parley --help".\n`);
  }
  return exitCodes.usage;
}

/** Commander proposes what has two letters in common; only what is likely a slip helps anybody. */
function withoutFarProposal(message: string): string {
  const found = /'-*([^']+)'\s+\(Did you mean (?:one of )?-*([^,?]+).*\?\)$/.exec(message);
  const [, typed = '', proposed = ''] = found ?? [];
  if (found === null || inCommon(typed, proposed) >= 0.6) return message;
  return message.slice(0, message.lastIndexOf('(')).trimEnd();
}

/** The share of the letters that two words have in the same order. */
function inCommon(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, () => 0);
  for (const letter of one) {
    const next = [0];
    for (let at = 0; at < other.length; at += 1) {
      const taken = letter === other[at] ? (row[at] ?? 0) + 1 : 0;
      next.push(Math.max(taken, row[at + 1] ?? 0, next[at] ?? 0));
    }
    row = next;
  }
  return (row.at(-1) ?? 0) / Math.max(one.length, other.length);
}
