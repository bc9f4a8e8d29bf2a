import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type EventEnvelope,
  memberChanged,
  type Principal,
  type Problem,
  runCompleted,
  runFailed,
  runStarted,
  type StreamEvent,
  tenantCreated,
} from '@parley/contracts';
import { type AnyContext, createService, type RunningService } from '@parley/nest-kit';
import { contextHeaders, testConfig, type TestKeys, testKeys } from '@parley/nest-kit/testing';
import { createPool, type Pool, withTenant } from '@parley/postgres';
import { databaseColumns, prismaColumns, testDatabase, type TestDatabase } from '@parley/testing';
import type { PlatformConfig } from './config.js';
import { AuditWriter } from './events/audit-writer.js';
import { eventDigest } from './events/chain.js';
import { type Arrival, StreamStore } from './events/stream-store.js';
import { platformService } from './service.js';

jest.setTimeout(60_000); // starts processes, on machines that are busy

let database: TestDatabase;
let keys: TestKeys;
let config: PlatformConfig;
let service: RunningService;
let appPool: Pool;
let systemPool: Pool;

beforeAll(async () => {
  database = await testDatabase(['platform']);
  keys = await testKeys();
  const urls = database.urls('platform');
  config = {
    ...testConfig('platform', keys),
    dbOwnerUrl: urls.owner,
    dbAppUrl: urls.app,
    dbSystemUrl: urls.system,
    devSeed: true,
    ownerEmail: undefined,
  };
  service = await createService(platformService(config));
  appPool = createPool(urls.app, { applicationName: 'test', max: 2 });
  systemPool = createPool(urls.system, { applicationName: 'test', max: 2 });
});

afterAll(async () => {
  await service.close();
  await Promise.all([appPool.end(), systemPool.end()]);
  await database.stop();
});

const issuer = 'http://127.0.0.1:7402';

async function resolve(email: string | undefined, subject = `sub-of-${email}`) {
  const { json } = await call('POST', '/internal/v1/principals/resolve', {
    body: { issuer, subject, email },
    context: { kind: 'work', issuer: 'gateway', tenantId: undefined, principal: 'gateway' },
  });
  return json as unknown as Principal & Problem;
}

async function as(email: string): Promise<Partial<AnyContext>> {
  const { tenantId, memberId, name, roles } = await resolve(email);
  return { tenantId, principal: memberId, name, roles };
}

async function call(
  method: string,
  path: string,
  options: { body?: unknown; context?: Partial<AnyContext> } = {},
) {
  const response = await fetch(service.url + path, {
    method,
    headers: {
      ...(await contextHeaders(keys, 'platform', options.context)),
      ...(options.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
  });
  const json = (await response.json()) as Answer;
  return { status: response.status, json };
}

describe('who signs in', () => {
  it('is the member with the verified e-mail address, bound from then on', async () => {
    const olivia = await resolve('Owner@parley.local', 'sub-olivia');
    expect(olivia).toMatchObject({ name: 'Olivia Owner', roles: ['owner', 'manager'] });
    expect(await resolve(undefined, 'sub-olivia')).toEqual(olivia);
    expect((await resolve('owner@parley.local', 'sub-eve')).code).toBe('forbidden');
  });

  it('is nobody without a member', async () => {
    const stranger = await resolve('eve@elsewhere.example');
    expect(stranger.code).toBe('forbidden');
    expect(stranger.detail).toContain('Ask an owner');
    expect((await resolve(undefined, 'sub-unknown')).code).toBe('forbidden');
  });

  it('can be several first sign-ins at once: one identity is bound', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => resolve('viewer@parley.local', 'v')));
    expect(new Set(answers.map(({ memberId }) => memberId)).size).toBe(1);
  });

  it('is told to other services, not to people', async () => {
    const body = { issuer, subject: 'x' };
    const { json } = await call('POST', '/internal/v1/principals/resolve', { body });
    expect(json.code).toBe('forbidden');
  });
});

