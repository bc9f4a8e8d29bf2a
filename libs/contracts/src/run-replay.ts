import { z } from 'zod';
import { idOf, JsonValue } from './ids.js';
import { Payload } from './workflows.js';

export const ReplayMode = z
  .enum(['freeze', 'live'])
  .describe('freeze: what was recorded before the step is used; live: everything runs again')
  .meta({ id: 'ReplayMode' });
export type ReplayMode = z.infer<typeof ReplayMode>;

const step = z
  .string()
  .min(1)
  .max(4_000)
  .optional()
  .describe('Occurrence of the step to begin with; needed for freeze');

/** Query of `GET /v1/runs/{run}/replay`. */
export const ReplayQuery = z.object({ step, mode: ReplayMode.default('freeze') });
export type ReplayQuery = z.infer<typeof ReplayQuery>;

/** A step of the earlier run that reached outside: a call, an approval, an event, another run. */
export const ReplayStep = z
  .object({
    step: z.string(),
    name: z.string(),
    kind: z.string(),
    /** As in RunStep. */
    calls: z.string().optional(),
    attempts: z.int(),
  })
  .meta({ id: 'ReplayStep' });
export type ReplayStep = z.infer<typeof ReplayStep>;

/** What running a run again, or a step of it, will do. Nothing has begun yet. */
export const ReplayPreview = z
  .object({
    runId: idOf('run'),
    /** The version that the earlier run is pinned to; the new one is, too. */
    version: z.int(),
    mode: ReplayMode,
    step: z.string().optional(),
    name: z.string().optional(),
    input: Payload.describe('Recorded input of the step, or of the run when everything runs again'),
    reused: z.int().describe('Steps whose recorded outputs are used'),
    undone: z.array(z.string()).describe('Of these, steps whose work was undone since'),
    repeats: z
      .array(ReplayStep)
      .describe('What the earlier run did outside from there on, and what will be done again'),
    repeatCount: z.int().describe('Of all of them; at most 1,000 are listed'),
    seen: z.string().describe('Shown to the start: what repeats has not changed meanwhile'),
  })
  .meta({ id: 'ReplayPreview' });
export type ReplayPreview = z.infer<typeof ReplayPreview>;

/** Body of `POST /v1/runs/{run}/replay`. */
export const ReplayRun = z
  .strictObject({
    step,
    mode: ReplayMode.default('freeze'),
    input: JsonValue.optional().describe('Instead of the recorded one'),
    seen: z
      .string({
        error: ({ input }) =>
          input === undefined
            ? 'Look at what would repeat first: GET the same address, and send the seen of its answer'
            : undefined,
      })
      .max(100)
      .describe('From the preview'),
  })
  .meta({ id: 'ReplayRun' });
export type ReplayRun = z.infer<typeof ReplayRun>;
