import { z } from 'zod';
import { JsonValue } from './ids.js';

const attributes = {
  id: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('The same id of the same source is the same event; made up when it is left out'),
  type: z.string().min(1).max(256).describe('What happened, e.g. com.example.order.placed'),
  source: z.string().min(1).max(1_024).optional().describe('Where it happened: a URI reference'),
  data: JsonValue.optional(),
};

/** `POST /v1/events`: an event of a system outside, as a CloudEvent. */
export const SendEvent = z
  .looseObject({ ...attributes, time: z.string().optional(), subject: z.string().optional() })
  .meta({ id: 'SendEvent' });
export type SendEvent = z.infer<typeof SendEvent>;

/** `POST /v1/runs/{run}/signals`: an event for one run, consumed by a `listen` of it. */
export const SignalRun = z.strictObject(attributes).meta({ id: 'SignalRun' });
export type SignalRun = z.infer<typeof SignalRun>;

/** The event is stored: whoever listens to it, or begins to within minutes, will hear it. */
export const EventAccepted = z
  .object({ id: z.string(), source: z.string(), type: z.string() })
  .meta({ id: 'EventAccepted' });
export type EventAccepted = z.infer<typeof EventAccepted>;