describe('tenant and members', () => {
  it('are those of the caller', async () => {
    const owner = await as('owner@second.local');
    const me = await call('GET', '/v1/me', { context: owner });
    expect(me.json).toMatchObject({
      member: { email: 'owner@second.local' },
      tenant: { name: 'Second company' },
      permissions: expect.arrayContaining(['administer']),
    });
    const { json } = await call('GET', '/v1/members', { context: owner });
    expect(json.items).toHaveLength(1);
  });

  it('can be changed by owners alone', async () => {
    const manager = await as('manager@parley.local');
    const body = { name: 'Eve', email: 'eve@parley.local', roles: ['owner'] };
    expect((await call('POST', '/v1/members', { body, context: manager })).json.code).toBe(
      'forbidden',
    );
    const renamed = { body: { name: 'Mine' }, context: manager };
    expect((await call('PATCH', '/v1/tenant', renamed)).json.code).toBe('forbidden');
  });

  it('keep their time zone a real one', async () => {
    const context = await as('owner@second.local');
    const moved = await call('PATCH', '/v1/tenant', {
      body: { timezone: 'Europe/Berlin' },
      context,
    });
    expect(moved.json).toMatchObject({ timezone: 'Europe/Berlin', name: 'Second company' });
    const bad = await call('PATCH', '/v1/tenant', { body: { timezone: 'Mars/Base' }, context });
    expect([bad.status, bad.json.code]).toEqual([422, 'invalid']);
  });

  it('page through', async () => {
    const context = await as('manager@parley.local');
    const emails: string[] = [];
    let token: string | undefined;
    do {
      const next: string = token === undefined ? '' : `&pageToken=${token}`;
      const { json } = await call('GET', `/v1/members?pageSize=2${next}`, { context });
      emails.push(...(json.items as { email: string }[]).map(({ email }) => email));
      token = json.nextPageToken;
    } while (token !== undefined);
    expect(emails).toEqual(['owner@parley.local', 'manager@parley.local', 'viewer@parley.local']);
    const bad = await call('GET', `/v1/members?pageToken=';--`, { context });
    expect(bad.json.code).toBe('malformed');
  });

  it('are added once per e-mail address', async () => {
    const context = await as('owner@second.local');
    const body = { name: 'Ada', email: 'ada@second.local', roles: ['builder', 'builder'] };
    const added = await call('POST', '/v1/members', { body, context });
    expect([added.status, added.json.roles]).toEqual([201, ['builder']]);
    const again = { ...body, email: 'ADA@second.local' };
    const repeated = await call('POST', '/v1/members', { body: again, context });
    expect([repeated.status, repeated.json.code]).toEqual([409, 'conflict']);
  });

  it('always have an owner, also when two owners leave at once', async () => {
    const context = await as('owner@second.local');
    const own = `/v1/members/${context.principal}`;
    const last = await call('PATCH', own, { body: { roles: ['viewer'] }, context });
    expect([last.status, last.json.code]).toEqual([409, 'conflict']);
    const body = { name: 'Bob', email: 'bob@second.local', roles: ['owner'] };
    const second = await call('POST', '/v1/members', { body, context });
    const leave = (path: string) => call('PATCH', path, { body: { roles: ['viewer'] }, context });
    const both = await Promise.all([leave(own), leave(`/v1/members/${String(second.json.id)}`)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('of another tenant do not exist', async () => {
    const stranger = await as('owner@second.local');
    const { principal } = await as('manager@parley.local');
    const attempt = await call('PATCH', `/v1/members/${principal}`, {
      body: { roles: ['owner'] },
      context: { ...stranger, roles: ['owner'] },
    });
    expect([attempt.status, attempt.json.code]).toEqual([404, 'not-found']);
  });

  it('are known to other services by the directory', async () => {
    const { tenantId } = await as('manager@parley.local');
    const context = { tenantId, kind: 'work', issuer: 'agent', principal: 'agent' } as const;
    const { json } = await call('GET', '/internal/v1/directory', { context });
    expect(json).toMatchObject({
      tenant: { name: 'My company' },
      roles: ['manager', 'operator', 'owner', 'viewer'],
    });
    expect(JSON.stringify(json)).not.toContain('@');
  });

  it('say nothing without a context token', async () => {
    const response = await fetch(`${service.url}/v1/me`, { headers: { 'x-tenant-id': 'ten_1' } });
    expect(response.status).toBe(401);
  });
});

describe('the audit stream', () => {
  const eventsOf = async (context: Partial<AnyContext>, query = '') => {
    const { json } = await call('GET', `/v1/events?pageSize=200${query}`, { context });
    return json.items as StreamEvent[];
  };

  it('tells of the bootstrap and of changes, through outbox and bus', async () => {
    const context = await as('owner@second.local');
    const owner = { ...context, roles: ['owner'] };
    const deadline = Date.now() + 45_000;
    let types: string[] = [];
    while (types.filter((type) => type === memberChanged.type).length < 4) {
      if (Date.now() > deadline) throw new Error(`only ${types.join()}`);
      types = (await eventsOf(owner)).map(({ type }) => type);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(types).toContain(tenantCreated.type);
    const created = await eventsOf(owner, '&subject=audit.tenants.*.created');
    expect(created.map(({ type }) => type)).toEqual([tenantCreated.type]);
  });

  it('is contiguous, chained, and takes an event once', async () => {
    const writers = [newWriter(), newWriter()];
    const tenantId = 'ten_chain000000000000000000000';
    const events = Array.from({ length: 30 }, (_, n) => event(tenantId, `evt_${n}`));
    const other = arrivals('other', [event('ten_chain100000000000000000000', 'evt_0')]);
    const all = arrivals('chain', events);
    await Promise.all(
      writers.flatMap((writer) => [
        writer.append([...all, ...other]),
        ...all.map((item) => writer.append([item])),
        writer.append(all.slice(10)),
      ]),
    );
    await newWriter().append(all);
    expect(await eventsOf({ tenantId: 'ten_chain100000000000000000000' })).toHaveLength(1);
    const stream = await eventsOf({ tenantId });
    expect(stream.map(({ position }) => position)).toEqual(stream.map((_, index) => index + 1));
    expect(stream.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    expect(firstBrokenLink(stream)).toBeUndefined();
    const forged = stream.map((item) => (item.position === 7 ? { ...item, time: 'never' } : item));
    expect(firstBrokenLink(forged)).toBe(7);
  });

  it('has one end, also when two processes write into it all the time', async () => {
    const tenantId = 'ten_crowd000000000000000000000';
    const writers = [newWriter(), newWriter()];
    await Promise.all(
      writers.map(async (writer, own) => {
        const all = arrivals(
          `crowd${own}`,
          Array.from({ length: 60 }, (_, n) => event(tenantId, `evt_${own}_${n}`)),
        );
        for (let first = 0; first < 60; first += 3)
          await writer.append(all.slice(first, first + 3));
      }),
    );
    const stream = await eventsOf({ tenantId });
    expect(stream).toHaveLength(120);
    expect(firstBrokenLink(stream)).toBeUndefined();
    for (const own of [0, 1]) {
      const ids = stream.map(({ id }) => id).filter((id) => id.startsWith(`evt_${own}_`));
      expect(ids).toEqual(Array.from({ length: 60 }, (_, n) => `evt_${own}_${n}`));
    }
  });

  it('takes the others when one event cannot be stored', async () => {
    const tenantId = 'ten_other000000000000000000000';
    const writer = newWriter();
    const bad = { ...event(tenantId, 'evt_bad'), subject: 'a\u0000b' };
    const odd = { ...event(tenantId, 'evt_3'), data: { note: 'a\u0000b' } };
    const all = [event(tenantId, 'evt_0'), event(tenantId, 'evt_1'), bad, odd];
    const outcomes = await Promise.allSettled(
      arrivals('odd', all).map((item) => writer.append([item])),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect((await eventsOf({ tenantId })).map(({ id }) => id)).toEqual(['evt_0', 'evt_1', 'evt_3']);
  });

  it('keeps together what came together about one thing, and tells each event by itself', async () => {
    const tenantId = 'ten_dense000000000000000000000';
    const runs = ['aaaa', 'bbbb', 'cccc'].map((name) => ({
      runId: `run_${name}`,
      workflowId: 'wf_dense',
    }));
    const facts = (key: string, id: string) => ({ id, tenantId, key, timeMs: 1_700_000_000_000 });
    const started = runs.map((run) =>
      runStarted.create({ ...run, version: 1, by: 'test' }, facts(run.runId, `evt_s${run.runId}`)),
    );
    const ended = runs.map((run) =>
      run.runId === 'run_bbbb'
        ? runFailed.create(
            { ...run, error: { type: 't', status: 500, title: 'odd \u0000 text' } },
            facts(run.runId, `evt_e${run.runId}`),
          )
        : runCompleted.create(run, facts(run.runId, `evt_e${run.runId}`)),
    );
    const apart = { ...event(tenantId, 'evt_apart'), subject: 'odd.one\u001f.here' };
    const single = { ...event(tenantId, 'evt_single'), subject: 'single' };
    await newWriter().append(arrivals('dense', [...started, ...ended, apart, single]));
    const { rows } = await systemPool.query<{ rows: number }>(
      'SELECT count(*)::int AS rows FROM event WHERE tenant_id = $1',
      [tenantId],
    );
    expect(rows[0]?.rows).toBe(5);

    const stream = await eventsOf({ tenantId });
    expect(firstBrokenLink(stream)).toBeUndefined();
    const told = ['aaaa', 'bbbb', 'cccc'].flatMap((name) => [
      `evt_srun_${name}`,
      `evt_erun_${name}`,
    ]);
    expect(stream.map(({ id }) => id)).toEqual([...told, 'evt_apart', 'evt_single']);
    const origin = [...started, ...ended, apart, single];
    for (const { position, hash, ...said } of stream) {
      expect(origin.find(({ id }) => id === said.id)).toMatchObject(said);
    }
    const ids = async (query: string) => (await eventsOf({ tenantId }, query)).map(({ id }) => id);
    expect(await ids('&after=3')).toEqual([...told, 'evt_apart', 'evt_single'].slice(3));
    const run = (name: string) => `workflows.wf_dense.executions.run_${name}`;
    expect(await ids(`&subject=${run('aaaa')}.started`)).toEqual(['evt_srun_aaaa']);
    expect(await ids(`&subject=${run('aaaa')}.completed`)).toEqual(['evt_erun_aaaa']);
    expect(await ids(`&subject=${run('aaaa')}.failed`)).toEqual([]);
    expect(await ids(`&subject=${run('bbbb')}.>`)).toEqual(['evt_srun_bbbb', 'evt_erun_bbbb']);
    expect(await ids('&subject=workflows.*.executions.*.started')).toHaveLength(3);
    expect(await ids('&subject=workflows.wf_dense.executions.*.failed')).toEqual(['evt_erun_bbbb']);
    expect(await ids('&subject=single')).toEqual(['evt_single']);
    const paged: number[] = [];
    for (let token = ''; ;) {
      const page = await call('GET', `/v1/events?pageSize=3${token}`, { context: { tenantId } });
      paged.push(...(page.json.items as StreamEvent[]).map(({ position }) => position));
      if (page.json.nextPageToken === undefined) break;
      token = `&pageToken=${page.json.nextPageToken}`;
    }
    expect(paged).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('is read by pattern and in pages', async () => {
    const tenantId = 'ten_chain000000000000000000000';
    const page = await call('GET', '/v1/events?pageSize=20', { context: { tenantId } });
    const rest = await call('GET', `/v1/events?pageToken=${String(page.json.nextPageToken)}`, {
      context: { tenantId },
    });
    expect((rest.json.items as StreamEvent[]).map(({ position }) => position)[0]).toBe(21);
    expect(rest.json.nextPageToken).toBeUndefined();
    expect(await eventsOf({ tenantId }, '&subject=audit.members.>&after=25')).toHaveLength(5);
    expect(await eventsOf({ tenantId }, '&subject=audit.members.*')).toHaveLength(0);
    const bad = await call('GET', '/v1/events?subject=a..b', { context: { tenantId } });
    expect(bad.json.code).toBe('invalid');
  });

  it('is invisible to other tenants', async () => {
    expect(await eventsOf({ tenantId: 'ten_nobody00000000000000000000' })).toEqual([]);
  });

  it.each(['UPDATE event SET type = type', 'DELETE FROM event', 'TRUNCATE event'])(
    'cannot be rewritten: %s',
    async (statement) => {
      const tenantId = 'ten_chain000000000000000000000';
      const asApp = withTenant(appPool, tenantId, (client) => client.query(statement));
      await expect(asApp).rejects.toMatchObject({ code: 'forbidden' });
      await expect(systemPool.query(statement)).rejects.toMatchObject({ code: 'forbidden' });
      const owner = createPool(database.urls('platform').owner, {
        applicationName: 'test',
        max: 1,
      });
      await expect(owner.query(statement)).rejects.toMatchObject({ code: 'forbidden' });
      await owner.end();
    },
  );

  it('cannot be written, and identities cannot be read, by request handlers', async () => {
    const insert = `INSERT INTO event VALUES ('t', 1, 'e', 't', 's', 's', 't', '{}', 'h')`;
    for (const statement of [insert, 'SELECT * FROM sign_in', 'SELECT * FROM event_head']) {
      await expect(appPool.query(statement)).rejects.toMatchObject({ code: 'forbidden' });
    }
  });

  /** As another process has it. */
  function newWriter(): AuditWriter {
    return new AuditWriter(new StreamStore(systemPool));
  }

  function event(tenantId: string, id: string): EventEnvelope {
    const memberId = 'mem_chain00000000000000000000';
    return memberChanged.create(
      { memberId, roles: ['viewer'], by: 'test' },
      { id, tenantId, key: memberId, timeMs: 1_700_000_000_000 },
    );
  }
});

describe('the database', () => {
  it('may drop every connection', async () => {
    const { tenantId } = await as('manager@parley.local');
    const admin = createPool(database.adminUrl, { applicationName: 'test', max: 1 });
    for (let round = 0; round < 3; round++) {
      await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND usename LIKE 'platform%'`,
      );
      const statuses: number[] = [];
      do {
        statuses.push((await call('GET', '/v1/tenant', { context: { tenantId } })).status);
      } while (statuses.at(-1) !== 200 && statuses.length < 50);
      expect(statuses.at(-1)).toBe(200);
      expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    }
    await admin.end();
  });

  it('has exactly the tables and columns that the Prisma schema describes', async () => {
    const schema = await readFile('apps/platform/prisma/schema.prisma', 'utf8');
    const only = ['tenant', 'member'];
    const columns = await databaseColumns(systemPool, 'platform', { only });
    expect(columns).toEqual(prismaColumns(schema));
  });
});

describe('a second start', () => {
  it('finds what the first one made and adds nothing', async () => {
    const counts = () =>
      systemPool
        .query('SELECT (SELECT count(*) FROM tenant) t, (SELECT count(*) FROM member) m')
        .then(({ rows }) => rows[0] as unknown);
    const before = await counts();
    const second = await createService(platformService(config));
    const ready = await fetch(`${second.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      expect.objectContaining({ status: 'ok' }),
    ]);
    await second.close();
    expect(await counts()).toEqual(before);
  });
});

/** Events as they come from one partition of the bus. */
function arrivals(topic: string, events: readonly EventEnvelope[]): Arrival[] {
  return events.map((envelope, index) => ({ topic, partition: 0, position: index + 1, envelope }));
}

interface Answer {
  readonly [key: string]: unknown;
  readonly nextPageToken?: string;
}

/** Position of the first event whose hash does not follow from the one before it. */
function firstBrokenLink(stream: readonly StreamEvent[]): number | undefined {
  let hash = '';
  for (const item of stream) {
    const text = `${hash}/${item.position}/${eventDigest(item)}`;
    hash = createHash('sha256').update(text).digest('hex');
    if (hash !== item.hash) return item.position;
  }
  return undefined;
}
