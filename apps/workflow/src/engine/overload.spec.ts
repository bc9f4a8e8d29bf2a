import { describe, expect, it } from '@jest/globals';
import type { CallEffect } from '@parley/engine';
import { limitUses } from './overload.js';
import { RunCalls, type CallOutcome } from './run-calls.js';
import type { RunFacts } from './turn-record.js';

const flusher = {
  backlog: 0,
  backlogBytes: 0,
  backlogs: [['ten_b', 7]] as [string, number][],
  backlogOf: () => 0,
};

describe('what tenants use of their limits', () => {
  it('counts what waits in either line, and calls apart from processes', () => {
    const calls = new RunCalls({
      processes: { jobsMax: 1, tenantJobsMax: 1 },
      callsMaxOf: () => 1,
      perform: () => new Promise<CallOutcome>(() => undefined),
      onEnded: () => undefined,
      onError: () => undefined,
    });
    const add = (tenantId: string, name: 'http' | 'script', count: number) => {
      for (let n = 0; n < count; n++) {
        const call = { function: name, occurrence: `${name} ${String(n)}`, attempt: 1 };
        calls.add({ runId: `run of ${tenantId}`, tenantId } as RunFacts, call as CallEffect);
      }
    };
    add('ten_a', 'script', 4);
    add('ten_b', 'http', 3);
    add('ten_b', 'script', 1);
    add('ten_c', 'http', 1);
    expect(limitUses({ flusher, calls })).toEqual([
      { limit: 'calls', tenantId: 'ten_b', used: 1, wanted: 3 },
      { limit: 'calls', tenantId: 'ten_c', used: 1, wanted: 1 },
      { limit: 'callsWaiting', tenantId: 'ten_b', used: 3, wanted: 6 },
      { limit: 'callsWaiting', tenantId: 'ten_a', used: 3, wanted: 6 },
      { limit: 'turnsWaiting', tenantId: 'ten_b', used: 7, wanted: 14 },
    ]);
  });
});
