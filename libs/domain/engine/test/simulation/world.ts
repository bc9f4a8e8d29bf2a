import { isJsonObject, type Json } from '@parley/kernel';
import {
  errorTypes,
  logicalOccurrence,
  type CallEffect,
  type Entry,
  type Occurrence,
  type StimulusBody,
} from '../../src/index.js';

/** A broken promise of the engine; its message says which. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

type Dispatched = Extract<Entry, { kind: 'dispatched' }>;

/**
 * The systems that a simulated run calls. They drop repeats of a key (except for `once` calls, which
 * are plain POSTs) and watch what the engine promises about calls:
 *
 * W1  A call arrives only after its `dispatched` entry is durable, with that entry's key.
 * W2  A call whose result is journaled never arrives again.
 * W3  One intention (a place in the run and arguments) is carried out once, however often it is sent.
 */
export class World {
  private readonly answers = new Map<string, Json>();
  private readonly refused = new Map<Occurrence, Set<string>>();
  private readonly carriedOut = new Map<string, number>();

  receive(call: CallEffect, log: readonly Entry[]): StimulusBody {
    const { delivery } = this.checkDurable(call, log);
    const { occurrence, attempt, args } = call;
    const plan = isJsonObject(args) ? args : {};
    if (attempt <= Number(plan['failures'] ?? 0)) return failure(call, plan['refuse'] === true);
    if (this.isBroken(call, Number(plan['broken'] ?? 0))) return failure(call, true);
    const known = delivery === 'once' ? undefined : this.answers.get(call.key);
    const output = known ?? this.carryOut(call);
    return { kind: 'completed', occurrence, attempt, output };
  }

  /** Refuses the first `times` keys of one intention; a key is answered in one way for ever. */
  private isBroken(call: CallEffect, times: number): boolean {
    const logical = logicalOccurrence(call.occurrence);
    const refused = this.refused.get(logical) ?? new Set();
    this.refused.set(logical, refused);
    if (refused.size < times) refused.add(call.key);
    return refused.has(call.key);
  }

  private carryOut(call: CallEffect): Json {
    const intention = `${logicalOccurrence(call.occurrence)} ${JSON.stringify(call.args)}`;
    const times = (this.carriedOut.get(intention) ?? 0) + 1;
    if (times > 1) throw new Violation(`W3: ${intention} was carried out ${times} times`);
    this.carriedOut.set(intention, times);
    const answer: Json = { answer: call.args };
    this.answers.set(call.key, answer);
    return answer;
  }

  private checkDurable(call: CallEffect, log: readonly Entry[]): Dispatched {
    const { occurrence, attempt, key } = call;
    const dispatched = log.find(
      (entry) =>
        entry.kind === 'dispatched' &&
        entry.occurrence === occurrence &&
        entry.attempt === attempt &&
        entry.key === key,
    );
    if (dispatched?.kind !== 'dispatched')
      throw new Violation(`W1: ${occurrence} was called before it was durable`);
    const answered = log.some(
      (entry) =>
        entry.kind === 'completed' && entry.occurrence === occurrence && entry.attempt === attempt,
    );
    if (answered) throw new Violation(`W2: ${occurrence} was called after its result was durable`);
    return dispatched;
  }
}

function failure({ occurrence, attempt }: CallEffect, refuse: boolean): StimulusBody {
  const status = refuse ? 409 : 503;
  const error = { type: errorTypes.communication, status, title: refuse ? 'Refused' : 'Down' };
  const outcome = refuse ? 'definitive' : 'ambiguous';
  return { kind: 'failed', occurrence, attempt, error, outcome };
}
