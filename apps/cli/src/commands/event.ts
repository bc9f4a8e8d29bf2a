import type { EventAccepted, SignalRun } from '@parley/contracts';
import type { Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { readJsonOption } from '../input.js';
import type { Terminal } from '../terminal.js';

interface EventOptions {
  readonly data?: string;
  readonly source?: string;
  readonly id?: string;
}

/** Events of systems outside, told to every workflow that listens. */
export function addEventCommands(program: Command, terminal: Terminal): void {
  const group = program.command('event').description('tell events to the workflows that listen');
  const send = group
    .command('send')
    .argument('<type>', 'what happened, e.g. com.example.order.placed')
    .description('tell an event to everybody who listens to it, and start what it starts');
  withEventOptions(send)
    .addHelpText(
      'after',
      `\nExamples
  $ parley event send com.example.order.placed --data @order.json
  $ parley event send com.example.paid --data '{"order":"ord-1"}' --source /till --id paid-1`,
    )
    .action(async (type: string, options: EventOptions, command: Command) => {
      const context = contextOf(terminal, command);
      const body = await eventOf(context, type, options);
      show(context, await context.client.call('sendEvent', { body }));
    });
}

/** An event for one run alone. */
export function addSignalCommand(group: Command, terminal: Terminal): void {
  const signal = group
    .command('signal')
    .argument('<run>')
    .argument('<type>', 'the type of event that the run listens to')
    .description('tell an event to one run; a listen of it takes the event');
  withEventOptions(signal)
    .addHelpText(
      'after',
      `\nExample\n  $ parley run signal run_01k com.example.paid --data '{"amount":12.5}'`,
    )
    .action(async (run: string, type: string, options: EventOptions, command: Command) => {
      const context = contextOf(terminal, command);
      const body = await eventOf(context, type, options);
      show(context, await context.client.call('signalRun', { params: { run }, body }));
    });
}

function withEventOptions(command: Command): Command {
  return command
    .option('--data <json>', 'what the event says: JSON, a file (@order.json) or piped in (-)')
    .option('--source <uri>', 'where it happened; without it, you')
    .option('--id <id>', 'the same id of the same source is the same event, told once');
}

async function eventOf(
  { terminal }: Context,
  type: string,
  { data, source, id }: EventOptions,
): Promise<SignalRun> {
  const said = data === undefined ? undefined : await readJsonOption(terminal, data, '--data');
  return { type, data: said, source, id };
}

function show({ print }: Context, accepted: EventAccepted): void {
  print.value(
    accepted,
    () => `The event ${accepted.id} (${accepted.type}) of ${accepted.source} is accepted.`,
  );
}
