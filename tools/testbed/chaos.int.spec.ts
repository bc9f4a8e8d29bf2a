import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import type { ParleyClient } from '@parley/sdk';
import { HeadlessBrowser } from '../dev/issuer/browser.ts';
import { startPlatform, type Platform } from '../dev/platform.ts';
import { demoCalls, resetDemo, setKnobs, type DemoCall } from './demo-client.ts';
import { approveDefinition, eventually, persistentClient } from './driver.ts';
import { seededRandom } from './seeded-random.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? 20_261_120);
const killsMin = Number(process.env['CHAOS_KILLS'] ?? 50);
const longRounds = 60;
/** Which of the kills hit PostgreSQL; both while the long run is under way. */
const databaseKills = [5, 12];
const shortRounds = 3;
const services = ['gateway', 'conversation', 'agent', 'workflow', 'platform', 'dsl-compiler'];
/** Kills that can leave a call of a run in flight. */
const interrupting = new Set(['workflow', 'postgres']);

/** A slow machine is killed faster than it starts: what was asked first is answered when that is over. */
const patienceMs = 300_000;

const definition = `document:
  dsl: 1.0.3
  namespace: chaos
  name: schedule-each
  version: 0.1.0
do:
  - eachItem:
      for:
        each: item
        in: \${ $workflow.input.items }
      do:
        - checkCapacity:
            call: connector
            with:
              connector: kitchen
              operation: getCapacity
        - schedule:
            call: connector
            with:
              connector: kitchen
              operation: schedulePreparation
              input:
                orderId: \${ $workflow.input.orderId }
                items: \${ [$item] }
            export:
              as: '\${ $context + { done: (($context.done // []) + [$item.quantity]) } }'
        - pause:
            wait: PT0.05S
  - finish:
      set:
        done: \${ $context.done }
`;

let platform: Platform;
let client: ParleyClient;
let workflowId: string;

beforeAll(async () => {
  platform = await startPlatform({ quiet: true, home: process.env['CHAOS_HOME'] });
  const issuer = `http://127.0.0.1:${String(platform.portBase + 2)}`;
  const browser = new HeadlessBrowser(issuer, platform.url);
  const { accessToken } = await browser.signIn({ loginToken: platform.loginToken });
  client = persistentClient(platform.url, accessToken, patienceMs);
  await client.call('loadDemo');
  await resetDemo(platform, { scale: 10_000 });
  workflowId = await approveDefinition(client, definition);
}, 600_000);

afterAll(async () => {
  await platform.stop();
}, 60_000);

function inputOf(orderId: string, rounds: number): { orderId: string; items: Json[] } {
  const items = Array.from({ length: rounds }, (_, at) => ({
    sku: 'margherita-pizza',
    quantity: at + 1,
  }));
  return { orderId, items };
}

const quantities = (rounds: number) => Array.from({ length: rounds }, (_, at) => at + 1);

async function start(orderId: string, rounds: number): Promise<string> {
  const run = await client.call('startRun', {
    params: { workflow: workflowId },
    body: { input: inputOf(orderId, rounds) },
    idempotencyKey: orderId,
  });
  return run.id;
}

async function outputOf(runId: string): Promise<unknown> {
  const run = await eventually(async () => {
    const now = await client.call('getRun', { params: { run: runId } });
    if (now.status === 'failed') throw new Error(`run failed: ${JSON.stringify(now.error)}`);
    return now.status === 'completed' ? now : undefined;
  }, patienceMs);
  return run.output;
}

