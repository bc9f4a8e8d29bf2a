// `npm run bench -- SUITE [--json FILE]`: measures on this machine and compares with the budgets.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { repositoryRoot } from '../dev/platform.ts';
import { measureEngine } from './engine.ts';
import { measureLanguage } from './language.ts';
import { machineFacts, machineText, passes, processText, type Report } from './report.ts';
import { measureEditor } from './editor.ts';
import { measureStartup } from './startup.ts';

interface SuiteOptions {
  readonly quick: boolean;
  readonly only?: readonly string[];
  readonly peers?: boolean;
  readonly say: (text: string) => void;
}

interface Suite {
  readonly about: string;
  readonly run: (options: SuiteOptions) => Promise<Report>;
}

const suites: Readonly<Record<string, Suite>> = {
  engine: {
    about: 'what the engine gets done: --only W1t,W2 for some of its workloads',
    run: measureEngine,
  },
  editor: {
    about: 'what a keystroke costs the page, with a long text in the editor',
    run: measureEditor,
  },
  startup: {
    about: 'install, first and later start, memory and processor time when idle',
    run: measureStartup,
  },
  language: {
    about: 'expressions against jq, compiling and completing a large definition, keystrokes',
    run: measureLanguage,
  },
};

const help = `Measures Parley on this machine and compares with the budgets.

  npm run bench -- SUITE [--json FILE] [--quick] [--only NAMES]

  --json FILE   write the result as JSON, too
  --quick       leave out, or cut short, what takes minutes
  --only NAMES  only these parts of the suite, separated by commas (engine)
  --peers       also the same on other engines, which are installed on first use (engine)
  --help        this text

Suites
${Object.entries(suites)
  .map(([name, { about }]) => `  ${name}   ${about}`)
  .join('\n')}

Exit codes: 0 within every budget, 1 over one of them or failed, 2 not understood.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const parsed = parse(args);
  if (typeof parsed === 'string') {
    console.error(`parley: ${parsed}\n\n${help}`);
    return 2;
  }
  const { name, suite, json, quick, only, peers } = parsed;
  if (suite === undefined) {
    console.log(help);
    return 0;
  }
  const machine = machineFacts(repositoryRoot);
  console.log(`Suite ${name} on ${machineText(machine)}\n`);
  const report = await suite.run({ quick, only, peers, say: (text) => console.log(text) });
  if (report.processes.length > 0) console.log(`\n${processText(report.processes)}`);
  const over = report.lines.filter((line) => !passes(line)).map(({ name }) => name);
  console.log(over.length === 0 ? '\nWithin every budget.' : `\nOver budget: ${over.join(', ')}`);
  if (json !== undefined) {
    const result = { suite: name, at: new Date().toISOString(), quick, machine, ...report };
    writeFileSync(json, `${JSON.stringify(result, undefined, 2)}\n`);
  }
  return over.length === 0 ? 0 : 1;
}

interface Parsed {
  readonly name: string;
  /** Absent: help was asked for. */
  readonly suite?: Suite;
  readonly json?: string;
  readonly quick: boolean;
  readonly only?: readonly string[];
  readonly peers?: boolean;
}

/** What was asked for, or why it was not understood. */
function parse(args: readonly string[]): Parsed | string {
  let given;
  try {
    given = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'string' },
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        peers: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return (error as Error).message;
  }
  const { values, positionals } = given;
  const [name = '', ...more] = positionals;
  if (values.help) return { name, quick: false };
  const suite = Object.hasOwn(suites, name) ? suites[name] : undefined;
  if (suite === undefined) return name === '' ? 'which suite?' : `there is no suite "${name}"`;
  if (more.length > 0) return `one suite at a time, not ${positionals.join(' ')}`;
  // npm runs its scripts at the root and keeps the person's folder in INIT_CWD.
  const folder = process.env.INIT_CWD ?? process.cwd();
  const json = values.json === undefined ? undefined : resolve(folder, values.json);
  const only = values.only?.split(',');
  return { name, suite, json, quick: values.quick, only, peers: values.peers };
}
