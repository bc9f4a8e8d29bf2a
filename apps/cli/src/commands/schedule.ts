import type { Schedule } from '@parley/contracts';
import type { Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { moreText, wholeNumber } from '../numbers.js';
import { detailsText, type Column } from '../output/table.js';
import { oneLine, timeText } from '../output/text.js';
import { firstItems } from '../pages.js';
import type { Terminal } from '../terminal.js';
import { findWorkflow } from '../workflow-name.js';

const listLimit = 50;
const timesLimit = 10;

const columns: readonly Column<Schedule>[] = [
  { title: 'workflow', value: (schedule) => schedule.workflowId },
  { title: 'name', value: (schedule) => schedule.workflowName },
  { title: 'state', value: stateOf },
  { title: 'next', value: ({ nextAt }) => timeText(nextAt) },
  { title: 'last run', value: ({ lastRuns }) => lastRuns[0]?.status, status: true },
  { title: 'trigger', value: (schedule) => schedule.trigger },
];

export function addScheduleCommands(program: Command, terminal: Terminal): void {
  const group = program.command('schedule').description('when workflows start by themselves');
  group
    .command('list')
    .description('every schedule')
    .option('--limit <count>', 'how many at most', wholeNumber, listLimit)
    .addHelpText('after', '\nExample\n  $ parley schedule list')
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { client, print } = contextOf(terminal, command);
      const { items, more } = await firstItems(client, 'listSchedules', { limit });
      print.list(items, columns, 'No schedules. No live version of a workflow has one.');
      if (more) print.note(moreText(limit));
    });
  group
    .command('get')
    .argument('<workflow>', 'id or name')
    .description('one schedule with its last runs')
    .addHelpText('after', '\nExample\n  $ parley schedule get daily-report')
    .action((workflow: string, _options: unknown, command: Command) =>
      show(contextOf(terminal, command), 'getSchedule', workflow),
    );
  group
    .command('pause')
    .argument('<workflow>', 'id or name')
    .description('start no runs by it until it is resumed')
    .addHelpText('after', '\nExample\n  $ parley schedule pause daily-report')
    .action((workflow: string, _options: unknown, command: Command) =>
      show(contextOf(terminal, command), 'pauseSchedule', workflow),
    );
  group
    .command('resume')
    .argument('<workflow>', 'id or name')
    .description('go on from now; times of the pause are left out')
    .addHelpText('after', '\nExample\n  $ parley schedule resume daily-report')
    .action((workflow: string, _options: unknown, command: Command) =>
      show(contextOf(terminal, command), 'resumeSchedule', workflow),
    );
  group
    .command('backfill')
    .argument('<workflow>', 'id or name')
    .requiredOption('--from <time>', 'the first time, as RFC 3339 in UTC')
    .requiredOption('--to <time>', 'the last time')
    .description('start runs for times of the past that had none')
    .addHelpText(
      'after',
      '\nExample\n  $ parley schedule backfill daily-report --from 2026-11-01T00:00:00Z --to 2026-11-07T23:59:59Z',
    )
    .action((workflow: string, range: { from: string; to: string }, command: Command) =>
      backfill(contextOf(terminal, command), workflow, range),
    );
  group
    .command('next')
    .argument('<workflow>', 'id or name')
    .option('--count <count>', 'how many', wholeNumber, timesLimit)
    .description('its next times by the clock')
    .addHelpText('after', '\nExample\n  $ parley schedule next daily-report --count 3')
    .action((workflow: string, { count }: { count: number }, command: Command) =>
      next(contextOf(terminal, command), workflow, count),
    );
}

async function show(
  { client, print }: Context,
  operation: 'getSchedule' | 'pauseSchedule' | 'resumeSchedule',
  idOrName: string,
): Promise<void> {
  const { id } = await findWorkflow(client, idOrName);
  const schedule = await client.call(operation, { params: { workflow: id } });
  print.value(schedule, () => scheduleText(schedule));
}

async function backfill(
  { client, print }: Context,
  idOrName: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const { id } = await findWorkflow(client, idOrName);
  const body = { from, to };
  const done = await client.call('backfillSchedule', { params: { workflow: id }, body });
  print.value(
    done,
    () =>
      `${done.times} times in the range: ${done.queued} start now, ${done.started} had their run before.`,
  );
}

async function next({ client, print }: Context, idOrName: string, count: number): Promise<void> {
  const { id } = await findWorkflow(client, idOrName);
  const params = { workflow: id };
  const { pausedAt } = await client.call('getSchedule', { params });
  const found = await client.call('nextTimes', { params, query: { count } });
  print.value(found, () =>
    found.times.length === 0
      ? 'This schedule has no times by the clock.'
      : found.times.map((time) => timeText(time)).join('\n'),
  );
  if (pausedAt === undefined) return;
  print.note(
    `The schedule is paused since ${timeText(pausedAt)}: it starts nothing until parley schedule resume ${oneLine(idOrName)}`,
  );
}

function scheduleText(schedule: Schedule): string {
  const { leftOut, lastRuns, pausedAt, pausedBy, waiting, collected } = schedule;
  return detailsText([
    ['Workflow', `${schedule.workflowName} version ${schedule.version} (${schedule.workflowId})`],
    ['Trigger', schedule.trigger],
    ['Time zone', schedule.timezone],
    ['State', stateOf(schedule)],
    ['Paused', pausedAt && `${timeText(pausedAt) ?? ''} by ${pausedBy ?? 'somebody'}`],
    ['Next', timeText(schedule.nextAt)],
    ['Overlap', schedule.overlap],
    ['Missed', schedule.missed],
    ['Waiting', waiting === 0 ? undefined : `${waiting} to start`],
    [
      'Collected',
      collected === 0 ? undefined : `${collected} of the events that start a run together`,
    ],
    [
      'Left out',
      leftOut &&
        `${leftOut.reason}, ${timeText(leftOut.from) ?? ''} to ${timeText(leftOut.to) ?? ''}`,
    ],
    [
      'Last runs',
      lastRuns
        .map(({ id, status, nominalTime }) => `${id}  ${status}  ${timeText(nominalTime) ?? ''}`)
        .join('\n'),
    ],
  ]);
}

function stateOf({ pausedAt, waiting }: Schedule): string {
  if (pausedAt !== undefined) return 'paused';
  return waiting > 0 ? 'starting' : 'active';
}
