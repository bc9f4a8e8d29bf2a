import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ReplicaNews } from '@parley/contracts';
import type { Engine } from '../src/engine/engine.js';
import { LimitLoans } from '../src/replicas/limit-loans.js';
import { Partitions } from '../src/replicas/partitions.js';
import { batchOf, EngineHarness, ScriptedCalls } from './engine-harness.js';

const times = { leaseMs: 5_000, aloneMs: 50, togetherMs: 50 };
const source = `document: { dsl: 1.0.3, namespace: test, name: asks, version: 0.1.0 }
do:
  - ask: { call: http, with: { method: get, endpoint: http://192.0.2.1/ask } }
`;

interface Replica {
  readonly url: string;
  readonly engine: Engine;
  readonly calls: ScriptedCalls;
  readonly loans: LimitLoans;
}

let harness: EngineHarness;
const replicas: Replica[] = [];

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);
afterEach(async () => {
  for (const { loans } of replicas) loans.stop();
  await Promise.all(replicas.splice(0).map(({ engine }) => engine.stop({ graceMs: 0 })));
});
afterAll(() => harness.stop());

function tell(to: string, { limitsAsked, limitsLent }: ReplicaNews): void {
  const loans = replicas.find(({ url }) => url === to)?.loans;
  if (limitsAsked) loans?.asked(limitsAsked);
  if (limitsLent) loans?.lent(limitsLent);
}

async function replica(name: string): Promise<Replica> {
  const url = `http://${name}.test:1`;
  const partitions = new Partitions();
  const now = () => Math.floor(performance.now());
  const loans = new LimitLoans({ partitions, url, life: name, now, news: { limits: tell } });
  const calls = new ScriptedCalls();
  calls.hold = true;
  const hint = (urls: readonly string[]) => {
    for (const one of replicas) if (urls.includes(one.url)) one.engine.lookAround();
  };
  const more = { partitions, shareOf: loans.share, replica: { url, times, hint } };
  const engine = await harness.engine(calls.perform, more);
  loans.start(engine);
  const made = { url, engine, calls, loans };
  replicas.push(made);
  return made;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 10));
}

describe('two processes of the engine', () => {
  it('have no more calls of a tenant on their way than one would; an idle one lends its share', async () => {
    const [a, b] = [await replica('a'), await replica('b')];
    await until(() => [a, b].every(({ engine }) => engine.partitions.owned.length === 16));
    const request = await harness.define(source);
    const batch = batchOf(Array.from({ length: 100 }, () => request));
    const started = await a.engine.startRuns(batch);
    expect(started.every(({ ok }) => ok)).toBe(true);
    await a.calls.untilMade(63); // Its own 32, and all but one that the other one has.
    await b.engine.startRuns(batch);
    a.loans.look();
    b.loans.look();
    expect(a.calls.made.length + b.calls.made.length).toBe(64);
    a.calls.release();
    b.calls.release();
    const ids = started.flatMap((result) => (result.ok ? result.value.runId : []));
    for (const id of ids) await harness.untilStatus(id, 'completed');
    await until(() => a.calls.made.length + b.calls.made.length === 200);
  });
});
