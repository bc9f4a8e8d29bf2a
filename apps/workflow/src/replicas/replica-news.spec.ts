import { describe, expect, it } from '@jest/globals';
import type { ReplicaNews } from '@parley/contracts';
import { NewsToReplicas } from './replica-news.js';

/** Peers that hear, or fail as often as they are told to. */
class Peers {
  readonly heard: { readonly url: string; readonly news: ReplicaNews }[] = [];
  readonly failing = new Map<string, number>();
  alive = ['http://a.test', 'http://b.test'];
  /** It refuses any piece of news that has a member which it does not know. */
  old = '';
  errors = 0;

  readonly news = new NewsToReplicas({
    services: {
      call: (_route, options) => {
        const { address = '', body } = options ?? {};
        const failures = this.failing.get(address) ?? 0;
        if (failures > 0) {
          this.failing.set(address, failures - 1);
          return Promise.reject(new Error('away'));
        }
        if (address === this.old && JSON.stringify(body).includes('"limits')) {
          return Promise.reject(new Error('invalid'));
        }
        this.heard.push({ url: address, news: body as ReplicaNews });
        return Promise.resolve(undefined as never);
      },
    },
    peers: () => this.alive,
    onError: () => {
      this.errors += 1;
    },
  });

  of(url: string): ReplicaNews[] {
    return this.heard.filter((one) => one.url === url).map(({ news }) => news);
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((done) => setTimeout(done, 5));
  }
}

const change = (approvals: string[], more = {}) => ({
  row: { tenantId: 'ten_1', ...more } as never,
  approvals,
});

describe('news to other processes', () => {
  it('of one moment are one call to each', async () => {
    const peers = new Peers();
    peers.news.hint(['http://a.test'], 'messages');
    peers.news.hint(['http://a.test'], 'partitions');
    peers.news.changed(change(['apr_1', 'apr_2']));
    peers.news.changed(change(['apr_3']));
    await peers.until(() => peers.heard.length === 2);
    const approvals = ['apr_1', 'apr_2', 'apr_3'].map((approvalId) => ({
      tenantId: 'ten_1',
      approvalId,
    }));
    expect(peers.of('http://a.test')).toEqual([{ messages: true, partitions: true, approvals }]);
    expect(peers.of('http://b.test')).toEqual([{ approvals }]);
  });

  it('name a queue once, however much work there is', async () => {
    const peers = new Peers();
    for (let n = 0; n < 5; n += 1) peers.news.work('ten_1', n < 4 ? 'packing' : 'billing');
    await peers.until(() => peers.heard.length === 2);
    const queues = ['packing', 'billing'].map((queue) => ({ tenantId: 'ten_1', queue }));
    expect(peers.of('http://a.test')).toEqual([{ queues }]);
  });

  it('tell of a run only what others wait for', async () => {
    const peers = new Peers();
    peers.news.changed(change([]));
    peers.news.changed(change([], { endedAt: 1 }));
    peers.news.changed(change([], { scheduledBy: 'wf_1' }));
    peers.news.changed(change([], { endedAt: 1, scheduledBy: 'wf_1' }));
    await peers.until(() => peers.heard.length === 2);
    expect(peers.heard.map(({ news }) => news)).toEqual([{ schedules: true }, { schedules: true }]);
  });

  it('are kept for one that did not hear, together with what comes meanwhile', async () => {
    const peers = new Peers();
    peers.failing.set('http://a.test', 2);
    peers.news.hint(['http://a.test'], 'messages');
    await peers.until(() => peers.errors === 1);
    peers.news.schedules();
    await peers.until(() => peers.of('http://a.test').length === 1);
    expect(peers.of('http://a.test')).toEqual([{ messages: true, schedules: true }]);
    expect(peers.of('http://b.test')).toEqual([{ schedules: true }]);
  });

  it('of limits keep no other from a process that does not know them, and are not said again', async () => {
    const peers = new Peers();
    peers.old = 'http://a.test';
    const asked = { url: 'http://b.test', life: 'life', at: 1, requests: [] };
    const loan = { url: 'http://b.test', life: 'life', at: 2, loans: [] };
    for (const url of peers.alive) {
      peers.news.limits(url, { limitsAsked: asked });
      peers.news.hint([url], 'messages');
      peers.news.limits(url, { limitsLent: loan });
    }
    await peers.until(() => peers.errors === 1 && peers.heard.length === 3);
    peers.news.hint(['http://a.test'], 'partitions');
    await peers.until(() => peers.heard.length === 4);
    expect(peers.of('http://a.test')).toEqual([{ messages: true }, { partitions: true }]);
    expect(peers.of('http://b.test')).toEqual([
      { messages: true },
      { limitsAsked: asked, limitsLent: loan },
    ]);
    expect(peers.errors).toBe(1);
  });

  it('are given up for one that is gone', async () => {
    const peers = new Peers();
    peers.alive = ['http://b.test'];
    peers.failing.set('http://a.test', 4);
    peers.news.hint(['http://a.test'], 'messages');
    await peers.until(() => peers.errors === 4);
    peers.news.hint(['http://a.test'], 'partitions');
    await peers.until(() => peers.of('http://a.test').length === 1);
    expect(peers.of('http://a.test')).toEqual([{ partitions: true }]);
  });
});
