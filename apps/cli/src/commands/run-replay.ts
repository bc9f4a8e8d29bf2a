import type { ReplayPreview, ReplayStep } from '@parley/contracts';
import { Option, type Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { readJsonOption } from '../input.js';
import { namesFor } from '../member-names.js';
import { safeText } from '../output/text.js';
import { idsIn, runText } from '../runs/run-view.js';
import type { Terminal } from '../terminal.js';

interface ReplayOptions {
  readonly from?: string;
  readonly live?: boolean;
  readonly input?: string;
  readonly yes?: boolean;
}

/** Running (a part of) a run again. */
export function addRunReplayCommand(group: Command, terminal: Terminal): void {
  group
    .command('replay')
    .argument('<run>')
    .description('say what running a run again would repeat; with --yes, start it as a new run')
    .option('--from <step>', 'the step to begin with: what was recorded before it is used')
    .addOption(new Option('--live', 'run everything again, from the beginning').conflicts('from'))
    .option('--input <json>', 'other input of that step, or of the run: JSON, @file or -')
    .option('--yes', 'start it')
    .addHelpText(
      'after',
      `\nThe new run is on the version that the earlier one is pinned to. Its steps: parley run state RUN
\nExamples
  $ parley run replay run_01k --from do/bothAreFine/do/confirmOrder
  $ parley run replay run_01k --from do/bothAreFine/do/confirmOrder --input '{"orderId":"ord-2"}' --yes
  $ parley run replay run_01k --live --yes`,
    )
    .action((run: string, options: ReplayOptions, command: Command) =>
      replay(contextOf(terminal, command), run, options),
    );
}

async function replay(context: Context, run: string, options: ReplayOptions): Promise<void> {
  const { client, print, terminal } = context;
  const { from: step, live, yes } = options;
  const input =
    options.input === undefined
      ? undefined
      : await readJsonOption(terminal, options.input, '--input');
  const mode = live === true ? 'live' : 'freeze';
  const preview = await client.call('previewReplay', { params: { run }, query: { step, mode } });
  if (yes !== true) {
    print.value(preview, () => previewText(preview));
    print.note('Nothing has been started. Start it: the same command with --yes');
    return;
  }
  const { seen } = preview;
  const started = await client.call('replayRun', {
    params: { run },
    body: { step, mode, input, seen },
  });
  const nameOf = await namesFor(context, idsIn(started));
  print.value(started, () => runText(started, nameOf));
}

function previewText({
  name,
  version,
  reused,
  undone,
  repeats,
  repeatCount,
}: ReplayPreview): string {
  const where = name === undefined ? 'from its beginning' : `from ${name}`;
  const lines = [
    `A new run of version ${version} ${where}.`,
    ...(reused === 0
      ? []
      : [
          reused === 1
            ? 'The recorded output of 1 step is used.'
            : `The recorded outputs of ${reused} steps are used.`,
        ]),
    ...undone.map((step) => `What ${step} did has been undone since.`),
    repeatCount === 0
      ? 'The earlier run did nothing outside from there on.'
      : `What the earlier run did outside from there on, and what will be done again (${repeatCount}):`,
    ...repeats.map(repeatText),
  ];
  return lines.map(safeText).join('\n');
}

function repeatText({ step, kind, calls }: ReplayStep): string {
  return `  ${step}  ${calls ?? kind}`;
}
