import type { Command } from 'commander';
import { Printer, type Format } from '../output/print.js';
import type { Terminal } from '../terminal.js';

/** The exit code that the command ends with. */
export interface Outcome {
  exitCode: number;
}

/** What a command about the language works with. */
export interface LanguageContext {
  readonly terminal: Terminal;
  readonly print: Printer;
  readonly outcome: Outcome;
}

/** Exit codes of `parley dsl`; scripts may rely on them. */
export const dslExitCodes = { ok: 0, invalid: 1, unusable: 2 } as const;

export function languageContextOf(
  terminal: Terminal,
  command: Command,
  outcome: Outcome,
): LanguageContext {
  const { output } = command.optsWithGlobals<{ output: Format }>();
  return { terminal, outcome, print: new Printer(terminal, output) };
}
