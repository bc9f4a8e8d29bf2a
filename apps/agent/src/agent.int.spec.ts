import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type AgentTurn,
  agentResponse,
  type AgentTurnEvent,
  dslGenerated,
} from '@parley/contracts';
import { type AnyContext, createService, type RunningService } from '@parley/nest-kit';
import { contextHeaders, testConfig, type TestKeys, testKeys } from '@parley/nest-kit/testing';
import { createPool, type Pool } from '@parley/postgres';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { ScriptedModel } from '../test/scripted-model.js';
import type { AgentConfig } from './config.js';
import { agentService } from './service.js';

jest.setTimeout(60_000); // starts processes, on machines that are busy

const tenantId = 'ten_test0000000000000000000000';
const conversationId = 'cnv_test0000000000000000000000';
let database: TestDatabase;
let admin: Pool;
let keys: TestKeys;
let config: AgentConfig;
let service: RunningService;
let others: Server;
/** Whether the other services answer. */
let isUp = true;
let turns = 0;

beforeAll(async () => {
  others = createServer((request, response) => {
    const known = request.url?.includes('catalogue') === true ? catalogue : directory;
    response.writeHead(isUp ? 200 : 503, { 'content-type': 'application/json' });
    response.end(isUp ? JSON.stringify(known) : '{}');
  });
  await new Promise<void>((done) => others.listen(0, '127.0.0.1', () => done()));
  const url = `http://127.0.0.1:${String((others.address() as AddressInfo).port)}`;
  [database, keys] = await Promise.all([testDatabase(['agent']), testKeys()]);
  admin = createPool(database.adminUrl, { applicationName: 'test', max: 2 });
  const { owner, app, system } = database.urls('agent');
  config = {
    ...testConfig('agent', keys),
    workflowUrl: url,
    platformUrl: url,
    dbOwnerUrl: owner,
    dbAppUrl: app,
    dbSystemUrl: system,
  };
  service = await createService(agentService(config));
});

afterAll(async () => {
  await service.close();
  others.closeAllConnections();
  others.close();
  await admin.end();
  await database.stop();
});

const catalogue = {
  connectors: [
    {
      name: 'library',
      title: 'Library',
      documentHash: 'h',
      operations: [
        {
          id: 'lendBook',
          method: 'POST',
          path: '/loans',
          summary: 'Lend a book',
          tags: [],
          deprecated: false,
          parameters: [],
          delivery: 'once',
          security: [],
        },
      ],
    },
  ],
};
const directory = {
  tenant: { id: tenantId, name: 'T', timezone: 'Europe/Berlin', createdAt: '2026-01-01T00:00:00Z' },
  roles: ['owner'],
  members: [],
};

function turnOf(text: string): AgentTurn {
  const turnId = `trn_${String((turns += 1)).padStart(8, '0')}`;
  return { turnId, conversationId, text, answers: [], history: [] };
}

async function ask(
  turn: unknown,
  { context, at = service }: { context?: Partial<AnyContext>; at?: RunningService } = {},
): Promise<{ status: number; events: AgentTurnEvent[]; text: string }> {
  const from = { kind: 'work', issuer: 'conversation', tenantId } as const;
  const response = await fetch(`${at.url}/internal/v1/turns`, {
    method: 'POST',
    headers: {
      ...(await contextHeaders(keys, 'agent', { ...from, ...context })),
      'content-type': 'application/json',
    },
    body: JSON.stringify(turn),
  });
  const text = await response.text();
  const lines = response.ok ? text.split('\n').filter((line) => line !== '') : [];
  const events = lines.map((line) => JSON.parse(line) as AgentTurnEvent);
  return { status: response.status, events, text };
}

/** Types of the events about a turn, in the order in which they were told. */
async function factsOf(turnId: string): Promise<string[]> {
  const { rows } = await admin.query<{ type: string }>(
    `SELECT event::jsonb ->> 'type' AS type FROM (
       SELECT event, id FROM agent.outbox
       UNION ALL SELECT unnest(envelopes), position FROM bus.event) AS told (event, at)
     WHERE event::jsonb -> 'data' ->> 'turnId' = $1 ORDER BY at`,
    [turnId],
  );
  return rows.map(({ type }) => type);
}

describe('the service', () => {
  it('is ready', async () => {
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  });

  it('answers conversations and nobody else', async () => {
    const turn = turnOf('Lend a book');
    const refusals = [{ kind: 'request', issuer: 'gateway' }, { issuer: 'workflow' }] as const;
    for (const context of refusals) {
      expect([401, 403]).toContain((await ask(turn, { context })).status);
    }
    expect((await ask({ ...turn, more: 1 })).status).toBe(422);
    expect(await factsOf(turn.turnId)).toEqual([]);
  });
});

