import { z } from 'zod';
import { JsonValue } from './ids.js';

const reason = z.string().max(2_000).optional();

/** Body of `POST /v1/runs/{run}/terminate`. */
export const TerminateRun = z.strictObject({ reason }).meta({ id: 'TerminateRun' });
export type TerminateRun = z.infer<typeof TerminateRun>;

/** Body of `POST /v1/runs/{run}/suspend`. */
export const SuspendRun = z.strictObject({ reason }).meta({ id: 'SuspendRun' });
export type SuspendRun = z.infer<typeof SuspendRun>;

/** Body of `POST /v1/runs/{run}/skip`. */
export const SkipStep = z
  .strictObject({
    step: z
      .string()
      .min(1)
      .max(4_000)
      .optional()
      .describe('Occurrence of the step; not needed for the failed step of a failed run'),
    output: JsonValue.optional().describe('What the step hands on; default: its input'),
    reason,
  })
  .meta({ id: 'SkipStep' });
export type SkipStep = z.infer<typeof SkipStep>;

/** Body of `POST /v1/runs/{run}/query`. */
export const QueryRun = z
  .strictObject({
    expression: z
      .string()
      .min(1)
      .max(8_000)
      .describe('jq; `.` is the run with its open steps, `$input` and `$context` are the run’s'),
  })
  .meta({ id: 'QueryRun' });
export type QueryRun = z.infer<typeof QueryRun>;

/** What an expression says of a run. */
export const RunAnswer = z
  .object({
    values: z.array(JsonValue).describe('Every output of the expression, in order'),
    position: z.int().describe('The last turn of the run when it was asked'),
  })
  .meta({ id: 'RunAnswer' });
export type RunAnswer = z.infer<typeof RunAnswer>;
