import { Option, type Command } from 'commander';
import type { Terminal } from '../terminal.js';
import { languageContextOf, type LanguageContext, type Outcome } from './context.js';

const files = 'definitions, YAML or JSON; - is what is piped in';

const exitCodesHelp = `Exit codes
  0  done
  1  a definition is wrong, not formatted (--check), or breaks what others rely on (breaking)
  2  nothing could be done: no such file, unknown option

With -o json one file gives one answer; several give a list, in which each answer has its "file".`;

const names = [
  'validate',
  'compile',
  'format',
  'diff',
  'breaking',
  'graph',
  'complete',
  'hover',
  'rename',
  'migrate',
  'suggest',
] as const;

/** Loads what does the work only when it is asked for: the commands stand in every help. */
export function addDslCommands(program: Command, terminal: Terminal, outcome: Outcome): void {
  const group = program
    .command('dsl')
    .description('definitions in files: check them, compare them, write them; needs no platform')
    .addHelpText('after', `\n${exitCodesHelp}`);
  const context = (command: Command) => languageContextOf(terminal, command, outcome);
  for (const name of names) {
    const command = group.command(name);
    builders[name](command, context);
    command.addHelpText(
      'after',
      `\nExamples\n  $ parley dsl ${examples[name]}\n\n${exitCodesHelp}`,
    );
  }
}

type Build = (command: Command, context: (command: Command) => LanguageContext) => void;

const examples: Readonly<Record<(typeof names)[number], string>> = {
  validate: 'validate order.yaml -o json',
  compile: 'compile order.yaml --facts -o json',
  format: 'format --check workflows/*.yaml',
  diff: 'diff before.yaml after.yaml',
  breaking: 'breaking before.yaml after.yaml',
  graph: 'graph order.yaml',
  complete: 'complete order.yaml --at 12:7',
  hover: 'hover order.yaml --at 12:7',
  rename: 'rename order.yaml do/checkStock checkLevel --write',
  migrate: 'migrate old.json > new.yaml',
  suggest: 'suggest order.yaml',
};

const builders: Readonly<Record<(typeof names)[number], Build>> = {
  validate: (command, context) =>
    reading(command)
      .argument('<files...>', files)
      .description('show everything that is wrong')
      .action(async (given: string[], options: object, self: Command) =>
        (await import('./check.js')).validate(context(self), given, options),
      ),
  compile: (command, context) =>
    reading(command)
      .argument('<files...>', files)
      .description('compile; as JSON all of it, else the essence')
      .option('--facts', 'with dependencies, data flow and costs (JSON)')
      .action(async (given: string[], options: object, self: Command) =>
        (await import('./compile.js')).compile(context(self), given, options),
      ),
  format: (command, context) =>
    command
      .argument('<files...>', files)
      .description('bring into the usual order and layout; comments stay')
      .option('--check', 'only say which files are not formatted')
      .option('--write', 'write the files')
      .action(async (given: string[], options: object, self: Command) =>
        (await import('./rewrite.js')).format(context(self), given, options),
      ),
  diff: (command, context) =>
    two(reading(command))
      .description('say what is different, in steps and in effects')
      .option('--text', 'with the lines that differ')
      .action(async (before: string, after: string, options: object, self: Command) =>
        (await import('./compare.js')).diff(context(self), [before, after], options),
      ),
  breaking: (command, context) =>
    two(reading(command))
      .description(
        'say what others notice of the new version, and which version number it deserves',
      )
      .action(async (before: string, after: string, options: object, self: Command) =>
        (await import('./compare.js')).breaking(context(self), [before, after], options),
      ),
  graph: (command, context) =>
    reading(command)
      .argument('<files...>', files)
      .description('show the steps and the ways between them')
      .action(async (given: string[], options: object, self: Command) =>
        (await import('./compile.js')).graph(context(self), given, options),
      ),
  complete: (command, context) =>
    reading(command)
      .argument('<file>', files)
      .description('show what can be written at a position')
      .requiredOption('--at <line:column>', 'the position, counted from 1')
      .action(async (file: string, options: { at: string }, self: Command) => {
        const { complete, parsePosition } = await import('./position.js');
        return complete(context(self), file, { ...options, at: parsePosition(options.at) });
      }),
  hover: (command, context) =>
    reading(command)
      .argument('<file>', files)
      .description('show what there is to say about a position')
      .requiredOption('--at <line:column>', 'the position, counted from 1')
      .action(async (file: string, options: { at: string }, self: Command) => {
        const { hover, parsePosition } = await import('./position.js');
        return hover(context(self), file, { ...options, at: parsePosition(options.at) });
      }),
  rename: (command, context) =>
    command
      .argument('<file>', files)
      .argument('<what>', 'name path of a step (do/checkStock), or LINE:COLUMN of a name')
      .argument('<name>', 'the new name')
      .description('give a step, or something in "use", another name wherever it is named')
      .option('--write', 'write the file')
      .action(
        async (...[file, what, name, options, self]: [string, string, string, object, Command]) =>
          (await import('./rewrite.js')).rename(context(self), { file, what, name }, options),
      ),
  migrate: (command, context) =>
    command
      .argument('<files...>', 'definitions of DSL 0.8; - is what is piped in')
      .description('bring to DSL 1.0; a report of every part goes to standard error')
      .action(async (given: string[], _options: object, self: Command) =>
        (await import('./migrate.js')).migrate(context(self), given),
      ),
  suggest: (command, context) =>
    reading(command)
      .argument('<files...>', files)
      .description('show what would make valid definitions better')
      .action(async (given: string[], options: object, self: Command) =>
        (await import('./check.js')).suggest(context(self), given, options),
      ),
};

function two(command: Command): Command {
  return command
    .argument('<before>', 'the definition as it was; - is what is piped in')
    .argument('<after>', 'the definition as it is now');
}

/** What definitions are read against. */
function reading(command: Command): Command {
  return command
    .option('--catalogue <file>', 'operations that "call: connector" may name (JSON)')
    .option('--lock <file>', 'external documents, as fetched before (JSON)')
    .option('--timezone <zone>', 'the zone for schedules when the definition names none')
    .addOption(
      new Option(
        '--unresolved <severity>',
        'what an external document is that the lock does not have',
      ).choices(['warning', 'error']),
    );
}
