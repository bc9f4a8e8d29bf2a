export {
  type BaseConfig,
  baseConfig,
  type DatabaseConfig,
  databaseConfig,
  installationKeyConfig,
  CannotStart,
  loadConfig,
} from './config.js';
export {
  type AnyContext,
  type Context,
  continueTrace,
  currentContext,
  currentScope,
  newScope,
  runAs,
  runInScope,
  type Scope,
  traceIdOf,
} from './scope.js';
export { randomBytesOf } from './random-bytes.js';
export { createLog, type Log, type LogOptions } from './logging.js';
export { contextHeader, ContextTokens, type ContextTokensOptions } from './context-tokens.js';
export { ExpiringMap } from './expiring-map.js';
export { type CheckResult, Health } from './health.js';
export { idempotencyKeyOf, ifMatchOf, keyReused, requestFingerprint } from './idempotency.js';
export { type Page, pageOf, pageTokenOf } from './paging.js';
export { CircuitBreaker } from './circuit-breaker.js';
export { Origins, wasNotSent } from './origins.js';
export { type AnswerOf, type CallableRoute, type CallOptions, Services } from './services.js';
export { Caller, Endpoint, type EndpointRoute } from './http/endpoint.js';
export {
  operationalError,
  problemMediaType,
  problemOf,
  type ProblemAnswer,
} from './http/problem.js';
export { sendProblem } from './http/problem-filter.js';
export { demandFits, invalid } from './http/validation.js';
export {
  gatheredPlugin,
  type GatheredAsk,
  type GatheredRoute,
} from './gathered/gathered-endpoint.js';
export {
  type GatheredAnswer,
  type GatheredCall,
  type GatheredRequest,
  Gathering,
} from './gathered/gathering.js';
export { sendLines } from './http/ndjson.js';
export { EventQueue, lastEventId, sendEvents, type ServerSentEvent } from './http/sse.js';
export {
  type BusConsumer,
  type ChangeRows,
  everyEvent,
  firstDelivery,
} from './bus/bus-strategy.js';
export { BUS, BusModule, Outbox } from './bus/bus.module.js';
export { eventFacts } from './bus/event-facts.js';
export { OnEvent } from './bus/on-event.js';
export { APP_POOL, DatabaseModule, SYSTEM_POOL } from './database.module.js';
export { CONFIG, LOG, STOPPING } from './kit.module.js';
export {
  createService,
  type RunningService,
  type ServiceDefinition,
  startService,
} from './start-service.js';
