import type { Terminal } from './terminal.js';

/** Commands about the language itself: they need no platform, and start without its client. */
const languageCommands: ReadonlySet<string> = new Set(['dsl', 'jq']);
/** Options that stand before a command and take a value. */
const valued: ReadonlySet<string> = new Set(['-o', '--output', '--server']);

/** Runs one command; returns its exit code and throws nothing. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = commandOf(args);
  if (languageCommands.has(command ?? '')) {
    const { runLanguageCli } = await import('./language/language-cli.js');
    return runLanguageCli(args, terminal);
  }
  const { runPlatformCli } = await import('./platform-cli.js');
  // Behind a command, `--version` is an option of that: a version of a workflow.
  const given = command === undefined && args.includes('--version') ? ['-V'] : args;
  return runPlatformCli(given, terminal);
}

function commandOf(args: readonly string[]): string | undefined {
  return args.find((arg, at) => !arg.startsWith('-') && !valued.has(args[at - 1] ?? ''));
}
