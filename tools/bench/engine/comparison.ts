import type { Line } from '../report.ts';
import type { Bench } from './bench.ts';
import * as definitions from './definitions.ts';
import type { Figures } from './figures.ts';
import type { Load } from './load.ts';
import { startPeers, type Peer } from './peers.ts';
import type { Measured } from './workloads.ts';

const startsAtOnce = 64;

/** How many times as many runs are wanted as a peer completes. */
const floors: Readonly<Record<string, number>> = { DBOS: 10, Restate: 5 };
const compared = ['W1s', 'W2'] as const;
type Compared = (typeof compared)[number];

/** The same work on Parley and on its peers, in turns, on one machine and one PostgreSQL. */
export async function comparePeers(bench: Bench): Promise<Measured> {
  const { adminUrl } = bench.installation;
  const business = await bench.connector();
  const businessUrl = `http://127.0.0.1:${business.port}`;
  const peers = await startPeers({ adminUrl, businessUrl, say: bench.say });
  bench.say(
    '  Parley makes durable: the start with the first step, and every step, in one commit each (grouped), fsync on',
  );
  for (const { name, durability } of peers) bench.say(`  ${name} makes durable: ${durability}`);
  const figures: Figures[] = [];
  const lines: Line[] = [];
  try {
    for (const workload of compared) {
      const ours = await ourLoad(bench, workload);
      const rounds = bench.quick ? 1 : 3;
      const taken = new Map<string, number[]>();
      for (let round = 1; round <= rounds; round += 1) {
        const all = [
          { name: 'Parley', load: ours, endsWithStart: false },
          ...peers.map((peer) => ({
            name: peer.name,
            load: loadOf(peer, workload),
            endsWithStart: true,
          })),
        ];
        for (const { name, load, endsWithStart } of all) {
          const measured = await bench.sustained({
            name: `${workload} on ${name}, round ${round} of ${rounds}`,
            load,
            endsWithStart,
            measureMs: bench.quick ? 8_000 : 20_000,
          });
          figures.push(measured);
          taken.set(name, [...(taken.get(name) ?? []), measured.completedPerSecond]);
        }
      }
      lines.push(...ratios(workload, taken));
    }
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
  return { figures, lines };
}

/** Only W1s has a ratio that must be reached. */
function ratios(workload: Compared, taken: ReadonlyMap<string, readonly number[]>): Line[] {
  const own = mean(taken.get('Parley') ?? []);
  return [...taken]
    .filter(([name]) => name !== 'Parley')
    .map(([name, rates]) => ({
      name: `${workload}, Parley over ${name} (${own.toFixed(0)}/s over ${mean(rates).toFixed(0)}/s)`,
      value: own / mean(rates),
      unit: '×' as const,
      budget: workload === 'W1s' ? (floors[name] ?? 1) : 1,
      atLeast: true as const,
      boundBy: 'the same client, steps, payloads and machine, in turns',
    }));
}

async function ourLoad(bench: Bench, workload: Compared): Promise<Omit<Load, 'onStarted'>> {
  const { ports, serviceHead } = bench.installation;
  const source = workload === 'W1s' ? definitions.threeSteps : definitions.threeCalls;
  const business = await bench.connector();
  return {
    path: `/v1/workflows/${await bench.workflow(source)}/runs`,
    port: ports.workflow,
    head: serviceHead,
    input: definitions.orderInput,
    connections: startsAtOnce,
    ...(workload === 'W2' ? { ended: (runId: string) => business.called(runId, 3) } : {}),
  };
}

function loadOf(peer: Peer, workload: Compared): Omit<Load, 'onStarted'> {
  return {
    path: peer.pathOf(workload),
    port: peer.port,
    head: () => `host: 127.0.0.1:${peer.port}\r\ncontent-type: application/json\r\n`,
    input: definitions.orderInput,
    connections: startsAtOnce,
    answersEnd: true,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
