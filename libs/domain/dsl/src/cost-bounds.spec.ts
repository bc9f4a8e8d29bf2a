import { expect, it } from '@jest/globals';
import { costOf, type Ir, type IrNode, type Target } from '@parley/ir';
import type { Json, JsonObject } from '@parley/kernel';
import fc from 'fast-check';
import { compileDefinition } from './compile/compile.js';
import { renderDefinition } from './render/render.js';

/** Runs that take longer are given up; they say nothing. */
const stepsMax = 2_000;

const names = ['a', 'b', 'c', 'd'];
const then = fc.option(fc.constantFrom(...names, 'exit', 'end', 'continue'), {
  nil: undefined,
  freq: 3,
});
const plain = fc.constantFrom<JsonObject>(
  { set: { x: 1 } },
  { wait: 'PT1S' },
  { emit: { event: { with: { type: 'e' } } } },
  { raise: { error: { type: 'https://a.example/e', status: 400 } } },
);

const lists = fc.letrec<{ list: Json[]; task: JsonObject }>((tie) => {
  const list = tie('list');
  const kinds = fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    plain,
    list.map((body) => ({ do: body })),
    fc.tuple(list, fc.nat(2)).map(([body, count]) => ({
      for: { in: Array.from({ length: count }, () => ({})) },
      do: body,
    })),
    fc.tuple(list, list, fc.boolean()).map(([one, two, compete]) => ({
      fork: { branches: [{ a: { do: one } }, { b: { do: two } }], compete },
    })),
    fc.tuple(list, list).map(([body, handler]) => ({ try: body, catch: { do: handler } })),
    fc
      .uniqueArray(fc.constantFrom(...names, 'exit', 'end'), { minLength: 1, maxLength: 3 })
      .map((targets) => ({
        switch: targets.map((target, at) => ({ [`c${at}`]: { when: '.x', then: target } })),
      })),
  );
  return {
    task: fc.tuple(kinds, then, fc.boolean()).map(([kind, next, conditional]) => ({
      ...(conditional ? { if: '.x' } : {}),
      ...kind,
      ...(next === undefined ? {} : { then: next }),
    })) as fc.Arbitrary<JsonObject>,
    list: fc
      .array(tie('task'), { minLength: 1, maxLength: 4, depthIdentifier: 'list' })
      .map((tasks) => {
        const known = new Set([...names.slice(0, tasks.length), 'exit', 'end', 'continue']);
        return tasks.map((task, at) => ({ [names[at] ?? 'd']: settled(task, known) }));
      }),
  };
}).list;

/** Targets that the list does not have lead out of it. */
function settled(task: JsonObject, known: ReadonlySet<string>): JsonObject {
  return JSON.parse(
    JSON.stringify(task, (key, value: Json) => {
      // Lists inside have been settled already, with names of their own.
      if (value === task['do'] || value === task['try'] || key === 'catch' || key === 'fork')
        return value;
      return key === 'then' && typeof value === 'string' && !known.has(value) ? 'exit' : value;
    }),
  ) as JsonObject;
}

/** The same throws for the same seed. */
function diceOf(seed: number): () => number {
  let state = (seed * 2_654_435_761) % 2_147_483_647;
  return () => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

type Ending = 'exit' | 'end' | 'raise';

/** One run in which every choice is a throw of the dice. */
class Walk {
  readonly counts = { tasks: 0, events: 0, waits: 0 };
  isTooLong = false;

  constructor(
    private readonly ir: Ir,
    private readonly dice: () => number,
  ) {}

  scope(id: string, from = this.ir.scopes[id]?.nodes[0]): Ending {
    let at = from;
    while (at !== undefined && !this.isTooLong) {
      const node = this.ir.nodes[at]!;
      const target = this.task(node);
      if (typeof target === 'string') return target;
      if (target.to !== 'node') return target.to;
      at = target.node;
    }
    return 'exit';
  }

  private task(node: IrNode): Target | 'end' | 'raise' {
    if (node.if !== undefined && this.dice() < 0.5) return node.next;
    this.counts.tasks += 1;
    this.isTooLong ||= this.counts.tasks > stepsMax;
    if (node.kind === 'emit') this.counts.events += 1;
    if (node.kind === 'wait') this.counts.waits += 1;
    if (node.kind === 'switch') {
      const at = Math.floor(this.dice() * (node.cases.length + 1));
      return node.cases[at]?.then ?? node.next;
    }
    const ending = this.inside(node);
    return ending === 'exit' ? node.next : ending;
  }

  private inside(node: IrNode): Ending {
    switch (node.kind) {
      case 'raise':
        return 'raise';
      case 'do':
        return this.scope(node.body);
      case 'for': {
        const count = node.in.kind === 'literal' ? (node.in.value as Json[]).length : 0;
        return this.inTurn(Array.from({ length: count }, () => () => this.scope(node.body)));
      }
      case 'fork': {
        const branches = this.ir.scopes[node.branches]!.nodes;
        const run = branches.map((branch) => () => this.scope(node.branches, branch));
        const winner = Math.floor(this.dice() * run.length);
        return this.inTurn(node.compete ? run.slice(winner, winner + 1) : run);
      }
      case 'try': {
        const ending = this.scope(node.body);
        if (ending !== 'raise') return ending;
        return node.catch.body === undefined ? 'exit' : this.scope(node.catch.body);
      }
      default:
        return 'exit';
    }
  }

  private inTurn(runs: readonly (() => Ending)[]): Ending {
    for (const run of runs) {
      const ending = run();
      if (ending !== 'exit') return ending;
    }
    return 'exit';
  }
}

it('no run does less or more than its cost says', () => {
  const document = { dsl: '1.0.3', namespace: 'a', name: 'b', version: '0.1.0' };
  let walks = 0;
  fc.assert(
    fc.property(lists, fc.nat(), (list, first) => {
      const { ir } = compileDefinition(renderDefinition({ document, do: list }));
      if (ir === undefined) return;
      const cost = costOf(ir);
      for (let run = 0; run < 5; run += 1) {
        const walk = new Walk(ir, diceOf(first + run));
        const ending = walk.scope(ir.root);
        if (walk.isTooLong) continue;
        walks += 1;
        for (const measure of ['tasks', 'events', 'waits'] as const) {
          const { min, max } = cost[measure];
          const count = walk.counts[measure];
          if (ending !== 'raise') expect([measure, count]).toEqual([measure, Math.max(count, min)]);
          if (max !== null) expect([measure, count]).toEqual([measure, Math.min(count, max)]);
        }
      }
    }),
    { seed: 5, numRuns: 150 },
  );
  expect(walks).toBeGreaterThan(200);
});
