import { EventPattern, Payload } from '@nestjs/microservices';
import type { EventEnvelope } from '@parley/contracts';
import { everyEvent } from './bus-strategy.js';

type EventHandler = (event: EventEnvelope<never>) => unknown;

/**
 * Makes a method the handler of an event type, or of every event: `@OnEvent(tenantCreated)`,
 * `@OnEvent('every')`. Its only parameter is the envelope. It is called at least once per event and
 * in order per key; returning acknowledges, throwing asks for another delivery.
 */
export function OnEvent(type: { readonly type: string } | 'every') {
  return <H extends EventHandler>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    Payload()(target, key, 0);
    const pattern = type === 'every' ? everyEvent : type.type;
    EventPattern(pattern)(target, key, descriptor as never);
  };
}
