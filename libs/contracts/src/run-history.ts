import { z } from 'zod';
import { idOf, JsonValue, Ordinal, pageOf, PageQuery, Timestamp } from './ids.js';
import { Payload, Run, RunError, RunStep } from './workflows.js';

/** What an entry of a run's journal holds, as far as its kind has it. */
export const HistoryDetail = z
  .object({
    attempt: z.int().optional(),
    /** Iteration, branch or item, from 0. */
    index: z.int().optional(),
    input: Payload.optional(),
    output: Payload.optional(),
    /** The answer of a call before the definition shaped it. */
    result: Payload.optional(),
    /** The new value of `$context`. */
    context: Payload.optional(),
    /** What a call was made or a person was asked with; without credentials. */
    arguments: Payload.optional(),
    /** What is called, e.g. "kitchen · POST /preparations". */
    calls: z.string().optional(),
    /** Idempotency key of the call. */
    key: z.string().optional(),
    error: RunError.optional(),
    /** Whether a failed call may have taken effect. */
    outcome: z.enum(['definitive', 'ambiguous']).optional(),
    by: z.string().optional().describe('Who did it: a member, or a schedule'),
    reason: z.string().optional(),
    decision: z.enum(['approved', 'rejected']).optional(),
    /** What the approver filled in. */
    data: Payload.optional(),
    dueAt: Timestamp.optional(),
    delayMs: z.int().optional(),
    purpose: z.string().optional().describe('What a timer is for'),
    /** The case that a switch chose. */
    case: z.string().optional(),
    /** Where the run goes on: the name of a step, `exit` or `end`. */
    next: z.string().optional(),
  })
  .meta({ id: 'HistoryDetail' });
export type HistoryDetail = z.infer<typeof HistoryDetail>;

/** One entry of a run's journal: a decision that was made, for ever. */
export const HistoryEntry = z
  .object({
    entry: z.int().describe('Number within the run, from 1'),
    position: z.int().describe('The turn that it was journaled with'),
    kind: z.string(),
    at: Timestamp,
    step: z.string().optional().describe('Occurrence of the step, as in the timeline'),
    name: z.string().optional().describe('Name of the step'),
    summary: z.string().describe('In one sentence'),
    detail: HistoryDetail,
  })
  .meta({ id: 'HistoryEntry' });
export type HistoryEntry = z.infer<typeof HistoryEntry>;
export const HistoryPage = pageOf('HistoryPage', HistoryEntry);

export const HistoryQuery = PageQuery;
export type HistoryQuery = z.infer<typeof HistoryQuery>;

/** Query of `GET /v1/runs/{run}/state`. */
export const RunStateQuery = z.object({
  at: z.coerce
    .number()
    .pipe(Ordinal)
    .optional()
    .describe('Number of an entry; default: the last one'),
});
export type RunStateQuery = z.infer<typeof RunStateQuery>;

/** What changed the rest of a run while it was going on. */
export const RunOverlay = z
  .object({
    id: z.string(),
    /** Hashes of the compiled definitions that it was made for and that it led to. */
    base: z.string(),
    revision: z.string(),
    by: z.string(),
    reason: z.string().optional(),
    at: Timestamp,
  })
  .meta({ id: 'RunOverlay' });
export type RunOverlay = z.infer<typeof RunOverlay>;

/** The run and its steps as they were right after one entry. */
export const RunStateAt = z
  .object({
    runId: idOf('run'),
    entry: HistoryEntry,
    /** As it was then; what never changes about it is as in Run. */
    run: Run,
    steps: z.array(RunStep),
    /** Of a very long run: steps that had ended before this entry are not among `steps`. */
    fromEntry: z.int().optional(),
    unrecorded: z
      .int()
      .optional()
      .describe('Entries of steps that were not recorded one by one: the fast path'),
    /** In the order in which they were applied; the run goes by the revision of the last one. */
    overlays: z.array(RunOverlay).optional(),
    /** `$context` then. */
    context: Payload,
  })
  .meta({ id: 'RunStateAt' });
export type RunStateAt = z.infer<typeof RunStateAt>;

/**
 * One run as one file: `GET /v1/runs/{run}/export`. Entries are whole, but without the credentials of
 * calls; `state` is a digest of the state after the turn, `hash` chains the turns to the run and its
 * definition. `parley run replay-check` checks such a file.
 */
export const RunExportFile = z
  .object({
    format: z.literal('parley-run/1'),
    run: Run,
    definition: JsonValue.describe('The compiled definition that the run was started with'),
    revisions: z.array(JsonValue).optional().describe('Those that overlays led it to'),
    turns: z.array(
      z.object({
        position: z.int(),
        entries: z.array(z.looseObject({ kind: z.string(), at: z.int() })),
        state: z.string(),
        hash: z.string(),
      }),
    ),
    end: z.object({ turns: z.int(), entries: z.int(), hash: z.string() }),
  })
  .meta({ id: 'RunExportFile' });
export type RunExportFile = z.infer<typeof RunExportFile>;
