export { type AddressClass, classifyAddress, plainHost } from './addresses.js';
export type { PlacedCredential } from './credentials.js';
export {
  type Approval,
  Guard,
  hasDotSegments,
  type GuardOptions,
  hostPort,
  looksInternal,
  readUrl,
  type Refusal,
  type Resolve,
  type Target,
} from './guard.js';
export { outboundLimits } from './limits.js';
export { Outbound, type OutboundOptions, type OutboundRequest, type StandIns } from './outbound.js';
export type {
  OutboundFailure,
  OutboundOutcome,
  OutboundResponse,
  ResponseBody,
} from './outcome.js';
export type { ParseJson } from './response-body.js';
