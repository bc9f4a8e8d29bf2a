import { describe, expect, it } from '@jest/globals';
import { ReplicaNews } from '@parley/contracts';
import type { CallEffect } from '@parley/engine';
import { Flusher } from '../engine/flusher.js';
import { limitUses } from '../engine/overload.js';
import { RunCalls, type CallOutcome } from '../engine/run-calls.js';
import { partitionCount } from '../engine/run-id.js';
import type { RunFacts } from '../engine/turn-record.js';
import { LimitLoans } from './limit-loans.js';
import { Partitions } from './partitions.js';

const tenantId = 'ten_01k0000000000000000000000a';

/** Processes of which each has calls of its own, and whose news reach one another. */
class Processes {
  time = 1_000_000;
  private readonly byUrl = new Map<string, Process>();
  readonly said: ReplicaNews[] = [];

  start(names: readonly string[]): Process[] {
    const urls = names.map((name) => `http://${name}.test`);
    const each = urls.map((url, at) => {
      const partitions = new Partitions();
      const all = Array.from({ length: partitionCount }, (_, partition) => partition);
      partitions.hold(all.filter((partition) => partition % urls.length === at));
      const peers = urls.filter((other) => other !== url);
      partitions.learn(new Map(), peers);
      const made = new Process(url, { partitions, cluster: this });
      this.byUrl.set(url, made);
      return made;
    });
    return each;
  }

  tell(url: string, news: ReplicaNews): void {
    const heard = ReplicaNews.parse(JSON.parse(JSON.stringify(news)));
    this.said.push(heard);
    if (heard.limitsAsked) this.byUrl.get(url)?.loans.asked(heard.limitsAsked);
    if (heard.limitsLent) this.byUrl.get(url)?.loans.lent(heard.limitsLent);
  }
}

class Process {
  readonly loans: LimitLoans;
  readonly sent: string[] = [];
  readonly calls: RunCalls;

  constructor(url: string, of: { partitions: Partitions; cluster: Processes }) {
    const { partitions, cluster } = of;
    this.loans = new LimitLoans({
      partitions,
      url,
      life: `life of ${url}`,
      now: () => cluster.time,
      news: { limits: (peer, news) => cluster.tell(peer, news) },
    });
    this.calls = new RunCalls({
      callsMaxOf: (tenant) => this.loans.share('calls', tenant),
      perform: (_run, call) => {
        this.sent.push(call.occurrence);
        return new Promise<CallOutcome>(() => undefined);
      },
      onEnded: () => undefined,
      onError: () => undefined,
    });
    const journal = {
      flush: () => Promise.resolve([]),
      takeAgain: () => Promise.reject(new Error()),
    };
    const flusher = new Flusher({ journal, onLost: () => undefined, onError: () => undefined });
    this.loans.start({
      limitUses: () => limitUses({ flusher, calls: this.calls }),
      sharesChanged: () => this.calls.fill(),
    });
  }

  call(count: number): void {
    const run = { runId: 'run', tenantId } as RunFacts;
    for (let n = 0; n < count; n++) {
      this.calls.add(run, { occurrence: String(n), attempt: 1 } as CallEffect);
    }
  }
}

describe('the limit of calls of a tenant', () => {
  it('is divided among processes; one that has too little borrows what others do not use', () => {
    const cluster = new Processes();
    const [busy, idle] = cluster.start(['busy', 'idle']);
    busy?.call(100);
    expect(busy?.sent).toHaveLength(32);
    busy?.loans.look();
    expect(busy?.sent).toHaveLength(63);
    idle?.call(5);
    expect(idle?.sent).toHaveLength(1);
    [busy, idle].forEach((process) => process?.loans.stop());
  });

  it('is one process’s alone when there is no other, and nobody says anything', () => {
    const cluster = new Processes();
    const [only] = cluster.start(['only']);
    only?.call(100);
    expect(only?.sent).toHaveLength(64);
    only?.loans.look();
    expect(only?.sent).toHaveLength(64);
    expect(cluster.said).toEqual([]);
    only?.loans.stop();
  });

  it('is not talked about where nobody lacks any of it', () => {
    const cluster = new Processes();
    const both = cluster.start(['a', 'b']);
    both.forEach((process) => process.call(10));
    both.forEach((process) => process.loans.look());
    expect(cluster.said).toEqual([]);
    both.forEach((process) => process.loans.stop());
  });

  it('is asked for all tenants in turn, when they are more than one piece of news takes', () => {
    const cluster = new Processes();
    const [asking] = cluster.start(['asking', 'idle']);
    const tenants = Array.from({ length: 2_500 }, (_, n) => `ten_${String(n).padStart(26, '0')}`);
    const of = { limit: 'calls' as const, used: 32, wanted: 40 };
    asking?.loans.start({
      limitUses: () => tenants.map((tenant) => ({ ...of, tenantId: tenant })),
      sharesChanged: () => undefined,
    });
    for (let second = 0; second < 3; second += 1) asking?.loans.look();
    const asked = cluster.said.flatMap(({ limitsAsked }) => limitsAsked?.requests ?? []);
    expect(new Set(asked.map((request) => request.tenantId)).size).toBe(tenants.length);
    expect(asked).toHaveLength(3_000);
    asking?.loans.stop();
  });

  it('is not lent to a process for what its forerunner had asked for', () => {
    const cluster = new Processes();
    const [process] = cluster.start(['a', 'b']);
    const loan = { limit: 'calls' as const, tenantId, amount: 30, held: 30 };
    const answer = { url: 'http://b.test', at: cluster.time, loans: [loan] };
    process?.loans.lent({ ...answer, life: 'another life' });
    expect(process?.loans.share('calls', tenantId)).toBe(32);
    process?.loans.lent({ ...answer, life: 'life of http://a.test' });
    expect(process?.loans.share('calls', tenantId)).toBe(62);
    process?.loans.stop();
  });
});
