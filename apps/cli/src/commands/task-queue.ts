import type { QueuedTask, QueueWorker, TaskQueue, TaskQueueDetails } from '@parley/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { moreText, wholeNumber } from '../numbers.js';
import { detailsText, type Column } from '../output/table.js';
import { timeText } from '../output/text.js';
import { firstItems } from '../pages.js';
import type { Terminal } from '../terminal.js';

const listLimit = 50;

interface Pool {
  readonly name: string;
  readonly capacity: number;
}

interface Limits {
  readonly capacity?: number;
  readonly pool: Pool[];
}

const columns: readonly Column<TaskQueue>[] = [
  { title: 'queue', value: ({ name }) => name },
  { title: 'waiting', value: ({ waiting }) => waiting },
  { title: 'out', value: ({ leased, capacity }) => outText(leased, capacity) },
  { title: 'oldest since', value: ({ oldestAt }) => timeText(oldestAt) },
  { title: 'workers', value: ({ workers }) => workers },
];

const taskColumns: readonly Column<QueuedTask>[] = [
  { title: 'task', value: ({ id }) => id },
  { title: 'work', value: ({ task }) => task },
  { title: 'state', value: ({ status }) => status, status: true },
  { title: 'priority', value: ({ priority }) => priority },
  { title: 'since', value: ({ queuedAt }) => timeText(queuedAt) },
  { title: 'worker', value: ({ worker }) => worker },
  { title: 'run', value: ({ runId }) => runId },
  { title: 'step', value: ({ step }) => step },
];

export function addTaskQueueCommands(program: Command, terminal: Terminal): void {
  const group = program
    .command('task-queue')
    .description('work that waits for workers, or that they have');
  group
    .command('list')
    .description('every queue that has work, workers or limits')
    .option('--limit <count>', 'how many at most', wholeNumber, listLimit)
    .addHelpText('after', '\nExample\n  $ parley task-queue list')
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { client, print } = contextOf(terminal, command);
      const { items, more } = await firstItems(client, 'listTaskQueues', { limit });
      print.list(items, columns, 'No task queues. No run has given work to a worker.');
      if (more) print.note(moreText(limit));
    });
  group
    .command('show')
    .argument('<queue>', 'name of the queue')
    .description('one queue with its workers')
    .addHelpText('after', '\nExample\n  $ parley task-queue show render')
    .action(async (queue: string, _options: unknown, command: Command) => {
      const { client, print } = contextOf(terminal, command);
      const details = await client.call('getTaskQueue', { params: { queue } });
      print.value(details, () => queueText(details));
    });
  group
    .command('tasks')
    .argument('<queue>', 'name of the queue')
    .description('the tasks of a queue, oldest first')
    .option('--limit <count>', 'how many at most', wholeNumber, listLimit)
    .addHelpText('after', '\nExample\n  $ parley task-queue tasks render --limit 10')
    .action(async (queue: string, { limit }: { limit: number }, command: Command) => {
      const { client, print } = contextOf(terminal, command);
      const params = { queue };
      const { items, more } = await firstItems(client, 'listQueuedTasks', { params, limit });
      print.list(items, taskColumns, 'No tasks. Every one of them has ended.');
      if (more) print.note(moreText(limit));
    });
  group
    .command('limit')
    .argument('<queue>', 'name of the queue')
    .description('how many tasks of a queue may be out at a time; without options: any number')
    .option('--capacity <count>', 'over all workers; 0: none is given out', limitOf)
    .option(
      '--pool <name=count>',
      'for a pool of workers; again for more pools',
      (text: string, before: Pool[]) => [...before, poolOf(text)],
      [],
    )
    .addHelpText(
      'after',
      '\nExamples\n  $ parley task-queue limit render --capacity 10 --pool gpu=2\n  $ parley task-queue limit render',
    )
    .action((queue: string, limits: Limits, command: Command) =>
      setLimits(contextOf(terminal, command), queue, limits),
    );
}

async function setLimits(
  { client, print }: Context,
  queue: string,
  { capacity, pool: pools }: Limits,
): Promise<void> {
  const body = { ...(capacity === undefined ? {} : { capacity }), pools };
  const details = await client.call('setTaskQueue', { params: { queue }, body });
  print.value(details, () => queueText(details));
}

function limitOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

function poolOf(text: string): Pool {
  const [, name, count] = /^([A-Za-z0-9][A-Za-z0-9._-]*)=(\d{1,6})$/.exec(text) ?? [];
  if (name === undefined || count === undefined) {
    throw new InvalidArgumentError('Write it as name=count, such as gpu=2.');
  }
  return { name, capacity: Number(count) };
}

function queueText(queue: TaskQueueDetails): string {
  const { name, waiting, leased, capacity, oldestAt, pools, seen } = queue;
  return detailsText([
    ['Queue', name],
    ['Waiting', String(waiting)],
    ['Oldest since', timeText(oldestAt)],
    ['Out', outText(leased, capacity)],
    [
      'Pools',
      pools.map((pool) => `${pool.name}  ${outText(pool.leased, pool.capacity)}`).join('\n'),
    ],
    ['Workers', seen.map(workerText).join('\n')],
  ]);
}

function workerText({ name, pool, tasks, active, lastSeenAt, leased }: QueueWorker): string {
  const parts = [
    name,
    active ? `has ${String(leased)}` : `not heard of since ${timeText(lastSeenAt) ?? ''}`,
    ...(pool === undefined ? [] : [`pool ${pool}`]),
    ...(tasks === undefined ? [] : [tasks.join(', ')]),
  ];
  return parts.join('  ');
}

function outText(leased: number, capacity: number | undefined): string {
  return capacity === undefined ? String(leased) : `${String(leased)} of ${String(capacity)}`;
}
