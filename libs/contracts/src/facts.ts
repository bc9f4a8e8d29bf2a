import { z } from 'zod';

const Path = z.array(z.union([z.string(), z.int()]));

/** That one task can only begin, or only know what it needs, after another. */
export const TaskDependency = z
  .object({
    task: z.string().describe('Node id of the task that depends'),
    on: z.string().describe('Node id of the task that it depends on'),
    by: z.enum(['control', 'data']),
    via: z
      .enum(['input', 'context', 'variable'])
      .optional()
      .describe('For data: how it gets from the one to the other'),
  })
  .meta({ id: 'TaskDependency' });
export type TaskDependency = z.infer<typeof TaskDependency>;

/** How many ways lead on from a task, and how many of them are taken at the same time. */
export const TaskFanOut = z
  .object({
    next: z.int().describe('Tasks that can be the next one'),
    parallel: z
      .int()
      .nullable()
      .describe('Tasks inside it that run at the same time; null: as many as there are items'),
  })
  .meta({ id: 'TaskFanOut' });
export type TaskFanOut = z.infer<typeof TaskFanOut>;

/** A way through a workflow on which every task is entered once. */
export const TaskPath = z
  .object({
    tasks: z.array(z.string()),
    steps: z.int(),
    waitMs: z.number().describe('Fixed waits on it together, in milliseconds'),
    repeats: z.boolean().describe('Whether a loop on it can make it longer'),
  })
  .meta({ id: 'TaskPath' });
export type TaskPath = z.infer<typeof TaskPath>;

export const Topology = z
  .object({
    dependencies: z.array(TaskDependency),
    complete: z.boolean().describe('Whether all dependencies are listed; there is a limit'),
    fanOut: z.record(z.string(), TaskFanOut),
    /** The way with the most steps. */
    longestPath: TaskPath,
    /** The way with the longest fixed waits. */
    criticalPath: TaskPath,
  })
  .meta({ id: 'Topology' });
export type Topology = z.infer<typeof Topology>;

/** What a task reads and writes. An empty path means the whole value. */
export const TaskDataFlow = z
  .object({
    reads: z.object({
      input: z.array(Path).describe('Of what the task before hands on'),
      context: z.array(Path),
      output: z.array(Path).describe('Of its own result, in output.as and export.as'),
      variables: z.record(z.string(), z.array(Path)).describe('Of others, by name without $'),
    }),
    writes: z.object({
      output: z
        .enum(['new', 'input', 'inner', 'none'])
        .describe(
          'What it hands on: a new value, its input, what tasks inside it hand on, nothing',
        ),
      context: z.array(Path),
      variables: z.array(z.string()).describe('Given to the tasks inside it'),
    }),
    unknown: z.boolean().describe('An expression could not be read: anything may be read'),
  })
  .meta({ id: 'TaskDataFlow' });
export type TaskDataFlow = z.infer<typeof TaskDataFlow>;

/** An amount per run. */
export const Amount = z
  .object({
    min: z.number(),
    max: z.number().nullable().describe('null: it depends on data, or has no bound'),
    /** The largest amount in words of loops: `2 + 3 × items(do/each)`; `unbounded` without a bound. */
    formula: z.string(),
  })
  .meta({ id: 'Amount' });
export type Amount = z.infer<typeof Amount>;

/**
 * What one run does, estimated from the definition alone. The smallest amounts are of a run in which
 * no call fails; the largest ones count every retry.
 */
export const CostEstimate = z
  .object({
    tasks: Amount.describe('Tasks entered'),
    calls: Amount.describe('Attempts of calls to other systems and of processes'),
    asks: Amount.describe('Questions to people'),
    events: Amount.describe('Events emitted'),
    waits: Amount.describe('Waits for time or for events'),
    waitMs: Amount.describe('Fixed waits one after the other, in milliseconds'),
  })
  .meta({ id: 'CostEstimate' });
export type CostEstimate = z.infer<typeof CostEstimate>;

/** What follows from a definition about its shape, its data and its price. */
export const DefinitionFacts = z
  .object({
    topology: Topology,
    dataFlow: z.record(z.string(), TaskDataFlow).describe('By node id'),
    cost: CostEstimate,
  })
  .meta({ id: 'DefinitionFacts' });
export type DefinitionFacts = z.infer<typeof DefinitionFacts>;
