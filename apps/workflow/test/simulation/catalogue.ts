import { defaultLimits, loadProgram } from '@parley/engine';
import {
  buildIr,
  inHistory,
  onceWorkflow,
  padded,
  Random,
  randomTasks,
  randomWorkflow,
  workflows,
  type Padded,
} from '@parley/engine/testing';
import type { Ir } from '@parley/ir';
import { deserted } from './worker-crew.js';

/** Turns are cut often, and some are too much work for the process's own thread. */
const limits = { ...defaultLimits, turnNodesMax: 6, sharedEvaluationMax: 10 };

export interface Definition {
  readonly name: string;
  readonly ir: Ir;
  /** Whether its call must not be repeated, so that it may end in its handler. */
  readonly isOnce: boolean;
  /** What overlays may be applied to, without a change of how it ends. */
  readonly padded?: Padded;
}

/** What `run: workflow` may name. */
const children: Readonly<Record<string, Ir>> = {
  sequence: workflows['sequence']!,
  loop: workflows['loop']!,
  fork: workflows['fork']!,
  race: workflows['race']!,
  sleeper: buildIr({ long: { wait: 100_000 } }),
};

/** Finds what a definition names under `run: workflow`. */
export function childNamed(name: string): Ir | undefined {
  return children[name];
}

export const childDefinitions: readonly Ir[] = Object.values(children);

const child = (name: string) => ({ namespace: 'test', name, version: '1.0.0', input: { n: 3 } });

const work = (more: Record<string, number | string>) =>
  ({ call: 'worker', with: { queue: 'packing', task: 'pack', ...more } }) as const;
const again = { retry: { delayMs: 20 } };

const givers: Readonly<Record<string, Ir>> = {
  workers: buildIr({
    safe: {
      try: { one: { ...work({ n: '${ .n }', failures: 1 }), as: '${ { n: .answer.n } }' } },
      catch: again,
    },
    many: {
      map: { in: [1, 2, 3] },
      do: {
        safe: {
          try: {
            each: { ...work({ item: '${ $item }', orderKey: 'k' }), as: '${ .answer.item }' },
          },
          catch: again,
        },
      },
    },
    race: {
      compete: true,
      fork: { fast: { set: { won: 'fast' } }, slow: work({ queue: deserted }) },
    },
    late: {
      try: { forgotten: { ...work({ queue: deserted }), timeout: 40 } },
      catch: { as: 'e', do: { note: { set: '${ { status: $e.status, many: $input } }' } } },
    },
  }),
};

const parents: Readonly<Record<string, Ir>> = {
  parent: buildIr({
    first: { run: child('sequence') },
    many: {
      map: { in: ['loop', 'race', 'sequence'] },
      do: { one: { run: { ...child('loop'), name: '${ $item }' } } },
    },
    beside: {
      fork: { asks: { run: child('fork') }, calls: { call: 'connector', with: { a: 1 } } },
    },
  }),
  lonely: buildIr({
    safe: {
      try: { nobody: { run: child('nobody') } },
      catch: { as: 'e', do: { note: { set: '${ { status: $e.status } }' } } },
    },
    impatient: {
      try: { slow: { timeout: 30, do: { one: { run: child('sleeper') } } } },
      catch: { as: 'e', do: { note: { set: '${ { status: $e.status } }' } } },
    },
  }),
};

const once: Definition = { name: 'once', ir: onceWorkflow, isOnce: true };

const named: readonly Definition[] = [
  ...Object.entries(parents).map(([name, ir]) => ({ name, ir, isOnce: false })),
  ...Object.entries(givers).map(([name, ir]) => ({ name, ir, isOnce: false })),
  ...Object.entries(workflows).map(([name, ir]) => ({ name, ir, isOnce: false })),
  once,
];

/** Workflows of any shape beside the named ones: enough, and few enough to know how each ends. */
const randomShapes = 400;
const shapes = new Map<number, Definition>();
const fast = new Map<Definition, Definition>();

/** One of all workflows, half of the time a named one; some of them take the fast path. */
export function drawDefinition(random: Random): Definition {
  const drawn = drawFull(random);
  if (drawn.padded !== undefined || !random.chance(0.3)) return drawn;
  const known = fast.get(drawn) ?? {
    ...drawn,
    name: `${drawn.name}, fast`,
    ir: inHistory(drawn.ir, 'fast'),
  };
  fast.set(drawn, known);
  return known;
}

function drawFull(random: Random): Definition {
  if (random.chance(0.05)) return once;
  if (random.chance(0.5)) return named[random.below(named.length)]!;
  const shape = random.below(randomShapes);
  const known = shapes.get(shape) ?? shaped(shape);
  shapes.set(shape, known);
  return known;
}

/** Every other one has tasks in it that overlays may change. */
function shaped(shape: number): Definition {
  const [name, isOnce] = [`shape ${String(shape)}`, false];
  if (shape % 2 === 0) return { name, isOnce, ir: randomWorkflow(new Random(shape)) };
  const made = padded(randomTasks(new Random(shape)), new Random(shape));
  return { name, isOnce, ir: made.ir, padded: made };
}

const loaded = new Map<string, ReturnType<typeof loadProgram>>();

/** Programs are never changed: processes of a simulation share them. */
export function loadCached(ir: Ir): ReturnType<typeof loadProgram> {
  const known = loaded.get(ir.hash) ?? loadProgram(ir, { limits });
  loaded.set(ir.hash, known);
  return known;
}
