import { errorTypes, logicalOccurrence, type CallEffect } from '@parley/engine';
import { isJsonObject, type Json } from '@parley/kernel';
import type { CallOutcome } from '../../src/engine/run-calls.js';

/**
 * The systems that simulated runs call. They drop repeats of a key, except of `once` calls, which are
 * plain POSTs. One intention (a place in a run and arguments) must be carried out once, however often
 * it is sent (O1).
 *
 * What a system does is written in the call: it fails the first `failures` attempts, with `refuse`
 * for good; it refuses the first `broken` keys.
 */
export class OutsideSystems {
  private readonly violate: (rule: string, what: string) => void;
  private readonly answers = new Map<string, Json>();
  private readonly refused = new Map<string, Set<string>>();
  private readonly carriedOut = new Map<string, number>();

  constructor(violate: (rule: string, what: string) => void) {
    this.violate = violate;
  }

  receive(runId: string, call: CallEffect): CallOutcome {
    const { args, attempt, delivery, key } = call;
    const plan = isJsonObject(args) ? args : {};
    if (attempt <= Number(plan['failures'] ?? 0)) return failure(plan['refuse'] === true);
    const place = `${runId} ${logicalOccurrence(call.occurrence)}`;
    if (this.isBroken(place, key, Number(plan['broken'] ?? 0))) return failure(true);
    const known = delivery === 'once' ? undefined : this.answers.get(`${runId} ${key}`);
    if (known !== undefined) return { kind: 'completed', output: known };
    const intention = `${place} ${JSON.stringify(args)}`;
    const times = (this.carriedOut.get(intention) ?? 0) + 1;
    this.carriedOut.set(intention, times);
    if (times > 1) {
      this.violate('O1', `${intention} was carried out ${String(times)} times`);
    }
    const answer: Json = { answer: args };
    this.answers.set(`${runId} ${key}`, answer);
    return { kind: 'completed', output: answer };
  }

  /** A key is answered in one way for ever. */
  private isBroken(place: string, key: string, times: number): boolean {
    const refused = this.refused.get(place) ?? new Set();
    this.refused.set(place, refused);
    if (refused.size < times) refused.add(key);
    return refused.has(key);
  }
}

function failure(refuse: boolean): CallOutcome {
  return {
    kind: 'failed',
    outcome: refuse ? 'definitive' : 'ambiguous',
    error: {
      type: errorTypes.communication,
      status: refuse ? 409 : 503,
      title: refuse ? 'Refused' : 'Down',
    },
  };
}
