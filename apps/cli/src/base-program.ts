import { Command, Option } from 'commander';
import { formats } from './output/print.js';
import { defaultServer } from './settings.js';
import type { Terminal } from './terminal.js';

const version = '0.1.0';

/** The root of all commands, with the options that every command has. */
export function baseProgram(terminal: Terminal): Command {
  return new Command('parley')
    .description('Runs and watches the workflows of a Parley server.')
    .version(version, '-V', 'show the version; --version does, too, without a command')
    .addOption(
      new Option('-o, --output <format>', 'table for people, json for programs')
        .choices(formats)
        .default('table'),
    )
    .option(
      '--server <url>',
      `the server (PARLEY_SERVER, the last one signed in to, ${defaultServer})`,
    )
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: () => undefined, // Whoever runs the program says it, in the form of every other error.
    });
}
