import { z } from 'zod';
import { Problem } from './errors.js';
import { idOf, JsonValue, Ordinal } from './ids.js';
import { RunAttributes, RunTags } from './run-labels.js';
import { RunError, RunPriority, RunStatus } from './workflows.js';

export const batchItemsMax = 1_000;

/** A version number or a tag; default: the tag `live`. */
const version = z.union([Ordinal, z.string().min(1).max(64)]).optional();
const labels = { tags: RunTags.optional(), attributes: RunAttributes.optional() };
const priority = RunPriority.optional().describe(
  'Without it, `document.metadata.priority` of the definition, or else medium',
);

/** Body of `POST /v1/workflows/{workflow}/runs` (takes an Idempotency-Key). */
export const StartRun = z
  .strictObject({ input: JsonValue.optional(), version, priority, ...labels })
  .meta({ id: 'StartRun' });
export type StartRun = z.infer<typeof StartRun>;

/** One run of a batch. */
export const StartItem = z
  .strictObject({
    input: JsonValue.optional(),
    key: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/)
      .optional()
      .describe('Idempotency key of this item: 1 to 200 visible ASCII characters'),
    priority,
    ...labels,
  })
  .meta({ id: 'StartItem' });
export type StartItem = z.infer<typeof StartItem>;

/** Body of `POST /v1/workflows/{workflow}/runs/batch`. */
export const StartBatch = z
  .strictObject({ items: z.array(StartItem).min(1).max(batchItemsMax), version })
  .meta({ id: 'StartBatch' });
export type StartBatch = z.infer<typeof StartBatch>;

/** The same as it is read: an item that is not one is refused by itself, and holds up no other. */
export const StartBatchAsSent = StartBatch.extend({
  items: z.array(z.unknown()).min(1).max(batchItemsMax),
});
export type StartBatchAsSent = z.infer<typeof StartBatchAsSent>;

/** What became of one item of a batch. */
export const StartResult = z
  .discriminatedUnion('outcome', [
    z.object({
      outcome: z.literal('started'),
      runId: idOf('run'),
      status: RunStatus.describe('After the first turn'),
    }),
    z.object({
      outcome: z.literal('repeated').describe('The key was used before: this is the first run'),
      runId: idOf('run'),
    }),
    z.object({
      outcome: z.literal('refused'),
      problem: Problem.omit({ type: true, instance: true, traceId: true }),
    }),
  ])
  .meta({ id: 'StartResult' });
export type StartResult = z.infer<typeof StartResult>;

/** One result for each item, in the order of the items. */
export const BatchStarted = z
  .object({
    items: z.array(StartResult),
    started: z.int(),
    repeated: z.int(),
    refused: z.int(),
  })
  .meta({ id: 'BatchStarted' });
export type BatchStarted = z.infer<typeof BatchStarted>;

export const waitSecondsMax = 60;

/** `GET /v1/runs/{run}/result`. */
export const RunResultQuery = z.object({
  waitSeconds: z.coerce
    .number()
    .min(0)
    .max(waitSecondsMax)
    .default(0)
    .describe('How long to wait for the end of the run before answering'),
});
export type RunResultQuery = z.infer<typeof RunResultQuery>;

/** How a run ended, if it has. */
export const RunResult = z
  .object({
    runId: idOf('run'),
    ended: z.boolean().describe('Whether the run is over; a failed one may still be retried'),
    status: RunStatus,
    output: JsonValue.optional(),
    error: RunError.optional(),
    failedStep: z.string().optional(),
  })
  .meta({ id: 'RunResult' });
export type RunResult = z.infer<typeof RunResult>;
