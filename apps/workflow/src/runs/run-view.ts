import type { RunState, Step } from '@parley/engine';
import type { Payload, Run, RunStep } from '@parley/contracts';
import { isJsonObject, type Json } from '@parley/kernel';
import { readAssignee, whoIs } from '../engine/projection.js';

/** JSON text above this is shown cut, with a link to all of it. */
const shownBytesMax = 16 * 1024;
const previewLength = 1_000;

export type PayloadPart = 'input' | 'output';

/**
 * A step as the timeline shows it.
 * @param at number of the entry that it is shown as of, when that is not the last one
 */
export function stepView(run: Run, step: Step, at?: number): RunStep {
  const wait = run.waitingFor.find(({ step: waiting }) => waiting === step.occurrence);
  const calls = callText(step);
  return {
    occurrence: step.id,
    node: step.node,
    name: step.name,
    kind: step.asked === undefined ? step.kind : 'human',
    status: step.status,
    startedAt: isoOf(step.startedAt),
    ...(step.endedAt === undefined ? {} : { endedAt: isoOf(step.endedAt) }),
    attempts: step.attempts.map(({ attempt, startedAt, endedAt, error }) => ({
      attempt,
      startedAt: isoOf(startedAt),
      ...(endedAt === undefined ? {} : { endedAt: isoOf(endedAt) }),
      ...(error === undefined ? {} : { error }),
    })),
    input: stepPayload(run.id, step, 'input', at),
    ...(step.output === undefined ? {} : { output: stepPayload(run.id, step, 'output', at) }),
    ...(step.error === undefined ? {} : { error: step.error }),
    ...(calls === undefined ? {} : { calls }),
    ...(wait === undefined ? {} : { wait }),
    ...(step.undoes === undefined ? {} : { undoes: step.undoes }),
    ...(step.undone === undefined ? {} : { undone: step.undone }),
    ...(step.unrecorded === undefined ? {} : { unrecorded: step.unrecorded }),
  };
}

/** Of which entry on steps are listed, when it is not the first. */
export function fromEntryOf({ entries }: RunState): { readonly fromEntry?: number } {
  return entries === 0 ? {} : { fromEntry: entries + 1 };
}

/** How much of a run was not recorded step by step, if anything. */
export function unrecordedOf({ unrecorded = 0 }: { readonly unrecorded?: number }): {
  readonly unrecorded?: number;
} {
  return unrecorded === 0 ? {} : { unrecorded };
}

/** What a step was given or gave: for a call or an approval, the arguments that it was made with. */
export function payloadOf(step: Step, part: PayloadPart): Json | undefined {
  return part === 'input' ? (step.call?.args ?? step.asked ?? step.input) : step.output;
}

function stepPayload(runId: string, step: Step, part: PayloadPart, at?: number): Payload {
  const query = at === undefined ? '' : `?at=${at}`;
  const href = `/v1/runs/${runId}/steps/${encodeURIComponent(step.id)}/${part}${query}`;
  return payloadView(payloadOf(step, part) ?? null, href);
}

/** A value, or the beginning of a large one with the address of all of it. */
export function payloadView(value: Json, href: string): Payload {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= shownBytesMax) return { value, truncated: false, bytes };
  return { preview: text.slice(0, previewLength), truncated: true, bytes, href };
}

/** What a step calls or whom it asks, in a few words. */
export function callText({ call, asked }: Pick<Step, 'call' | 'asked'>): string | undefined {
  if (isJsonObject(asked)) return `asks ${whoIs(readAssignee(asked['assignee']))}`;
  if (call === undefined) return undefined;
  if (call.operation !== undefined) {
    const { connector, method, path } = call.operation;
    return `${connector} · ${method} ${path}`;
  }
  const args = isJsonObject(call.args) ? call.args : {};
  if (call.function === 'workflow')
    return typeof args['name'] === 'string' ? `runs ${args['name']}` : undefined;
  const method = typeof args['method'] === 'string' ? args['method'].toUpperCase() : 'GET';
  const endpoint = isJsonObject(args['endpoint']) ? args['endpoint']['uri'] : args['endpoint'];
  return typeof endpoint === 'string' ? `${method} ${endpoint}` : undefined;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
