import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Terminal } from '../terminal.js';
import type { Outcome } from './context.js';

const indentMax = 7;

const help = `
Examples
  $ parley run list -o json | parley jq -r '.items[].id'
  $ parley jq '.total * $rate' order.json --argjson rate=1.2

Exit codes
  0  done
  1  with -e: the last output was false or null
  2  the input cannot be read, or is not JSON
  3  the program does not compile
  4  with -e: there was no output
  5  the program failed on a value; the values after it were evaluated all the same`;

/** jq as definitions have it, for values in files. */
export function addJqCommand(program: Command, terminal: Terminal, outcome: Outcome): void {
  program
    .command('jq')
    .argument('<program>', 'a jq program, as in definitions')
    .argument('[files...]', 'JSON values, one after the other; - or nothing: what is piped in')
    .description('evaluate a jq program for each value; needs no platform')
    .option('-c, --compact-output', 'each output on one line')
    .option('-r, --raw-output', 'texts without quotes')
    .option('-j, --join-output', 'as -r, without line breaks between outputs')
    .option('-n, --null-input', 'evaluate once, with null, and read nothing')
    .option('-s, --slurp', 'evaluate once, with the list of all values')
    .option('-S, --sort-keys', 'members of objects in the order of their names')
    .option('-e, --exit-status', 'the last output decides the exit code')
    .addOption(new Option('--tab', 'indent with tabs').conflicts('indent'))
    .option('--indent <spaces>', `spaces per level, 0 to ${indentMax}`, spaces)
    .option('--arg <name=text>', 'give the program $name; also --arg NAME TEXT', named, [])
    .option(
      '--argjson <name=json>',
      'give the program $name as JSON; also --argjson NAME JSON',
      named,
      [],
    )
    .addHelpText('after', help)
    .action(async (source: string, files: string[], options: object) => {
      const { runJq } = await import('./jq.js');
      outcome.exitCode = await runJq(terminal, { source, files, options });
    });
}

/** jq takes `--arg name text`; here an option has one value. */
export function joinedArguments(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const [option = '', name = '', value] = args.slice(at, at + 3);
    joined.push(option);
    if (option === '--') return [...joined, ...args.slice(at + 1)];
    if (!['--arg', '--argjson'].includes(option) || name.includes('=') || value === undefined)
      continue;
    joined.push(`${name}=${value}`);
    at += 2;
  }
  return joined;
}

function spaces(text: string): number {
  if (!/^[0-7]$/.test(text)) throw new InvalidArgumentError(`it must be 0 to ${indentMax}`);
  return Number(text);
}

/** `name=value`, as often as wanted. */
function named(text: string, before: readonly (readonly [string, string])[]) {
  const found = /^([A-Za-z_]\w*)=(.*)$/s.exec(text);
  if (found === null) throw new InvalidArgumentError('write it as NAME=VALUE');
  return [...before, [found[1] ?? '', found[2] ?? ''] as const];
}
