import type { Command } from 'commander';
import { printerOf } from '../context.js';
import { killService } from '../local-platform.js';
import type { Terminal } from '../terminal.js';

export function addDevCommands(program: Command, terminal: Terminal): void {
  const group = program.command('dev').description('the platform that runs on this machine');
  group
    .command('kill')
    .argument('<service>', 'e.g. workflow, gateway, postgres')
    .description('kill -9 a service, to see that nothing is lost; the launcher starts it again')
    .addHelpText('after', '\nExample\n  $ parley dev kill workflow')
    .action((service: string, _options, command: Command) => {
      const killed = killService(terminal, service);
      const text = `Killed ${killed.service} (process ${killed.pid}); the launcher starts it again.`;
      printerOf(terminal, command).value(killed, () => text);
    });
}
