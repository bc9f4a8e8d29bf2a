import { violationsOf } from './schema.ts';
import type { Schema } from './schema.ts';
import type { System } from './documents.ts';
import type { Violation } from './reply.ts';

const LATENCY_MS_MAX = 60_000;
const COUNT_MAX = 1_000_000;

export interface Knob {
  system: string;
  /** All operations of the system when absent. */
  operation?: string;
  latencyMs?: number;
  /** Refuses the next calls without doing anything. */
  failNext?: { status: number; count: number; retryAfterSeconds?: number };
  /** Does the next calls but never answers. */
  timeoutNext?: number;
  /** Does the next calls but cuts the connection instead of answering. */
  dropNext?: number;
}

export interface Disturbance {
  latencyMs: number;
  fail?: { status: number; retryAfterSeconds?: number };
  answer: 'sent' | 'withheld' | 'dropped';
}

const count: Schema = { type: 'integer', minimum: 0, maximum: COUNT_MAX };
const knobSchema: Schema = {
  type: 'object',
  additionalProperties: false,
  required: ['system'],
  properties: {
    system: { type: 'string' },
    operation: { type: 'string' },
    latencyMs: { type: 'integer', minimum: 0, maximum: LATENCY_MS_MAX },
    failNext: {
      type: 'object',
      additionalProperties: false,
      required: ['status'],
      properties: {
        status: { type: 'integer', minimum: 400, maximum: 599 },
        count,
        retryAfterSeconds: { type: 'integer', minimum: 0, maximum: 3600 },
      },
    },
    timeoutNext: count,
    dropNext: count,
  },
};

/** Disturbances on demand. The knob of an operation goes before the one of its system. */
export class Knobs {
  private readonly knobs = new Map<string, Knob>();
  private readonly systems: readonly System[];

  constructor(systems: readonly System[]) {
    this.systems = systems;
  }

  list(): Knob[] {
    return [...this.knobs.values()];
  }

  clear(): void {
    this.knobs.clear();
  }

  /** Sets the knob of one operation or system as a whole; what is left out is off. */
  set(wanted: unknown): Violation[] {
    const violations = violationsOf(wanted, knobSchema, {});
    if (violations.length > 0) return violations;
    const { failNext, ...knob } = wanted as Knob;
    const system = this.systems.find(({ name }) => name === knob.system);
    if (!system) return [{ pointer: '/system', detail: 'is not a system of the demo' }];
    const known = (id: string) => system.operations.some((operation) => operation.id === id);
    if (knob.operation !== undefined && !known(knob.operation)) {
      return [{ pointer: '/operation', detail: `is not an operation of ${knob.system}` }];
    }
    const fail = failNext && { ...failNext, count: failNext.count ?? 1 };
    this.knobs.set(nameOf(knob), { ...knob, ...(fail ? { failNext: fail } : {}) });
    return [];
  }

  /** What is to happen to this call; uses up the counts. */
  take(system: string, operation: string): Disturbance {
    const knobs = [{ system, operation }, { system }]
      .map((name) => this.knobs.get(nameOf(name)))
      .filter((knob) => knob !== undefined);
    const latencyMs = knobs.find((knob) => knob.latencyMs !== undefined)?.latencyMs ?? 0;
    for (const knob of knobs) {
      const next = takeNext(knob);
      if (next) return { latencyMs, ...next };
    }
    return { latencyMs, answer: 'sent' };
  }
}

function takeNext(knob: Knob): Omit<Disturbance, 'latencyMs'> | undefined {
  if (knob.failNext && knob.failNext.count > 0) {
    knob.failNext.count--;
    const { status, retryAfterSeconds } = knob.failNext;
    return { fail: { status, retryAfterSeconds }, answer: 'sent' };
  }
  if (knob.timeoutNext) {
    knob.timeoutNext--;
    return { answer: 'withheld' };
  }
  if (knob.dropNext) {
    knob.dropNext--;
    return { answer: 'dropped' };
  }
  return undefined;
}

function nameOf(knob: { system: string; operation?: string }): string {
  return `${knob.system}/${knob.operation ?? ''}`;
}
