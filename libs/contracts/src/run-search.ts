import { z } from 'zod';
import { idOf, Ordinal, PageQuery, Timestamp } from './ids.js';
import { RunTag } from './run-labels.js';
import { RunStatus } from './workflows.js';

const filtersMax = 10;

/** `name=value`, and for numbers and times also `<`, `<=`, `>`, `>=`. */
const AttributeFilter = z
  .string()
  .max(400)
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}(=|<=|>=|<|>)/, {
    error: 'must be like customer=ada or total>=100',
  });

/** A parameter that may be given several times: then all of them have to hold. */
function oneOrMore<T extends z.ZodType>(item: T) {
  return z.union([item, z.array(item).max(filtersMax)]);
}

const filters = {
  workflowId: idOf('workflow').optional(),
  version: z.coerce.number().pipe(Ordinal).optional(),
  status: RunStatus.optional(),
  tag: oneOrMore(RunTag).optional().describe('May be repeated'),
  attribute: oneOrMore(AttributeFilter)
    .optional()
    .describe('customer=ada, total>=100, due<2027-01-01T00:00:00Z; may be repeated'),
  startedBy: z.string().max(200).optional().describe('Member id, or `schedule`'),
  parentRunId: idOf('run').optional().describe('Started by a step of that run'),
  startedFrom: Timestamp.optional().describe('Started then or later'),
  startedBefore: Timestamp.optional(),
  stalled: z
    .literal('true')
    .optional()
    .describe('Only open runs that nothing moves any more: something is broken'),
  errorType: z
    .string()
    .max(500)
    .optional()
    .describe('Part of the type of the error it failed with'),
};

export const RunListQuery = PageQuery.extend(filters);
export type RunListQuery = z.infer<typeof RunListQuery>;

export const RunCountQuery = z.object(filters);
export type RunCountQuery = z.infer<typeof RunCountQuery>;

/** `GET /v1/runs/counts`: runs by status; those without any are 0. */
export const RunCounts = z
  .object({ byStatus: z.record(RunStatus, z.int()), total: z.int() })
  .meta({ id: 'RunCounts' });
export type RunCounts = z.infer<typeof RunCounts>;