describe('an answer', () => {
  it('streams its text and ends with all of it, the draft and who answered', async () => {
    const turn = turnOf('Lend a book');
    const { events } = await ask(turn);
    const last = events.at(-1);
    const text = events.flatMap((event) => (event.event === 'delta' ? [event.text] : [])).join('');
    expect(last).toMatchObject({
      event: 'done',
      text,
      agent: { kind: 'agent', id: 'planner' },
      draft: { timezone: 'Europe/Berlin', source: expect.stringContaining('lendBook') },
    });
    expect(await factsOf(turn.turnId)).toEqual([dslGenerated.type, agentResponse.type]);
  });

  it('without a draft tells of no definition', async () => {
    const turn = turnOf('Hello');
    const { events } = await ask(turn);
    expect(events.at(-1)).toMatchObject({ event: 'done' });
    expect(events.at(-1)).not.toHaveProperty('draft');
    expect(await factsOf(turn.turnId)).toEqual([agentResponse.type]);
  });

  it('is the same however often the turn is asked, and told of once', async () => {
    const turn = turnOf('Lend a book');
    const all = await Promise.all([ask(turn), ask(turn), ask(turn)]);
    isUp = false; // What is known needs nobody.
    all.push(await ask(turn), await ask({ ...turn, text: 'Something else' }));
    isUp = true;
    const answers = new Set(all.map(({ events }) => JSON.stringify(events.at(-1))));
    expect(answers.size).toBe(1);
    expect(await factsOf(turn.turnId)).toEqual([dslGenerated.type, agentResponse.type]);
  });

  it('is not shown to another tenant that asks with the same id', async () => {
    const turn = turnOf('Lend a book');
    await ask(turn);
    const elsewhere = { tenantId: 'ten_other000000000000000000000' };
    const { events } = await ask({ ...turn, text: 'Hello' }, { context: elsewhere });
    expect(events.at(-1)).not.toHaveProperty('draft');
  });

  it('is forgotten after a month, also by a process that has just begun', async () => {
    const turn = turnOf('Lend a book');
    await ask(turn);
    await admin.query(
      `UPDATE agent.turn_answer SET created_at = now() - interval '31 days' WHERE turn_id = $1`,
      [turn.turnId],
    );
    const second = await createService(agentService(config));
    const left = () =>
      admin.query('SELECT FROM agent.turn_answer WHERE turn_id = $1', [turn.turnId]);
    while ((await left()).rowCount !== 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await second.close();
  });
});

describe('a failure', () => {
  it('says what is missing, is not kept, and the next try succeeds', async () => {
    const turn = turnOf('Lend a book');
    isUp = false;
    const failed = await ask(turn);
    isUp = true;
    expect(failed.events).toMatchObject([{ event: 'failed', code: 'unavailable' }]);
    expect(await factsOf(turn.turnId)).toEqual([]);
    expect((await ask(turn)).events.at(-1)).toMatchObject({ event: 'done' });
  });
});

describe('with a model', () => {
  it('answers a turn once, also when it is asked twice at the same time', async () => {
    const model = await ScriptedModel.start([{ text: 'One' }, { text: 'Other' }]);
    const at = await createService(
      agentService({ ...config, llmBaseUrl: model.baseUrl, llmModel: 'scripted' }),
    );
    const turn = turnOf('Hello');
    const [first, second] = await Promise.all([ask(turn, { at }), ask(turn, { at })]);
    expect(first.events.at(-1)).toEqual(second.events.at(-1));
    expect(await factsOf(turn.turnId)).toEqual([agentResponse.type]);
    await at.close();
    await model.stop();
  });

  it('stores any text that the model produces, and says which model it was', async () => {
    const model = await ScriptedModel.start([{ text: 'Odd \u0000 text' }]);
    const at = await createService(
      agentService({ ...config, llmBaseUrl: model.baseUrl, llmModel: 'scripted' }),
    );
    const turn = turnOf('Hello');
    const { events } = await ask(turn, { at });
    expect(events.at(-1)).toMatchObject({ event: 'done', text: 'Odd \ufffd text' });
    expect((await ask(turn, { at })).events.at(-1)).toEqual(events.at(-1));
    expect(model.requests).toHaveLength(1);
    const { rows } = await admin.query<{ told: number }>(
      `SELECT count(*)::int AS told FROM (SELECT event FROM agent.outbox
         UNION ALL SELECT unnest(envelopes) FROM bus.event) AS t (e)
       WHERE e::jsonb -> 'data' ->> 'turnId' = $1 AND e::jsonb -> 'data' ->> 'model' = 'scripted'`,
      [turn.turnId],
    );
    expect(rows[0]?.told).toBe(1);
    await at.close();
    await model.stop();
  });
});
