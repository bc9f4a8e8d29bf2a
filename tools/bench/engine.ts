import { Bench } from './engine/bench.ts';
import type { Figures } from './engine/figures.ts';
import { openInstallation } from './engine/installation.ts';
import { workloads, type Workload } from './engine/workloads.ts';
import { lineText, type Line, type Report } from './report.ts';

export interface EngineOptions {
  readonly quick: boolean;
  /** Names of workloads; @default those that take no half hour */
  readonly only?: readonly string[];
  readonly say: (text: string) => void;
}

/** What the engine gets done, on a fresh installation with everything on that a real one has on. */
export async function measureEngine({ quick, only, say }: EngineOptions): Promise<Report> {
  const chosen = choose(only);
  const lines: Line[] = [];
  const figures: Figures[] = [];
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

function choose(only: readonly string[] | undefined): [string, Workload][] {
  const all = Object.entries(workloads);
  if (only === undefined) return all.filter(([, { onDemand }]) => onDemand !== true);
  return only.map((name) => {
    const workload = Object.hasOwn(workloads, name) ? workloads[name] : undefined;
    if (workload === undefined) {
      throw new Error(
        `there is no workload ${name}; there are ${Object.keys(workloads).join(', ')}`,
      );
    }
    return [name, workload];
  });
}
