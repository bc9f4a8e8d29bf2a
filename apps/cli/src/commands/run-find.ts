import { RunStatus, type RunListQuery } from '@parley/contracts';
import { hasEnded } from '@parley/sdk';
import { Option, type Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { exitCodes, Failure } from '../exit-codes.js';
import { moreText, wholeNumber } from '../numbers.js';
import { detailsText } from '../output/table.js';
import { safeText } from '../output/text.js';
import { firstItems } from '../pages.js';
import { errorText } from '../runs/log-lines.js';
import { runColumns, runText } from '../runs/run-view.js';
import type { Terminal } from '../terminal.js';
import { findWorkflow } from '../workflow-name.js';
import { attributes, several } from './run-labels.js';

const listLimit = 50;
/** One request waits this long; more of them follow. */
const waitSecondsAtOnce = 30;

interface FindOptions {
  readonly workflow?: string;
  readonly status?: RunStatus;
  readonly version?: number;
  readonly tag?: readonly string[];
  readonly attribute?: readonly string[];
  readonly startedBy?: string;
  readonly parent?: string;
  readonly from?: string;
  readonly before?: string;
  readonly error?: string;
  readonly stalled?: boolean;
}

/** Finding runs, what they are found by, and what came out of them. */
export function addRunFindCommands(group: Command, terminal: Terminal): void {
  withFilters(group.command('list').description('runs, latest first'))
    .option('--limit <count>', 'how many at most', wholeNumber, listLimit)
    .addHelpText(
      'after',
      `\nExamples
  $ parley run list --workflow handle-order --status failed --error communication
  $ parley run list --tag vip --attribute customer=ada --attribute 'total>=100'`,
    )
    .action((options: FindOptions & { limit: number }, command: Command) =>
      listRuns(contextOf(terminal, command), options),
    );
  withFilters(group.command('count').description('how many runs there are in each status'))
    .addHelpText('after', '\nExample\n  $ parley run count --workflow handle-order')
    .action((options: FindOptions, command: Command) =>
      countRuns(contextOf(terminal, command), options),
    );
  group
    .command('result')
    .argument('<run>')
    .description('what came out of a run; exit code 6 when it did not complete')
    .option('--wait', 'stay until the run has ended')
    .addHelpText('after', '\nExample\n  $ parley run result run_01k --wait -o json | jq .output')
    .action((run: string, { wait = false }: { wait?: boolean }, command: Command) =>
      showResult(contextOf(terminal, command), run, wait),
    );
  group
    .command('label')
    .argument('<run>')
    .description('change the tags and search attributes of a run')
    .option('--tag <tag>', 'adds a tag; may be repeated', several)
    .option('--untag <tag>', 'takes a tag away; may be repeated', several)
    .option('--attribute <name=value>', 'sets an attribute; may be repeated', attributes)
    .option('--without <name>', 'takes an attribute away; may be repeated', several)
    .addHelpText(
      'after',
      '\nExample\n  $ parley run label run_01k --tag vip --untag new --attribute total=12.5 --without due',
    )
    .action(async (run: string, options: LabelOptions, command: Command) => {
      const { client, print } = contextOf(terminal, command);
      const gone = (options.without ?? []).map((name) => [name, null] as const);
      const changed = { ...options.attribute, ...Object.fromEntries(gone) };
      const updated = await client.call('updateRun', {
        params: { run },
        body: {
          addTags: options.tag === undefined ? undefined : [...options.tag],
          removeTags: options.untag === undefined ? undefined : [...options.untag],
          attributes: Object.keys(changed).length === 0 ? undefined : changed,
        },
      });
      print.value(updated, () => runText(updated));
    });
}

interface LabelOptions {
  readonly tag?: readonly string[];
  readonly untag?: readonly string[];
  readonly attribute?: ReturnType<typeof attributes>;
  readonly without?: readonly string[];
}

function withFilters(command: Command): Command {
  return command
    .option('--workflow <workflow>', 'only of this one, by id or name')
    .option('--version <number>', 'only of this version', wholeNumber)
    .addOption(new Option('--status <status>', 'only in this state').choices(RunStatus.options))
    .option('--stalled', 'only open ones that nothing moves any more')
    .option('--tag <tag>', 'only with this tag; may be repeated', several)
    .option(
      '--attribute <filter>',
      'only where it holds: customer=ada, total>=100; may be repeated',
      several,
    )
    .option('--started-by <member>', 'only started by this member, or "schedule"')
    .option('--parent <run>', 'only started by a step of this run')
    .option('--from <time>', 'only started then or later, e.g. 2027-01-31T00:00:00Z')
    .option('--before <time>', 'only started before then')
    .option('--error <text>', 'only failed with an error whose type has this in it');
}

async function queryOf(
  { client }: Context,
  options: FindOptions,
): Promise<Omit<RunListQuery, 'pageSize' | 'pageToken'>> {
  const { workflow, status, version, tag, attribute, startedBy, parent, from, before } = options;
  const { error, stalled } = options;
  const found = workflow === undefined ? undefined : await findWorkflow(client, workflow);
  return {
    workflowId: found?.id,
    status,
    version,
    tag: tag === undefined ? undefined : [...tag],
    attribute: attribute === undefined ? undefined : [...attribute],
    startedBy,
    parentRunId: parent,
    startedFrom: from,
    startedBefore: before,
    errorType: error,
    stalled: stalled === true ? 'true' : undefined,
  };
}

async function listRuns(context: Context, options: FindOptions & { limit: number }): Promise<void> {
  const { client, print } = context;
  const { limit } = options;
  const query = await queryOf(context, options);
  const { items, more } = await firstItems(client, 'listRuns', { query, limit });
  print.list(items, runColumns, 'No runs.');
  if (more) print.note(moreText(limit));
}

async function countRuns(context: Context, options: FindOptions): Promise<void> {
  const { client, print } = context;
  const counts = await client.call('countRuns', { query: await queryOf(context, options) });
  print.value(counts, () =>
    detailsText([
      ...Object.entries(counts.byStatus).map(([status, count]) => [status, String(count)] as const),
      ['total', String(counts.total)],
    ]),
  );
}

async function showResult(context: Context, run: string, wait: boolean): Promise<void> {
  const { client, print, terminal } = context;
  const ask = () =>
    client.call('getResult', {
      params: { run },
      query: { waitSeconds: wait ? waitSecondsAtOnce : 0 },
      signal: terminal.interrupted,
    });
  let result = await ask();
  while (wait && !hasEnded(result)) result = await ask();
  const { status, output, error } = result;
  print.value(result, () =>
    detailsText([
      ['Run', run],
      ['Status', status],
      ['Failed step', result.failedStep],
      ['Error', error && safeText(errorText(error))],
      ['Output', output === undefined ? undefined : safeText(JSON.stringify(output, undefined, 2))],
    ]),
  );
  if (status === 'completed') return;
  const what = result.ended ? `is ${status}` : `has not ended; it is ${status}`;
  throw new Failure(exitCodes.runFailed, `${run} ${what}.`);
}
