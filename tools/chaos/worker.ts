import { parentPort } from 'node:worker_threads';
import { loadSources, type Patch } from './sources.ts';

export interface Order {
  readonly name: string;
  readonly patches: readonly Patch[];
  readonly from: number;
  readonly step: number;
  /** Simulated runs of workflows; the history that reaches it is the last. */
  readonly runsMax: number;
  readonly historiesMax?: number;
}

export interface Result {
  readonly histories: number;
  readonly runs: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly injected: Readonly<Record<string, number>>;
  readonly found?: { readonly seed: number; readonly violation: string };
}

interface Played {
  readonly violation: string | undefined;
  readonly runs: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly injected: Readonly<Record<string, number>>;
}

interface Module {
  readonly Simulation: new (options: { seed: number }) => { play(): Promise<Played> };
}

/** A planted bug may also crash where nobody catches it. */
let crashed: ((error: unknown) => void) | undefined;
process.on('unhandledRejection', (error) => crashed?.(error));
process.on('uncaughtException', (error) => crashed?.(error));

parentPort?.on('message', (order: Order) => {
  void play(order).then((result) => parentPort?.postMessage(result));
});

async function play({ name, patches, from, step, runsMax, historiesMax }: Order): Promise<Result> {
  const file = 'apps/workflow/test/simulation/simulation.ts';
  const { Simulation } = await loadSources<Module>(file, name, patches);
  const total = { histories: 0, runs: 0, events: 0, virtualMs: 0 };
  const injected: Record<string, number> = {};
  for (let seed = from; total.runs < runsMax; seed += step) {
    if (total.histories >= (historiesMax ?? Number.POSITIVE_INFINITY)) break;
    const crash = new Promise<Played>((_, reject) => (crashed = reject));
    const played = await Promise.race([new Simulation({ seed }).play(), crash]).catch(
      (error: unknown): Played => ({
        ...{ runs: 1, events: 0, virtualMs: 0, injected: {} },
        violation: `it crashed: ${String(error)}`,
      }),
    );
    total.histories += 1;
    total.runs += played.runs;
    total.events += played.events;
    total.virtualMs += played.virtualMs;
    for (const [what, times] of Object.entries(played.injected)) {
      injected[what] = (injected[what] ?? 0) + times;
    }
    if (played.violation !== undefined) {
      return { ...total, injected, found: { seed, violation: played.violation } };
    }
    // Lets the thread hear what it is told.
    await new Promise((done) => setImmediate(done));
  }
  return { ...total, injected };
}
