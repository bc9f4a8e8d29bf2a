import { errorTypes } from '@parley/engine';
import { childFailed } from './projection.js';
import type { CallOutcome } from './run-calls.js';
import type { Message, MessageBody } from './turn-record.js';

/** Runs inside one another; more is nearly always a workflow that runs itself. */
export const depthMax = 32;

export type StartChildBody = Extract<MessageBody, { kind: 'startChild' }>;

/** The step that waits for a child is told that there is none. */
export function answerOf(message: Message, failure: CallOutcome): Message | undefined {
  const { runId, tenantId, body } = message;
  if (body.kind !== 'startChild') return undefined;
  const { runId: parent, occurrence, attempt } = body.parent;
  const stimulus = { ...failure, occurrence, attempt };
  return { id: `${runId}:0:0`, tenantId, runId: parent, body: { kind: 'tell', stimulus } };
}

export function noSuchWorkflow(detail: string): CallOutcome {
  const type = errorTypes.configuration;
  return childFailed({ type, status: 404, title: 'No such workflow', detail });
}

export const tooDeep = childFailed({
  type: errorTypes.configuration,
  status: 400,
  title: 'Too many runs inside one another',
  detail: `Runs are nested at most ${String(depthMax)} deep. Look for a workflow that runs itself without an end.`,
});
