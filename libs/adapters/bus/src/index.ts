export {
  attemptsMax,
  deadLetterTopic,
  envelopeBytesMax,
  retentionDays,
  type Bus,
  type BusEvent,
  type BusPositions,
  type BusSubscription,
  type DeadLetterFailure,
  type Delivery,
  type FailurePlace,
  type SubscribeOptions,
} from './bus.js';
export { outgoing, type OutgoingEvent } from './envelope-check.js';
export { PgBus, type PgBusOptions } from './pg-bus.js';
