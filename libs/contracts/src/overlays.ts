import { z } from 'zod';
import { JsonValue } from './ids.js';

const path = z
  .string()
  .max(1_000)
  .describe('JSON Pointer; where it passes a list of tasks, the name of the task stands in it');
const beside = {
  before: z.string().optional().describe('Task of the list that the task comes before'),
  after: z.string().optional().describe('Task of the list that the task comes after'),
};

/** One operation of RFC 6902 on a definition, addressed by the names of tasks. */
export const OverlayOperation = z
  .discriminatedUnion('op', [
    z.strictObject({ op: z.literal('add'), path, value: JsonValue, ...beside }),
    z.strictObject({ op: z.literal('remove'), path }),
    z.strictObject({ op: z.literal('replace'), path, value: JsonValue }),
    z.strictObject({ op: z.literal('test'), path, value: JsonValue }),
    z.strictObject({ op: z.literal('move'), from: path, path, ...beside }),
    z.strictObject({ op: z.literal('copy'), from: path, path, ...beside }),
  ])
  .meta({ id: 'OverlayOperation' });
export type OverlayOperation = z.infer<typeof OverlayOperation>;

/** `POST workflow /internal/v1/runs/{run}/overlays`: changes the rest of a run, once per id. */
export const ApplyOverlay = z
  .strictObject({
    id: z.string().min(1).max(100),
    /** Hash of the compiled definition that the operations were made for. */
    base: z.string(),
    operations: z.array(OverlayOperation).min(1).max(500),
    reason: z.string().max(2_000).optional(),
  })
  .meta({ id: 'ApplyOverlay' });
export type ApplyOverlay = z.infer<typeof ApplyOverlay>;
