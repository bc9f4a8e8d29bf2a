import { describe, expect, it } from '@jest/globals';
import type { LoadedIr } from '@parley/engine';
import { AppError, type Json } from '@parley/kernel';
import { Breaths } from './breaths.js';
import { systemClock } from './clock.js';
import type { Started, StartRequest } from './engine-options.js';
import { RunStarts } from './run-starts.js';

const soon = () => new Promise<void>((resume) => setImmediate(resume));

/** Starts that are durable when they are let go. */
class Starts {
  readonly underWay: {
    readonly tenantId: string;
    readonly begun: PromiseWithResolvers<undefined>;
  }[] = [];
  most = 0;
  readonly lookedUp: number[] = [];
  usedKey: string | undefined;
  isShared = true;
  readonly runs = new RunStarts({
    store: {
      findStartKey: () => Promise.resolve(undefined),
      findStartKeys: (_, keys) => {
        this.lookedUp.push(keys.length);
        const used = keys.filter((key) => key === this.usedKey);
        return Promise.resolve(
          new Map(used.map((key) => [key, { runId: 'run_before', fingerprint: 'f' }])),
        );
      },
    },
    partitions: { anyPartition: () => 0, ownerOf: () => ({ own: true }) },
    breaths: new Breaths(systemClock, () => false),
    refuseOverload: () => undefined,
    isShared: () => this.isShared,
    program: () => Promise.resolve({ ir: { document: {} } } as unknown as Pick<LoadedIr, 'ir'>),
    start: (request) => this.start(request),
  });

  private async start({ tenantId }: StartRequest): Promise<Started> {
    const begun = Promise.withResolvers<undefined>();
    this.underWay.push({ tenantId, begun });
    this.most = Math.max(this.most, this.of(tenantId));
    await begun.promise;
    return { runId: 'run_a', repeated: false };
  }

  of(tenantId: string): number {
    return this.underWay.filter((one) => one.tenantId === tenantId).length;
  }

  letGo(count: number): void {
    for (const { begun } of this.underWay.splice(0, count)) begun.resolve(undefined);
  }

  batch(tenantId: string, count: number, key?: string) {
    const facts = { workflowId: 'wf_a', workflowName: 'a', version: 1, irHash: 'h' };
    const keyed = key === undefined ? {} : { key: { key, fingerprint: 'f' } };
    const request = { ...facts, ...keyed, tenantId, startedBy: 'mem_a', input: {} };
    const items = Array.from({ length: count }, () => ({ key, request: () => request }));
    return this.runs.startRuns({ tenantId, irHash: facts.irHash, items });
  }
}

async function turns(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await soon();
}

describe('starts of batches', () => {
  it('are under way in a number for each tenant, however many batches there are', async () => {
    const starts = new Starts();
    const batches = [1, 2, 3, 4].map(() => starts.batch('ten_loud', 100));
    await turns(40);
    expect(starts.of('ten_loud')).toBe(60); // Of 64: they begin in groups of ten.
    batches.push(starts.batch('ten_quiet', 20));
    await turns(20);
    expect(starts.of('ten_quiet')).toBe(20);
    const answers = Promise.all(batches);
    while (starts.underWay.length > 0) {
      starts.letGo(7);
      await turns(3);
    }
    expect((await answers).flat().length).toBe(420);
    expect(starts.most).toBeLessThanOrEqual(64);
  });

  it('are more while one tenant is at work alone', async () => {
    const starts = new Starts();
    starts.isShared = false;
    const batches = [1, 2, 3].map(() => starts.batch('ten_loud', 500));
    await turns(60);
    expect(starts.of('ten_loud')).toBe(1_000);
    while (starts.underWay.length > 0) {
      starts.letGo(100);
      await turns(3);
    }
    expect((await Promise.all(batches)).flat().length).toBe(1_500);
  });

  it('give their place back when they fail', async () => {
    const starts = new Starts();
    const failing = starts.batch('ten_loud', 64);
    await turns(20);
    const next = starts.batch('ten_loud', 30);
    for (const { begun } of starts.underWay.splice(0)) begun.reject(new Error('gone'));
    await expect(failing).rejects.toThrow('gone');
    await turns(20);
    expect(starts.of('ten_loud')).toBe(30);
    starts.letGo(30);
    expect((await next).length).toBe(30);
  });

  it('go on when whoever was waiting has nothing to begin after all', async () => {
    const starts = new Starts();
    const loud = starts.batch('ten_loud', 64);
    await turns(20);
    // Of each of these one run is begun; the other items repeat its key.
    const repeating = ['a', 'b', 'c'].map((key) => starts.batch('ten_loud', 30, key));
    await turns(10);
    expect(starts.of('ten_loud')).toBe(64);
    while (starts.underWay.length > 0) {
      starts.letGo(64);
      await turns(20);
    }
    const results = await Promise.all([loud, ...repeating]);
    expect(results.map(({ length }) => length)).toEqual([64, 30, 30, 30]);
  });

  it('look their keys up in small pieces while several tenants are at work', async () => {
    const starts = new Starts();
    starts.usedKey = 'k-110';
    const irHash = 'h';
    const items = Array.from({ length: 120 }, (_, at) => {
      const key = `k-${String(at)}`;
      const facts = { workflowId: 'wf_a', workflowName: 'a', version: 1, irHash };
      const who = { tenantId: 'ten_loud', startedBy: 'mem_a' };
      return {
        key,
        request: () => ({ ...facts, ...who, input: {}, key: { key, fingerprint: 'f' } }),
      };
    });
    const results = starts.runs.startRuns({ tenantId: 'ten_loud', irHash, items });
    await turns(20);
    while (starts.underWay.length > 0) {
      starts.letGo(64);
      await turns(20);
    }
    const repeated = (await results).map((result) => result.ok && result.value.repeated);
    expect(repeated.flatMap((is, at) => (is ? at : []))).toEqual([110]);
    expect(starts.lookedUp).toEqual([50, 50, 20]);
  });

  it('refuse alone what cannot be asked for, and say the same of each item with its key', async () => {
    const starts = new Starts();
    const irHash = 'h';
    const facts = { workflowId: 'wf_a', workflowName: 'a', version: 1, irHash };
    const who = { tenantId: 'ten_a', startedBy: 'mem_a' };
    const requestOf = (input: Json, key?: string): StartRequest => ({
      ...{ ...facts, ...who, input },
      ...(key !== undefined && { key: { key, fingerprint: 'f' } }),
    });
    const refuse = () => {
      throw new AppError('invalid', 'no such input');
    };
    const items = [
      { request: refuse },
      { key: 'k', request: () => requestOf('bad', 'k') },
      { key: 'k', request: () => requestOf('bad', 'k') },
      { request: () => requestOf('good') },
    ];
    const admit = (input: Json) => {
      if (input === 'bad') refuse();
    };
    const results = starts.runs.startRuns({ tenantId: 'ten_a', irHash, items, admit });
    await turns(10);
    starts.letGo(1);
    expect((await results).map((result) => result.ok || result.error.code)).toEqual([
      'invalid',
      'invalid',
      'invalid',
      true,
    ]);
  });
});
