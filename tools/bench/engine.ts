import { Bench } from './engine/bench.ts';
import { openInstallation } from './engine/installation.ts';
import { killLongRun } from './engine/kill-long-run.ts';
import { fairnessWorkloads } from './engine/fairness.ts';
import { killWorkloads } from './engine/kill.ts';
import { comparePeers } from './engine/comparison.ts';
import { sleepWorkloads } from './engine/sleepers.ts';
import { durableSteps, workloads, type Workload } from './engine/workloads.ts';
import { lineText, type Line, type Report } from './report.ts';

export interface EngineOptions {
  readonly quick: boolean;
  /** Names of workloads; @default those that take no half hour */
  readonly only?: readonly string[];
  /** Also does W1s and W2 on other engines. */
  readonly peers?: boolean;
  readonly say: (text: string) => void;
}

/** What the engine gets done, on a fresh installation with everything on that a real one has on. */
export async function measureEngine({ quick, only, peers, say }: EngineOptions): Promise<Report> {
  const names = only ?? Object.keys(all).filter((name) => all[name]?.onDemand !== true);
  const chosen = choose(peers === true ? [...names, 'peers'] : names);
  const lines: Line[] = [];
  const figures: object[] = [];
  for (const group of Map.groupBy(chosen, ([, { env }]) => JSON.stringify(env ?? {})).values()) {
    say(`\nA fresh installation for ${group.map(([name]) => name).join(', ')} …`);
    const bench = new Bench(await openInstallation(group[0]?.[1].env), { quick, say });
    try {
      for (const [name, { about, run }] of group) {
        say(`\n${name}: ${about}`);
        const measured = await run(bench);
        figures.push(...measured.figures);
        for (const line of measured.lines) {
          lines.push(line);
          say(lineText(line));
        }
      }
    } finally {
      await bench.stop();
    }
  }
  return { lines, processes: [], figures };
}

const all: Readonly<Record<string, Workload>> = {
  ...workloads,
  ...sleepWorkloads,
  ...fairnessWorkloads,
  ...killWorkloads,
  killLongRun,
  peers: {
    about: 'W1s and W2 on Parley and on its peers, in turns',
    env: durableSteps,
    onDemand: true,
    run: comparePeers,
  },
};

function choose(names: readonly string[]): [string, Workload][] {
  return [...new Set(names)].map((name) => {
    const workload = Object.hasOwn(all, name) ? all[name] : undefined;
    if (workload === undefined) {
      throw new Error(`there is no workload ${name}; there are ${Object.keys(all).join(', ')}`);
    }
    return [name, workload];
  });
}
