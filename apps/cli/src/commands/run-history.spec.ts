import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  advance,
  exportFormat,
  initialState,
  loadProgram,
  RunExporter,
  stateOf,
} from '@parley/engine';
import { buildIr } from '@parley/engine/testing';
import type { HistoryEntry } from '@parley/contracts';
import { FakeServer } from '../../test/fake-server.js';
import { FakePerson, temporaryFolder } from '../../test/fake-terminal.js';
import { checkStep, completedRun, runId } from '../../test/samples.js';

const server = new FakeServer();
const person = new FakePerson();

async function parley(args: string, piped?: string) {
  return person.run(args.split(' '), {
    env: { PARLEY_TOKEN: 'tok', PARLEY_SERVER: server.url },
    ...(piped === undefined ? {} : { piped }),
  });
}

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => server.clear());

const entries: HistoryEntry[] = [
  {
    entry: 1,
    position: 1,
    kind: 'started',
    at: '2026-11-02T10:00:00.000Z',
    summary: 'The run started',
    detail: { by: 'mem_1' },
  },
  {
    entry: 2,
    position: 1,
    kind: 'dispatched',
    at: '2026-11-02T10:00:00.000Z',
    step: 'do/check',
    name: 'check',
    summary: '"check" made its call',
    detail: { attempt: 1, calls: 'kitchen · GET /capacity' },
  },
];

/** A run of one turn, as the platform exports it. */
function exportedRun() {
  const ir = buildIr({ a: { set: { n: '${ .n + 1 }' } } });
  const loaded = loadProgram(ir);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const start = { kind: 'start', run: runId, input: { n: 1 } } as const;
  const turn = advance(loaded.value, initialState(), start, 1_000);
  const run = { id: runId, status: stateOf(turn.state) };
  const exporter = new RunExporter(run, ir);
  const turns = [exporter.turn({ position: 1, entries: turn.entries })];
  return { format: exportFormat, run, definition: ir, turns, end: exporter.end() };
}

describe('run history', () => {
  it('shows entries, page after page', async () => {
    server.on(`GET /v1/runs/${runId}/history`, ({ query }) => ({
      json:
        query['pageToken'] === undefined
          ? { items: entries.slice(0, 1), nextPageToken: '1.1.1' }
          : { items: entries.slice(1) },
    }));
    expect((await parley(`run history ${runId}`)).out).toMatchInlineSnapshot(`
      "ENTRY  TIME                      WHAT                   DETAIL
      1      2026-11-02T10:00:00.000Z  The run started        by mem_1
      2      2026-11-02T10:00:00.000Z  "check" made its call  kitchen · GET /capacity
      "
    `);
    const json = await parley(`run history ${runId} -o json`);
    expect(JSON.parse(json.out)).toEqual({ items: entries });
    expect((await parley(`run history ${runId} --limit 1`)).err).toContain('more than the first 1');
  });
});

describe('run state', () => {
  it('shows a run as it was', async () => {
    const payload = { value: null, truncated: false, bytes: 4 };
    const state = { runId, entry: entries[1], run: completedRun, steps: [checkStep] };
    server.on(`GET /v1/runs/${runId}/state`, () => ({ json: { ...state, context: payload } }));
    const { out } = await parley(`run state ${runId} --at 2`);
    expect(server.received.at(-1)?.query).toEqual({ at: '2' });
    expect(out).toContain('As of entry 2, 2026-11-02T10:00:00.000Z: "check" made its call');
    expect(out).toMatch(/do\/check {2}completed {2}2/);
    await parley(`run state ${runId}`);
    expect(server.received.at(-1)?.query).toEqual({});
  });

  it('refuses an entry that is no number', async () => {
    expect((await parley(`run state ${runId} --at first`)).code).toBe(2);
  });
});

describe('run export', () => {
  it('writes the file as it is, or what it is to the standard output', async () => {
    const text = JSON.stringify(exportedRun());
    server.on(`GET /v1/runs/${runId}/export`, () => ({ json: exportedRun() }));
    expect((await parley(`run export ${runId}`)).out).toBe(text);
    const { code, out } = await parley(`run export ${runId} --file run.json`);
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(readFileSync(join(person.home, 'run.json'), 'utf8')).toBe(text);
    expect((await parley('run replay-check run.json')).code).toBe(0);
  });

  it('says when there is no such run', async () => {
    expect((await parley(`run export ${runId}`)).code).toBe(4);
  });
});

describe('run replay-check', () => {
  function written(file: unknown): string {
    const path = join(temporaryFolder(), 'run.json');
    writeFileSync(path, JSON.stringify(file));
    return path;
  }

  it('finds a file as it was exported to be in order, without a server', async () => {
    const { code, out } = await parley(`run replay-check ${written(exportedRun())}`);
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "Turns    1, 1 of them taken again
      Entries  3
      Result   no difference
      "
    `);
    expect(server.received).toEqual([]);
    const piped = await parley('run replay-check - -o json', JSON.stringify(exportedRun()));
    expect(JSON.parse(piped.out)).toEqual({ turns: 1, entries: 3, repeated: 1, folded: [] });
  });

  it('shows the first difference of a file that somebody changed', async () => {
    const text = JSON.stringify(exportedRun()).replaceAll('"output":{"n":2}', '"output":{"n":3}');
    const { code, out, err } = await parley('run replay-check -', text);
    expect(code).toBe(1);
    expect(out).toMatch(/^Turn {6}1$/m);
    expect(err).toBe('parley: -: the turn was changed after the export: its hash is another.\n');
  });

  it.each([
    ['[]', /is not an export of a run/],
    [JSON.stringify(exportedRun()).slice(0, -20), /is not JSON .+; was it cut off\?/],
  ])('refuses what is no export', async (text, why) => {
    const { code, err } = await parley('run replay-check -', text);
    expect(code).toBe(1);
    expect(err).toMatch(why);
  });

  it('says which file is not there', async () => {
    const { code, err } = await parley('run replay-check none.json');
    expect(code).toBe(2);
    expect(err).toContain('Cannot read none.json');
  });
});
