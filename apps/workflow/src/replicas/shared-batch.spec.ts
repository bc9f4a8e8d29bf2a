import { describe, expect, it } from '@jest/globals';
import type { StartItem, StartResult } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { partitionOfKey } from '../engine/run-id.js';
import { SharedBatch } from './shared-batch.js';

const tenantId = 'ten_1';
const keys = Array.from({ length: 20 }, (_, n) => `key-${String(n)}`);
const items: StartItem[] = keys.map((key, n) => ({
  input: { n },
  ...(n % 4 === 0 ? {} : { key }),
}));

const nameOf = ({ input }: StartItem) => `run_${String((input as { n: number }).n)}`;
const started = (item: StartItem): StartResult => ({
  outcome: 'started',
  runId: nameOf(item),
  status: 'completed',
});

/** Even partitions are here, odd ones at a peer; `failing` says whether that can be asked. */
async function startIn({ failing = false, ownsAll = false, issuer = 'gateway' as const } = {}) {
  const here: StartItem[] = [];
  const there: StartItem[] = [];
  const batch = new SharedBatch({
    partitions: {
      ownsAll,
      ownerOf: (partition) =>
        partition % 2 === 0 ? { own: true } : { own: false, url: 'http://peer.test' },
    },
    services: {
      call: (_route, options) => {
        const { address, body, params } = options ?? {};
        expect([address, params]).toEqual(['http://peer.test', { workflow: 'wf_1' }]);
        const sent = body as { items: StartItem[]; version: unknown };
        expect(sent.version).toBe(2);
        there.push(...sent.items);
        if (failing) return Promise.reject(new AppError('unavailable', 'gone'));
        return Promise.resolve({ items: sent.items.map(started) } as never);
      },
    },
  });
  const results = await batch.start({
    workflowId: 'wf_1',
    batch: { items, version: 2 },
    caller: { tenantId, issuer },
    startHere: (some) => {
      here.push(...some);
      return Promise.resolve(some.map(started));
    },
  });
  return { here, there, results };
}

const isTheirs = ({ key }: StartItem) =>
  key !== undefined && partitionOfKey(tenantId, key) % 2 === 1;

describe('a batch that several processes start', () => {
  it('goes where its keys belong, and is answered in its order', async () => {
    const { here, there, results } = await startIn();
    expect(there).toEqual(items.filter(isTheirs));
    expect(here).toEqual(items.filter((item) => !isTheirs(item)));
    expect(there.length).toBeGreaterThan(0);
    expect(results).toEqual(items.map(started));
  });

  it('is started here as far as another one cannot be asked', async () => {
    const { here, results } = await startIn({ failing: true });
    expect(here).toHaveLength(items.length);
    expect(results).toEqual(items.map(started));
  });

  it.each([{ ownsAll: true }, { issuer: 'workflow' as const as never }])(
    'is not shared by one that is alone, nor a second time: %j',
    async (options) => {
      const { here, there } = await startIn(options);
      expect([here.length, there.length]).toEqual([items.length, 0]);
    },
  );
});
