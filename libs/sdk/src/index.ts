export {
  ParleyClient,
  type CallId,
  type CallOptions,
  type ClientOptions,
  type EventOf,
  type ResponseOf,
  type StreamId,
} from './client.js';
export { followRun, hasEnded, type FollowOptions } from './follow-run.js';
export { isParleyError, ParleyError, untold, type Untold } from './errors.js';
export { parseEventStream, type ServerSentEvent } from './event-stream.js';
