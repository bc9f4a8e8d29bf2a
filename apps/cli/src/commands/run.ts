import { randomUUID } from 'node:crypto';
import { RunPriority, type Run } from '@parley/contracts';
import { followRun, hasEnded, type FollowOptions } from '@parley/sdk';
import { Option, type Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { exitCodes, Failure } from '../exit-codes.js';
import { readJsonOption } from '../input.js';
import { namesFor, type NameOf } from '../member-names.js';
import { errorText, isNamed, logLines, logText, waitText } from '../runs/log-lines.js';
import { idsIn, runText } from '../runs/run-view.js';
import type { Terminal } from '../terminal.js';
import { findWorkflow } from '../workflow-name.js';
import { addRunBatchCommand } from './run-batch.js';
import { addRunControlCommands } from './run-control.js';
import { addRunReplayCommand } from './run-replay.js';
import { addRunFindCommands } from './run-find.js';
import { attributes, several } from './run-labels.js';
import { addRunHistoryCommands } from './run-history.js';
import { addSignalCommand } from './event.js';

interface StartOptions {
  readonly input?: string;
  readonly version?: string;
  readonly idempotencyKey?: string;
  readonly priority?: RunPriority;
  readonly tag?: readonly string[];
  readonly attribute?: ReturnType<typeof attributes>;
  readonly wait?: boolean;
}
interface LogsOptions {
  readonly step?: string;
  readonly follow?: boolean;
}

export function addRunCommands(program: Command, terminal: Terminal): void {
  const group = program.command('run').description('start runs of workflows, watch and steer them');
  group
    .command('start')
    .argument('<workflow>', 'id or name')
    .description('start a run; accepted means that it will be carried out')
    .option('--input <json>', 'JSON, a file (@order.json), or what is piped in (-)')
    .option('--version <version>', 'a version number or a tag; without it, the tag "live"')
    .option('--idempotency-key <key>', 'start once, however often this is repeated')
    .addOption(
      new Option('--priority <priority>', 'which run goes first where they wait').choices(
        RunPriority.options,
      ),
    )
    .option('--tag <tag>', 'what the run can be found by; may be repeated', several)
    .option('--attribute <name=value>', 'likewise, with a value; may be repeated', attributes)
    .option('--wait', 'stay until the run has ended; exit code 6 when it failed')
    .addHelpText(
      'after',
      `\nExamples
  $ parley run start handle-order --input '{"orderId":"ord-1001"}'
  $ parley run start handle-order --input @order.json --version 2 --wait
  $ jq .order event.json | parley run start handle-order --input - --idempotency-key order-7`,
    )
    .action((workflow: string, options: StartOptions, command: Command) =>
      startRun(contextOf(terminal, command), workflow, options),
    );
  group
    .command('get')
    .argument('<run>')
    .description('one run: status, what it waits for, input, output, error')
    .addHelpText('after', '\nExample\n  $ parley run get run_01k -o json | jq .output')
    .action(async (run: string, _options, command: Command) => {
      const context = contextOf(terminal, command);
      const found = await context.client.call('getRun', { params: { run } });
      const nameOf = await namesFor(context, idsIn(found));
      context.print.value(found, () => runText(found, nameOf));
    });
  addRunFindCommands(group, terminal);
  addRunBatchCommand(group, terminal);
  group
    .command('logs')
    .argument('<run>')
    .description('what happened in a run, one line each; with -o json one JSON document each')
    .option('--step <name>', 'only this step, with input and output')
    .option('--follow', 'stay and show what happens, until the run has ended')
    .addHelpText(
      'after',
      '\nExamples\n  $ parley run logs run_01k --follow\n  $ parley run logs run_01k --step confirmOrder -o json',
    )
    .action((run: string, options: LogsOptions, command: Command) =>
      showLogs(contextOf(terminal, command), run, options),
    );
  addRunControlCommands(group, terminal);
  addRunReplayCommand(group, terminal);
  addSignalCommand(group, terminal);
  addRunHistoryCommands(group, terminal);
}

async function startRun(context: Context, idOrName: string, options: StartOptions): Promise<void> {
  const { client, terminal, print } = context;
  const input =
    options.input === undefined ? undefined : await readJsonOption(terminal, options.input);
  const workflow = await findWorkflow(client, idOrName);
  const { version } = options;
  const started = await client.call('startRun', {
    params: { workflow: workflow.id },
    body: {
      input,
      priority: options.priority,
      tags: options.tag === undefined ? undefined : [...options.tag],
      attributes: options.attribute,
      version: version !== undefined && /^\d+$/.test(version) ? Number(version) : version,
    },
    // Without a key of the caller's, one of our own still makes a repeated request harmless.
    idempotencyKey: options.idempotencyKey ?? randomUUID(),
    signal: terminal.interrupted,
  });
  const run = options.wait === true ? await waitForEnd(context, started) : started;
  print.value(run, () => runText(run));
  if (options.wait === true && run.status !== 'completed') throw runFailed(run);
}

async function waitForEnd(context: Context, started: Run): Promise<Run> {
  const { client, print, terminal } = context;
  const told = new Set<string>();
  let last = started;
  try {
    for await (const { run } of followRun(client, started.id, following(context))) {
      last = run;
      for (const wait of run.waitingFor) {
        if (wait.approvalId === undefined || told.has(wait.approvalId)) continue;
        told.add(wait.approvalId);
        print.note(
          `${run.id} waits ${waitText(wait)}. Decide: parley approval approve ${wait.approvalId}`,
        );
      }
    }
    return last;
  } catch (error) {
    if (terminal.interrupted.aborted && !hasEnded(last)) {
      print.note(`${started.id} goes on. Watch it: parley run logs ${started.id} --follow`);
    }
    throw error;
  }
}

function following({ terminal, print }: Context): FollowOptions {
  const onLost = () => print.note('The connection is lost, trying again …');
  return { signal: terminal.interrupted, onLost };
}

function endText(status: Run['status']): string {
  if (status === 'compensation-failed') return 'could not be undone';
  return status === 'failed' ? 'failed' : `was ${status}`;
}

function runFailed({ id, status, failedStep, error }: Run): Failure {
  const where = failedStep === undefined ? '' : ` at ${failedStep}`;
  const why = error === undefined ? '' : `: ${errorText(error)}`;
  return new Failure(
    exitCodes.runFailed,
    `${id} ${endText(status)}${where}${why}. See what happened: parley run logs ${id}`,
  );
}

async function showLogs(
  context: Context,
  run: string,
  { step, follow = false }: LogsOptions,
): Promise<void> {
  const { client, print } = context;
  const shown = new Set<string>();
  const timelines = follow
    ? followRun(client, run, following(context))
    : [await client.call('getTimeline', { params: { run } })];
  let names: string[] = [];
  let nameOf: NameOf | undefined;
  for await (const timeline of timelines) {
    nameOf ??= await namesFor(context, [timeline.run.startedBy]);
    names = [...new Set(timeline.steps.map(({ name }) => name))];
    if (step !== undefined && !timeline.steps.some((one) => isNamed(one, step))) continue;
    for (const line of logLines(timeline, { step, nameOf })) {
      if (shown.has(line.key)) continue;
      shown.add(line.key);
      const { key: _key, ...facts } = line;
      print.line(facts, () => logText(line, print.colours));
    }
  }
  if (step === undefined || shown.size > 0) return;
  const known = names.length === 0 ? 'none has been reached' : `there are: ${names.join(', ')}`;
  throw new Failure(exitCodes.notFound, `${run} has no step "${step}"; ${known}.`);
}
