import { z } from 'zod';
import { idOf, pageOf, Timestamp } from './ids.js';
import { RunSummary } from './workflows.js';

/** The latest firing of a schedule that started no run, and why. */
export const ScheduleLeftOut = z
  .object({
    reason: z
      .enum(['missed', 'overlap', 'refused', 'incomplete'])
      .describe(
        'missed: nobody looked at the clock; overlap: a run was still going; refused: the run could not start; incomplete: events waited for others, and too much was waiting',
      ),
    from: Timestamp.describe('The first nominal time that was left out'),
    to: Timestamp.describe('The last one'),
    detail: z.string().optional(),
  })
  .meta({ id: 'ScheduleLeftOut' });
export type ScheduleLeftOut = z.infer<typeof ScheduleLeftOut>;

/** How runs of the live version of a workflow start by themselves. */
export const Schedule = z
  .object({
    workflowId: idOf('workflow').describe('Also the id of the schedule'),
    workflowName: z.string(),
    workflowTitle: z.string(),
    version: z.int().describe('The live version'),
    trigger: z.string().describe('In words, as in Workflow'),
    timezone: z.string(),
    cron: z.string().optional(),
    everyMs: z.number().optional(),
    afterMs: z.number().optional().describe('Delay after the end of the run before'),
    onEvents: z.boolean().describe('Whether events start runs'),
    overlap: z.enum(['allow', 'skip', 'cancel']),
    missed: z.enum(['all', 'latest', 'skip']),
    nextAt: Timestamp.optional().describe('Absent while paused, and when no time is known yet'),
    pausedAt: Timestamp.optional(),
    pausedBy: z.string().optional(),
    /** Firings that have not started their run yet: of a backfill, or behind a run that is going. */
    waiting: z.int(),
    collected: z
      .int()
      .describe('Events that wait for others, with which they start a run together'),
    leftOut: ScheduleLeftOut.optional(),
    lastRuns: z.array(RunSummary).describe('At most five that it started, latest first'),
  })
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof Schedule>;
export const SchedulePage = pageOf('SchedulePage', Schedule);

/** Query of `GET /v1/schedules/{workflow}/next`. */
export const ScheduleTimesQuery = z.object({
  count: z.coerce.number().int().min(1).max(100).default(10),
  /** @default now */
  from: Timestamp.optional(),
});
export type ScheduleTimesQuery = z.infer<typeof ScheduleTimesQuery>;

/** Times by the clock; a schedule that only follows runs or events has none. */
export const ScheduleTimes = z
  .object({ timezone: z.string(), times: z.array(Timestamp) })
  .meta({ id: 'ScheduleTimes' });
export type ScheduleTimes = z.infer<typeof ScheduleTimes>;

/** Times that one backfill may ask for. */
export const backfillTimesMax = 1_000;

/** Body of `POST /v1/schedules/{workflow}/backfill`: both ends are included. */
export const BackfillSchedule = z
  .strictObject({ from: Timestamp, to: Timestamp })
  .meta({ id: 'BackfillSchedule' });
export type BackfillSchedule = z.infer<typeof BackfillSchedule>;

export const ScheduleBackfill = z
  .object({
    times: z.int().describe('Times of the schedule in the range'),
    started: z.int().describe('Of these, times that have had their run before'),
    queued: z.int().describe('Of these, times whose run is started now'),
  })
  .meta({ id: 'ScheduleBackfill' });
export type ScheduleBackfill = z.infer<typeof ScheduleBackfill>;
