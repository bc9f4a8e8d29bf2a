import { hashJson, hashText } from '@parley/ir';
import { canonicalJson, type Json } from '@parley/kernel';
import type { RunState } from '../state.js';
import { shownFrame } from './shown.js';

/**
 * SHA-256 over everything that a run's state is, credentials aside. What did not change since the
 * last digest is not read again: values of a state are shared and never mutated between turns.
 */
export class StateDigest {
  private readonly known = new WeakMap<object, string>();

  of(state: RunState): string {
    const { frames, ready, ...rest } = state;
    const parts = [
      membersOf(rest as unknown as Record<string, Json>).map(([name, value]) => [
        name,
        this.digest(value),
      ]),
      [...frames]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([occurrence, frame]) => [
          occurrence,
          this.remembered(frame, () => shownFrame(frame)),
        ]),
      ready.map((item) => this.digest(item as unknown as Json)),
    ];
    return hashText(canonicalJson(parts));
  }

  private digest(value: Json): string {
    if (typeof value !== 'object' || value === null) return canonicalJson(value);
    return this.remembered(value, () => value);
  }

  private remembered(value: object, read: () => unknown): string {
    const known = this.known.get(value);
    if (known !== undefined) return known;
    const digest = hashJson(read() as Json);
    this.known.set(value, digest);
    return digest;
  }
}

function membersOf(object: Readonly<Record<string, Json | undefined>>): [string, Json][] {
  return Object.keys(object)
    .sort()
    .flatMap((name): [string, Json][] => {
      const value = object[name];
      return value === undefined ? [] : [[name, value]];
    });
}
