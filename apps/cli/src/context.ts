import { ParleyClient } from '@parley/sdk';
import type { Command } from 'commander';
import { Printer, type Format } from './output/print.js';
import { chooseServer } from './settings.js';
import { tokenSource } from './sign-in/token-source.js';
import type { Terminal } from './terminal.js';

/** What the action of a command works with. */
export interface Context {
  readonly terminal: Terminal;
  readonly server: string;
  readonly client: ParleyClient;
  readonly print: Printer;
}

interface GlobalOptions {
  readonly server?: string;
  readonly output: Format;
}

export function contextOf(terminal: Terminal, command: Command): Context {
  const options = command.optsWithGlobals<GlobalOptions>();
  const server = chooseServer(terminal, options.server);
  return {
    terminal,
    server,
    client: connect(terminal, server, tokenSource(terminal, server)),
    print: printerOf(terminal, command),
  };
}

/** Without a token source only what is public can be asked for. */
export function connect(
  terminal: Terminal,
  server: string,
  token?: () => string | Promise<string>,
): ParleyClient {
  return new ParleyClient({ baseUrl: server, token, fetch: terminal.fetch });
}

export function printerOf(terminal: Terminal, command: Command): Printer {
  return new Printer(terminal, command.optsWithGlobals<GlobalOptions>().output);
}
