import { EventEnvelopeSchema, eventType, isMadeHere, type EventEnvelope } from '@parley/contracts';
import { AppError, assert, err, ok, parseJson, storableJson, type Result } from '@parley/kernel';
import { envelopeBytesMax, type BusEvent } from './bus.js';

/** An event that was checked, with the text that is published. */
export interface OutgoingEvent extends BusEvent {
  readonly text: string;
}

/**
 * Checks an event before it is published. A misfit is the publisher's bug.
 * @throws AppError `forbidden`, `invalid`, `too-large`; RangeError when it is nested too deep
 */
export function outgoing(topic: string, event: BusEvent): OutgoingEvent {
  const { envelope, key } = event;
  const type = eventType(envelope.type);
  assert(type !== undefined, `event type ${envelope.type} is not declared`);
  if (type.topic !== topic) {
    throw new AppError('forbidden', `${envelope.type} does not belong to topic ${topic}`);
  }
  const shape = isMadeHere(envelope) ? undefined : EventEnvelopeSchema.safeParse(envelope);
  if (shape?.success === false || key !== envelope.partitionkey) {
    throw new AppError('invalid', `event ${envelope.id} of type ${envelope.type} is not valid`, {
      cause: shape?.error,
    });
  }
  if (shape !== undefined) type.parse(envelope);
  const text = storableJson(event.text ?? JSON.stringify(envelope));
  if (Buffer.byteLength(text) > envelopeBytesMax) {
    throw new AppError(
      'too-large',
      `event ${envelope.id} is larger than ${envelopeBytesMax} bytes`,
    );
  }
  return { ...event, text };
}

/**
 * Reads what came off the bus; a refusal says why. The log knows who may publish to a topic, and no
 * more: that the event is one of the topic, under its key, is decided here, for else a service could
 * tell what only another one may. The event is given as it was published, members that this build
 * does not know included, and so is a type that only a newer build declares.
 */
export function incomingEnvelope(
  text: string,
  at: { readonly topic: string; readonly key: string },
): Result<EventEnvelope, string> {
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch (error) {
    return err(`not JSON: ${(error as Error).message}`);
  }
  const shape = EventEnvelopeSchema.safeParse(parsed);
  if (!shape.success) return err(`not an event: ${shape.error.message}`);
  const envelope = parsed as EventEnvelope;
  if (!envelope.type.startsWith(`parley.${at.topic}.`) || envelope.partitionkey !== at.key) {
    return err(`event ${envelope.id} does not belong to topic ${at.topic} or its key`);
  }
  try {
    eventType(envelope.type)?.parse(envelope);
  } catch (error) {
    return err((error as Error).message);
  }
  return ok(envelope);
}
