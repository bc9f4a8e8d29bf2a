import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readExport, replayCheck } from '@parley/engine';
import { HistoryEntry, RunExportFile, RunStateAt } from '@parley/contracts';
import { schemaCheck } from '@parley/json-schema';
import { parseJson, type Json } from '@parley/kernel';
import { EntryReader } from '../src/payloads/entry-reader.js';
import { JournalReader } from '../src/runs/journal-reader.pg.js';
import { RunHistory } from '../src/runs/run-history.js';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;
let history: RunHistory;
let runId: string;

const source = `document:
  dsl: 1.0.3
  namespace: test
  name: told
  version: 0.1.0
input:
  schema:
    document:
      type: object
do:
  - first:
      call: http
      with:
        method: get
        endpoint: http://192.0.2.1/first
        headers:
          Authorization: Bearer s3cret
      export:
        as: '\${ { seen: .node } }'
  - ask:
      call: human
      with:
        title: Go on?
        assignee:
          role: owner
  - last:
      set:
        long: '\${ [range(4000)] }'
`;

beforeAll(async () => {
  harness = await EngineHarness.start();
  history = new RunHistory(
    harness.reader,
    new JournalReader(harness.app, new EntryReader(harness.objects)),
  );
  const engine = await harness.engine(new ScriptedCalls().perform);
  const start = await harness.define(source);
  ({ runId } = await engine.startRun({ ...start, input: { rate: 1 } }));
  const { step } = await harness.untilApproval(runId, ({ status }) => status === 'pending');
  const decided = { kind: 'decided', occurrence: step, decision: 'approved', by: 'mem_2' } as const;
  await engine.apply(runId, decided, { tenantId });
  await harness.untilStatus(runId, 'completed');
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

async function everything(pageSize: number): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  let pageToken: string | undefined;
  do {
    const page = await history.page(
      { tenantId, runId },
      { pageSize, ...(pageToken === undefined ? {} : { pageToken }) },
    );
    expect(page.items.length).toBeLessThanOrEqual(pageSize);
    entries.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return entries;
}

describe('the history of a run', () => {
  it('has every entry once, in order, whatever the size of its pages', async () => {
    const entries = await everything(200);
    expect(entries.map(({ entry }) => entry)).toEqual(entries.map((_entry, index) => index + 1));
    expect(entries.map(({ kind, summary }) => `${kind}: ${summary}`)).toEqual([
      'started: The run started',
      'entered: "first" began',
      'dispatched: "first" made its call',
      'completed: "first" completed',
      'entered: "ask" began',
      'approvalOpened: "ask" asked for a decision',
      'decided: "ask" was approved',
      'completed: "ask" completed',
      'ran: "last" was done',
      'runCompleted: The run completed',
    ]);
    for (const pageSize of [1, 2, 3, 7]) expect(await everything(pageSize)).toEqual(entries);
    for (const entry of entries) expect(HistoryEntry.parse(entry)).toEqual(entry);
  });

  it('tells who, what and when, and no credentials', async () => {
    const entries = await everything(200);
    expect(JSON.stringify(entries)).not.toContain('s3cret');
    const [, , dispatched, completed, , opened, decided] = entries;
    expect(dispatched?.detail).toMatchObject({
      attempt: 1,
      calls: 'GET http://192.0.2.1/first',
      arguments: { value: { headers: { Authorization: '[redacted]' } } },
    });
    expect(completed?.detail).toMatchObject({
      output: { value: { node: 'do/first' } },
      context: { value: { seen: 'do/first' } },
      next: 'ask',
    });
    expect(opened?.detail.calls).toBe('asks role owner');
    expect(decided?.detail).toMatchObject({ by: 'mem_2', decision: 'approved' });
  });

  it('cuts what is long and says where all of it is', async () => {
    const ran = (await everything(200)).find(({ kind }) => kind === 'ran');
    expect(ran?.detail.output).toMatchObject({
      truncated: true,
      href: `/v1/runs/${runId}/history/9`,
    });
    const whole = await history.entry({ tenantId, runId }, 9);
    expect(whole).toMatchObject({ kind: 'ran', output: { long: expect.any(Array) as unknown } });
    const call = await history.entry({ tenantId, runId }, 3);
    expect(JSON.stringify(call)).not.toContain('s3cret');
  });

  it('is not there for another tenant, and not behind its end', async () => {
    const notFound = { code: 'not-found' };
    const foreign = { tenantId: 'ten_other', runId };
    await expect(history.page(foreign, { pageSize: 5 })).rejects.toMatchObject(notFound);
    await expect(history.entry(foreign, 1)).rejects.toMatchObject(notFound);
    await expect(history.stateAt(foreign, 1)).rejects.toMatchObject(notFound);
    await expect(history.export(foreign)).rejects.toMatchObject(notFound);
    await expect(history.entry({ tenantId, runId }, 11)).rejects.toMatchObject(notFound);
    await expect(history.stateAt({ tenantId, runId }, 11)).rejects.toMatchObject(notFound);
  });

  it('refuses a page token that is none', async () => {
    const page = { pageSize: 5, pageToken: '1.2' };
    await expect(history.page({ tenantId, runId }, page)).rejects.toMatchObject({
      code: 'malformed',
    });
  });
});

describe('the state of a run', () => {
  const stateAt = async (at?: number): Promise<RunStateAt> => {
    const state = await history.stateAt({ tenantId, runId }, at);
    expect(RunStateAt.parse(state)).toEqual(state);
    return state;
  };

  it('is what it was after each entry', async () => {
    const told: string[] = [];
    for (let at = 1; at <= 10; at += 1) {
      const { run, steps } = await stateAt(at);
      told.push([run.status, ...steps.map(({ name, status }) => `${name} ${status}`)].join(', '));
    }
    expect(told).toEqual([
      'running',
      'running, first running',
      'running, first running',
      'running, first completed',
      'running, first completed, ask running',
      'waiting, first completed, ask waiting',
      'waiting, first completed, ask waiting',
      'running, first completed, ask completed',
      'running, first completed, ask completed, last completed',
      'completed, first completed, ask completed, last completed',
    ]);
  });

  it('has what the run waited for, and nothing of what came later', async () => {
    const { run, context, entry } = await stateAt(6);
    expect(run.waitingFor).toMatchObject([{ kind: 'approval', step: 'do/ask', who: 'role owner' }]);
    expect(run.output).toBeUndefined();
    expect(run.endedAt).toBeUndefined();
    expect(run.input).toEqual({ rate: 1 });
    expect(context).toMatchObject({ value: { seen: 'do/first' } });
    expect(entry).toMatchObject({ entry: 6, kind: 'approvalOpened' });
  });

  it('is the present one when no entry is named', async () => {
    const { run } = await stateAt();
    expect(run).toEqual(await harness.reader.run(tenantId, runId));
  });
});

describe('an exported run', () => {
  const exported = async (): Promise<Json> =>
    parseJson(await text(Readable.from(await history.export({ tenantId, runId }))));

  it('is whole, without credentials, and is found to go the same way', async () => {
    const file = await exported();
    expect(RunExportFile.parse(file)).toEqual(file);
    const { turns } = file as unknown as { turns: unknown };
    expect(JSON.stringify(turns)).not.toContain('s3cret');
    const read = readExport(file);
    if (typeof read === 'string') throw new Error(read);
    const report = replayCheck(read, { schemas: schemaCheck });
    expect(report).toEqual({ turns: 3, entries: 10, repeated: 3, folded: [] });
  });

  it('is the same file every time', async () => {
    expect(await exported()).toEqual(await exported());
  });
});

describe('the history of a run on the fast path', () => {
  const fast = source
    .replace('name: told', 'name: fast\n  metadata: { history: fast }')
    .replace('  - last:', '  - more:\n      set:\n        n: 1\n  - last:');

  async function ended(): Promise<string> {
    const engine = await harness.engine(new ScriptedCalls().perform);
    const start = await harness.define(fast);
    const { runId: id } = await engine.startRun({ ...start, input: { rate: 1 } });
    const { step } = await harness.untilApproval(id, ({ status }) => status === 'pending');
    const decided = {
      kind: 'decided',
      occurrence: step,
      decision: 'approved',
      by: 'mem_2',
    } as const;
    await engine.apply(id, decided, { tenantId });
    await harness.untilStatus(id, 'completed');
    return id;
  }

  it('says what is not recorded, shows what is, and replays', async () => {
    const of = { tenantId, runId: await ended() };
    const { items } = await history.page(of, { pageSize: 50 });
    expect(items.map(({ entry }) => entry)).toEqual(items.map((_item, index) => index + 1));
    const changed = items.find(({ kind }) => kind === 'changed');
    expect(changed?.summary).toBe(
      'The run took steps that make 3 entries; not recorded: fast path',
    );
    for (const { entry } of items) {
      const then = await history.stateAt(of, entry);
      expect(RunStateAt.parse(then)).toEqual(then);
    }
    const state = await history.stateAt(of, undefined);
    expect(state.unrecorded).toBe(3);
    expect(state.run.output).toMatchObject({ long: expect.any(Array) as unknown });
    expect(state.steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'first completed',
      'ask completed',
    ]);
    expect(state.steps[1]?.unrecorded).toBe(true);
    const file = await text(Readable.from(await history.export(of)));
    const read = readExport(parseJson(file));
    if (typeof read === 'string') throw new Error(read);
    const report = replayCheck(read, { schemas: schemaCheck });
    expect(report).toMatchObject({ turns: 3, repeated: 3, folded: [] });
    expect(report.difference).toBeUndefined();
  }, 60_000);
});