describe(`kill -9 at seeded random points (CHAOS_SEED=${String(seed)})`, () => {
  it('changes no output, repeats no finished step, and keeps keys', async () => {
    const undisturbed = await outputOf(await start('ord-calm', longRounds));
    expect(undisturbed).toEqual({ done: quantities(longRounds) });
    await resetDemo(platform, { scale: 10_000 });
    await setKnobs(platform, { system: 'kitchen', latencyMs: 60 });

    const random = seededRandom(seed);
    const kills: string[] = [];
    let lastDatabaseKillMs = 0;
    const long = await start('ord-long', longRounds);
    const short: Promise<{ orderId: string; runId: string }>[] = [];
    const conversation = await client.call('createConversation', { body: {} });
    const turns: Promise<string>[] = [];
    while (kills.length < killsMin) {
      await new Promise((done) => setTimeout(done, 100 + random() * 400));
      const at = kills.length;
      const victim = databaseKills.includes(at) ? 'postgres' : pick(services, random());
      // A victim that is still down from its last death does not count.
      if (!platform.kill(victim, 'SIGKILL')) continue;
      kills.push(victim);
      if (victim === 'postgres') lastDatabaseKillMs = Date.now();
      if (at % 5 === 0) {
        const orderId = `ord-short-${String(at)}`;
        short.push(start(orderId, shortRounds).then((runId) => ({ orderId, runId })));
      }
      if (at % 20 === 10) {
        const before = turns.at(-1) ?? Promise.resolve(''); // A conversation has one turn at a time.
        turns.push(before.then(() => sayAndWait(conversation.id, `Hello ${String(at)}`)));
      }
    }

    expect(await outputOf(long)).toEqual(undisturbed);
    const ended = await client.call('getRun', { params: { run: long } });
    expect(Date.parse(ended.endedAt ?? '')).toBeGreaterThan(lastDatabaseKillMs);
    const runs = await Promise.all(short);
    for (const { runId } of runs) {
      expect(await outputOf(runId)).toEqual({ done: quantities(shortRounds) });
    }
    // The same key gives the first run, also for whoever asks again after all this.
    for (const { orderId, runId } of runs) expect(await start(orderId, shortRounds)).toBe(runId);
    for (const reply of await Promise.all(turns)) expect(reply).not.toBe('');

    const rounds = [longRounds, ...runs.map(() => shortRounds)];
    checkCalls(await demoCalls(platform), { rounds, kills });
    await checkEvents([long, ...runs.map(({ runId }) => runId)]);
  }, 900_000);
});

/**
 * One idempotency key and one effect per step that was to happen. A run makes one call at a time, so
 * each kill can cost it one repeat; and once the next step was called, the one before is journaled
 * and must never be called again.
 */
function checkCalls(
  calls: readonly DemoCall[],
  { rounds, kills }: { rounds: readonly number[]; kills: readonly string[] },
): void {
  const schedules = calls.filter(({ operation }) => operation === 'schedulePreparation');
  const expected = rounds.reduce((sum, count) => sum + count, 0);
  expect(schedules.filter(({ effect }) => effect)).toHaveLength(expected);
  const interruptions = kills.filter((victim) => interrupting.has(victim)).length;
  const runs = Map.groupBy(calls, ({ traceId }) => traceId);
  const keysPerRun = [...runs.values()].map((ofRun) => {
    const steps = stepsOf(ofRun);
    expect(ofRun.length - steps.length).toBeLessThanOrEqual(interruptions);
    const keys = steps.filter((step) => step !== 'getCapacity');
    expect(new Set(keys).size).toBe(keys.length); // No step came back after a later one.
    expect(steps.length).toBe(2 * keys.length);
    return keys.length;
  });
  expect(keysPerRun.sort()).toEqual([...rounds].sort());
}

/** The steps that a run called, in order: the key of a keyed call, the operation of another. */
function stepsOf(calls: readonly DemoCall[]): string[] {
  const called = [...calls]
    .sort((a, b) => a.seq - b.seq)
    .map(({ operation, idempotencyKey }) =>
      operation === 'schedulePreparation' ? String(idempotencyKey) : operation,
    );
  return called.filter((step, at) => step !== called[at - 1]);
}

async function checkEvents(runIds: readonly string[]): Promise<void> {
  await eventually(async () => {
    const { items } = await client.call('listEvents', {
      query: { subject: 'workflows.*.executions.*.completed', pageSize: 200 },
    });
    const completed = items.map(({ data }) => (data as { runId: string }).runId);
    expect(new Set(completed).size).toBe(completed.length);
    return runIds.every((id) => completed.includes(id)) ? true : undefined;
  }, patienceMs);
}

async function sayAndWait(conversationId: string, text: string): Promise<string> {
  const turn = await eventually(async () => {
    const key = `say ${text}`.replaceAll(' ', '-');
    return client.call('startTurn', {
      params: { conversation: conversationId },
      body: { text },
      idempotencyKey: key,
    });
  }, patienceMs);
  return eventually(async () => {
    const state = await client.call('getConversation', {
      params: { conversation: conversationId },
    });
    if (state.turn?.id === turn.id && state.turn.status === 'failed') {
      throw new Error(`turn failed: ${String(state.turn.error)}`);
    }
    return state.messages.find(({ role, turnId }) => role === 'assistant' && turnId === turn.id)
      ?.text;
  }, patienceMs);
}

function pick(from: readonly string[], random: number): string {
  return from[Math.floor(random * from.length)] ?? 'workflow';
}
