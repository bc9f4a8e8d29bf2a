import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@parley/kernel';
import { CompiledDefinitions } from './compiled-definitions.js';
import { LanguageThreads, type ThreadLimits } from './language-threads.js';
import { Language } from './language.js';

const limits: ThreadLimits = {
  threadsMax: 1,
  waitingMax: 2,
  tenantWaitingMax: 2,
  workMsMax: 15_000,
  heapMebibytesMax: 256,
  idleMsMax: 60_000,
};
const open: LanguageThreads[] = [];

function threads(more: Partial<ThreadLimits> = {}): LanguageThreads {
  const made = new LanguageThreads({ ...limits, ...more });
  open.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const head = "document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }\ndo:\n";

function large(tasks: number): string {
  const lines = Array.from(
    { length: tasks },
    (_, at) => `  - step${String(at)}: { set: { a: '\${ .x${String(at)} }' } }\n`,
  );
  return head + lines.join('');
}

describe('LanguageThreads', () => {
  it('answers as the tools do, one job after the other', async () => {
    const pool = threads();
    const source = large(10);
    const answers = await Promise.all([
      pool.run('compile', { source }, 'ten_a'),
      pool.run('hover', { source, position: { line: 3, column: 6 } }, 'ten_a'),
    ]);
    expect(answers).toMatchObject([
      { ok: true, value: { valid: true, ir: { format: 'parley.ir/1' } } },
      { ok: true, value: { hover: { range: { start: { line: 3 } } } } },
    ]);
    const broken = await pool.run('graph', { source: 'do: [' }, 'ten_a');
    expect(broken).toMatchObject({ ok: false, error: { diagnostics: [{ code: 'PL1001' }] } });
  });

  it('keeps locks with members of any name', async () => {
    const content = JSON.parse('{"b": 1, "10": 2, "9": 3, "__proto__": 4}') as never;
    const lock = { externals: [{ kind: 'schema', uri: 'https://a.example', sha256: '', content }] };
    const answer = await threads().run(
      'compile',
      { source: large(1), lock: lock as never },
      'ten_a',
    );
    expect(answer).toMatchObject({ ok: true });
  });

  it('ends what takes too long, and goes on', async () => {
    const pool = threads({ workMsMax: 1 });
    await expect(pool.run('compile', { source: large(5_000) }, 'ten_a')).rejects.toMatchObject({
      code: 'timeout',
    });
    await expect(pool.run('compile', { source: large(5_000) }, 'ten_a')).rejects.toMatchObject({
      code: 'timeout',
    });
  });

  it('lets only so many wait', async () => {
    const pool = threads();
    const source = large(500);
    const jobs = Array.from({ length: 5 }, () => pool.run('format', { source }, 'ten_a'));
    const results = await Promise.allSettled(jobs);
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused).toContainEqual(
      expect.objectContaining({ reason: expect.objectContaining({ code: 'overloaded' }) }),
    );
  });

  it('lets another tenant go first, and keeps room for it', async () => {
    const pool = threads({ waitingMax: 4, tenantWaitingMax: 2 });
    const source = large(300);
    const ended: string[] = [];
    const run = async (tenant: string) => {
      await pool.run('format', { source }, tenant);
      ended.push(tenant);
    };
    const greedy = Array.from({ length: 4 }, () => run('ten_a'));
    const results = await Promise.allSettled([...greedy, run('ten_b')]);
    expect(ended).toEqual(['ten_a', 'ten_b', 'ten_a', 'ten_a']);
    expect(results[3]).toMatchObject({ reason: { code: 'overloaded' } });
  });

  it('leaves nobody waiting when it is closed', async () => {
    const pool = threads();
    const jobs = [1, 2].map(() => pool.run('compile', { source: large(3_000) }, 'ten_a'));
    const closed = Promise.allSettled(jobs);
    await pool.close();
    for (const result of await closed) {
      expect(result).toMatchObject({ reason: { code: 'unavailable' } });
    }
  });
});

describe('Language', () => {
  it('does not hold up others with a large text', async () => {
    const language = new Language(new CompiledDefinitions(), threads());
    const source = large(9_000);
    let turns = 0;
    const others = setInterval(() => (turns += 1), 1);
    const compiled = await language.compile({ source });
    clearInterval(others);
    expect(compiled.valid).toBe(true);
    expect(await language.compile({ source })).toBe(compiled);
    // Without the thread there would be none before the answer.
    expect(turns).toBeGreaterThan(10);
  });

  it('works on a thread when the documents are large, too', async () => {
    const pool = threads();
    await pool.close();
    const language = new Language(new CompiledDefinitions(), pool);
    const external = { kind: 'schema', uri: 'https://a.example', sha256: '' } as const;
    const withDocument = (content: JsonObject) =>
      language.compile({ source: large(1), lock: { externals: [{ ...external, content }] } });
    await expect(withDocument({ a: [1] })).resolves.toMatchObject({ valid: true });
    await expect(withDocument({ a: 'x'.repeat(30_000) })).rejects.toThrow('shutting down');
    const keys = Object.fromEntries(Array.from({ length: 9_000 }, (_, at) => [`k${at}`, null]));
    await expect(withDocument({ keys })).rejects.toThrow('shutting down');
  });
});
